package health_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/health"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

const day = 24 * time.Hour

var now = time.Date(2026, time.January, 10, 6, 0, 0, 0, time.UTC)

// at is a time so long after now.
func at(after time.Duration) time.Time { return now.Add(after) }

func check(checked time.Duration, outcome snapshots.Outcome, confirmed time.Time) snapshots.Check {
	return snapshots.Check{Checked: at(checked), Outcome: outcome, Confirmed: confirmed}
}

// TestState asks for states, of stores whose newest version is ten days old.
func TestState(t *testing.T) {
	const year = 365 * day
	for name, tt := range map[string]struct {
		check     snapshots.Check
		want      health.State
		confirmed time.Time
	}{
		"never checked":                    {snapshots.Check{}, health.Never, at(-10 * day)},
		"checked":                          {check(-day, snapshots.Unchanged, at(-day)), health.Current, at(-day)},
		"by a release that noted no more":  {check(-day, snapshots.Unchanged, time.Time{}), health.Current, at(-day)},
		"out of reach":                     {check(0, snapshots.Unreachable, at(-3*day)), health.Unreachable, at(-3 * day)},
		"out of reach for too long":        {check(0, snapshots.Unreachable, at(-3*day-1)), health.Stale, at(-3*day - 1)},
		"never within reach":               {check(0, snapshots.Unreachable, time.Time{}), health.Stale, at(-10 * day)},
		"refused":                          {check(0, snapshots.Refused, at(-day)), health.Refused, at(-day)},
		"a clock that was set back a bit":  {check(time.Hour, snapshots.Unchanged, at(time.Hour)), health.Current, at(time.Hour)},
		"in the future":                    {check(year, snapshots.Unchanged, at(year)), health.Stale, time.Time{}},
		"out of reach, in the future":      {check(year, snapshots.Unreachable, at(-day)), health.Stale, time.Time{}},
		"out of reach since in the future": {check(0, snapshots.Unreachable, at(year)), health.Stale, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			f := health.Status{Check: tt.check, Versions: 1, Newest: snapshots.Version{ID: snapshots.FormatID(at(-10 * day))}}
			if got := f.State(now, 3*day); got != tt.want {
				t.Errorf("it is %s, want %s", got, tt.want)
			}
			if got := f.Confirmed(now); !got.Equal(tt.confirmed) {
				t.Errorf("confirmed at %s, want %s", got, tt.confirmed)
			}
			wantHealth(t, tt.check, tt.want)
		})
	}
}

// wantHealth brings a check into a store, behind the back of its monitor.
func wantHealth(t *testing.T, c snapshots.Check, want health.State) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, layout.Store, map[string]any{"format": 3})
	open := func(string) (*snapshots.Store, error) { return snapshots.Open(dir, ports.ServiceNames()) }
	m, err := health.New(dir, []string{ports.ServiceNames().ID}, open, health.Rule{Limit: 3 * day}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(m, "/healthz"); !strings.HasPrefix(got, `503 {"state":"never"`) {
		t.Error(got)
	}
	red, code := "0", "200"
	if want == health.Stale || want == health.Never {
		red, code = "1", "503"
	}
	write(t, dir, layout.Checks, struct {
		Group string `json:"group"`
		snapshots.Check
	}{ports.ServiceNames().ID, c})
	if got := ask(m, "/healthz"); !strings.HasPrefix(got, code+` {"state":"`+string(want)+`"`) {
		t.Error(got)
	}
	if got := ask(m, "/metrics"); !strings.Contains(got, "\nianasync_stale "+red+"\n") {
		t.Error(got)
	}
}

func write(t *testing.T, dir, file string, content any) {
	t.Helper()
	data, err := checksum.Marshal(content)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, file), data, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func ask(m *health.Server, path string) string {
	r := httptest.NewRecorder()
	m.ServeHTTP(r, httptest.NewRequest("GET", path, nil))
	return fmt.Sprint(r.Code, " ", r.Body)
}

// TestVersionInTheFuture has a store that knows of its newest version only when it was seen.
func TestVersionInTheFuture(t *testing.T) {
	f := health.Status{Check: check(0, snapshots.Unreachable, time.Time{}), Versions: 1, Newest: snapshots.Version{ID: "20300110T060000Z"}}
	if got := f.State(now, 3*day); got != health.Stale {
		t.Error(got)
	}
}

