// Package schedule computes when a job is due, and runs it then: cron specs
// in a time zone, spread by a jitter.
//
// A slot is a time on a wall clock: each is taken exactly once. Where clocks are set
// back, the hour that comes twice has its slots the first time; where they are set
// forward, the slots of the hour that is left out are one slot, at its end. (cron itself
// would skip the latter and take the former twice.)
//
// Of github.com/robfig/cron only the specs are used, not its runner. That sleeps by the
// monotonic clock, so that a machine that was suspended is late; it starts every job
// beside the one before, never catches up, and cannot be given a clock. [Run] is shorter
// than what it would take to make up for that.
package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // for systems and containers that have no zones of their own

	"github.com/robfig/cron/v3"
)

// Shortest is the least time between two slots. IANA's registry changes a few times a
// week and its servers are shared by all: more frequent requests bring nothing sooner.
const Shortest = time.Hour

// Schedule is a series of slots.
type Schedule struct {
	spec cron.Schedule // in no zone: its times are wall clocks', as if in UTC
	zone *time.Location
}

// Error is the error for a spec or a time zone.
type Error struct{ what, hint string }

// Error returns what is wrong.
func (e *Error) Error() string { return e.what }

// Hint returns what to write instead.
func (e *Error) Hint() string { return e.hint }

const hintSpec = "five fields, minute hour day month weekday: '17 5 * * *' is daily at 05:17; or @daily, @weekly, '@every 6h'"

// Parse reads a spec, such as "17 5 * * *", "@daily" or "@every 6h", whose times are those
// of a zone, such as "UTC" or "Europe/Berlin". The slots of @every are the multiples of its
// duration in UTC, so that they are the same after a restart. Its error is an [*Error].
func Parse(spec, zone string) (*Schedule, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		return nil, &Error{fmt.Sprintf("unknown time zone %q", zone), "a name such as UTC, Europe/Berlin or America/New_York, or Local for this machine's"}
	}
	parsed, err := parse(spec)
	if err != nil {
		if _, known := errors.AsType[*Error](err); known {
			return nil, err
		}
		return nil, &Error{fmt.Sprintf("invalid schedule %q: %v", spec, err), hintSpec}
	}
	s := &Schedule{parsed, loc}
	if _, fixed := parsed.(every); fixed {
		s.zone = time.UTC
	}
	return s, nil
}

func parse(spec string) (cron.Schedule, error) {
	spec = strings.TrimSpace(spec)
	if strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ=") { // without a blank after it, cron panics
		return nil, &Error{fmt.Sprintf("the schedule %q contains a time zone", spec), "give the time zone with --timezone"}
	}
	if duration, ok := strings.CutPrefix(spec, "@every "); ok {
		return parseEvery(duration)
	}
	s, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, err
	}
	if fields, ok := s.(*cron.SpecSchedule); ok {
		fields.Location = time.UTC
		if fields.Minute == 0 || fields.Hour == 0 { // "," is a list of nothing; cron would look for it through five years
			return nil, errors.New("a field is empty")
		}
	}
	start := time.Date(1999, time.December, 31, 23, 59, 59, 0, time.UTC)
	first := s.Next(start)
	if first.IsZero() {
		return nil, &Error{fmt.Sprintf("the schedule %q never occurs", spec), "check the day and the month; " + hintSpec}
	}
	// All hours with slots have them at the same minutes, so the first two slots are as close as any.
	if s.Next(first).Sub(first) < Shortest {
		return nil, tooOften(spec)
	}
	return s, nil
}

func tooOften(spec string) error {
	return &Error{fmt.Sprintf("the schedule %q occurs more often than once in %s", spec, Shortest), "the registry changes a few times a week; once a day is enough, for example '17 5 * * *'"}
}

// every is a schedule of the multiples of a duration.
type every time.Duration

// longest is the longest duration of @every: with longer ones the slots, which are its multiples, would be arbitrary.
const longest = 366 * 24 * time.Hour

func parseEvery(text string) (cron.Schedule, error) {
	d, err := time.ParseDuration(strings.TrimSpace(text))
	switch {
	case err != nil:
		return nil, err
	case d <= 0:
		return nil, fmt.Errorf("the duration must be positive: %s", d)
	case d < Shortest:
		return nil, tooOften("@every " + text)
	case d > longest:
		return nil, errors.New("the duration is longer than a year")
	}
	return every(d.Truncate(time.Second)), nil
}

// Next returns the first multiple after t.
func (e every) Next(t time.Time) time.Time {
	return t.Truncate(time.Duration(e)).Add(time.Duration(e))
}

// Next returns the first slot after t.
func (s *Schedule) Next(t time.Time) time.Time {
	for w := wall(t.In(s.zone)); ; {
		w = s.spec.Next(w)
		if slot := instant(w, s.zone); slot.After(t) || w.IsZero() {
			return slot
		}
	}
}

// Longest returns the longest time between two slots, of those of a leap year.
func (s *Schedule) Longest() (d time.Duration) {
	year := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	for slot := s.Next(year); ; {
		next := s.Next(slot)
		d = max(d, next.Sub(slot))
		if slot = next; slot.After(year.AddDate(1, 0, 0)) {
			return d
		}
	}
}

// wall returns what a wall clock shows at t, as a time in UTC.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// instant is when a clock in a zone first shows w, or the end of the gap that w is in.
// It never falls while w rises.
func instant(w time.Time, zone *time.Location) time.Time {
	t := time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), zone)
	from, to := t.ZoneBounds()
	switch shown := wall(t); {
	case shown.After(w):
		return from
	case shown.Before(w):
		return to
	case from.IsZero():
		return t
	}
	_, before := from.Add(-time.Second).Zone()
	_, now := t.Zone()
	if twin := t.Add(time.Duration(now-before) * time.Second); twin.Before(from) {
		return twin
	}
	return t
}
