package render

import (
	"bytes"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// ChangelogRules is the version of the rules by which changelogs are worded. It goes up when the same changes give another text:
// then a store makes its changelogs of all years anew.
const ChangelogRules = 1

// Sections are the sections of a changelog by year, newest first. A year in which nothing changed has no text.
type Sections map[string][]byte

// NewSections returns a section for each version that changed something, and one for the oldest version of all, by the years of the
// versions. The heading has the title of the group, unless that is empty. The events are in order of time.
func NewSections(title string, events []history.Event) Sections {
	sections := make(Sections)
	for i := range slices.Backward(events) {
		year := events[i].Version.ID[:4]
		sections[year] = append(sections[year], markdownEvent(title, &events[i], news)...)
	}
	return sections
}

// versionSection is the section of a version in a changelog.
type versionSection struct{ version, text string }

// sectionsIn yields the sections in a text that consists of them.
func sectionsIn(text string) iter.Seq[versionSection] {
	return func(yield func(versionSection) bool) {
		for text != "" {
			end := len(text)
			if next := strings.Index(text[1:], "\n\n## "); next >= 0 {
				end = next + 2
			}
			_, version, _ := strings.Cut(text[:end], "\n\nVersion `")
			version, _, _ = strings.Cut(version, "`")
			if !yield(versionSection{version, text[:end]}) {
				return
			}
			text = text[end:]
		}
	}
}

// SectionsUpTo returns those of some sections that are of versions up to the given one.
func SectionsUpTo(version string, sections []byte) []byte {
	var kept []byte
	for section := range sectionsIn(string(sections)) {
		if section.version <= version {
			kept = append(kept, section.text...)
		}
	}
	return kept
}

// MergeSections returns the sections of several groups in one year, by the sections of each: newest first, those of one second in
// the order of the groups' ids.
func MergeSections(parts map[string][]byte) []byte {
	var sections []versionSection
	size := 0
	for _, id := range slices.Sorted(maps.Keys(parts)) {
		size += len(parts[id])
		sections = slices.AppendSeq(sections, sectionsIn(string(parts[id])))
	}
	slices.SortStableFunc(sections, func(a, b versionSection) int { return strings.Compare(b.version, a.version) })
	merged := make([]byte, 0, size)
	for _, s := range sections {
		merged = append(merged, s.text...)
	}
	return merged
}

// newestYears is how many years CHANGELOG.md of a store has. With the year before the newest one it is never nearly empty.
const newestYears = 2

// SplitYears splits years, in order, into those that have a changelog of their own and those whose changes CHANGELOG.md has.
func SplitYears(years []string) (earlier, newest []string) {
	at := max(0, len(years)-newestYears)
	return years[:at], years[at:]
}

// Changelog returns CHANGELOG.md of a store: the sections of the newest years, and links to the changelogs of the earlier ones. Of a
// store of several groups the registry is nil.
func Changelog(r *ports.Registry, earlier, newest []string, sections Sections) []byte {
	b := []byte(changelogHead(r, "Changes"))
	for _, year := range slices.Backward(newest) {
		b = append(b, sections[year]...)
	}
	return append(b, changelogFoot(earlier)...)
}

// changelogFoot returns the end of CHANGELOG.md: links to the changelogs of earlier years.
func changelogFoot(earlier []string) string {
	var links []string
	for _, year := range slices.Backward(earlier) {
		links = append(links, fmt.Sprintf("[%s](%s)", year, layout.ChangelogOf(year)))
	}
	if len(links) == 0 {
		return ""
	}
	return fmt.Sprintf("\nEarlier years: %s.\n", strings.Join(links, ", "))
}

// ReadChangelog returns the sections of a [Changelog]. It is not ok where the text is not that of any sections.
func ReadChangelog(r *ports.Registry, earlier, newest []string, changelog []byte) (sections Sections, ok bool) {
	rest, hasHead := strings.CutPrefix(string(changelog), changelogHead(r, "Changes"))
	rest, hasFoot := strings.CutSuffix(rest, changelogFoot(earlier))
	if !hasHead || !hasFoot {
		return nil, false
	}
	sections = make(Sections)
	for _, year := range newest {
		sections[year] = nil
	}
	for section := range sectionsIn(rest) {
		year := section.version[:min(4, len(section.version))]
		sections[year] = append(sections[year], section.text...)
	}
	return sections, bytes.Equal(Changelog(r, earlier, newest, sections), changelog)
}

// ChangelogOf returns the changelog of an earlier year of a store, with its sections. Of a store of several groups the registry is
// nil.
func ChangelogOf(r *ports.Registry, year string, sections []byte) []byte {
	return append([]byte(changelogHead(r, "Changes of "+year)), sections...)
}

// changelogHead returns the beginning of a changelog, with what a reader needs to read the rest.
func changelogHead(r *ports.Registry, what string) string {
	of, page := "registries", "https://www.iana.org/protocols"
	if r != nil {
		of, page = text.Markdown(r.Title), r.Page
	}
	return fmt.Sprintf("# %s in IANA's %s\n\nNewest first. Data: IANA, <%s>, CC0 1.0.\n\n%s\n", what, of, page, legend)
}

// legend explains what is particular to the sentences of a changelog.
const legend = `Values are IANA's, new and old; assignees and contacts may be people and are not named. A date in parentheses is IANA's own: it
follows where an assignee changed, and where a change was seen more than a day later. A reference such as
RFC-ietf-example-01 is a draft that is approved to become an RFC.`

// markdownEvent returns the section of an event after an empty line, or nothing where a version changed nothing. The heading
// has the title of the group, unless that is empty.
func markdownEvent(title string, e *history.Event, listed scope) string {
	var b strings.Builder
	at, id := heading2(title, e), text.Code(e.Version.ID)
	switch {
	case e.Previous == "":
		fmt.Fprintf(&b, "\n## %s: our history begins\n\nVersion %s: %s.\n", at, id, plural(e.Version.Records, "record", "records"))
	case e.Returned != history.Not:
		fmt.Fprintf(&b, "\n## %s: %s\n\nVersion %s: %s.\n", at, e.Returned, id, returned(e, text.Code))
	case len(e.Changes) > 0:
		fmt.Fprintf(&b, "\n## %s: %s\n\nVersion %s, after %s: %s.\n", at, headline(e.Changes), id, text.Code(e.Previous), plural(e.Version.Records, "record", "records"))
		markdownSections(&b, e.Changes, listed, e.Version.Seen(), false)
	}
	return b.String()
}

// Returned returns a sentence, without a full stop, about a version that returned to an older one.
func Returned(e *history.Event) string { return returned(e, text.Visible) }

func returned(e *history.Event, code func(string) string) string {
	if e.Returned == history.RolledBack {
		return "rolled back to the content of " + code(e.Previous) + "; the changes since then are undone"
	}
	return "restored the content of " + code(e.Previous) + "; the rollback before it is undone"
}

// heading2 returns the time of an event as the heading of its section has it, with the day of the version before it where
// that is longer ago than [longGap], and the title of the group, unless that is empty.
func heading2(title string, e *history.Event) string {
	at := e.Version.Seen().UTC().Format("2006-01-02 15:04 UTC")
	if from := gapFrom(e); from != "" {
		at = "Between " + from + " and " + at
	}
	if title != "" {
		return at + ", " + text.Markdown(title)
	}
	return at
}

// longGap is the time between two versions over which the time of the newer one hardly dates its changes.
const longGap = 7 * 24 * time.Hour

// gapFrom returns the day of the version before an event's, where that is longer ago than [longGap], or nothing.
func gapFrom(e *history.Event) string {
	if t, err := snapshots.ParseID(e.Previous); err != nil || e.Version.Seen().Sub(t) <= longGap {
		return ""
	}
	return Day(e.Previous)
}

// Between returns when the changes of an event were made, where there was no version for longer than a week before it:
// "between 2020-04-11 and 2020-12-29". It returns nothing otherwise.
func Between(e *history.Event) string {
	if from := gapFrom(e); from != "" {
		return "between " + from + " and " + Day(e.Version.ID)
	}
	return ""
}
