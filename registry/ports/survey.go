package ports

import "slices"

// Marks are the sorts of records that hold a port, as a set.
type Marks uint8

// The sorts of records, each one bit, from the weakest to the strongest.
const (
	MarkUnassigned Marks = 1 << iota // Unassigned, and nothing else is said
	MarkRemarked                     // Unassigned, with [Record.Remarks]
	MarkReserved                     // Reserved
	MarkUnnamed                      // in use without a service name
	MarkNamed                        // assigned to a service
)

// Free reports whether all that is said of the port is that it is Unassigned.
func (m Marks) Free() bool { return m == MarkUnassigned }

// marks returns the one mark that the record sets on its ports.
func (r *Record) marks() Marks {
	if r.ServiceName != "" {
		return MarkNamed
	}
	switch status := r.Status(); {
	case status == Assigned:
		return MarkUnnamed
	case status == Reserved:
		return MarkReserved
	case len(r.Remarks()) > 0:
		return MarkRemarked
	}
	return MarkUnassigned
}

// Survey holds the marks of each of the 65,536 ports.
type Survey [1 << 16]Marks

// Survey surveys the table's ports.
func (t *Table) Survey() *Survey {
	s := new(Survey)
	for i := range t.Records {
		s.add(t.Records[i].Ports, t.Records[i].marks())
	}
	return s
}

// Survey surveys the edition's ports without decoding its rows.
func (e *Edition) Survey() *Survey {
	s, _ := e.survey()
	return s
}

// SurveyHolding is [Edition.Survey] and then [Edition.Holding] of the ports that wanted returns of the survey. It reads the ports of
// each row once.
func (e *Edition) SurveyHolding(wanted func(*Survey) []uint16) (*Survey, *Table, error) {
	s, spans := e.survey()
	ports := wanted(s)
	var rows []row
	for i := range spans {
		if slices.ContainsFunc(ports, spans[i].contains) {
			rows = append(rows, e.rows[i])
		}
	}
	t, err := e.form.decode(rows)
	return s, t, err
}

// span is the ports of a row.
type span struct {
	first, last uint16
	ok          bool // there are any
}

func (s span) contains(port uint16) bool { return s.ok && s.first <= port && port <= s.last }

// survey surveys the edition's ports, and returns those of each row.
func (e *Edition) survey() (*Survey, []span) {
	s, spans := new(Survey), make([]span, len(e.rows))
	for i, o := range e.outlines() {
		first, last, ok := o.Ports.Bounds()
		spans[i] = span{first, last, ok}
		s.add(o.Ports, o.marks())
	}
	return s, spans
}

func (s *Survey) add(ports Ports, marks Marks) {
	for port := range ports.All() {
		s[port] |= marks
	}
}

// Nearest returns the nearest port to the given one, going up (step 1) or down (step -1), whose marks are wanted, and
// whether there is one.
func (s *Survey) Nearest(port uint16, step int, wanted func(Marks) bool) (uint16, bool) {
	for p := int(port) + step; p >= 0 && p < len(s); p += step {
		if wanted(s[p]) {
			return uint16(p), true
		}
	}
	return 0, false
}

// Uncovered returns how many of the ports from 0 to [LastAssignable] no record holds.
func (t *Table) Uncovered() (n int) {
	next := 0 // the lowest port above those that the records so far hold: they are in order of their first ports
	for i := range t.Records {
		if first, last, ok := t.Records[i].Ports.Bounds(); ok {
			n += max(0, min(int(first), LastAssignable+1)-next)
			next = max(next, int(last)+1)
		}
	}
	return n + max(0, LastAssignable+1-next)
}
