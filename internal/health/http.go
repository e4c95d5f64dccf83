package health

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

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
	handler  http.Handler

	mu       sync.Mutex
	stamp    stamp // of the store when the status was read
	status   Status
	outcomes map[snapshots.Outcome]int // how many checks ended so
}

// New returns a server for a registry in the store in a folder, which is stale if the last successful check was longer ago
// than limit.
func New(store string, reg *ports.Registry, limit time.Duration, now func() time.Time) (*Server, error) {
	s := &Server{store: store, registry: reg, now: now, limit: limit, outcomes: map[snapshots.Outcome]int{}}
	if err := s.read(s.stampNow()); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /metrics", s.metrics)
	s.handler = mux
	return s, nil
}

// Count counts a check.
func (s *Server) Count(o snapshots.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcomes[o]++
}

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
