package schedule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/schedule"
)

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ spec, zone, want string }{
		{"TZ=UTC", "UTC", "contains a time zone"},
		{"CRON_TZ=UTC 0 5 * * *", "UTC", "contains a time zone"},
		{"@every -1h", "UTC", "the duration must be positive: -1h0m0s"},
		{"@every 0s", "UTC", "the duration must be positive: 0s"},
		{"@every 1s", "UTC", "more often than once in 1h0m0s"},
		{"@every 59m59.9s", "UTC", "more often"},
		{"@every 100000h", "UTC", "longer than a year"},
		{"@every", "UTC", "unrecognized descriptor"},
		{"@every soon", "UTC", "invalid duration"},
		{"* * * * *", "UTC", "more often"},
		{"17,18 5 * * *", "UTC", "more often"},
		{"* * * * * *", "UTC", "expected exactly 5 fields"},
		{"0 0 30 2 *", "UTC", "never occurs"},
		{", 5 * * *", "UTC", "a field is empty"},
		{"0 5 , , ,", "UTC", "never occurs"},
		{"60 5 * * *", "UTC", "end of range"},
		{"", "UTC", "empty"},
		{"0 5 * * *", "Europe/Atlantis", `unknown time zone "Europe/Atlantis"`},
		{"0 5 * * *", "../etc/passwd", "unknown time zone"},
		{"0 5 * * *", "", "unknown time zone"},
	} {
		_, err := schedule.Parse(tt.spec, tt.zone)
		known, ok := errors.AsType[*schedule.Error](err)
		if !ok || !strings.Contains(err.Error(), tt.want) || known.Hint() == "" {
			t.Errorf("Parse(%q, %q): %v, want an error with %q and a hint", tt.spec, tt.zone, err, tt.want)
		}
	}
}

func TestNext(t *testing.T) {
	for _, tt := range []struct{ spec, zone, from, want string }{
		{"17 5 * * *", "UTC", "2026-01-10T05:16:59Z", "2026-01-10T05:17:00Z 2026-01-11T05:17:00Z"},
		{"17 5 * * *", "UTC", "2026-01-10T05:17:00Z", "2026-01-11T05:17:00Z"},
		{"17 5 * * *", "Asia/Kolkata", "2026-01-10T00:00:00Z", "2026-01-10T23:47:00Z"},
		{"@every 6h", "America/New_York", "2026-01-10T05:17:00Z", "2026-01-10T06:00:00Z 2026-01-10T12:00:00Z"},
		{"0 0 29 2 *", "UTC", "2026-01-10T00:00:00Z", "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z"},
		// Clocks are set forward from 02:00 to 03:00, which is 01:00 UTC.
		{"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z"},
		{"17 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T00:17:00Z 2026-03-29T01:00:00Z 2026-03-29T01:17:00Z"},
		// They are set back from 03:00 to 02:00, which is 01:00 UTC.
		{"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z"},
		{"30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z"},
		{"17 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T00:17:00Z 2026-10-25T02:17:00Z"},
		// A day that a country left out, crossing the date line.
		{"0 5 30 * *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-30T10:00:00Z 2012-01-29T15:00:00Z"},
		// Midnight does not exist.
		{"0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z 2018-11-05T02:00:00Z"},
	} {
		s, err := schedule.Parse(tt.spec, tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		at := moment(t, tt.from)
		for want := range strings.FieldsSeq(tt.want) {
			if at = s.Next(at); !at.Equal(moment(t, want)) {
				t.Errorf("%q in %s after %s: %s, want %s", tt.spec, tt.zone, tt.from, at.UTC().Format(time.RFC3339), want)
			}
		}
	}
}

func TestLongest(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		spec, zone string
		want       time.Duration
	}{
		{"17 5 * * *", "UTC", day},
		{"17 5 * * *", "Europe/Berlin", 25 * time.Hour},
		{"@weekly", "UTC", 7 * day},
		{"0 5 * * 1-5", "UTC", 3 * day},
		{"@every 6h", "UTC", 6 * time.Hour},
		{"@every 8784h", "UTC", 366 * day},
		{"0 5 * 6 *", "UTC", 336 * day},
		{"0 0 29 2 *", "UTC", 4*365*day + day},
	} {
		s, err := schedule.Parse(tt.spec, tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Longest(); got != tt.want {
			t.Errorf("%q in %s: %s, want %s", tt.spec, tt.zone, got, tt.want)
		}
	}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestJitter(t *testing.T) {
	s, err := schedule.Parse("17 * * * *", "UTC")
	if err != nil {
		t.Fatal(err)
	}
	const hosts = 1000
	last := moment(t, "2026-01-10T05:20:00Z")
	early := 0
	for i := range hosts {
		p := schedule.Plan{Schedule: s, Jitter: 10 * time.Hour, Seed: fmt.Sprint("host", i)} // longer than there is room for
		slot, at := p.Due(last)
		if _, again := p.Due(last); !again.Equal(at) {
			t.Fatal("the same seed gives another time")
		}
		if at.Before(slot) || !at.Before(s.Next(slot)) {
			t.Errorf("the slot %s is taken at %s", slot, at)
		}
		if at.Sub(slot) < 30*time.Minute {
			early++
		}
	}
	if early < hosts*4/10 || early > hosts*6/10 {
		t.Errorf("%d of %d in the first half", early, hosts)
	}
}

func FuzzParse(f *testing.F) {
	for _, spec := range []string{"17 5 * * *", "@daily", "@every 6h", "TZ=UTC", "@every -1h", "0 0 30 2 *", "*/7 1-3,5 L ? MON", ", , , , ,", "0 0 29 2 *"} {
		f.Add(spec, "UTC", int64(1768024800))
		f.Add(spec, "Europe/Berlin", int64(1774745999))
	}
	f.Fuzz(func(t *testing.T, spec, zone string, unix int64) {
		s, err := schedule.Parse(spec, zone)
		if err != nil {
			return
		}
		const years2000to2090 = 90 * 365 * 86400
		from := time.Unix(946684800+(unix%years2000to2090+years2000to2090)%years2000to2090, 0)
		next := s.Next(from)
		if !next.After(from) {
			t.Errorf("%q in %q: after %s comes %s", spec, zone, from, next)
		}
		if after := s.Next(next); !after.After(next) {
			t.Errorf("%q in %q: after %s comes %s", spec, zone, next, after)
		}
	})
}
