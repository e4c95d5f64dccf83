package rules

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ianasync/ianasync/internal/parties"
	"github.com/ianasync/ianasync/registry"
)

// Step is what one edition of a registry has less and more than the one before it. The first of a history has all its
// records as Came.
type Step struct{ Gone, Came []registry.Record }

// How a column, or a set of them, becomes the key.
const (
	mostTried     = 10  // columns that are tried with each other
	almostUnique  = 0.9 // the part of the assigned records of every edition that a key must distinguish
	priceOfSecond = 3   // what a second column must save in changes
	priceOfThird  = 6
	tolerance     = 8 // costs of equally many columns that differ by less than this part, or by less than a record that came and one that went, are equal
)

// Learn finds the key and the name of a registry from its history, oldest first.
//
// A key is a set of up to three columns, by which at least nine in ten assigned records of every edition can be told apart.
// Among several it is the one by which the changes of the history are fewest: records of equal key count as one change and
// one for each cell that differs, a record left alone as one and one for each cell that it has; more columns cost more. Among keys
// of as many columns for which this is about equal, one that was always unique goes before another, columns on the left before those
// on the right, and all others before references, people, dates and notes. Where no key is as good in every edition, it is what is
// unique in the newest one; where there is none either, all columns are.
func Learn(columns []registry.Column, history iter.Seq[Step]) *Scheme {
	s := newScheme(columns)
	l := learner{scheme: s, known: make(map[registry.Record]*learned)}
	l.steps = slices.Collect(l.read(history))
	if found := l.best(); found != nil {
		s.key = found
	} else if found = l.newest(); found != nil {
		s.key = found
	} else if found = l.closest(); found != nil {
		s.key = found
	} else {
		s.Whole = true
		for i := range columns {
			s.key = append(s.key, i)
		}
	}
	slices.Sort(s.key)
	l.name()
	s.setNames()
	return s
}

// setNames sets Key and Name, which other packages read, from the indexes of their columns.
func (s *Scheme) setNames() {
	s.Key = nil
	for _, k := range s.key {
		s.Key = append(s.Key, s.Columns[k])
	}
	s.Name = ""
	if s.name >= 0 {
		s.Name = s.Columns[s.name]
	}
}

// learned is a record as it is learned from.
type learned struct {
	cells   []string
	reduced []string // filled in where a candidate needs it
	filled  int
	copies  int // in the newest edition
}

func (r *learned) text(column int) string {
	if r.reduced[column] == "" && r.cells[column] != "" {
		r.reduced[column] = Reduce(r.cells[column])
	}
	return r.reduced[column]
}

type step struct{ gone, came []*learned }

type learner struct {
	scheme *Scheme
	steps  []step
	known  map[registry.Record]*learned
	order  []*learned // of known
	tried  []*candidate
}

// read returns the assigned records of the steps.
func (l *learner) read(history iter.Seq[Step]) iter.Seq[step] {
	read := func(rs []registry.Record, sign int) (list []*learned) {
		for _, r := range rs {
			k, found := l.known[r]
			if !found {
				k = &learned{cells: l.scheme.cells(r)}
				if l.scheme.state(k.cells) != Assigned {
					k.cells = nil
				}
				k.reduced = make([]string, len(k.cells))
				for _, c := range k.cells {
					if c != "" {
						k.filled++
					}
				}
				l.known[r] = k
				l.order = append(l.order, k)
			}
			k.copies += sign
			if k.cells != nil {
				list = append(list, k)
			}
		}
		return list
	}
	return func(yield func(step) bool) {
		for h := range history {
			if !yield(step{read(h.Gone, -1), read(h.Came, 1)}) {
				return
			}
		}
	}
}

// byRank returns the columns in the order in which they are tried, and how many of them are neither references, people,
// dates nor notes.
func (l *learner) byRank() (list []int, first int) {
	var last []int
	for i, r := range l.scheme.roles {
		if l.scheme.isPlain(i) || r == registry.Status {
			list = append(list, i)
		} else {
			last = append(last, i)
		}
	}
	return append(list, last...), len(list)
}

// candidate is a set of columns.
type candidate struct {
	columns []int
	counts  map[string]int
	total   int
	unique  bool    // in every edition
	told    float64 // the least part of the assigned records of an edition that it distinguishes
	fits    bool    // almost unique in every edition
	cost    int
}

