package githubaction

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/snapshots"
)

// Summary returns the job's summary as Markdown, newest first.
func (f *Finding) Summary(c Conclusion) string {
	var sections []string
	if f.Outcome != snapshots.Changed {
		section := "## " + text.Markdown(f.state()) + "\n"
		if c.Level != Notice {
			section += "\n" + text.Markdown(c.Text) + ".\n"
		}
		sections = append(sections, section)
	}
	for i := range slices.Backward(f.Events) {
		sections = append(sections, render.Section(&f.Events[i]))
	}
	return strings.Join(sections, "\n")
}

// Outputs returns the outputs of the step. All are always set.
func (f *Finding) Outputs(summaryFile string) []Output {
	previous := ""
	if len(f.Events) > 0 {
		previous = f.Events[0].Previous
	}
	list := []Output{
		{"changed", strconv.FormatBool(len(f.Events) > 0)},
		{"outcome", string(f.Outcome)},
		{"version", f.Newest.ID},
		{"previous", previous},
		{"records", strconv.Itoa(f.Newest.Records)},
		{"headline", f.Title()},
		{"summary-file", summaryFile},
		{"commit", f.Commit},
	}
	n := diff.Summary(f.changes())
	for _, k := range diff.Kinds {
		if !k.OfPorts() {
			continue
		}
		list = append(list, Output{string(k), strconv.Itoa(n[k])})
	}
	return list
}

// Annotations returns the messages of the run by level. The one at level Error is why it fails.
func (f *Finding) Annotations(c Conclusion) map[Level][]string {
	gone, other := render.News(f.changes())
	if len(gone)+len(other) == 0 && len(f.Events) > 0 {
		other = []string{f.Headline()}
	}
	list := map[Level][]string{Warning: gone, Notice: other}
	if c.Level != Notice {
		list[c.Level] = append([]string{c.Text}, list[c.Level]...)
	}
	if !f.Quiet.IsZero() {
		list[Warning] = append(list[Warning], SwitchedOff(f.Quiet))
	}
	return list
}
