package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Changelog returns CHANGELOG.md: a section for each version that changed something, newest first, and one for the oldest
// version. The events are those of all versions, oldest first.
func Changelog(r *ports.Registry, events []history.Event) []byte {
	var b strings.Builder
	b.WriteString(changelogHead(r, "Changes"))
	for i := len(events) - 1; i >= 0; i-- {
		b.WriteString(markdownEvent("", &events[i], news))
	}
	return []byte(b.String())
}

// changelogHead returns the beginning of a changelog, with what a reader needs to read the rest.
func changelogHead(r *ports.Registry, what string) string {
	return fmt.Sprintf("# %s in IANA's %s\n\nNewest first. Data: IANA, <%s>, CC0 1.0.\n\n%s\n", what, text.Markdown(r.Title), r.Page, legend)
}

// ChangelogPart returns what [MergeChangelogs] merges: the sections that [Changelog] has for one group of several, each with the
// group's title.
func ChangelogPart(title string, events []history.Event) []byte {
	var b strings.Builder
	for i := range slices.Backward(events) {
		b.WriteString(markdownEvent(title, &events[i], news))
	}
	return []byte(b.String())
}

// MergeChangelogs returns CHANGELOG.md of a store of several groups, by their parts: all sections, newest first. Those of one
// second are in the order of the groups' ids.
func MergeChangelogs(parts map[string][]byte) []byte {
	type section struct{ version, text string }
	var sections []section
	size := 0
	for _, id := range slices.Sorted(maps.Keys(parts)) {
		part := string(parts[id])
		size += len(part)
		for part != "" {
			end := len(part)
			if next := strings.Index(part[1:], "\n\n## "); next >= 0 {
				end = next + 2
			}
			_, version, _ := strings.Cut(part[:end], "\n\nVersion `")
			version, _, _ = strings.Cut(version, "`")
			sections = append(sections, section{version, part[:end]})
			part = part[end:]
		}
	}
	slices.SortStableFunc(sections, func(a, b section) int { return strings.Compare(b.version, a.version) })
	var b strings.Builder
	b.Grow(size + 1000)
	fmt.Fprintf(&b, "# Changes in IANA's registries\n\nNewest first. Data: IANA, <https://www.iana.org/protocols>, CC0 1.0.\n\n%s\n", legend)
	for _, s := range sections {
		b.WriteString(s.text)
	}
	return []byte(b.String())
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
		fmt.Fprintf(&b, "\n## %s: our history begins\n\nVersion %s: %d records.\n", at, id, e.Version.Records)
	case e.Returned != history.Not:
		fmt.Fprintf(&b, "\n## %s: %s\n\nVersion %s: %s.\n", at, e.Returned, id, returned(e, text.Code))
	case len(e.Changes) > 0:
		fmt.Fprintf(&b, "\n## %s: %s\n\nVersion %s, after %s: %d records.\n", at, headline(e.Changes), id, text.Code(e.Previous), e.Version.Records)
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
