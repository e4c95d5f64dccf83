package render

import (
	"fmt"
	"iter"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// recent is the number of sections in the published changelog; the files of the years have all.
const recent = 50

// yearOfChanges is the sections of one year, newest first.
type yearOfChanges struct {
	year     int
	sections []string
}

// Changelogs returns the published changelogs by name: "CHANGELOG.md", which has the latest sections and links to the
// others, and one for each year, "changelog/2018.md". The anchor of a section is its version's id. The events are those of
// all versions, oldest first.
func Changelogs(r *ports.Registry, events []history.Event) iter.Seq2[string, []byte] {
	years := changesByYear(events)
	return func(yield func(string, []byte) bool) {
		if !yield("CHANGELOG.md", recentChanges(r, years)) {
			return
		}
		for _, y := range years {
			page := changelogHead(r, fmt.Sprintf("Changes of %d", y.year)) + strings.Join(y.sections, "")
			if !yield(changelogOf(y.year), []byte(page)) {
				return
			}
		}
	}
}

// SectionAddress returns the address of a version's section in [Changelogs].
func SectionAddress(v snapshots.Version) string { return changelogOf(v.Seen().Year()) + "#" + v.ID }

func changelogOf(year int) string { return fmt.Sprintf("changelog/%d.md", year) }

// changesByYear returns the sections of all years, newest first.
func changesByYear(events []history.Event) (years []yearOfChanges) {
	for i := len(events) - 1; i >= 0; i-- {
		section := markdownEvent("", &events[i], news)
		if section == "" {
			continue
		}
		v := events[i].Version
		if n := len(years); n == 0 || years[n-1].year != v.Seen().Year() {
			years = append(years, yearOfChanges{year: v.Seen().Year()})
		}
		last := &years[len(years)-1]
		last.sections = append(last.sections, fmt.Sprintf("\n<a id=%q></a>\n%s", v.ID, section))
	}
	return years
}

// recentChanges returns the published changelog.
func recentChanges(r *ports.Registry, years []yearOfChanges) []byte {
	var links, sections []string
	for _, y := range years {
		links = append(links, fmt.Sprintf("[%d](%s)", y.year, changelogOf(y.year)))
		sections = append(sections, y.sections...)
	}
	head := changelogHead(r, "Changes") + "\nAll of it, by year: " + strings.Join(links, ", ") + ".\n"
	return []byte(head + strings.Join(sections[:min(recent, len(sections))], ""))
}