// best returns the key by the whole history; nil where none fits.
func (l *learner) best() []int {
	ranked, first := l.byRank()
	if len(ranked) == 0 {
		return nil
	}
	var singles, chosen []*candidate
	for _, c := range ranked {
		singles = append(singles, l.try(c))
	}
	chosen = append(chosen, singles...)
	// A column that is always unique only loses by another one beside it.
	var open []int
	for i, c := range singles[:min(first, mostTried)] {
		if !c.unique {
			open = append(open, ranked[i])
		}
	}
	var pairs []*candidate
	for i := range open {
		for j := range i {
			pairs = append(pairs, l.try(open[j], open[i]))
		}
	}
	chosen = append(chosen, pairs...)
	if !slices.ContainsFunc(chosen, func(c *candidate) bool { return c.fits }) {
		for k := range open {
			for j := range k {
				for i := range j {
					chosen = append(chosen, l.try(open[i], open[j], open[k]))
				}
			}
		}
	}
	l.tried = slices.Clone(chosen)
	chosen = slices.DeleteFunc(chosen, func(c *candidate) bool { return !c.fits })
	if len(chosen) == 0 {
		return nil
	}
	isLast := func(c *candidate) bool { return slices.Contains(ranked[first:], c.columns[0]) }
	if slices.ContainsFunc(chosen, func(c *candidate) bool { return !isLast(c) }) {
		chosen = slices.DeleteFunc(chosen, isLast)
	}
	least := slices.MinFunc(chosen, func(a, b *candidate) int { return cmp.Or(a.cost-b.cost, len(a.columns)-len(b.columns)) })
	slack := max(least.cost/tolerance, 2*len(ranked))
	chosen = slices.DeleteFunc(chosen, func(c *candidate) bool {
		return len(c.columns) != len(least.columns) || c.cost > least.cost+slack
	})
	found := chosen[0]
	if at := slices.IndexFunc(chosen, func(c *candidate) bool { return c.unique }); at >= 0 {
		found = chosen[at]
	}
	if len(found.columns) == 1 && l.isProse(found.columns[0]) {
		for _, c := range pairs {
			if c.fits && c.cost <= found.cost+slack && !slices.ContainsFunc(c.columns, l.isProse) {
				return c.columns
			}
		}
	}
	return found.columns
}

// isProse reports whether a column describes what another one names, or most of its texts have three words or more.
func (l *learner) isProse(column int) bool {
	if name := l.scheme.named(); name >= 0 && name != column && parties.Fold(l.scheme.Columns[column]) == "description" {
		return true
	}
	prose, filled := 0, 0
	for _, r := range l.order {
		if r.cells != nil && r.cells[column] != "" {
			filled++
			if len(strings.Fields(r.cells[column])) >= 3 {
				prose++
			}
		}
	}
	return 2*prose > filled
}

// try replays the history with a key.
func (l *learner) try(columns ...int) *candidate {
	c := &candidate{columns: columns, counts: make(map[string]int), unique: true, fits: true, told: 1}
	switch len(columns) {
	case 2:
		c.cost = priceOfSecond
	case 3:
		c.cost = priceOfSecond + priceOfThird
	}
	for i := range l.steps {
		st := &l.steps[i]
		for _, r := range st.gone {
			c.remove(c.key(r))
		}
		for _, r := range st.came {
			c.counts[c.key(r)]++
		}
		c.total += len(st.came) - len(st.gone)
		c.unique = c.unique && len(c.counts) == c.total
		if c.total > 0 {
			c.told = min(c.told, float64(len(c.counts))/float64(c.total))
		}
		if c.told < almostUnique {
			c.fits = false
			return c
		}
		if i > 0 {
			c.cost += c.changes(l.scheme, st)
		}
	}
	return c
}

func (c *candidate) key(r *learned) string {
	if len(c.columns) == 1 {
		return r.text(c.columns[0])
	}
	var b []byte
	for _, i := range c.columns {
		b = append(append(b, r.text(i)...), 0)
	}
	return string(b)
}

func (c *candidate) remove(key string) {
	if c.counts[key]--; c.counts[key] == 0 {
		delete(c.counts, key)
	}
}

