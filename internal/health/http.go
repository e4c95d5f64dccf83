package health

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Failed is the outcome of a check that failed for a reason other than the source: the disk is full,
// another writer holds the lock. It is not recorded in the store.
const Failed snapshots.Outcome = "failed"

// Server serves the state of a store over HTTP. It is safe for use by several
// goroutines.
type Server struct {
	store    string // folder
	registry *ports.Registry
	now      func() time.Time
	limit    time.Duration
	outcomes *prometheus.CounterVec
	handler  http.Handler

	mu     sync.Mutex
	stamp  stamp // of the store when the status was read
	status Status
}

// New returns a server for a registry in the store in a folder, which is stale if the last successful check was longer ago
// than limit.
func New(store string, reg *ports.Registry, limit time.Duration, now func() time.Time) (*Server, error) {
	s := &Server{store: store, registry: reg, now: now, limit: limit}
	if err := s.read(s.stampNow()); err != nil {
		return nil, err
	}
	s.outcomes = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ianasync_checks_total", Help: "Checks of the registry since the start, by outcome.",
	}, []string{"outcome"})
	for _, o := range []snapshots.Outcome{snapshots.Changed, snapshots.Unchanged, snapshots.Refused, snapshots.Unreachable, Failed} {
		s.outcomes.WithLabelValues(string(o)) // there from the start, so that a first one shows as an increase
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics(), promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	s.handler = mux
	return s, nil
}

// Count counts a check.
func (s *Server) Count(o snapshots.Outcome) { s.outcomes.WithLabelValues(string(o)).Inc() }

// Status returns the status of the store as it is now, or the previous one if the store cannot be read.
func (s *Server) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.stampNow(); now != s.stamp {
		_ = s.read(now) // the next check reports the error
	}
	return s.status
}

func (s *Server) read(stamp stamp) error {
	store, err := snapshots.Open(s.store, s.registry)
	if err != nil {
		return err
	}
	status, err := Read(store)
	if err == nil {
		s.stamp, s.status = stamp, status
	}
	return err
}

// ServeHTTP answers /healthz and /metrics.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// metrics returns a registry of its own: the default one has metrics of the Go runtime.
func (s *Server) metrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(s.outcomes)
	gauge := func(name, help string, value func(f *Status) float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			f := s.Status()
			return value(&f)
		}))
	}
	gauge("ianasync_last_check_timestamp_seconds", "When the registry was last checked, however that ended; 0 if never.",
		func(f *Status) float64 { return seconds(f.Check.Checked) })
	gauge("ianasync_last_success_timestamp_seconds", "When a check last ended changed or unchanged; 0 if that is not known.",
		func(f *Status) float64 { return seconds(f.Confirmed(s.now())) })
	gauge("ianasync_stale", "1 if that is too long ago, otherwise 0.", func(f *Status) float64 {
		if s.healthy(f) {
			return 0
		}
		return 1
	})
	gauge("ianasync_versions", "Versions in the store.", func(f *Status) float64 { return float64(f.Versions) })
	gauge("ianasync_records", "Records of the newest version.", func(f *Status) float64 { return float64(f.Newest.Records) })
	gauge("ianasync_newest_version_timestamp_seconds", "When the newest version was first seen; 0 if there is none.", func(f *Status) float64 {
		if f.Versions == 0 {
			return 0
		}
		return seconds(f.Newest.Seen())
	})
	return r
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.Unix())
}

// healthy reports whether the store is neither stale nor unchecked.
func (s *Server) healthy(f *Status) bool {
	state := f.State(s.now(), s.limit)
	return state != Stale && state != Never
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	f, now := s.Status(), s.now()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !s.healthy(&f) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(struct { // the client may be gone
		State     State     `json:"state"`
		Checked   time.Time `json:"checked,omitzero"`
		Confirmed time.Time `json:"confirmed,omitzero"`
		Version   string    `json:"version,omitempty"`
	}{f.State(now, s.limit), f.Check.Checked, f.Confirmed(now), f.Newest.ID})
}
