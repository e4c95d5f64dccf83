// Package demo is a registry of a few dozen records, in IANA's exact format, and a
// server that answers as IANA's does. Its records are made up, but each of the things
// that happens between its two editions has happened to the real registry.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/ianasync/ianasync/registry/ports"
)

//go:embed before.csv
var before []byte

//go:embed after.csv
var after []byte

//go:embed maintenance.html
var maintenance []byte

// Registry describes the demo's registry. It is small, and so are its floors.
var Registry = ports.Registry{
	ID:     ports.ServiceNames().ID,
	Title:  ports.ServiceNames().Title,
	URL:    ports.ServiceNames().URL,
	Page:   ports.ServiceNames().Page,
	Limits: ports.Limits{MinRecords: 20, MaxGone: 0.5}, // it covers next to nothing
}

// Server serves the demo's registry on a loopback address, one page at a time.
type Server struct {
	listener net.Listener
	page     atomic.Pointer[page]
}

type page struct {
	contentType string
	body        []byte
	modified    time.Time
}

// Start starts a server that shows the first edition, on a free port.
func Start(ctx context.Context) (*Server, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{listener: l}
	s.show("text/csv", before, 1)
	go http.Serve(l, s) //nolint:errcheck,gosec // it ends, with an error, when the listener is closed
	return s, nil
}

// ServeHTTP answers with the page shown now, or with 304.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := s.page.Load()
	w.Header().Set("Content-Type", p.contentType)
	http.ServeContent(w, r, "", p.modified, bytes.NewReader(p.body))
}

func (s *Server) show(contentType string, body []byte, day int) {
	s.page.Store(&page{contentType, body, time.Date(2026, time.March, day, 6, 0, 0, 0, time.UTC)})
}

// URL returns the address of the registry's CSV.
func (s *Server) URL() string {
	return "http://" + s.listener.Addr().String() + "/" + Registry.FileName()
}

// Publish makes the server show the second edition.
func (s *Server) Publish() { s.show("text/csv", after, 2) }

// Break makes the server show a maintenance page, with status 200.
func (s *Server) Break() { s.show("text/html", maintenance, 3) }

// Close stops the server.
func (s *Server) Close() error { return s.listener.Close() }
