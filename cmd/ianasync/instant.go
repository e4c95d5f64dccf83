package main

import (
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/ianasync/ianasync/snapshots"
)

// instantHelp describes the values of --since and --until.
const instantHelp = "a date, a month, a year, a time, a version, today, yesterday, or a time ago: 12h, 7d, 2w"

// ago is a length of time before now.
var ago = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9]{1,5})([hdw])$`) })

// instant returns the time that a flag names: the beginning of a day, a month or a year (UTC), or its end; a time; a length of
// time before now; or when a version was seen. It is zero for nothing.
func (a *app) instant(s *snapshots.Store, text string, end bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if begin, next, is := period(text, a.now().UTC()); is {
		if end {
			return next.Add(-time.Second), nil
		}
		return begin, nil
	}
	if m := ago().FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1]) // at most five digits
		unit := map[string]time.Duration{"h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[m[2]]
		return a.now().Add(-time.Duration(n) * unit), nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	v, err := s.Resolve(text)
	if err != nil {
		return time.Time{}, withHint(err, "write %s", instantHelp)
	}
	return v.Seen(), nil
}

// period returns the beginning of the day, the month or the year that a text names, and of the next one, UTC.
func period(text string, now time.Time) (begin, next time.Time, is bool) {
	today := now.Truncate(24 * time.Hour)
	switch text {
	case "today":
		return today, today.AddDate(0, 0, 1), true
	case "yesterday":
		return today.AddDate(0, 0, -1), today, true
	}
	for _, p := range []struct {
		layout              string
		years, months, days int
	}{{time.DateOnly, 0, 0, 1}, {"2006-01", 0, 1, 0}, {"2006", 1, 0, 0}} {
		if begin, err := time.Parse(p.layout, text); err == nil {
			return begin, begin.AddDate(p.years, p.months, p.days), true
		}
	}
	return time.Time{}, time.Time{}, false
}