// TestWithdrawn has a group of which its source says that there is none.
func TestWithdrawn(t *testing.T) {
	const base = "https://example.org/assignments/"
	gone := func(id string, since time.Duration, c snapshots.Check) snapshots.Check {
		c.Source, c.Outcome, c.Refused = base+id+"/"+id+".xml", snapshots.Refused, &snapshots.Rejection{Since: at(since), Gone: true}
		return c
	}
	served := func(id string, confirmed time.Duration) snapshots.Check {
		return snapshots.Check{Checked: at(0), Source: base + id + "/" + id + ".xml", Outcome: snapshots.Unchanged, Confirmed: at(confirmed)}
	}
	old := snapshots.Check{Checked: at(0), Version: "20250101T060000Z"}
	jwt, unreachable := served("jwt", 0), gone("colours", -2*day, old)
	unreachable.Outcome = snapshots.Unreachable
	refused := gone("colours", -2*day, old)
	refused.Refused.Gone = false
	elsewhere := jwt
	elsewhere.Source = "https://example.com/jwt/jwt.xml"
	for name, tt := range map[string]struct {
		group  string
		checks map[string]snapshots.Check
		want   bool
	}{
		"for a day":                      {"colours", map[string]snapshots.Check{"colours": gone("colours", -day, old), "jwt": jwt}, true},
		"for less":                       {"colours", map[string]snapshots.Check{"colours": gone("colours", 1-day, old), "jwt": jwt}, false},
		"and then unreachable":           {"colours", map[string]snapshots.Check{"colours": unreachable, "jwt": jwt}, true},
		"refused for another reason":     {"colours", map[string]snapshots.Check{"colours": refused, "jwt": jwt}, false},
		"no other group":                 {"colours", map[string]snapshots.Check{"colours": gone("colours", -day, old)}, false},
		"no other group since":           {"colours", map[string]snapshots.Check{"colours": gone("colours", -day, old), "jwt": served("jwt", -day)}, false},
		"no other group there":           {"colours", map[string]snapshots.Check{"colours": gone("colours", -day, old), "jwt": elsewhere}, false},
		"without a version, listed":      {"cose", map[string]snapshots.Check{"cose": gone("cose", -day, snapshots.Check{Checked: at(0)}), "jwt": jwt}, true},
		"without a version, of any name": {"coze", map[string]snapshots.Check{"coze": gone("coze", -day, snapshots.Check{Checked: at(0)}), "jwt": jwt}, false},
		"never checked":                  {"cose", map[string]snapshots.Check{"jwt": jwt}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := health.IsWithdrawn(tt.group, tt.checks); got != tt.want {
				t.Errorf("%t, want %t", got, tt.want)
			}
		})
	}
}

// TestStates has groups that are checked weekly, and one that is withdrawn.
func TestStates(t *testing.T) {
	status := func(id string, seen, checked time.Duration) health.Status {
		c := check(checked, snapshots.Unchanged, at(checked))
		c.Source = "https://example.org/" + id + "/" + id + ".xml"
		return health.Status{Group: id, Check: c, Versions: 1, Newest: snapshots.Version{ID: snapshots.FormatID(at(seen))}}
	}
	gone := status("gone", -day, -40*day)
	gone.Check.Checked, gone.Check.Version, gone.Check.Outcome = at(-5*day), gone.Newest.ID, snapshots.Refused
	gone.Check.Refused = &snapshots.Rejection{Since: at(-30 * day), Gone: true}
	list := health.Statuses{status("busy", -20*day, -day), status("quiet", -60*day, -6*day), gone}
	for _, tt := range []struct {
		rule    health.Rule
		want    []health.State
		worst   health.State
		checked time.Duration
	}{
		{health.Rule{Limit: 3 * day}, []health.State{health.Current, health.Stale, health.Withdrawn}, health.Stale, -6 * day},
		{health.Rule{Limit: 3 * day, Weekly: true}, []health.State{health.Current, health.Current, health.Withdrawn}, health.Current, -day},
	} {
		got := list.States(now, tt.rule)
		if !slices.Equal(got, tt.want) || health.Worst(got) != tt.worst {
			t.Errorf("%v: %v, want %v", tt.rule, got, tt.want)
		}
		if got := list.Checked(now, tt.rule); !got.Equal(at(tt.checked)) {
			t.Errorf("%v: checked at %s, want %s", tt.rule, got, at(tt.checked))
		}
	}
	if got := list[1:].Checked(now, health.Rule{Limit: 3 * day, Weekly: true}); !got.Equal(at(-5 * day)) {
		t.Errorf("of weekly ones alone: %s", got)
	}
}
