package schedule_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/schedule"
)

// clock is a clock that moves when someone sleeps by it, and jumps where it is told to.
type clock struct {
	now   time.Time
	jumps map[int]time.Duration // by the number of the sleep
	slept int
}

func (c *clock) Now() time.Time { return c.now }

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d + c.jumps[c.slept])
	c.slept++
	return ctx.Err()
}

// runs returns the times of the first n runs, each of which takes as long as took says. Those of the given numbers,
// from 0, fail.
func runs(p *schedule.Plan, c *clock, last time.Time, n int, took time.Duration, fail ...int) []time.Time {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var at []time.Time
	schedule.Run(ctx, p, c, last, func(context.Context) bool {
		done := !slices.Contains(fail, len(at))
		at = append(at, c.now)
		c.now = c.now.Add(took)
		if len(at) == n {
			cancel()
		}
		return done
	})
	return at
}

func plan(t *testing.T, spec, zone string) *schedule.Plan {
	t.Helper()
	s, err := schedule.Parse(spec, zone)
	if err != nil {
		t.Fatal(err)
	}
	return &schedule.Plan{Schedule: s}
}

// TestTenThousandDays takes every slot of 27 years once, over 54 changes of the clocks.
func TestTenThousandDays(t *testing.T) {
	p := plan(t, "30 2 * * *", "Europe/Berlin")
	p.Jitter, p.Seed = 10*time.Minute, "host"
	start := moment(t, "2000-01-01T12:00:00Z")
	days := make(map[string]int)
	at := runs(p, &clock{now: start}, start, 10_000, time.Minute)
	for _, now := range at {
		days[now.In(time.FixedZone("", 3600)).Format(time.DateOnly)]++
	}
	if len(at) != 10_000 || len(days) != 10_000 {
		t.Errorf("%d runs on %d days", len(at), len(days))
	}
	if last := at[len(at)-1]; last.Sub(start) > 10_000*24*time.Hour {
		t.Errorf("the last was at %s: some were lost", last)
	}
}

func TestRun(t *testing.T) {
	const day = "2026-01-10T"
	for _, tt := range []struct {
		name      string
		now, last string
		jumps     map[int]time.Duration
		took      time.Duration
		fail      []int
		want      []string
	}{
		{"a missed slot is taken at the start, once", day + "12:00:00Z", "2026-01-01T05:18:00Z", nil, 0, nil, []string{day + "12:00:00Z", "2026-01-11T05:17:00Z"}},
		{"none was missed", day + "12:00:00Z", day + "05:18:00Z", nil, 0, nil, []string{"2026-01-11T05:17:00Z", "2026-01-12T05:17:00Z"}},
		{"never before", day + "12:00:00Z", "0001-01-01T00:00:00Z", nil, 0, nil, []string{day + "12:00:00Z", "2026-01-11T05:17:00Z"}},
		{"the machine was suspended", day + "05:00:00Z", day + "04:00:00Z", map[int]time.Duration{5: 73 * time.Hour}, 0, nil, []string{"2026-01-13T06:06:00Z", "2026-01-14T05:17:00Z"}},
		{"the clock is set back over a slot", day + "05:16:00Z", day + "04:00:00Z", map[int]time.Duration{3: -2 * time.Hour}, 0, nil, []string{day + "05:17:00Z", "2026-01-11T05:17:00Z"}},
		{"the clock was a year ahead", day + "05:00:00Z", "2027-01-10T05:17:30Z", nil, 0, nil, []string{day + "05:17:00Z", "2026-01-11T05:17:00Z"}},
		{"a run takes longer than a day", day + "05:00:00Z", day + "04:00:00Z", nil, 50 * time.Hour, nil, []string{day + "05:17:00Z", "2026-01-12T07:17:00Z", "2026-01-14T09:17:00Z"}},
		{"a run fails once", day + "05:00:00Z", day + "04:00:00Z", nil, time.Minute, []int{0}, []string{day + "05:17:00Z", day + "05:33:00Z", "2026-01-11T05:17:00Z"}},
		{"runs fail", day + "05:00:00Z", day + "04:00:00Z", nil, 0, []int{0, 1, 2, 3, 5}, []string{
			day + "05:17:00Z", day + "05:32:00Z", day + "06:02:00Z", day + "07:02:00Z", day + "08:02:00Z", "2026-01-11T05:17:00Z", "2026-01-11T05:32:00Z",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &clock{now: moment(t, tt.now), jumps: tt.jumps}
			at := runs(plan(t, "17 5 * * *", "UTC"), c, moment(t, tt.last), len(tt.want), tt.took, tt.fail...)
			for i, want := range tt.want {
				if !at[i].Equal(moment(t, want)) {
					t.Errorf("run %d at %s, want %s", i+1, at[i].Format(time.RFC3339), want)
				}
			}
		})
	}
}

// TestRunStops ends a Run that waits, and one whose job is at work.
func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	start := moment(t, "2026-01-10T05:17:00Z")
	schedule.Run(ctx, plan(t, "17 5 * * *", "UTC"), &clock{now: start}, time.Time{}, func(context.Context) bool {
		t.Error("it runs though it was to stop")
		return true
	})
}
