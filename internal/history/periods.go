package history

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// Condition is what a record must be: values by the key of a column.
type Condition map[string]string

// shortKeys are what columns are called for short.
var shortKeys = map[string]string{"service": "service_name", "port": "port_number", "ports": "port_number", "transport": "transport_protocol"}

// ParseCondition reads "service=compressnet port=2": columns by their keys in JSON, or service,
// port and transport for short, each with the value that it must have. A value with spaces
// stands in double quotes.
func ParseCondition(s string) (Condition, error) {
	c := make(Condition)
	for rest := strings.TrimSpace(s); rest != ""; rest = strings.TrimSpace(rest) {
		key, after, found := strings.Cut(rest, "=")
		if !found {
			return nil, fmt.Errorf("%q is not of the form column=value", rest)
		}
		if long, short := shortKeys[key]; short {
			key = long
		}
		columns := registry.Columns()
		if !slices.ContainsFunc(columns[:], func(column registry.Column) bool { return column.Key == key }) {
			return nil, fmt.Errorf("there is no column %q", key)
		}
		if _, twice := c[key]; twice {
			return nil, fmt.Errorf("column %q stands twice", key)
		}
		var value string
		if quoted, isQuoted := strings.CutPrefix(after, `"`); isQuoted {
			if value, rest, found = strings.Cut(quoted, `"`); !found {
				return nil, fmt.Errorf("the quote before %q is not closed", quoted)
			}
		} else {
			value, rest, _ = strings.Cut(after, " ")
		}
		c[key] = value
	}
	if len(c) == 0 {
		return nil, fmt.Errorf("no condition: service=compressnet, say")
	}
	return c, nil
}

// holds tells whether a record is as the condition wants it. Letter case does not matter; a port
// number holds for every range that it is in.
func (c Condition) holds(r *registry.Record) bool {
	columns := registry.Columns()
	for i, value := range r.Values() {
		want, asked := c[columns[i].Key]
		if !asked || strings.EqualFold(value, want) {
			continue
		}
		ports, err := registry.ParsePorts(want)
		first, last, ok := ports.Bounds()
		if columns[i].Key != "port_number" || err != nil || !ok || !r.Ports.Contains(first) || !r.Ports.Contains(last) {
			return false
		}
	}
	return true
}

// Period is a time through which a record stood, whatever else of it changed.
type Period struct {
	Service   string             `json:"service"`
	Ports     string             `json:"ports"`
	Transport registry.Transport `json:"transport"`
	From      string             `json:"from"`  // id of the first version that has it
	To        string             `json:"to"`    // id of the last
	Begun     bool               `json:"begun"` // false where the record of the versions begins with it, so that it may be older
	Ended     bool               `json:"ended"` // false where the newest version has it
}

// Periods says from when to when records stood that are as a condition wants them, given the
// oldest version's table. Records of one service name, ports and transport are one.
func (p *Past) Periods(oldest []registry.Record, c Condition) ([]Period, error) {
	w := watch{condition: c, count: make(map[cell]int), open: make(map[cell]int)}
	for i := range oldest {
		w.add(&oldest[i], 1)
	}
	for i := range p.steps {
		if err := p.walk(&w, i); err != nil {
			return nil, err
		}
		w.settle(p.steps, i)
	}
	slices.SortStableFunc(w.periods, func(a, b Period) int { return strings.Compare(a.From, b.From) })
	return w.periods, nil
}

// walk goes from the version before version i to it.
func (p *Past) walk(w *watch, i int) error {
	if i == 0 {
		return nil
	}
	path := p.between(i-1, i)
	ahead := p.ancestors(i)
	for _, at := range slices.Backward(path) {
		if !ahead[at] { // it is undone
			if err := w.take(&p.steps[at], -1); err != nil {
				return err
			}
		}
	}
	for _, at := range path {
		if ahead[at] {
			if err := w.take(&p.steps[at], 1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Past) ancestors(i int) map[int]bool {
	on := make(map[int]bool)
	for ; i >= 0; i = p.parent(i) {
		on[i] = true
	}
	return on
}

type cell struct {
	service, ports string
	transport      registry.Transport
}

// watch counts the records that a condition is about.
type watch struct {
	condition Condition
	count     map[cell]int
	changed   []cell
	open      map[cell]int // the index of its period
	periods   []Period
}

func (w *watch) add(r *registry.Record, n int) {
	if w.condition.holds(r) {
		k := cell{r.ServiceName, r.Ports.String(), r.Transport}
		w.count[k] += n
		w.changed = append(w.changed, k)
	}
}

// take applies the changes of a step, or undoes them.
func (w *watch) take(s *Step, sign int) error {
	changes, err := s.changes(w.mayTouch)
	for i := range changes {
		c := &changes[i]
		for j := range c.Removed {
			w.add(&c.Removed[j], -sign)
		}
		for j := range c.Added {
			w.add(&c.Added[j], sign)
		}
	}
	return err
}

// mayTouch tells, from the line of a change alone, whether it may be about such a record.
func (w *watch) mayTouch(line []byte) bool {
	service, asked := w.condition["service_name"]
	if asked {
		return Query{Service: service}.mayTouch(line) || service == ""
	}
	ports, asked := w.condition["port_number"]
	if p, err := registry.ParsePorts(ports); asked && err == nil {
		first, _, ok := p.Bounds()
		return !ok || Query{Port: first}.mayTouch(line)
	}
	return !isKind(line, diff.Recut) || !asked
}

// settle begins and ends periods as of version i.
func (w *watch) settle(steps []Step, i int) {
	slices.SortFunc(w.changed, func(a, b cell) int {
		return strings.Compare(a.ports+" "+string(a.transport)+" "+a.service, b.ports+" "+string(b.transport)+" "+b.service)
	})
	for _, k := range slices.Compact(w.changed) {
		at, open := w.open[k]
		switch {
		case w.count[k] > 0 && !open:
			w.periods = append(w.periods, Period{Service: k.service, Ports: k.ports, Transport: k.transport, From: steps[i].Version.ID, Begun: i > 0})
			w.open[k] = len(w.periods) - 1
		case w.count[k] == 0 && open:
			w.periods[at].Ended, w.periods[at].To = true, steps[i-1].Version.ID
			delete(w.open, k)
		}
	}
	w.changed = w.changed[:0]
	if i == len(steps)-1 {
		for _, at := range w.open {
			w.periods[at].To = steps[i].Version.ID
		}
	}
}
