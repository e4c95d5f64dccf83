package ports

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
	switch status := r.Status(); {
	case r.ServiceName != "":
		return MarkNamed
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
	s := new(Survey)
	for _, o := range e.outlines() {
		r := o.record()
		s.add(o.Ports, r.marks())
	}
	return s
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
func (s *Survey) Uncovered() (n int) {
	for _, marks := range s[:LastAssignable+1] {
		if marks == 0 {
			n++
		}
	}
	return n
}
