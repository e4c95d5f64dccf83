package audit

import (
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry/ports"
)

// Report is the result of an audit and what it is about.
type Report struct {
	File     string
	Form     Form
	Entries  int
	Unplaced int    // names in the file without a port
	Unnamed  int    // ports in the file without a name
	Version  string // id of the newest version
	Allowed  int    // findings that the list of deliberate differences allows
	Result   *Result
}

// Document is a report as JSON: see docs/audit.schema.json.
type Document struct {
	Registry string        `json:"registry"`
	Version  string        `json:"version"` // id of the newest
	File     string        `json:"file"`
	Form     Form          `json:"form"`
	Entries  int           `json:"entries"`
	Agree    int           `json:"agree"`
	Best     bestJSON      `json:"best"`
	Own      int           `json:"own"`
	Unplaced int           `json:"unplaced"`
	Unnamed  int           `json:"unnamed"`
	Lacking  int           `json:"lacking"`
	Allowed  int           `json:"allowed"`
	Summary  map[Kind]int  `json:"summary"`
	Findings []findingJSON `json:"findings"`
}

type bestJSON struct {
	From  string `json:"from,omitempty"` // ids of versions
	To    string `json:"to,omitempty"`
	Agree int    `json:"agree"`
}

type findingJSON struct {
	Kind      Kind            `json:"kind"`
	Name      string          `json:"name"`
	Port      string          `json:"port_number"`
	Transport ports.Transport `json:"transport_protocol"`
	Line      int             `json:"line,omitempty"`
	Column    int             `json:"column,omitempty"`  // of what cannot be read
	Problem   string          `json:"problem,omitempty"` // with it
	Now       []string        `json:"now"`               // the names that the registry has there
	*cameJSON
	Later []cameJSON `json:"later,omitempty"` // later changes
}

// cameJSON is a change and the version that brought it.
type cameJSON struct {
	Version  string         `json:"version"` // id of the version that brought the change
	Seen     time.Time      `json:"seen"`
	Previous string         `json:"previous"`           // id of the version before
	Returned history.Return `json:"returned,omitempty"` // where the version undid the change
	Change   *diff.Change   `json:"change"`
}

func cameIn(e *history.Event) cameJSON {
	return cameJSON{e.Version.ID, e.Version.Seen(), e.Previous, e.Returned, &e.Changes[0]}
}

// JSON returns the document of a report on a registry.
func (report *Report) JSON(registry string) Document {
	r := report.Result
	d := Document{
		Registry: registry, Version: report.Version, File: report.File, Form: report.Form, Entries: report.Entries,
		Agree: r.Agree, Best: bestJSON(r.Best), Own: r.Own, Unplaced: report.Unplaced, Unnamed: report.Unnamed, Lacking: r.Lacking, Allowed: report.Allowed,
		Summary: map[Kind]int{}, Findings: []findingJSON{},
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		d.Summary[f.Kind]++
		finding := findingJSON{
			Kind: f.Kind, Name: f.Name, Port: f.Ports.String(), Transport: f.Transport,
			Line: f.Line, Column: f.Column, Problem: f.Problem, Now: append([]string{}, f.Now...),
		}
		if f.Event != nil {
			came := cameIn(f.Event)
			finding.cameJSON = &came
		}
		for i := range f.Later {
			finding.Later = append(finding.Later, cameIn(&f.Later[i]))
		}
		d.Findings = append(d.Findings, finding)
	}
	return d
}
