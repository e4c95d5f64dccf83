package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// Entry is a version and what changed in it.
type Entry struct {
	ID       string    // of the version
	Previous string    // id of the version before it; empty for the first
	Seen     time.Time // when the version was seen
	Records  int       // in its table
	Changes  []diff.Change
}

// Changelog returns CHANGELOG.md: a section for each version that changed something,
// newest first, and where the record begins. The entries are all versions, oldest
// first.
func Changelog(r *registry.Registry, entries []Entry) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# Changes in IANA's %s\n\n", markdownText(r.Title))
	fmt.Fprintf(&b, "Newest first. Data: IANA, <%s>, CC0 1.0.\n", r.Page)
	for i := len(entries) - 1; i >= 0; i-- {
		switch e := &entries[i]; {
		case e.Previous == "":
			fmt.Fprintf(&b, "\n## %s: the record begins\n\nVersion %s: %d records.\n", heading2(e.Seen), markdownCode(e.ID), e.Records)
		case len(e.Changes) > 0:
			fmt.Fprintf(&b, "\n## %s: %s\n\nVersion %s, after %s: %d records.\n",
				heading2(e.Seen), headline(e.Changes), markdownCode(e.ID), markdownCode(e.Previous), e.Records)
			markdownSections(&b, e.Changes, false, false)
		}
	}
	return []byte(b.String())
}

// heading2 is how a changelog's heading names a time.
func heading2(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
