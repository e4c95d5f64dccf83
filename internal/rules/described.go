package rules

import (
	"slices"

	"github.com/ianasync/ianasync/registry"
)

// described are the key and the name of registries of which [Learn] finds others, because two columns identify a record as
// well. Everything else is found.
var described = map[string]struct {
	key  []string
	name string
}{
	"cose/algorithms":                                         {[]string{"value"}, "name"},
	"cose/elliptic-curves":                                    {[]string{"value"}, "name"},
	"cose/header-algorithm-parameters":                        {[]string{"algorithm", "label"}, "name"},
	"cose/header-parameters":                                  {[]string{"label"}, "name"},
	"cose/key-common-parameters":                              {[]string{"label"}, "name"},
	"cose/key-type":                                           {[]string{"value"}, "name"},
	"cose/key-type-parameters":                                {[]string{"keytype", "label"}, "name"},
	"dns-parameters/dns-parameters-2":                         {[]string{"value"}, "description"},
	"dns-parameters/dns-parameters-4":                         {[]string{"value"}, "type"},
	"dns-parameters/dns-parameters-6":                         {[]string{"value"}, "name"},
	"dns-parameters/dns-parameters-8":                         {[]string{"value"}, "description"},
	"dns-sec-alg-numbers/dns-sec-alg-numbers-1":               {[]string{"number"}, "mnemonic"},
	"iana-ipv4-special-registry/iana-ipv4-special-registry-1": {[]string{"address"}, "name"},
	"iana-ipv6-special-registry/iana-ipv6-special-registry-1": {[]string{"address"}, "name"},
	"icmpv6-parameters/icmpv6-parameters-2":                   {[]string{"value"}, "name"},
	"ipfix/ipfix-information-elements":                        {[]string{"elementId"}, "name"},
	"protocol-numbers/protocol-numbers-1":                     {[]string{"value"}, "name"},
	"tls-extensiontype-values/tls-extensiontype-values-1":     {[]string{"value"}, "name"},
}

// For returns the scheme of a registry, by its id, that some of its tables show, oldest first: that which is described by
// hand, or else what [Learn] finds.
func For(id string, tables ...*registry.Table) *Scheme {
	d, found := described[id]
	if !found {
		return LearnTables(tables...)
	}
	var columns []registry.Column
	for _, t := range slices.Backward(tables) {
		columns = merge(columns, t.Columns)
	}
	s := newScheme(columns)
	for _, key := range d.key {
		i, known := s.index[key]
		if !known { // IANA renamed the column
			return LearnTables(tables...)
		}
		s.key = append(s.key, i)
	}
	if i, known := s.index[d.name]; known {
		s.name = i
	}
	s.numeric = !s.selfNamed()
	s.settle()
	return s
}
