package audit

import (
	"regexp"
	"strings"
	"sync"
)

// valueKind is the kind of a value.
type valueKind int

const (
	otherValue valueKind = iota // null, true, false, what is computed
	scalar                      // a string or a number
	listValue
	objectValue // an object, a map or a struct
)

// value is a value of JSON or of Go source.
type value struct {
	cell
	kind  valueKind
	keys  []cell  // of an object, in its order
	items []value // of an object, by key; of a list
}

// portLike is a key that is meant as a port: no name is made of digits alone (RFC 6335, section 5.1), nor has a slash.
var portLike = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]+(-[0-9]+)?(/.*)?$`) })

// addValue adds the entries of a whole document: a list of services, an object that has one among its members, or a map
// of ports to names or of names to ports. A protocol is the one that holds where the file states none, if any.
func (f *List) addValue(v *value, protocol string) {
	defaults := row{protocol: cell{text: protocol}}
	if v.kind != objectValue {
		f.addItems(v, defaults)
		return
	}
	if c := v.columns(); c.name >= 0 && c.port >= 0 {
		f.addObject(v, defaults)
		return
	}
	if list := v.listOfObjects(); list != nil {
		f.addItems(list, defaults)
		return
	}
	lines := make(map[string]int, len(v.keys))
	for i, key := range v.keys {
		if first, twice := lines[key.text]; twice {
			f.fail(key, "%.40q is there twice, first on line %d", key.text, first)
			continue
		}
		lines[key.text] = key.line
		r := defaults
		if portLike().MatchString(key.text) {
			r.port = key
		} else {
			r.name = key
		}
		f.addMember(&v.items[i], r)
	}
}

// columns returns where an object has what an audit needs.
func (v *value) columns() columns {
	names := make([]string, len(v.keys))
	for i, key := range v.keys {
		names[i] = key.text
	}
	return columnsOf(names)
}

// listOfObjects returns the first member that is a list of objects, if its key is no port; nil if there is none.
func (v *value) listOfObjects() *value {
	for i := range v.items {
		list := &v.items[i]
		if list.kind == listValue && len(list.items) > 0 && list.items[0].kind == objectValue && !portLike().MatchString(v.keys[i].text) {
			return list
		}
	}
	return nil
}

// addItems adds a list of objects or of service types.
func (f *List) addItems(v *value, defaults row) {
	for i := range v.items {
		switch item := &v.items[i]; item.kind {
		case objectValue:
			f.addObject(item, defaults)
		case scalar:
			if _, _, ok := parseServiceType(item.text); !ok {
				f.fail(item.cell, "%.40q is neither an object with a service and a port nor a service type, such as _http._tcp", item.text)
				continue
			}
			f.addUnplaced(item.text, item.line)
		case listValue, otherValue:
			f.fail(item.cell, "this is neither an object with a service and a port nor a service type, such as _http._tcp")
		}
	}
}

// addObject adds an object with a service and a port. What it lacks is in defaults, if anywhere.
func (f *List) addObject(v *value, defaults row) {
	c, r := v.columns(), defaults
	for _, part := range []struct {
		at        int
		to        *cell
		separator string
	}{{c.name, &r.name, " "}, {c.port, &r.port, ","}, {c.protocol, &r.protocol, "/"}} {
		if part.at < 0 {
			continue
		}
		text, ok := v.items[part.at].joined(part.separator)
		if !ok {
			f.fail(v.items[part.at].cell, "the value of %.40q is neither text, nor a number, nor a list of such", v.keys[part.at].text)
			return
		}
		*part.to = cell{text, v.items[part.at].line, v.items[part.at].column}
	}
	if c.name < 0 && c.port < 0 {
		f.fail(v.cell, "the object has neither a service nor a port: an audit needs \"name\" or \"service\", and \"port\"")
		return
	}
	r.name.line = v.line // the entry is where its object begins
	if r.port.line == 0 {
		r.port.line, r.port.column = v.line, v.column
	}
	f.add(&r)
}

// joined returns the text of a value, or of a list of such. Null is empty.
func (v *value) joined(separator string) (text string, ok bool) {
	switch v.kind {
	case scalar:
		return v.text, true
	case otherValue:
		return "", v.text == ""
	case objectValue:
		return "", false
	case listValue:
	}
	var parts []string
	for i := range v.items {
		if v.items[i].kind != scalar {
			return "", false
		}
		parts = append(parts, v.items[i].text)
	}
	return strings.Join(parts, separator), true
}

// addMember adds a member of a map. Its key is the name or the port of the row, and its value the other: text, a list, or
// an object.
func (f *List) addMember(v *value, r row) {
	other := &r.port
	if r.name.text == "" {
		other = &r.name
	}
	switch {
	case v.kind == objectValue:
		f.addObject(v, r)
	case v.kind == listValue && len(v.items) > 0 && v.items[0].kind == objectValue:
		f.addItems(v, r)
	case v.kind == listValue && len(v.items) > 0 && other == &r.name:
		f.addMember(&v.items[0], r) // what follows the name is its description
	case v.kind == scalar && other == &r.name && portLike().MatchString(v.text):
		f.fail(v.cell, "the value of %.40q is neither a name nor a list that begins with one", r.port.text)
	case v.kind == scalar, v.kind == otherValue && v.text == "" && other == &r.name, v.kind == listValue && other == &r.port:
		text, ok := v.joined(",")
		if !ok {
			f.fail(v.cell, "the value of %.40q is not a list of ports", r.name.text)
			return
		}
		*other = cell{text, v.line, v.column}
		r.name.line = max(r.name.line, r.port.line)
		f.add(&r)
	default:
		f.fail(v.cell, "the value of %.40q is neither a name nor a list that begins with one", r.name.text+r.port.text)
	}
}
