package githubaction

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/snapshots"
)

// Summary returns the job's summary as Markdown: how the checks ended, then what changed, by group, newest first. The
// conclusions are those of the groups.
func (f *Findings) Summary(conclusions []Conclusion) string {
	var sections []string
	if f.single() == nil && (!f.Changed() || f.count(snapshots.Refused)+f.count(sync.Failed)+f.count(snapshots.Unreachable) > 0) {
		sections = append(sections, "## "+text.Markdown(f.state())+"\n")
	}
	for i, g := range f.Groups {
		if g.Outcome == snapshots.Changed {
			continue
		}
		c := conclusions[i] //nolint:gosec // there is one of each group
		section := "## " + text.Markdown(g.state()) + "\n"
		if f.single() == nil {
			section = "## " + text.Markdown(g.Group+": "+g.state()) + "\n"
		}
		if c.Level != Notice {
			section += "\n" + text.Markdown(c.Text) + ".\n"
		}
		if f.single() != nil || c.Level != Notice {
			sections = append(sections, section)
		}
	}
	for _, g := range f.Groups {
		for i := range slices.Backward(g.Events) {
			sections = append(sections, render.Section(f.titleOf(g), &g.Events[i]))
		}
	}
	return strings.Join(sections, "\n")
}

// titleOf returns the title of a group in a summary of several; empty where there are none.
func (f *Findings) titleOf(g *Finding) string {
	if f.single() != nil {
		return ""
	}
	return cmp.Or(g.Title, g.Group)
}

// Outputs returns the outputs of the step. All are always set.
func (f *Findings) Outputs(summaryFile string) ([]Output, error) {
	previous, records := "", 0
	for _, g := range f.Groups {
		records += g.Newest.Records
		if len(g.Events) > 0 && f.single() != nil {
			previous = g.Events[0].Previous
		}
	}
	found, err := f.groupsJSON()
	list := []Output{
		{"changed", strconv.FormatBool(f.Changed())},
		{"outcome", string(f.Outcome())},
		{"version", f.Newest().ID},
		{"previous", previous},
		{"records", strconv.Itoa(records)},
		{"registries", found},
		{"headline", f.Titled()},
		{"summary-file", summaryFile},
		{"commit", f.Commit},
	}
	n := diff.Summary(f.changes())
	for _, k := range diff.Kinds {
		list = append(list, Output{string(k), strconv.Itoa(n[k])})
	}
	return list, err
}

// groupsJSON returns what was found of the groups that are not unchanged, as JSON.
func (f *Findings) groupsJSON() (string, error) {
	type groupJSON struct {
		Group    string            `json:"group"`
		Outcome  snapshots.Outcome `json:"outcome"`
		Version  string            `json:"version"`
		Previous string            `json:"previous,omitempty"`
		Records  int               `json:"records"`
		Summary  map[diff.Kind]int `json:"summary"`
	}
	list := []groupJSON{}
	for _, g := range f.Groups {
		if g.Outcome == snapshots.Unchanged {
			continue
		}
		j := groupJSON{Group: g.Group, Outcome: g.Outcome, Version: g.Newest.ID, Records: g.Newest.Records, Summary: diff.Summary(g.changes())}
		if len(g.Events) > 0 {
			j.Previous = g.Events[0].Previous
		}
		list = append(list, j)
	}
	data, err := plainjson.Marshal(list)
	return string(data), err
}

// Annotations returns the messages of the run by level. Those at level Error are why it fails. The conclusions are those of
// the groups.
func (f *Findings) Annotations(conclusions []Conclusion) map[Level][]string {
	list := make(map[Level][]string)
	for _, c := range conclusions {
		if c.Level != Notice {
			list[c.Level] = append(list[c.Level], c.Text)
		}
	}
	for _, g := range f.Groups {
		gone, other := render.News(g.changes())
		if len(gone)+len(other) == 0 && len(g.Events) > 0 {
			other = []string{g.Headline()}
			if f.single() == nil {
				other = []string{g.Titled()}
			}
		}
		list[Warning], list[Notice] = append(list[Warning], gone...), append(list[Notice], other...)
	}
	if !f.Quiet.IsZero() {
		list[Warning] = append(list[Warning], SwitchedOff(f.Quiet))
	}
	return list
}
