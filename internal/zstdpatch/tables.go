package zstdpatch

import (
	"math/bits"
	"slices"
	"sync"
)

// literalsBase and matchBase have the smallest length that each code stands for (RFC 8878, section 3.1.1.3.2.1.1), and the end of
// the last one.
var (
	literalsBase = []int{
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12,
		1 << 13, 1 << 14, 1 << 15, 1 << 16, 1 << 17,
	}
	matchBase = []int{
		3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 37, 39, 41, 43, 47, 51, 59,
		67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539, 131075,
	}
)

// lengthCode returns the code of a length.
func lengthCode(n int, base []int) code {
	c, found := slices.BinarySearch(base, n)
	if !found {
		c--
	}
	return code{c, uint64(n - base[c]), bits.Len(uint(base[c+1]-base[c])) - 1}
}

// table is the default table of the codes of a field, as a decoder has it (RFC 8878, sections 3.1.1.3.2.2 and 4.1.1). In each
// state it has a code. The next state is base plus a number of some bits.
type table struct {
	log  int // of the number of states
	base [64]uint8
	bits [64]uint8

	first [64]uint8     // for each code, a state that has it
	from  [64][64]uint8 // for each code, and each state, a state that has the code and from which that state can come next
}

// defaults are the default tables, by field.
var defaults = sync.OnceValue(func() *[3]table {
	return &[3]table{
		literalsField: makeTable(6, []int8{4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1}),
		offsetField:   makeTable(5, []int8{1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1}),
		matchField: makeTable(6, []int8{
			1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
			-1, -1, -1, -1, -1, -1, -1,
		}),
	}
})

// makeTable makes the table of a distribution: for each code how many of the states it has, or -1 for the rarest.
func makeTable(log int, distribution []int8) (t table) {
	size := 1 << log
	t.log = log
	var codes [64]int
	high := size
	next := make([]int, len(distribution)) // of each code the number of its next state
	for c, n := range distribution {
		next[c] = max(int(n), 1)
		if n < 0 {
			high--
			codes[high] = c
		}
	}
	at := 0
	for c, n := range distribution {
		for range max(n, 0) {
			codes[at] = c
			for again := true; again; again = at >= high {
				at = (at + size>>1 + size>>3 + 3) % size
			}
		}
	}
	for state := range size {
		c := codes[state]
		n := log + 1 - bits.Len(uint(next[c]))
		t.bits[state], t.base[state] = uint8(n), uint8(next[c]<<n-size)
		next[c]++
		t.first[c] = uint8(state)
		for to := range 1 << n {
			t.from[c][int(t.base[state])+to] = uint8(state)
		}
	}
	return t
}
