package health

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ianasync/ianasync/snapshots"
)

// counted are the outcomes that have a counter from the start, so that a first one shows as an increase.
var counted = [...]snapshots.Outcome{snapshots.Changed, Failed, snapshots.Refused, snapshots.Unchanged, snapshots.Unreachable}

// metrics answers with the state of the store in Prometheus' text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Where there are several groups, each value has the label
// group. Prometheus' own library is not used: its initialisation and that of its dependencies took 2 ms at the start of every
// command.
func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	statuses, now := s.Statuses(), s.now()
	states := statuses.States(now, s.rule)
	var b bytes.Buffer
	metric := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	label := func(i int) string {
		if len(s.groups) == 1 {
			return ""
		}
		return fmt.Sprintf("group=%q", s.groups[i].id)
	}
	gauge := func(name, help string, value func(f *Status, state State) float64) {
		metric(name, "gauge", help)
		for i := range statuses {
			labels := label(i)
			if labels != "" {
				labels = "{" + labels + "}"
			}
			fmt.Fprintf(&b, "%s%s %s\n", name, labels, strconv.FormatFloat(value(&statuses[i], states[i]), 'g', -1, 64))
		}
	}
	metric("ianasync_checks_total", "counter", "Checks of the registry since the start, by outcome.")
	s.mu.Lock()
	outcomes := counted[:]
	if len(s.groups) > 1 {
		outcomes = append(slices.Clone(outcomes), snapshots.Outcome(Withdrawn))
	}
	for i, g := range s.groups {
		labels := label(i)
		if labels != "" {
			labels += ","
		}
		for _, o := range outcomes {
			fmt.Fprintf(&b, "ianasync_checks_total{%soutcome=\"%s\"} %d\n", labels, o, g.outcomes[o])
		}
	}
	s.mu.Unlock()
	gauge("ianasync_last_check_timestamp_seconds", "When the registry was last checked, however that ended; 0 if never.", func(f *Status, _ State) float64 {
		return seconds(f.Check.Checked)
	})
	gauge("ianasync_last_success_timestamp_seconds", "When a check last ended changed or unchanged; 0 if that is not known.", func(f *Status, _ State) float64 {
		return seconds(f.Confirmed(now))
	})
	gauge("ianasync_newest_version_timestamp_seconds", "When the newest version was first seen; 0 if there is none.", func(f *Status, _ State) float64 {
		if f.Versions == 0 {
			return 0
		}
		return seconds(f.Newest.Seen())
	})
	gauge("ianasync_records", "Records of the newest version.", func(f *Status, _ State) float64 { return float64(f.Newest.Records) })
	gauge("ianasync_stale", "1 if that is too long ago, otherwise 0.", func(_ *Status, state State) float64 {
		if state.Healthy() {
			return 0
		}
		return 1
	})
	gauge("ianasync_versions", "Versions in the store.", func(f *Status, _ State) float64 { return float64(f.Versions) })
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the client may be gone
}

// seconds returns a time in Unix seconds, and 0 for the zero time.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.Unix())
}
