package ports

import (
	"cmp"
	"iter"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Table is all records of one edition, in canonical order ([Compare]); equal
// records stay as often as they stood. A table is not altered once it is made.
type Table struct {
	Records  []Record
	Problems []Problem // in the order of the file
	Unknown  []string  // columns of the file that are not in [Columns]

	extra [][]string // for each record its values of the unknown columns; nil if none
	lines []int      // for each record its line in the file; nil if it is of none

	once  sync.Once
	index index

	written  sync.Once
	csv      *csvRows
	digested sync.Once
	digest   string
	dated    sync.Once
	newest   string
}

// NewTable returns the table of the given records, which it takes over and sorts.
func NewTable(records []Record) *Table {
	t := &Table{Records: records}
	t.sort()
	return t
}

// sort brings the records into canonical order. Nearly all differ in their ports
// and transport, so those are compared as one number first.
func (t *Table) sort() {
	type key struct {
		ports uint64
		at    int32
	}
	order := make([]key, len(t.Records))
	for i := range t.Records {
		order[i] = key{t.Records[i].Ports.order(), int32(i)}
	}
	slices.SortFunc(order, func(a, b key) int {
		if a.ports != b.ports {
			return cmp.Compare(a.ports, b.ports)
		}
		return cmp.Or(compare(&t.Records[a.at], &t.Records[b.at]), cmp.Compare(a.at, b.at))
	})
	for i := range order { // follow each cycle of the permutation, in place
		at := i
		for int(order[at].at) != i {
			from := int(order[at].at)
			t.swap(at, from)
			order[at].at = int32(at)
			at = from
		}
		order[at].at = int32(at)
	}
}

func (t *Table) swap(i, j int) {
	t.Records[i], t.Records[j] = t.Records[j], t.Records[i]
	if t.extra != nil {
		t.extra[i], t.extra[j] = t.extra[j], t.extra[i]
	}
	if t.lines != nil {
		t.lines[i], t.lines[j] = t.lines[j], t.lines[i]
	}
}

// NewestDate returns the newest registration or modification date of the records, as they state it; nothing where none has a valid
// one.
func (t *Table) NewestDate() string {
	t.dated.Do(func() {
		if t.newest == "" {
			t.newest = newestDate(t.Records)
		}
	})
	return t.newest
}

func newestDate(records []Record) (newest string) {
	for i := range records {
		for _, date := range [...]*Date{&records[i].RegistrationDate, &records[i].ModificationDate} {
			if date.ok && date.text > newest {
				newest = date.text
			}
		}
	}
	return newest
}

// Extra returns the values that record i has in the columns of Unknown, in their
// order. It is nil where there are none.
func (t *Table) Extra(i int) []string {
	if t.extra == nil {
		return nil
	}
	return t.extra[i]
}

// Line returns the line of the file, from 1, where record i begins; 0 where the table is of no file.
func (t *Table) Line(i int) int {
	if t.lines == nil {
		return 0
	}
	return t.lines[i]
}

// Difference returns the records in which two tables differ, as multisets: those of t that are not in u, and those of u that
// are not in t, each in canonical order. It takes linear time, and less than [Distinct] where both tables are at hand.
func (t *Table) Difference(u *Table) (gone, came []Record) {
	old, new := t.Records, u.Records
	for len(old) > 0 && len(new) > 0 {
		switch {
		case old[0] == new[0]:
			old, new = old[1:], new[1:]
		case compare(&old[0], &new[0]) < 0:
			gone, old = append(gone, old[0]), old[1:]
		default:
			came, new = append(came, new[0]), new[1:]
		}
	}
	return append(gone, old...), append(came, new...)
}

// index finds records fast.
type index struct {
	reach   []int32          // for each record with ports, the highest port up to it; -1 before the first
	service map[string][]int // by service name in lower case
}

func (t *Table) indexed() *index {
	t.once.Do(func() {
		t.index.service = make(map[string][]int, len(t.Records))
		highest := int32(-1)
		for i := range t.Records {
			r := &t.Records[i]
			if _, last, ok := r.Ports.Bounds(); ok {
				highest = max(highest, int32(last))
				t.index.reach = append(t.index.reach, highest)
			}
			if r.ServiceName != "" {
				name := strings.ToLower(r.ServiceName)
				t.index.service[name] = append(t.index.service[name], i)
			}
		}
	})
	return &t.index
}

// usual is how many records most ports have at most.
const usual = 4

// Port returns the records whose ports include port, in canonical order; where
// transports are given, only those with one of them or with none.
func (t *Table) Port(port uint16, transports ...Transport) []Record {
	reach := t.indexed().reach
	// records are in order of their first port, so those that hold port end here
	end := sort.Search(len(reach), func(i int) bool { first, _, _ := t.Records[i].Ports.Bounds(); return first > port })
	begin := end
	for begin > 0 && reach[begin-1] >= int32(port) {
		begin--
	}
	var out []Record
	for i := begin; i < end; i++ {
		r := &t.Records[i]
		if r.Ports.Contains(port) && (len(transports) == 0 || r.Transport == "" || slices.Contains(transports, r.Transport)) {
			if out == nil {
				out = make([]Record, 0, min(end-i, usual))
			}
			out = append(out, *r)
		}
	}
	return out
}

// Names yields the service name of each record that has one, in canonical order.
func (t *Table) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range t.Records {
			if name := t.Records[i].ServiceName; name != "" && !yield(name) {
				return
			}
		}
	}
}

// Service returns the records with the given service name, in canonical order.
// Letter case does not matter: RFC 6335 section 5.1.
func (t *Table) Service(name string) []Record {
	at := t.indexed().service[strings.ToLower(name)]
	if len(at) == 0 {
		return nil
	}
	out := make([]Record, len(at))
	for i, from := range at {
		out[i] = t.Records[from]
	}
	return out
}
