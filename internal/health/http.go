package health

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/ianasync/ianasync/snapshots"
)

// Failed is the outcome of a check that failed for a reason other than the source: the disk is full,
// another writer holds the lock. It is not recorded in the store.
const Failed snapshots.Outcome = "failed"

// Server serves the state of the groups of a store over HTTP. It is safe for use by several
// goroutines.
type Server struct {
	store   string // folder
	open    func(group string) (*snapshots.Store, error)
	now     func() time.Time
	rule    Rule
	handler http.Handler

	mu     sync.Mutex
	groups []*group
	checks fileStamp // of the file of checks when the statuses were read
}

// group is one group of the store.
type group struct {
	id       string
	versions fileStamp // of the file of versions when the status was read
	read     bool      // whether it could be
	status   Status
	outcomes map[snapshots.Outcome]int // how many checks ended so
}

// New returns a server for some groups of the store in a folder. A group is opened for reading with open.
func New(store string, ids []string, open func(group string) (*snapshots.Store, error), rule Rule, now func() time.Time) (*Server, error) {
	s := &Server{store: store, open: open, now: now, rule: rule}
	for _, id := range ids {
		g := &group{id: id, outcomes: make(map[snapshots.Outcome]int)}
		if err := s.read(g); err != nil {
			return nil, err
		}
		s.groups = append(s.groups, g)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /metrics", s.metrics)
	s.handler = mux
	return s, nil
}

// Count counts a check of a group; of none, where it is not known of which, a check of the first.
func (s *Server) Count(id string, o snapshots.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, g := range s.groups {
		if g.id == id || id == "" && i == 0 {
			g.outcomes[o]++
		}
	}
}

// Statuses returns the status of each group as it is now, or the previous one if the store cannot be read.
func (s *Server) Statuses() Statuses {
	s.mu.Lock()
	defer s.mu.Unlock()
	var checks map[string]snapshots.Check
	now := s.stampOfChecks()
	checked := now != s.checks
	if checked {
		s.checks = now
		checks, _ = snapshots.LastChecks(s.store) // without it each group is read
	}
	var list Statuses
	for _, g := range s.groups {
		c, found := checks[g.id]
		switch {
		case !g.read || s.stampOfVersions(g.id) != g.versions || checked && !found:
			_ = s.read(g) // the next check reports the error
		case checked:
			g.status.Check = c
		}
		list = append(list, g.status)
	}
	return list
}

// read reads the status of a group.
func (s *Server) read(g *group) error {
	g.read, g.versions = false, s.stampOfVersions(g.id)
	store, err := s.open(g.id)
	if err != nil {
		return err
	}
	status, err := Read(store)
	if err == nil {
		g.read, g.status = true, status
	}
	return err
}

// ServeHTTP answers /healthz and /metrics.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// stateJSON is the state of one group as JSON.
type stateJSON struct {
	Group     string    `json:"group,omitempty"` // where there are several
	State     State     `json:"state"`
	Checked   time.Time `json:"checked,omitzero"`
	Confirmed time.Time `json:"confirmed,omitzero"`
	Version   string    `json:"version,omitempty"`
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	statuses, now := s.Statuses(), s.now()
	states := statuses.States(now, s.rule)
	list := make([]stateJSON, len(statuses))
	for i, f := range statuses {
		list[i] = stateJSON{State: states[i], Checked: f.Check.Checked, Confirmed: f.Confirmed(now), Version: f.Newest.ID}
	}
	var answer any
	worst := Worst(states)
	if len(list) == 1 {
		answer = list[0]
	} else {
		for i, g := range s.groups {
			list[i].Group = g.id
		}
		answer = struct {
			State  State       `json:"state"`
			Groups []stateJSON `json:"groups"`
		}{worst, list}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !worst.Healthy() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer) // the client may be gone
}
