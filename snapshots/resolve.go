package snapshots

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

const latest = "latest"

// Resolve returns the version that is meant by one of
//
//	20260122T060000Z       an id, also that of a later sighting of a version
//	20260122               the beginning of the id of just one version
//	2026-01-22             the last version seen up to the end of that day, UTC
//	2026-01, 2026          the last version seen up to the end of that month or year, UTC
//	2026-01-22T06:00:00Z   the last version seen up to that instant (RFC 3339)
//	latest, latest~2       the newest version, the second before it
//
// Otherwise the error is an [ErrNoVersion] that names the nearest versions.
func (s *Store) Resolve(spec string) (Version, error) {
	v, err := s.history.resolve(spec)
	if err != nil {
		return Version{}, fmt.Errorf("%w: %q %w", ErrNoVersion, spec, err)
	}
	return v, nil
}

func (h *history) resolve(spec string) (Version, error) {
	if len(h.versions) == 0 {
		return Version{}, fmt.Errorf("is not there: the store is empty")
	}
	if rest, ok := strings.CutPrefix(spec, latest); ok {
		return h.fromLatest(rest)
	}
	for _, period := range []struct {
		layout              string
		years, months, days int
	}{{time.DateOnly, 0, 0, 1}, {"2006-01", 0, 1, 0}, {"2006", 1, 0, 0}} {
		if begin, err := time.Parse(period.layout, spec); err == nil {
			return h.asOf(begin.AddDate(period.years, period.months, period.days).Add(-time.Second))
		}
	}
	if t, err := time.Parse(time.RFC3339, spec); err == nil {
		return h.asOf(t)
	}
	if at, found := h.find(spec); found {
		return *h.versions[h.versionOf[at]], nil
	}
	return h.byPrefix(spec)
}

// fromLatest resolves "" and "~2".
func (h *history) fromLatest(rest string) (Version, error) {
	back := uint64(0)
	if rest != "" {
		n, ok := strings.CutPrefix(rest, "~")
		var err error
		if back, err = strconv.ParseUint(n, 10, 32); !ok || err != nil {
			return Version{}, fmt.Errorf("is not of the form latest~2")
		}
	}
	if back >= uint64(len(h.versions)) {
		return Version{}, fmt.Errorf("is not there: the oldest of %d is %s~%d", len(h.versions), latest, len(h.versions)-1)
	}
	return *h.versions[len(h.versions)-1-int(back)], nil
}

// asOf returns the last version seen up to t.
func (h *history) asOf(t time.Time) (Version, error) {
	n := sort.Search(len(h.versions), func(i int) bool { return h.versions[i].Seen().After(t) })
	if n == 0 {
		return Version{}, fmt.Errorf("is before the oldest, %s", h.versions[0].ID)
	}
	return *h.versions[n-1], nil
}

// byPrefix returns the one version whose id begins with prefix.
func (h *history) byPrefix(prefix string) (Version, error) {
	if prefix == "" || strings.Trim(prefix, "0123456789TZ") != "" {
		return Version{}, fmt.Errorf("is not an id, a date or %s~N; the newest is %s", latest, h.versions[len(h.versions)-1].ID)
	}
	from := sort.Search(len(h.versions), func(i int) bool { return h.versions[i].ID >= prefix })
	to := from
	for to < len(h.versions) && strings.HasPrefix(h.versions[to].ID, prefix) {
		to++
	}
	switch to - from {
	case 1:
		return *h.versions[from], nil
	case 0:
		return Version{}, fmt.Errorf("is not there; nearest: %s", list(h.versions[max(0, from-1):min(from+1, len(h.versions))]))
	}
	return Version{}, fmt.Errorf("begins %d ids: %s", to-from, list(h.versions[from:to]))
}

// list returns the ids of the first few versions.
func list(versions []*Version) string {
	const most = 4
	var ids []string
	for _, v := range versions[:min(len(versions), most)] {
		ids = append(ids, v.ID)
	}
	if len(versions) > most {
		ids = append(ids, "…")
	}
	return strings.Join(ids, ", ")
}
