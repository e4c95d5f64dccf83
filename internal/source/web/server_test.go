package web

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestMain fails the run when goroutines are left after all tests, which close what they open.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			fmt.Fprintf(os.Stderr, "goroutines left: %s\n", stacks[:runtime.Stack(stacks, true)])
			os.Exit(1)
		}
	}
	os.Exit(code)
}

// script answers each request with the next of its steps, the last one over and over, and keeps what was asked.
type script struct {
	steps []http.HandlerFunc

	mu   sync.Mutex
	seen []*http.Request
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	step := s.steps[min(len(s.seen), len(s.steps)-1)]
	s.seen = append(s.seen, r)
	s.mu.Unlock()
	step(w, r)
}

func (s *script) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// count fails the test unless the server got that many requests.
func (s *script) count(t *testing.T, want int) {
	t.Helper()
	if got := len(s.requests()); got != want {
		t.Errorf("server got %d requests, want %d", got, want)
	}
}

// serve runs a real server and returns its script and its URL.
func serve(t *testing.T, steps ...http.HandlerFunc) (*script, string) {
	t.Helper()
	s := &script{steps: steps}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, srv.URL
}

// serveTLS is serve over https, with a certificate that the client returned trusts.
func serveTLS(t *testing.T, steps ...http.HandlerFunc) (*script, string, *Client) {
	t.Helper()
	s := &script{steps: steps}
	srv := httptest.NewUnstartedServer(s)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c := hasty()
	c.adjust = func(tr *http.Transport) {
		tr.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
	}
	return s, srv.URL, c
}

// hasty is a client that hardly pauses. Its time-outs are the long ones: a test on real sockets that wants to run
// into one sets it, against a server that never answers.
func hasty() *Client { return &Client{BackOff: time.Nanosecond} }

// bubble runs do with a client wired to handler in a synctest bubble: its clock stands still while anything runs
// and leaps when all wait, so that pauses and time-outs cost nothing and are exact. It fails if goroutines remain.
func bubble(t *testing.T, handler http.Handler, do func(t *testing.T, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		wire := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		srv := &http.Server{Handler: handler}
		go srv.Serve(wire)
		defer srv.Close()
		do(t, &Client{adjust: func(tr *http.Transport) { tr.Proxy, tr.DialContext = nil, wire.dial }})
	})
}

// pipes is a network in memory, of one server.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

const (
	modified = "Tue, 18 Nov 2025 21:14:00 GMT"
	etag     = `W/"69-1a2b"`
	page     = "Service Name,Port Number\nhttps,443\n"
)

// archive behaves as IANA's server does: it wants a name, has validators, and compresses.
func archive(w http.ResponseWriter, r *http.Request) {
	if ua := r.UserAgent(); ua == "" || strings.HasPrefix(ua, "Go-http-client") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	w.Header().Set("Last-Modified", modified)
	w.Header().Set("ETag", etag)
	w.Header().Set("Content-Type", "text/csv; charset=UTF-8")
	if r.Header.Get("If-None-Match") == etag || r.Header.Get("If-Modified-Since") == modified {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		zipped(page)(w, r)
		return
	}
	io.WriteString(w, page)
}

// ok answers 200 with a plain body.
func ok(body string) http.HandlerFunc { return status(http.StatusOK, body) }

// status answers with a status, a body, and header fields given as "Name: value".
func status(code int, body string, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, field := range fields {
			name, value, _ := strings.Cut(field, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

// redirect sends the client to a URL.
func redirect(to string) http.HandlerFunc { return status(http.StatusFound, "", "Location: "+to) }

// zipped answers with a gzipped body.
func zipped(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, body)
		z.Close()
	}
}

// endless writes zeros until the client hangs up, gzipped if it is to be a bomb.
func endless(bomb bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		write, flush := w.Write, func() error { return nil }
		if bomb {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			write, flush = z.Write, z.Flush
		}
		for zeros := make([]byte, 64<<10); r.Context().Err() == nil; {
			_, _ = write(zeros) // a client that hangs up is what ends this
			_ = flush()
			http.NewResponseController(w).Flush()
		}
	}
}

// silent says nothing until the client hangs up.
func silent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// stalls begins a body of 100 bytes and then says nothing until the client hangs up.
func stalls(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "100")
	io.WriteString(w, "begin")
	w.(http.Flusher).Flush()
	silent(w, r)
}

// trickles writes one byte every so often, count of them or fewer if the client hangs up.
func trickles(every time.Duration, count int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for range count {
			select {
			case <-time.After(every):
			case <-r.Context().Done():
				return
			}
			io.WriteString(w, "x")
			w.(http.Flusher).Flush()
		}
	}
}

// wire writes text to the connection as it is and closes it; with reset, it has the connection reset.
func wire(text string, reset bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		io.WriteString(conn, text)
		if reset {
			conn.(*net.TCPConn).SetLinger(0)
		}
	}
}
