package snapshots

import (
	"regexp"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/registry"
)

// decider decides which sightings are versions. It must be called for all of them, in order of time. Its decision about a
// sighting depends only on those before it, so that a new sighting does not alter earlier decisions, unless it is of the
// past.
//
// A sighting is a version if its table differs from that of the current version, or if its bytes do and it has the same
// form of file. The same table in another form of file is not a version.
//
// Several mirrors of one registry do not run at the same pace: after one has shown a new table, another may still show the
// older one. Such a sighting lags and is not a version. It lags if its mirror has never shown a newer table than this;
// if the mirror has, the sighting is a rollback. A sighting with a note was accepted as a rollback when it was stored, by
// --accept or because it had been served for a day, and never lags.
type decider struct {
	rank     map[string]int  // of each table, by its digest: in which order they were first seen
	furthest map[mirror]*int // of each mirror: the highest rank that it has shown; -1 for none
	current  *Version
	bytes    string // the SHA-256 of the bytes that were last seen with the current table, in the form of the current version

	last  *Version // the last sighting; nil before the first
	shown *int     // by its mirror: in furthest
}

// newDecider returns a decider for a number of sightings.
func newDecider(n int) *decider {
	return &decider{rank: make(map[string]int, n), furthest: make(map[mirror]*int)}
}

// next reports whether a sighting is a version. The current version is kept, and must not be altered.
func (d *decider) next(v *Version) bool {
	rank, known := d.rank[v.TableSHA256]
	if !known {
		rank = len(d.rank)
		d.rank[v.TableSHA256] = rank
	}
	furthest := d.shownBy(v)
	shown := *furthest
	*furthest = max(shown, rank)
	switch {
	case d.current == nil:
	case v.TableSHA256 == d.current.TableSHA256:
		if v.Form != d.current.Form || v.SHA256 == d.bytes {
			return false
		}
	case rank < d.rank[d.current.TableSHA256] && shown <= rank && v.Note == "":
		return false
	}
	d.current, d.bytes = v, v.SHA256
	return true
}

// written returns a form as [Version.Form] has it.
func written(form registry.Form) registry.Form {
	if form == registry.CSV {
		return ""
	}
	return form
}

// The parts in which the sources of editions of one mirror differ, beside a commit: the time of a capture in an archive, and the
// name of a file in a folder, for example of a list of changes that pull fetched.
var (
	captureIn = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`/web/[0-9]{14}[a-z_]*/`) })
	fileIn    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`/(delta/)?[^/]*$`) })
)

// shownBy returns what the mirror of a sighting has shown, as furthest has it. Most sightings have the source of the one before.
func (d *decider) shownBy(v *Version) *int {
	if d.last == nil || v.Source != d.last.Source || v.Form != d.last.Form {
		mirror := v.mirror()
		if d.shown = d.furthest[mirror]; d.shown == nil {
			d.shown = new(int)
			*d.shown, d.furthest[mirror] = -1, d.shown
		}
	}
	d.last = v
	return d.shown
}

// mirror is a form of file in a repository, or in a folder of a server. Files of unknown origin make up one mirror.
type mirror struct {
	form   registry.Form
	source string // what the sources of its sightings have in common
}

// mirror returns the mirror of a sighting.
func (v *Version) mirror() mirror {
	source := v.Source
	begin, end := commitIn(source)
	switch {
	case begin < end:
		source = source[:begin-1]
	case strings.Contains(source, "://"):
		source = fileIn().ReplaceAllLiteralString(captureIn().ReplaceAllLiteralString(source, "/web/"), "/")
	default:
		source = ""
	}
	return mirror{v.Form, source}
}

// commitIn returns where in the source of an edition from a git repository, which is like "name@0123…:path", the commit is, a
// SHA-1 or a SHA-256. Where there is none, begin is end.
func commitIn(source string) (begin, end int) {
	for at, c := range []byte(source) {
		if c != '@' {
			continue
		}
		rest := source[at+1:]
		n := len(rest) - len(strings.TrimLeft(rest, "0123456789abcdef"))
		if (n == 40 || n == 64) && strings.HasPrefix(rest[n:], ":") {
			return at + 1, at + 1 + n
		}
	}
	return 0, 0
}

// otherCommit returns the commit in a source that differs from another in its commit alone; empty where it does not.
func otherCommit(source, other string) string {
	begin, end := commitIn(source)
	if source == other || begin == end || withCommit(other, source[begin:end]) != source {
		return ""
	}
	return source[begin:end]
}

// withCommit returns a source with another commit in place of its own; empty where it has none.
func withCommit(source, commit string) string {
	begin, end := commitIn(source)
	if begin == end {
		return ""
	}
	return source[:begin] + commit + source[end:]
}
