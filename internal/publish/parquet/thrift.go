package parquet

import "encoding/binary"

// thrift is a struct in Thrift's compact protocol, as it is written: see thrift-compact-protocol.md of Apache Thrift.
type thrift struct {
	data []byte
	last int // number of the last field
}

// The types of fields and of the elements of lists.
const (
	thriftTrue, thriftFalse = 1, 2
	thriftInt32             = 5
	thriftInt64             = 6
	thriftBytes             = 8
	thriftList              = 9
	thriftStruct            = 12
)

// field begins a field. Their numbers rise, by 15 at most.
func (t *thrift) field(number int, kind byte) {
	t.data = append(t.data, byte(number-t.last)<<4|kind)
	t.last = number
}

func (t *thrift) bool(number int, v bool) {
	if v {
		t.field(number, thriftTrue)
	} else {
		t.field(number, thriftFalse)
	}
}

func (t *thrift) int32(number, v int) {
	t.field(number, thriftInt32)
	t.append(v)
}

func (t *thrift) int64(number, v int) {
	t.field(number, thriftInt64)
	t.append(v)
}

func (t *thrift) append(v int) { t.data = binary.AppendVarint(t.data, int64(v)) }

func (t *thrift) text(number int, s string) {
	t.field(number, thriftBytes)
	t.appendText(s)
}

func (t *thrift) appendText(s string) {
	t.data = append(binary.AppendUvarint(t.data, uint64(len(s))), s...)
}

// list begins a list of n elements, which follow.
func (t *thrift) list(number int, kind byte, n int) {
	t.field(number, thriftList)
	if n < 15 {
		t.data = append(t.data, byte(n)<<4|kind)
		return
	}
	t.data = binary.AppendUvarint(append(t.data, 15<<4|kind), uint64(n))
}

// structs adds a list of n structs.
func (t *thrift) structs(number, n int, fill func(t *thrift, i int)) {
	t.list(number, thriftStruct, n)
	for i := range n {
		t.nested(func(t *thrift) { fill(t, i) })
	}
}

// group adds a field that is a struct.
func (t *thrift) group(number int, fill func(*thrift)) {
	t.field(number, thriftStruct)
	t.nested(fill)
}

// nested adds a struct.
func (t *thrift) nested(fill func(*thrift)) {
	inner := thrift{data: t.data}
	fill(&inner)
	t.data = append(inner.data, 0)
}

// empty fills a struct without fields, which stands for its own number.
func empty(*thrift) {}
