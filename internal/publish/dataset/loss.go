package dataset

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry/ports"
)

// Rule is why a format leaves a record out or shortens it.
type Rule string

// The rules. docs/datasets.md explains them.
const (
	NoName    Rule = "no-name"   // the record has no service name
	NoPort    Rule = "no-port"   // it has no port, or none that can be read
	Protocol  Rule = "transport" // the format does not know its transport protocol
	BadName   Rule = "name"      // its name cannot be written in the format
	Range     Rule = "range"     // not all ports of its range are written
	Repeated  Rule = "repeated"  // another record has the same name, port and transport protocol
	NotFirst  Rule = "not-first" // the format takes one name a port, and another comes first
	Comment   Rule = "comment"   // its description is cut or left out
	NewColumn Rule = "column"    // it has values in columns that ianasync does not know
)

// Loss is one record that a format leaves out, or of which it leaves something out.
type Loss struct {
	Record Key    `json:"record"`
	Rule   Rule   `json:"rule"`
	Detail string `json:"detail"`

	record *ports.Record
}

// Key identifies a record. In very few cases, two records have the same key.
type Key struct {
	Service   string          `json:"service_name"`
	Ports     string          `json:"port_number"`
	Transport ports.Transport `json:"transport_protocol"`
}

// appendJSON appends the loss as encoding/json would write it.
func (l *Loss) appendJSON(b []byte) []byte {
	for _, member := range [...][2]string{
		{`{"record":{"service_name":`, l.Record.Service},
		{`,"port_number":`, l.Record.Ports},
		{`,"transport_protocol":`, string(l.Record.Transport)},
		{`},"rule":`, string(l.Rule)},
		{`,"detail":`, l.Detail},
	} {
		b = plainjson.AppendString(append(b, member[0]...), member[1])
	}
	return append(b, '}')
}

// lossKey identifies a loss that is listed once: a range is not listed port by port.
type lossKey struct {
	record *ports.Record
	rule   Rule
}

// lose adds a loss: a record, or a part of it, is not written.
func (w *writer) lose(r *ports.Record, rule Rule, detail string) {
	if k := (lossKey{r, rule}); !w.lost[k] {
		w.lost[k] = true
		w.losses = append(w.losses, Loss{Key{r.ServiceName, r.Ports.String(), r.Transport}, rule, detail, r})
	}
}

func (w *writer) sortedLosses() []Loss {
	slices.SortStableFunc(w.losses, func(a, b Loss) int {
		return cmp.Or(ports.Compare(*a.record, *b.record), cmp.Compare(a.Rule, b.Rule))
	})
	return w.losses
}

// count returns how many losses there are by each rule.
func count(losses []Loss) map[Rule]int {
	n := map[Rule]int{}
	for i := range losses {
		n[losses[i].Rule]++
	}
	return n
}

// Summary returns a line with the number of losses by each rule.
func Summary(losses []Loss) string {
	n := count(losses)
	var parts []string
	for _, rule := range []Rule{NoName, NoPort, Protocol, BadName, Range, Repeated, NotFirst, Comment, NewColumn} {
		if n[rule] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[rule], rule))
		}
	}
	return strings.Join(parts, ", ")
}

// LossJSON returns a list of losses as a JSON document, a loss a line. Its schema is
// docs/loss.schema.json.
func (f *Format) LossJSON(s *Source, losses []Loss) ([]byte, error) {
	head := struct {
		origin
		Format  string       `json:"format"`
		Columns []string     `json:"columns"`
		Rules   map[Rule]int `json:"rules"`
	}{s.origin(), f.Name, f.Columns, count(losses)}
	var out bytes.Buffer
	err := document(&out, head, "losses", losses)
	return out.Bytes(), err
}

// origin is the head of a JSON document: where its data is from.
type origin struct {
	Registry    string `json:"registry"`
	Title       string `json:"title"`
	Source      string `json:"source"`
	Licence     string `json:"licence"`
	Version     string `json:"version"`
	TableSHA256 string `json:"table_sha256"`
}

func (s *Source) origin() origin {
	return origin{s.Registry.ID, s.Registry.Title, s.Registry.Page, Licence, s.Version, s.Table.Digest()}
}

// document writes head, an object with members, and under key one more member: a list,
// an element a line.
func document[E any](out *bytes.Buffer, head any, key string, list []E) error {
	if err := encode(out, head); err != nil {
		return err
	}
	out.Truncate(out.Len() - len("}"))
	fmt.Fprintf(out, ",\n%q:[\n", key)
	for i := range list {
		if err := encode(out, &list[i]); err != nil {
			return err
		}
		out.WriteString([]string{",\n", "\n"}[(i+1)/len(list)])
	}
	out.WriteString("]}\n")
	return nil
}

// encode writes a value as JSON, with no line end after it.
func encode(out *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case *ports.Record:
		out.Write(v.AppendJSON(out.AvailableBuffer()))
	case *Loss:
		out.Write(v.appendJSON(out.AvailableBuffer()))
	default:
		data, err := plainjson.Marshal(v)
		out.Write(data)
		return err
	}
	return nil
}
