package render

import (
	"fmt"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
)

// Changelog returns CHANGELOG.md: a section for each version that changed something,
// newest first, and where the record begins. The events are those of all versions, oldest
// first.
func Changelog(r *registry.Registry, events []history.Event) []byte {
	var b strings.Builder
	b.WriteString(changelogHead(r, "Changes"))
	for i := len(events) - 1; i >= 0; i-- {
		b.WriteString(markdownEvent(&events[i], false))
	}
	return []byte(b.String())
}

func changelogHead(r *registry.Registry, what string) string {
	return fmt.Sprintf("# %s in IANA's %s\n\nNewest first. Data: IANA, <%s>, CC0 1.0.\n", what, text.Markdown(r.Title), r.Page)
}

// markdownEvent is the section of an event, with an empty line before it; nothing where a version
// brought nothing.
func markdownEvent(e *history.Event, all bool) string {
	var b strings.Builder
	at, id := heading2(e.Version.Seen()), text.Code(e.Version.ID)
	switch {
	case e.Previous == "":
		fmt.Fprintf(&b, "\n## %s: the record begins\n\nVersion %s: %d records.\n", at, id, e.Version.Records)
	case e.Returned != history.Not:
		fmt.Fprintf(&b, "\n## %s: %s\n\nVersion %s: %s.\n", at, e.Returned, id, returned(e, text.Code))
	case len(e.Changes) > 0:
		fmt.Fprintf(&b, "\n## %s: %s\n\nVersion %s, after %s: %d records.\n", at, headline(e.Changes), id, text.Code(e.Previous), e.Version.Records)
		markdownSections(&b, e.Changes, all, false)
	}
	return b.String()
}

// Returned says in a sentence, without a full stop, how a version returned to an older one.
func Returned(e *history.Event) string { return returned(e, text.Visible) }

func returned(e *history.Event, code func(string) string) string {
	if e.Returned == history.RolledBack {
		return "rolled back to the content of " + code(e.Previous) + "; what came since is undone"
	}
	return "restored the content of " + code(e.Previous) + "; the rollback before it is undone"
}

// heading2 is how a changelog's heading names a time.
func heading2(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