// changes returns what a step costs. Records left alone that are equal but for the key, dates and contacts cost one more than a pair: they
// moved, as when tables are compared.
func (c *candidate) changes(s *Scheme, st *step) (cost int) {
	gone := make(map[string][]*learned, len(st.gone))
	for _, r := range st.gone {
		gone[c.key(r)] = append(gone[c.key(r)], r)
	}
	var alone []*learned
	taken := make(map[*learned]int)
	for _, r := range st.came {
		key := c.key(r)
		list := gone[key]
		if len(list) == 0 {
			alone = append(alone, r)
			continue
		}
		gone[key] = list[1:]
		taken[list[0]]++
		cost += 1 + differing(list[0].cells, r.cells)
	}
	left := make(map[string][]*learned)
	for _, r := range st.gone {
		if taken[r] > 0 {
			taken[r]--
			continue
		}
		rest := c.rest(s, r)
		left[rest] = append(left[rest], r)
		cost += 1 + r.filled
	}
	for _, r := range alone {
		rest := c.rest(s, r)
		if list := left[rest]; len(list) > 0 {
			left[rest] = list[1:]
			cost += 1 + differing(list[0].cells, r.cells) - list[0].filled
		} else {
			cost += 1 + r.filled
		}
	}
	return cost
}

// rest returns what a record says, its key, dates and contacts apart.
func (c *candidate) rest(s *Scheme, r *learned) string {
	var b []byte
	for i, text := range r.cells {
		if !slices.Contains(c.columns, i) && s.roles[i] != registry.Date && s.roles[i] != registry.People {
			b = append(b, text...)
		}
		b = append(b, 0)
	}
	return string(b)
}

func differing(a, b []string) (n int) {
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// newest returns the first key that is unique in the newest edition, or else almost so; nil where there is none.
func (l *learner) newest() []int {
	var now step
	for _, r := range l.order {
		for range r.copies {
			if r.cells != nil {
				now.came = append(now.came, r)
			}
		}
	}
	if len(now.came) == 0 || len(l.steps) < 2 {
		return nil
	}
	alone := learner{scheme: l.scheme, steps: []step{now}}
	return alone.best()
}

// closest returns the key that comes closest to being one, of those that distinguish half of the records; nil where there is
// none.
func (l *learner) closest() (key []int) {
	best := 0.5
	for _, c := range l.tried {
		if c.told > best {
			best, key = c.told, c.columns
		}
	}
	return key
}

// name finds the column of the name.
func (l *learner) name() {
	s := l.scheme
	var assigned []*learned
	for _, r := range l.order {
		if r.copies > 0 && r.cells != nil {
			assigned = append(assigned, r)
		}
	}
	if len(s.key) == 0 || s.Whole {
		s.name = s.named()
		return
	}
	last, numbers := s.key[len(s.key)-1], 0
	for _, r := range assigned {
		if _, ok := ParseValue(r.cells[last]); ok || isCode(r.cells[last]) {
			numbers++
		}
	}
	s.numeric = len(assigned) == 0 || 2*numbers > len(assigned)
	if s.name = s.named(); s.name >= 0 {
		return
	}
	if !s.numeric {
		if len(s.key) == 1 {
			s.name = last
		}
		return
	}
	for i := last + 1; i < len(s.roles); i++ {
		if s.isPlain(i) && !s.isKey(i) && isName(assigned, i) {
			s.name = i
			return
		}
	}
	for i := range last {
		if s.isPlain(i) && !s.isKey(i) && isName(assigned, i) {
			s.name = i
			return
		}
	}
}

// named returns the column that is called a name, as "name" or "extension_name", or -1. It may be one of the key.
func (s *Scheme) named() int {
	for _, name := range names {
		for i, key := range s.Columns {
			if parties.Fold(key) == name && s.isPlain(i) {
				return i
			}
		}
	}
	return slices.IndexFunc(s.Columns, func(key string) bool {
		return strings.HasSuffix(parties.Fold(key), "_name") && s.isPlain(s.index[key])
	})
}

// isCode reports whether a text has digits and no letters but hexadecimal ones: "c021", "241.5", "00-53-00 to 00-53-FF", "2001:db8::/32".
func isCode(text string) bool {
	s := strings.ReplaceAll(parties.Fold(text), " to ", "")
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789abcdefx.:/-–,*?{} ") == ""
}

// isName reports whether a column may hold names: most are short and no numbers, and half of them stand once.
func isName(assigned []*learned, column int) bool {
	letters, filled, numbers := 0, 0, 0
	seen := make(map[string]bool)
	for _, r := range assigned {
		if text := r.cells[column]; text != "" {
			filled++
			letters += min(utf8.RuneCountInString(text), 300)
			seen[r.text(column)] = true
			if _, ok := ParseValue(text); ok || isCode(text) {
				numbers++
			}
		}
	}
	return filled > 0 && 2*filled > len(assigned) && 2*len(seen) > filled && 2*numbers <= filled && letters <= 60*filled
}
