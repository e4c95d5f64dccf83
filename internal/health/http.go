package health

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Failed is the outcome of a check that failed for a reason other than the source: the disk is full,
// another writer holds the lock. It is not recorded in the store.
const Failed snapshots.Outcome = "failed"

// Monitor serves the state of a store over HTTP. It is safe for use by several
// goroutines.
type Monitor struct {
	store    string // folder
	registry *registry.Registry
	now      func() time.Time
	limit    time.Duration
	outcomes *prometheus.CounterVec
	handler  http.Handler

	mu    sync.Mutex
	stamp stamp // of the store when the facts were read
	facts Facts
}

// New returns a monitor of a registry in the store in a folder, which is stale if the last successful check was longer ago
// than limit.
func New(store string, reg *registry.Registry, limit time.Duration, now func() time.Time) (*Monitor, error) {
	m := &Monitor{store: store, registry: reg, now: now, limit: limit}
	if err := m.read(m.stampNow()); err != nil {
		return nil, err
	}
	m.outcomes = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ianasync_checks_total", Help: "Checks of the registry since the start, by outcome.",
	}, []string{"outcome"})
	for _, o := range []snapshots.Outcome{snapshots.Changed, snapshots.Unchanged, snapshots.Refused, snapshots.Unreachable, Failed} {
		m.outcomes.WithLabelValues(string(o)) // there from the start, so that a first one shows as an increase
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", m.health)
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.metrics(), promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	m.handler = mux
	return m, nil
}

// Count counts a check.
func (m *Monitor) Count(o snapshots.Outcome) { m.outcomes.WithLabelValues(string(o)).Inc() }

// Facts returns the description of the store as it is now. If it cannot be read, that is the previous one.
func (m *Monitor) Facts() Facts {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := m.stampNow(); now != m.stamp {
		_ = m.read(now) // the next check reports the error
	}
	return m.facts
}

func (m *Monitor) read(stamp stamp) error {
	store, err := snapshots.Open(m.store, m.registry)
	if err != nil {
		return err
	}
	facts, err := Read(store)
	if err == nil {
		m.stamp, m.facts = stamp, facts
	}
	return err
}

// ServeHTTP answers /healthz and /metrics.
func (m *Monitor) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// metrics returns a registry of its own: the default one has metrics of the Go runtime.
func (m *Monitor) metrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(m.outcomes)
	gauge := func(name, help string, value func(f *Facts) float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			f := m.Facts()
			return value(&f)
		}))
	}
	gauge("ianasync_last_check_timestamp_seconds", "When the registry was last checked, however that ended; 0 if never.",
		func(f *Facts) float64 { return seconds(f.Check.Checked) })
	gauge("ianasync_last_success_timestamp_seconds", "When a check last ended changed or unchanged; 0 if that is not known.",
		func(f *Facts) float64 { return seconds(f.Confirmed(m.now())) })
	gauge("ianasync_stale", "1 if that is too long ago, otherwise 0.", func(f *Facts) float64 {
		if m.healthy(f) {
			return 0
		}
		return 1
	})
	gauge("ianasync_versions", "Versions in the store.", func(f *Facts) float64 { return float64(f.Versions) })
	gauge("ianasync_records", "Records of the newest version.", func(f *Facts) float64 { return float64(f.Newest.Records) })
	gauge("ianasync_newest_version_timestamp_seconds", "When the newest version was first seen; 0 if there is none.", func(f *Facts) float64 {
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
func (m *Monitor) healthy(f *Facts) bool {
	s := f.State(m.now(), m.limit)
	return s != Stale && s != Never
}

func (m *Monitor) health(w http.ResponseWriter, _ *http.Request) {
	f, now := m.Facts(), m.now()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !m.healthy(&f) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(struct { // the client may be gone
		State     State     `json:"state"`
		Checked   time.Time `json:"checked,omitzero"`
		Confirmed time.Time `json:"confirmed,omitzero"`
		Version   string    `json:"version,omitempty"`
	}{f.State(now, m.limit), f.Check.Checked, f.Confirmed(now), f.Newest.ID})
}
