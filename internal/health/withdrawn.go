package health

import (
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/snapshots"
)

// How often the groups are checked that are checked weekly.
const (
	quietAfter = 30 * 24 * time.Hour
	Week       = 7 * 24 * time.Hour
)

// IsQuiet reports whether nothing changed in a group for a month, by the id of its newest version.
func IsQuiet(newest string, now time.Time) bool {
	seen, err := snapshots.ParseID(newest)
	return err == nil && now.Sub(seen) >= quietAfter
}

// believedAfter is how long a source must have said that it has no such group.
const believedAfter = 24 * time.Hour

// IsWithdrawn reports whether a group is no longer published, by the last checks of all groups of a store: its source has said for
// a day that it has no such group, and has had another one since. So an address that has no groups at all withdraws none. Nor is
// a group withdrawn that was never there: one of which the store has no version and which is not in the list of IANA's groups.
func IsWithdrawn(group string, checks map[string]snapshots.Check) bool {
	c := checks[group]
	if c.Refused == nil || !c.Refused.Gone || c.Checked.Sub(c.Refused.Since) < believedAfter || c.Version == "" && !slices.Contains(groups.All(), group) {
		return false
	}
	for id, other := range checks {
		if other.Confirmed.After(c.Refused.Since) && folder(id, other.Source) != "" && folder(id, other.Source) == folder(group, c.Source) {
			return true
		}
	}
	return false
}

// folder returns the address below which a group is, as GROUP/GROUP.xml. It is empty where the source is another one.
func folder(group, source string) string {
	before, _, found := strings.Cut(source, "/"+group+"/"+group+".")
	if !found {
		return ""
	}
	return before
}
