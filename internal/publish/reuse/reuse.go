// Package reuse recognises published files that need not be made again.
//
// A page is a function of its model, and a feed of its events. Writing one and comparing it with what is published takes
// several times as long as computing a digest of what it is made from. So the digest of each file is kept with what was
// published, and a file whose digest is still the same is left as it is. Of thousands of pages even the models take long: their
// digests are those of the records and changes that the models are made from.
package reuse

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"reflect"
	"slices"
	"sync"
)

// Has reports whether a file is published already, made from a model of the given digest. A nil Has stands for none.
type Has func(name, of string) bool

// Already reports whether the file is there; of may be empty, for a file of which nothing is known.
func (h Has) Already(name, of string) bool { return h != nil && of != "" && h(name, of) }

// Whole returns the names of all files that were made together, from a model of the given digest, and whether all of them are
// published already. A nil Whole stands for none.
type Whole func(of string) (names []string, whole bool)

// Of calls the function.
func (w Whole) Of(of string) (names []string, whole bool) {
	if w == nil || of == "" {
		return nil, false
	}
	return w(of)
}

// Digest returns a digest of values, in all their fields and elements, whatever these point to. It is empty where they
// hold a channel, or a function that is not nil: nothing is known of those then.
func Digest(values ...any) string {
	text := texts.Get().(*[]byte)
	defer texts.Put(text)
	d := digester{text: (*text)[:0]}
	for _, v := range values {
		switch v := v.(type) { // what most values are, without reflection
		case string:
			d.string(v)
		case []string:
			d.strings(v)
		default:
			d.value(reflect.ValueOf(v))
		}
	}
	*text = d.text
	if d.unknown {
		return ""
	}
	sum := sha256.Sum256(d.text)
	return hex.EncodeToString(sum[:12])
}

// texts are texts of digesters that are done, for others to write over.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// digester writes values so that different ones give different texts, if they are of equal types.
type digester struct {
	text    []byte
	seen    map[pointer]int // the pointers that were followed, numbered; a value may refer to itself
	unknown bool
}

// pointer is a pointer: that to a struct may be that to its first field.
type pointer struct {
	to reflect.Type
	at uintptr
}

func (d *digester) number(n uint64) { d.text = binary.AppendUvarint(d.text, n) }

func (d *digester) string(s string) {
	d.number(uint64(len(s)))
	d.text = append(d.text, s...)
}

func (d *digester) strings(list []string) {
	if list == nil { // a template can tell nil from empty
		d.number(0)
		return
	}
	d.number(uint64(len(list)) + 1)
	for _, s := range list {
		d.string(s)
	}
}

func (d *digester) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid:
		d.number(0)
	case reflect.String:
		d.string(v.String())
	case reflect.Bool:
		n := uint64(0)
		if v.Bool() {
			n = 1
		}
		d.number(n)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.number(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.number(v.Uint())
	case reflect.Struct:
		for i := range v.NumField() { //nolint:modernize // Fields makes names as well, and takes five times as long
			d.value(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			d.number(0)
			return
		}
		d.number(uint64(v.Len()) + 1)
		d.elements(v)
	case reflect.Array:
		d.elements(v)
	case reflect.Map:
		d.mapping(v)
	case reflect.Interface:
		if v.IsNil() {
			d.number(0)
			return
		}
		d.string(v.Elem().Type().String())
		d.value(v.Elem())
	case reflect.Pointer:
		d.pointer(v)
	case reflect.Func:
		d.number(0)
		d.unknown = d.unknown || !v.IsNil()
	default:
		d.unknown = true
	}
}

// pointer writes what a pointer points to, or the number of the same pointer before.
func (d *digester) pointer(v reflect.Value) {
	if v.IsNil() {
		d.number(0)
		return
	}
	if d.seen == nil {
		d.seen = make(map[pointer]int)
	}
	p := pointer{v.Type(), v.Pointer()}
	if n, seen := d.seen[p]; seen {
		d.number(uint64(n) + 2)
		return
	}
	d.seen[p] = len(d.seen)
	d.number(1)
	d.value(v.Elem())
}

func (d *digester) elements(v reflect.Value) {
	for i := range v.Len() {
		d.value(v.Index(i))
	}
}

// mapping writes the pairs of a map in the order of their texts.
func (d *digester) mapping(v reflect.Value) {
	pairs := make(map[string]bool, v.Len())
	for i := v.MapRange(); i.Next(); {
		pair := digester{}
		pair.value(i.Key())
		pair.value(i.Value())
		d.unknown = d.unknown || pair.unknown
		pairs[string(pair.text)] = true
	}
	d.number(uint64(len(pairs)))
	for _, pair := range slices.Sorted(maps.Keys(pairs)) {
		d.string(pair)
	}
}
