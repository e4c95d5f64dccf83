package vendored

import (
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
)

// Report is a comparison of a file with a version.
type Report struct {
	File    string
	Form    Form
	Entries int
	Unnamed int    // see [List]
	Version string // id of the newest
	*Result
}

// Since leaves out the findings whose change was first seen before a time, and conflicts, which have no date. The zero time leaves out
// none.
func (r *Result) Since(from time.Time) {
	if from.IsZero() {
		return
	}
	kept := r.Findings[:0]
	for _, f := range r.Findings {
		if f.Kind == Unreadable || f.Event != nil && !f.Event.Version.Seen().Before(from) {
			kept = append(kept, f)
		}
	}
	r.Findings = kept
}

// Document is a report as JSON has it: docs/audit-registry.schema.json.
type Document struct {
	Registries []string      `json:"registries"`
	Version    string        `json:"version"`
	File       string        `json:"file"`
	Form       Form          `json:"form"`
	Entries    int           `json:"entries"`
	Agree      int           `json:"agree"`
	Best       matchJSON     `json:"best"`
	Own        int           `json:"own"`
	Unnamed    int           `json:"unnamed"`
	Summary    map[Kind]int  `json:"summary"`
	Findings   []findingJSON `json:"findings"`
}

type matchJSON struct {
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	Agree int    `json:"agree"`
}

type findingJSON struct {
	Kind    Kind     `json:"kind"`
	Value   string   `json:"value"`
	Name    string   `json:"name"`
	Line    int      `json:"line,omitempty"`
	Problem string   `json:"problem,omitempty"`
	Now     []string `json:"now"`
	Values  []string `json:"values"`
	*cameJSON
}

// cameJSON is a change and the version that brought it.
type cameJSON struct {
	Version  string       `json:"version"`
	Seen     time.Time    `json:"seen"`
	Previous string       `json:"previous"`
	Change   *diff.Change `json:"change"`
}

func cameIn(e *history.Event) *cameJSON {
	if e == nil {
		return nil
	}
	return &cameJSON{e.Version.ID, e.Version.Seen(), e.Previous, &e.Changes[0]}
}

// JSON returns the document of a report.
func (r *Report) JSON() Document {
	d := Document{
		Registries: append([]string{}, r.Registries...), Version: r.Version, File: r.File, Form: r.Form, Entries: r.Entries,
		Agree: r.Agree, Best: matchJSON(r.Best), Own: r.Own, Unnamed: r.Unnamed, Summary: map[Kind]int{}, Findings: []findingJSON{},
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		d.Summary[f.Kind]++
		name := ""
		if len(f.Entry.Names) > 0 {
			name = f.Entry.Names[0]
		}
		d.Findings = append(d.Findings, findingJSON{
			f.Kind, f.Entry.Value, name, f.Entry.Line, f.Problem, append([]string{}, f.Now...), append([]string{}, f.Values...), cameIn(f.Event),
		})
	}
	return d
}
