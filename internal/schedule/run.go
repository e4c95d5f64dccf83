package schedule

import (
	"context"
	"hash/fnv"
	"time"
)

// Clock is what [Run] needs of time.
type Clock interface {
	// Now returns the time on the wall. It may jump.
	Now() time.Time
	// Sleep returns nil when about d has passed, or the context's error once that is done.
	Sleep(ctx context.Context, d time.Duration) error
}

// Plan determines when a job runs: at each slot of a schedule, delayed by a jitter.
type Plan struct {
	Schedule *Schedule
	Jitter   time.Duration // the longest delay
	Seed     string        // determines the delay: the same seed gives the same one, and those of all seeds are spread evenly
}

// Due returns the first slot after last, and when the job runs for it: within the jitter, but
// always before the next slot.
func (p *Plan) Due(last time.Time) (slot, at time.Time) {
	slot = p.Schedule.Next(last)
	room := p.Schedule.Next(slot).Sub(slot)
	if room = min(p.Jitter, room); room <= 0 {
		return slot, slot
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(p.Seed)) // a hash takes everything
	part := float64(mix(h.Sum64())>>11) / (1 << 53)
	return slot, slot.Add(time.Duration(part * float64(room))).Truncate(time.Second)
}

// mix spreads the hashes of seeds that differ in their last letter, which FNV leaves side
// by side. It is the finisher of MurmurHash3.
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

const (
	// glance is how often a waiting Run reads the clock: a sleep does not notice that a clock
	// is set, nor, on many systems, the time in which the system was suspended.
	glance = time.Minute
	// backwards is how far the clock may be behind the last run: set back by less, it comes
	// to the same slots again, and they were taken; set back by more, it was wrong before.
	backwards = 24 * time.Hour
	// soonest is the pause before the first retry of a job that failed.
	soonest = 15 * time.Minute
)

// Run calls job at each slot after last, one call at a time, until ctx is done. For slots that
// passed before it started, while the clock jumped or while job was running, it calls job
// once, at once.
//
// A job that returns false is called again before the next slot: after a quarter of
// an hour, then half an hour, then every hour.
func Run(ctx context.Context, p *Plan, clock Clock, last time.Time, job func(ctx context.Context) (done bool)) {
	var again time.Time // when to try again; zero where there is no need to
	var pause time.Duration
	for {
		now, ok := wait(ctx, p, clock, last, again)
		if !ok {
			return
		}
		last = now
		if job(ctx) {
			again, pause = time.Time{}, 0
			continue
		}
		pause = min(max(soonest, 2*pause), Shortest)
		again = clock.Now().Add(pause)
	}
}

// wait returns the time when the next slot after last is due, or it is time to try again, or
// false once ctx is done.
func wait(ctx context.Context, p *Plan, clock Clock, last, again time.Time) (now time.Time, ok bool) {
	_, at := p.Due(last)
	if !again.IsZero() && again.Before(at) {
		at = again
	}
	for {
		now = clock.Now()
		if last.Sub(now) > backwards {
			last = now
			_, at = p.Due(last)
		}
		switch left := at.Sub(now); {
		case ctx.Err() != nil:
			return now, false
		case left <= 0:
			return now, true
		case clock.Sleep(ctx, min(left, glance)) != nil:
			return now, false
		}
	}
}
