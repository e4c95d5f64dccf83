package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// site is a web server that behaves as it is told, well or badly, and may be told anew
// between two requests.
type site struct {
	mu       sync.Mutex
	address  string
	server   *http.Server // nil while it refuses connections
	answer   http.HandlerFunc
	release  chan struct{} // closed when it is told anew: what hangs goes on
	told     int           // how often it was told
	requests int
	status   int // of the last answer
}

// URL returns the address of the registry's CSV.
func (s *site) URL() string { return "http://" + s.address + "/ports.csv" }

// behave tells the site how to answer from now on, and makes it listen if it does not.
func (s *site) behave(how string, args []string, read func(file string) []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.release != nil {
		close(s.release)
	}
	s.release = make(chan struct{})
	s.told++
	if how == "refused" {
		return s.close()
	}
	make, ok := behaviours[how]
	if !ok {
		return fmt.Errorf("no such behaviour: %s", how)
	}
	s.answer = make(s.page(), args, read)
	return s.listen()
}

// page returns what a behaviour may need to know of the site.
func (s *site) page() page {
	return page{
		modified: time.Date(2026, time.January, 1, s.told, 0, 0, 0, time.UTC), // not a clock's: scripts compare what they get
		release:  s.release,
	}
}

func (s *site) listen() error {
	if s.server != nil {
		return nil
	}
	l, err := reserve(s.address)
	if err != nil {
		return err
	}
	s.address = l.Addr().String()
	s.server = &http.Server{Handler: s}
	go s.server.Serve(l)
	return nil
}

// reserve listens on an address; where that is empty, on a port that no system gives away by itself, neither to a listener
// nor to a connection, and that it returns once. So it is still free after its listener was closed.
func reserve(address string) (l net.Listener, err error) {
	if address != "" {
		return net.Listen("tcp", address)
	}
	for range 100 {
		port := firstReserved + lastReserved.Add(1)%reservable
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return l, nil
		}
	}
	return nil, err
}

const firstReserved, reservable = 15_000, 15_000 // ports

// lastReserved begins anywhere, as there may be another test process.
var lastReserved atomic.Uint32

func init() { lastReserved.Store(rand.Uint32N(reservable)) }

func (s *site) close() error {
	if s.server == nil {
		return nil
	}
	err := s.server.Close()
	s.server = nil
	return err
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests++
	answer := s.answer
	s.mu.Unlock()
	answer(&recorder{w, s}, r)
}

// recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	site *site
}

