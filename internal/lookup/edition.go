package lookup

import "github.com/ianasync/ianasync/registry/ports"

// InEdition is [Surveyed.OfPort] of an edition of which only the rows that matter are decoded: those of the port
// and of its neighbours.
func InEdition(e *ports.Edition, port uint16, only ...ports.Transport) (*Port, error) {
	survey, t, err := e.SurveyHolding(func(survey *ports.Survey) []uint16 {
		wanted := []uint16{port}
		for _, step := range []int{-1, 1} {
			if n, found := survey.Nearest(port, step, named); found {
				wanted = append(wanted, n)
			}
		}
		return wanted
	})
	if err != nil {
		return nil, err
	}
	s := Surveyed{t, survey}
	return s.OfPort(port, only...), nil
}

// Surveyed is a table with its survey, for looking up many ports.
type Surveyed struct {
	table *ports.Table
	Ports *ports.Survey
}

// Survey surveys a table.
func Survey(t *ports.Table) *Surveyed { return &Surveyed{t, t.Survey()} }

// OfPort returns the answer about a port from the table; if transports are given, with the records and transports of these alone.
func (s *Surveyed) OfPort(port uint16, only ...ports.Transport) *Port {
	p := s.withRecords(port, only)
	p.addNeighbours(s)
	return p
}

// Beside returns what is beside a port: its neighbours, and the nearest free ports. All else is missing.
func (s *Surveyed) Beside(port uint16) *Port {
	p := &Port{Port: port, Range: ports.RangeOf(port)}
	p.addNeighbours(s)
	return p
}

// Alone returns the answer about a port without its neighbours. It is many times as fast where services are
// far apart.
func (s *Surveyed) Alone(port uint16) *Port { return s.withRecords(port, nil) }

func named(m ports.Marks) bool { return m&ports.MarkNamed != 0 }
