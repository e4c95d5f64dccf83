package health

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/ianasync/ianasync/snapshots"
)

// counted are the outcomes that have a counter from the start, so that a first one shows as an increase.
var counted = [...]snapshots.Outcome{snapshots.Changed, Failed, snapshots.Refused, snapshots.Unchanged, snapshots.Unreachable}

// metrics answers with the state of the store in Prometheus' text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Prometheus' own library is not used: its
// initialisation and that of its dependencies took 2 ms at the start of every command.
func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	f := s.Status()
	var b bytes.Buffer
	metric := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	gauge := func(name, help string, value float64) {
		metric(name, "gauge", help)
		fmt.Fprintf(&b, "%s %s\n", name, strconv.FormatFloat(value, 'g', -1, 64))
	}
	stale := 1.0
	if s.healthy(&f) {
		stale = 0
	}
	var newest time.Time
	if f.Versions > 0 {
		newest = f.Newest.Seen()
	}
	metric("ianasync_checks_total", "counter", "Checks of the registry since the start, by outcome.")
	s.mu.Lock()
	for _, o := range counted {
		fmt.Fprintf(&b, "ianasync_checks_total{outcome=\"%s\"} %d\n", o, s.outcomes[o])
	}
	s.mu.Unlock()
	gauge("ianasync_last_check_timestamp_seconds", "When the registry was last checked, however that ended; 0 if never.", seconds(f.Check.Checked))
	gauge("ianasync_last_success_timestamp_seconds", "When a check last ended changed or unchanged; 0 if that is not known.", seconds(f.Confirmed(s.now())))
	gauge("ianasync_newest_version_timestamp_seconds", "When the newest version was first seen; 0 if there is none.", seconds(newest))
	gauge("ianasync_records", "Records of the newest version.", float64(f.Newest.Records))
	gauge("ianasync_stale", "1 if that is too long ago, otherwise 0.", stale)
	gauge("ianasync_versions", "Versions in the store.", float64(f.Versions))
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