func (r *recorder) WriteHeader(status int) {
	r.site.mu.Lock()
	r.site.status = status
	r.site.mu.Unlock()
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// lastStatus returns the status of the last answer.
func (s *site) lastStatus() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// await waits until the site has had n requests.
func (s *site) await(n int) error {
	for range 6000 {
		s.mu.Lock()
		enough := s.requests >= n
		s.mu.Unlock()
		if enough {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("nobody asked")
}

type page struct {
	modified time.Time
	release  chan struct{}
}

// plain serves data as IANA does: with Last-Modified, and 304 where that is known.
func (p page) plain(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", p.modified, bytes.NewReader(data))
	}
}

// half begins an answer and returns when half of it is on its way.
func half(w http.ResponseWriter, data []byte, length int) {
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.Write(data[:len(data)/2])
	http.NewResponseController(w).Flush()
}

// behaviours are the ways to answer, by name. Their arguments are those of the script.
var behaviours = map[string]func(p page, args []string, read func(string) []byte) http.HandlerFunc{
	// FILE, as IANA serves it.
	"plain": func(p page, args []string, read func(string) []byte) http.HandlerFunc { return p.plain(read(args[0])) },
	// FILE without anything to ask for again by.
	"bare": func(_ page, args []string, read func(string) []byte) http.HandlerFunc {
		data := read(args[0])
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK); w.Write(data) }
	},
	// FILE, known by an ETag.
	"etag": func(_ page, args []string, read func(string) []byte) http.HandlerFunc {
		data := read(args[0])
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"edition"`)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
		}
	},
	// FILE, compressed.
	"gzip": func(p page, args []string, read func(string) []byte) http.HandlerFunc {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(read(args[0]))
		z.Close()
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			p.plain(b.Bytes())(w, r)
		}
	},
	// A few kilobytes that become over 64 MiB.
	"bomb": func(page, []string, func(string) []byte) http.HandlerFunc {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if _, err := io.CopyN(z, zeros{}, 65<<20); err != nil {
			panic(err)
		}
		z.Close()
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(b.Bytes())
		}
	},
	// FILE, one address further on.
	"redirect": func(p page, args []string, read func(string) []byte) http.HandlerFunc {
		there := p.plain(read(args[0]))
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/there.csv" {
				http.Redirect(w, r, "/there.csv", http.StatusMovedPermanently)
				return
			}
			there(w, r)
		}
	},
	"loop": func(page, []string, func(string) []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }
	},
	// Half of FILE, then the connection is reset.
	"reset": func(_ page, args []string, read func(string) []byte) http.HandlerFunc {
		data := read(args[0])
		return func(w http.ResponseWriter, _ *http.Request) {
			half(w, data, len(data))
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				conn.(*net.TCPConn).SetLinger(0)
				conn.Close()
			}
		}
	},
	// Half of FILE, then nothing.
	"stall": func(_ page, args []string, read func(string) []byte) http.HandlerFunc {
		data := read(args[0])
		return func(w http.ResponseWriter, r *http.Request) {
			half(w, data, len(data))
			<-r.Context().Done()
		}
	},
	// Half of FILE, and the rest when the site is told to do something else.
	"hold": func(p page, args []string, read func(string) []byte) http.HandlerFunc {
		data := read(args[0])
		return func(w http.ResponseWriter, r *http.Request) {
			half(w, data, len(data))
			select {
			case <-p.release:
				w.Write(data[len(data)/2:])
			case <-r.Context().Done():
			}
		}
	},
	// FILE, in a second, and not saying how long it is.
	"slow": func(_ page, args []string, read func(string) []byte) http.HandlerFunc {
		data := read(args[0])
		return func(w http.ResponseWriter, _ *http.Request) {
			for part := range slices.Chunk(data, len(data)/10) {
				time.Sleep(100 * time.Millisecond)
				w.Write(part)
				http.NewResponseController(w).Flush()
			}
		}
	},
	// FILE, of which more was promised.
	"cut": func(_ page, args []string, read func(string) []byte) http.HandlerFunc {
		data := read(args[0])
		return func(w http.ResponseWriter, _ *http.Request) {
			half(w, data, len(data)+1000)
			w.Write(data[len(data)/2:])
		}
	},
	"archive": archive,
	// FOLDER, by its whole path: a host of static files, which tells a file's contents by an ETag; a time is too
	// coarse for what a test publishes twice in a second.
	"folder": func(_ page, args []string, _ func(string) []byte) http.HandlerFunc {
		files := http.FileServer(http.Dir(args[0]))
		return func(w http.ResponseWriter, r *http.Request) {
			if data, err := os.ReadFile(filepath.Join(args[0], filepath.FromSlash(path.Clean(r.URL.Path)))); err == nil {
				w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(data)))
			}
			files.ServeHTTP(w, r)
		}
	},
	// STATUS and, if given, FILE.
	"status": func(_ page, args []string, read func(string) []byte) http.HandlerFunc {
		status, _ := strconv.Atoi(args[0])
		var data []byte
		if len(args) > 1 {
			data = read(args[1])
		}
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); w.Write(data) }
	},
	// FOLDER STATUS…: a webhook that answers with one status after the other, the last one for ever, and keeps
	// in the folder what it is sent: 1.json, 1.txt with the header, and so on.
	"hook": func(_ page, args []string, _ func(string) []byte) http.HandlerFunc {
		folder, statuses, got := args[0], args[1:], 0
		var mu sync.Mutex
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			got++
			keep(filepath.Join(folder, strconv.Itoa(got)), r)
			status, _ := strconv.Atoi(statuses[min(got, len(statuses))-1])
			w.WriteHeader(status)
		}
	},
	// STATUS once, and to come back in SECONDS; then FILE.
	"later": func(p page, args []string, read func(string) []byte) http.HandlerFunc {
		status, _ := strconv.Atoi(args[0])
		then, asked := p.plain(read(args[2])), false
		return func(w http.ResponseWriter, r *http.Request) {
			if asked {
				then(w, r)
				return
			}
			asked = true
			w.Header().Set("Retry-After", args[1])
			w.WriteHeader(status)
		}
	},
}

// keep writes a request into two files of lines.
func keep(name string, r *http.Request) {
	var header bytes.Buffer
	fmt.Fprintf(&header, "%s %s\n", r.Method, r.URL)
	body, err := io.ReadAll(r.Body)
	err = errors.Join(err, r.Header.Write(&header), os.MkdirAll(filepath.Dir(name), 0o777))
	err = errors.Join(err, os.WriteFile(name+".json", append(body, '\n'), 0o666), os.WriteFile(name+".txt", bytes.ReplaceAll(header.Bytes(), []byte("\r"), nil), 0o666))
	if err != nil {
		panic(err)
	}
}

// archive is a Wayback Machine, told of its captures in lines such as "20200102030405 one.csv whole"; the
// third word is how it serves one: whole, half, nearest (by a redirect to another), or a status.
func archive(page page, args []string, read func(string) []byte) http.HandlerFunc {
	type capture struct {
		data []byte
		how  string
	}
	held := make(map[string]capture)
	index := [][]string{{"timestamp", "original", "statuscode", "digest", "mimetype", "length"}}
	for line := range strings.Lines(string(read(args[0]))) {
		f := strings.Fields(line)
		held[f[0]] = capture{read(f[1]), f[2]}
		sum := sha1.Sum(held[f[0]].data)
		index = append(index, []string{f[0], "http://www.iana.org/ports.csv", "200", base32.StdEncoding.EncodeToString(sum[:]), "text/csv", "7"})
	}
	return func(w http.ResponseWriter, r *http.Request) {
		stamp, original, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/web/"), "id_/")
		c, found := held[stamp]
		switch {
		case r.URL.Path == "/cdx/search/cdx":
			answer, err := json.Marshal(index)
			if err != nil {
				panic(err)
			}
			w.Write(answer)
		case !found:
			http.NotFound(w, r)
		case c.how == "half":
			w.Write(c.data[:len(c.data)/2+1])
		case c.how == "nearest":
			http.Redirect(w, r, "/web/"+index[1][0]+"id_/"+original, http.StatusFound)
		case c.how != "whole":
			status, _ := strconv.Atoi(c.how)
			w.WriteHeader(status)
		default:
			w.Write(c.data)
		}
	}
}

// zeros is an endless file of them.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
