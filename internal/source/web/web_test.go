package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestGet(t *testing.T) {
	whole := &Response{Status: 200, Body: []byte(page), ETag: etag, LastModified: modified, ContentType: "text/csv; charset=UTF-8"}
	current := &Response{Status: 304, NotModified: true, ETag: etag, LastModified: modified}
	for _, tt := range []struct {
		name string
		cond Conditions
		want *Response
	}{
		{"first time", Conditions{}, whole},
		{"same date", Conditions{LastModified: modified}, current},
		{"same tag", Conditions{ETag: etag}, current},
		{"same both", Conditions{ETag: etag, LastModified: modified}, current},
		{"older date", Conditions{LastModified: "Mon, 17 Nov 2025 21:14:00 GMT"}, whole},
		{"other tag", Conditions{ETag: `"other"`}, whole},
		{"unsendable", Conditions{ETag: "\x01", LastModified: "a\nb: c"}, whole},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server, url := serve(t, archive)
			got, err := new(Client).Get(t.Context(), url+"/x.csv", tt.cond)
			if err != nil {
				t.Fatal(err)
			}
			want := *tt.want
			want.URL = url + "/x.csv"
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			server.count(t, 1)
			asked := server.requests()[0].Header
			if got := asked.Get("Accept-Encoding"); got != "gzip" {
				t.Errorf("Accept-Encoding %q", got)
			}
		})
	}
}

// TestKeep sends several requests over one connection.
func TestKeep(t *testing.T) {
	server, url := serve(t, archive)
	client, end, err := new(Client).Keep(url)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	remote := make(map[string]bool)
	for i := range 5 {
		got, err := client.Get(t.Context(), fmt.Sprintf("%s/%d.csv", url, i), Conditions{ETag: etag})
		if err != nil || !got.NotModified {
			t.Fatalf("request %d: %+v, %v", i, got, err)
		}
		remote[server.requests()[i].RemoteAddr] = true
	}
	if len(remote) != 1 {
		t.Errorf("%d connections, want 1", len(remote))
	}
	if _, err := client.Get(t.Context(), "http://127.0.0.1:1/x", Conditions{}); err == nil {
		t.Error("another server: no error")
	}
}

func TestUserAgent(t *testing.T) {
	server, url := serve(t, archive)
	nameless, _ := http.NewRequest("GET", url, nil)
	nameless.Header.Set("User-Agent", "")
	res, err := http.DefaultClient.Do(nameless)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if res.StatusCode != 403 {
		t.Fatalf("the server takes nameless clients: %s", res.Status)
	}

	for _, c := range []*Client{{}, {UserAgent: "someone/1.0"}} {
		if _, err := c.Get(t.Context(), url, Conditions{}); err != nil {
			t.Error(err)
		}
	}
	var names []string
	for _, r := range server.requests()[1:] {
		names = append(names, r.UserAgent())
	}
	want := []string{"ianasync (+https://github.com/ianasync/ianasync)", "someone/1.0"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNotModifiedBare: a 304 need not repeat the validators.
func TestNotModifiedBare(t *testing.T) {
	_, url := serve(t, status(304, "", `ETag: "new"`))
	got, err := hasty().Get(t.Context(), url, Conditions{ETag: `"old"`, LastModified: modified})
	if err != nil {
		t.Fatal(err)
	}
	if got.ETag != `"new"` || got.LastModified != modified {
		t.Errorf("validators %q, %q", got.ETag, got.LastModified)
	}
}

// TestAnswers: an answer that came whole is for the caller to judge, and is not asked for again.
func TestAnswers(t *testing.T) {
	for _, code := range []int{200, 203, 300, 301, 400, 401, 404, 408, 410, 418, 451} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			server, url := serve(t, status(code, "what the server says"))
			got, err := hasty().Get(t.Context(), url, Conditions{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != code || string(got.Body) != "what the server says" || got.NotModified {
				t.Errorf("got %+v", got)
			}
			server.count(t, 1)
		})
	}
}

// TestFaults: what is asked for again, how often, and what is said in the end.
func TestFaults(t *testing.T) {
	const half = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it"
	const chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
	tooLong := "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 128<<10) + "\r\n\r\n"
	var zip bytes.Buffer
	z := gzip.NewWriter(&zip)
	io.WriteString(z, page)
	z.Close()
	cutZip := "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + zip.String()[:zip.Len()-6]

	for _, tt := range []struct {
		name   string
		step   http.HandlerFunc
		tries  int
		status int
		text   string // what follows the URL, or part of it
	}{
		{"500", status(500, "oops"), 4, 500, ": 500 Internal Server Error (4 tries)"},
		{"503", status(503, "", "Retry-After: soon"), 4, 503, ": 503 Service Unavailable (4 tries)"},
		{"503 any time", status(503, "", "Retry-After: 0"), 4, 503, ": 503 Service Unavailable (4 tries)"},
		{"599", status(599, ""), 4, 599, ": 599 (4 tries)"},
		{"403", status(403, "go away"), 1, 403, ": 403 Forbidden"},
		{"429", status(429, ""), 4, 429, ": 429 Too Many Requests (4 tries)"},
		{"429 any time", status(429, "", "Retry-After: 0"), 4, 429, ": 429 Too Many Requests (4 tries)"},
		{"429 since", status(429, "", "Retry-After: "+modified), 4, 429, ": 429 Too Many Requests (4 tries)"},
		{"429 in an hour", status(429, "", "Retry-After: 3600"), 1, 429, ": 429 Too Many Requests, asking for a pause of 1h0m0s, longer than 2m0s"},
		{"503 in ages", status(503, "", "Retry-After: 99999999999999999999"), 1, 503, ", longer than 2m0s"},
		{"304 unasked", status(304, ""), 1, 304, ": 304 Not Modified to a request without conditions"},
		{"cut body", wire(half, false), 4, 200, ": body broke off after 10 bytes: unexpected EOF (4 tries)"},
		{"cut chunks", wire(chunks, false), 4, 200, ": body broke off after 5 bytes: unexpected EOF (4 tries)"},
		{"cut gzip", wire(cutZip, false), 4, 200, ": unexpected EOF (4 tries)"},
		{"cut 404", wire("HTTP/1.1 404 Gone\r\nContent-Length: 9\r\n\r\n", false), 4, 404, ": body broke off after 0 bytes: unexpected EOF (4 tries)"},
		{"reset", wire("", true), 4, 0, " (4 tries)"},
		{"hung up", wire("", false), 4, 0, ": EOF (4 tries)"},
		{"not HTTP", wire("220 smtp ready\r\n\r\n", false), 4, 0, "malformed HTTP"},
		{"endless header", wire(tooLong, false), 4, 0, " (4 tries)"},
		{"bad redirect", redirect("http://a:secret@b:c/"), 4, 0, " (4 tries)"},
		{"redirect to itself", redirect("/"), 6, 0, ": more than 5 redirects"},
		{"redirect to ftp", redirect("ftp://example.org/"), 1, 0, ": redirect to ftp://example.org/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server, url := serve(t, tt.step)
			res, err := hasty().Get(t.Context(), url, Conditions{})
			fault, isError := errors.AsType[*Error](err)
			if res != nil || !isError {
				t.Fatalf("got %+v, %v", res, err)
			}
			if !errors.Is(err, ErrUnreachable) || errors.Is(err, ErrTooLarge) || errors.Is(err, context.Canceled) {
				t.Errorf("wrong class: %v", err)
			}
			if fault.Status != tt.status {
				t.Errorf("status %d, want %d", fault.Status, tt.status)
			}
			if !strings.HasPrefix(err.Error(), "GET "+url+": ") || !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), "secret") {
				t.Errorf("said  %s\nwant  …%s", err, tt.text)
			}
			server.count(t, tt.tries)
		})
	}
}

// TestRecovers: each fault that is asked about again, once, and then the page.
func TestRecovers(t *testing.T) {
	server, url := serve(t,
		status(500, "oops"),
		wire("", true),
		wire("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it", true),
		archive,
	)
	c := hasty()
	var said []int
	c.OnRetry = func(err error, _ time.Duration) {
		fault, isError := errors.AsType[*Error](err)
		if !isError || fault.URL != url || !errors.Is(err, ErrUnreachable) {
			t.Errorf("told of %v", err)
		}
		said = append(said, fault.Tries)
	}
	res, err := c.Get(t.Context(), url, Conditions{ETag: `"other"`})
	if err != nil {
		t.Fatal(err)
	}
	if string(res.Body) != page {
		t.Errorf("body %q", res.Body)
	}
	if diff := cmp.Diff([]int{1, 2, 3}, said); diff != "" {
		t.Errorf("tries told (-want +got):\n%s", diff)
	}
	for _, r := range server.requests() {
		if r.Header.Get("If-None-Match") != `"other"` {
			t.Errorf("a try without the conditions: %v", r.Header)
		}
	}
	server.count(t, 4)
}

// TestTriesCount: a try is one request, also where net/http would see fit to repeat it by itself, as it does when a
// connection used before turns out to be closed.
func TestTriesCount(t *testing.T) {
	server, url := serve(t, status(500, ""), wire("", false))
	if _, err := hasty().Get(t.Context(), url, Conditions{}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	server.count(t, 4)
}

// TestResetHalfway: the connection is reset once the client has read half of the body.
func TestResetHalfway(t *testing.T) {
	read := make(chan bool)
	server, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf of it")
		<-read
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	})
	c := hasty()
	c.OnProgress = func(n, _ int64) {
		if n == 10 {
			read <- true
		}
	}
	_, err := c.Get(t.Context(), url, Conditions{})
	if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), ": body broke off after 10 bytes: ") {
		t.Errorf("got %v", err)
	}
	server.count(t, 4)
}

func TestNoConnection(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0") // connects, for nobody accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	taken, err := net.Dial("tcp", mute.Addr().String()) // holds a port at which nobody can listen
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, untrusted, _ := serveTLS(t, archive)

	impatient := hasty()
	impatient.ConnectTimeout = 10 * time.Millisecond
	noName := hasty()
	noName.adjust = func(tr *http.Transport) {
		tr.Proxy = nil
		tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "nowhere.invalid", IsNotFound: true}
		}
	}
	for _, tt := range []struct {
		name, url, text string
		client          *Client
	}{
		{"refused", "http://" + taken.LocalAddr().String(), ": dial tcp ", hasty()},
		{"no such host", "http://nowhere.invalid", ": lookup nowhere.invalid: no such host (4 tries)", noName},
		{"unknown certificate", untrusted, ": tls: failed to verify certificate: ", hasty()},
		{"no TLS handshake", "https://" + mute.Addr().String(), "timeout", impatient},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.client.Get(t.Context(), tt.url, Conditions{})
			fault, isError := errors.AsType[*Error](err)
			if !isError || !errors.Is(err, ErrUnreachable) || fault.Tries != 4 || fault.Status != 0 ||
				!strings.HasPrefix(err.Error(), "GET "+tt.url+": ") || !strings.Contains(err.Error(), tt.text) ||
				strings.Contains(err.Error(), "Get ") { // net/http's own wrapping, which repeats the URL
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestTimeoutsOnSockets: time-outs end real connections; TestTimeouts has them exactly.
func TestTimeoutsOnSockets(t *testing.T) {
	for _, tt := range []struct {
		name   string
		step   http.HandlerFunc
		client Client
	}{
		{"header", silent, Client{HeaderTimeout: 5 * time.Millisecond}},
		{"stalled body", stalls, Client{StallTimeout: 5 * time.Millisecond}},
		{"total, header", silent, Client{TotalTimeout: 5 * time.Millisecond}},
		{"total, body", stalls, Client{TotalTimeout: 5 * time.Millisecond}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, url := serve(t, tt.step)
			tt.client.BackOff, tt.client.MaxTries = 1, 2
			_, err := tt.client.Get(t.Context(), url, Conditions{})
			if fault, isError := errors.AsType[*Error](err); !isError || !errors.Is(err, ErrUnreachable) || fault.Tries != 2 {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	const limit = 100 << 10
	c := hasty()
	c.MaxBytes = limit
	exact := strings.Repeat("x", limit)
	for _, tt := range []struct {
		name string
		step http.HandlerFunc
		want error
	}{
		{"just fits", ok(exact), nil},
		{"just fits, zipped", zipped(exact), nil},
		{"announced", wire(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", limit+1), false), ErrTooLarge},
		{"a byte more", ok(exact + "x"), ErrTooLarge},
		{"a byte more, zipped", zipped(exact + "x"), ErrTooLarge},
		{"endless", endless(false), ErrTooLarge},
		{"bomb", endless(true), ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server, url := serve(t, tt.step)
			res, err := c.Get(t.Context(), url, Conditions{})
			server.count(t, 1)
			switch {
			case tt.want == nil && err != nil:
				t.Fatal(err)
			case tt.want == nil && string(res.Body) != exact:
				t.Errorf("got %d bytes", len(res.Body))
			case tt.want != nil && err == nil:
				t.Fatalf("took %d bytes", len(res.Body))
			case tt.want != nil && (!errors.Is(err, tt.want) || errors.Is(err, ErrUnreachable)):
				t.Errorf("wrong class: %v", err)
			case tt.want != nil && err.Error() != "GET "+url+": body of more than 102400 bytes":
				t.Errorf("said %v", err)
			}
		})
	}
}

// TestLargeRefusal: of an answer nobody wants, enough is kept to see what it was.
func TestLargeRefusal(t *testing.T) {
	for _, tt := range []struct{ limit, want int64 }{{0, maxErrorBody}, {1000, 1000}} {
		_, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(404)
			endless(false)(w, r)
		})
		c := hasty()
		c.MaxBytes = tt.limit
		res, err := c.Get(t.Context(), url, Conditions{})
		if err != nil {
			t.Fatal(err)
		}
		if res.Status != 404 || int64(len(res.Body)) != tt.want {
			t.Errorf("status %d, %d bytes, want 404, %d bytes", res.Status, len(res.Body), tt.want)
		}
	}
}

func TestProgress(t *testing.T) {
	body := strings.Repeat("x", 100_000)
	for _, tt := range []struct {
		name  string
		step  http.HandlerFunc
		total int64
	}{
		{"known", status(200, body, "Content-Length: 100000"), 100_000},
		{"compressed", zipped(body), -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, url := serve(t, tt.step)
			c := hasty()
			var last int64
			c.OnProgress = func(read, total int64) {
				if read <= last || total != tt.total {
					t.Errorf("told %d of %d after %d", read, total, last)
				}
				last = read
			}
			if _, err := c.Get(t.Context(), url, Conditions{}); err != nil {
				t.Fatal(err)
			}
			if last != int64(len(body)) {
				t.Errorf("told %d bytes in the end", last)
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	target, targetURL := serve(t, archive)
	server, url := serve(t, redirect("/second"), redirect(targetURL+"/third"))
	withUser := strings.Replace(url, "://", "://user:secret@", 1)

	res, err := hasty().Get(t.Context(), withUser+"/first?token=1", Conditions{ETag: `"other"`})
	if err != nil {
		t.Fatal(err)
	}
	if res.URL != targetURL+"/third" || string(res.Body) != page {
		t.Errorf("got %q from %s", res.Body, res.URL)
	}
	first, second, third := server.requests()[0], server.requests()[1], target.requests()[0]
	if user, password, _ := first.BasicAuth(); user != "user" || password != "secret" {
		t.Errorf("the first request has user %q and password %q", user, password)
	}
	for _, r := range []*http.Request{second, third} {
		for _, field := range []string{"Authorization", "Referer", "Cookie"} {
			if value := r.Header.Get(field); value != "" {
				t.Errorf("%s was sent %s: %s", r.URL, field, value)
			}
		}
		if r.Header.Get("If-None-Match") == "" || r.UserAgent() == "" {
			t.Errorf("%s was sent %v", r.URL, r.Header)
		}
	}
}

// TestRedirectToOlderPage has a server that redirects to a page that is older than what the client has. The date that the client sends is
// that of another file, so it must not be answered with 304.
func TestRedirectToOlderPage(t *testing.T) {
	for to, want := range map[string]int{"/gone.html": http.StatusOK, "/x.csv?v=2": http.StatusNotModified} {
		server, url := serve(t, redirect(to), archive)
		res, err := hasty().Get(t.Context(), url+"/x.csv", Conditions{LastModified: modified})
		if err != nil || res.Status != want {
			t.Errorf("a redirect to %s: %+v, %v, want status %d", to, res, err, want)
		}
		server.count(t, 2)
	}
}

func TestRedirectBounds(t *testing.T) {
	server, url := serve(t, redirect("/1"), redirect("/2"), archive)
	for _, tt := range []struct {
		bound int
		text  string // empty: followed
		count int
	}{{2, "", 3}, {1, "more than 1 redirects", 2}, {-1, "more than 0 redirects", 1}} {
		server.mu.Lock()
		server.seen = nil
		server.mu.Unlock()
		c := hasty()
		c.MaxRedirects = tt.bound
		_, err := c.Get(t.Context(), url, Conditions{})
		switch {
		case tt.text == "" && err != nil:
			t.Error(err)
		case tt.text != "" && (!errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), tt.text)):
			t.Errorf("got %v, want %s", err, tt.text)
		}
		server.count(t, tt.count)
	}
}

func TestRedirectDown(t *testing.T) {
	plain, plainURL := serve(t, archive)
	secure, secureURL, client := serveTLS(t, redirect(plainURL), archive)
	_, err := client.Get(t.Context(), secureURL, Conditions{})
	if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "from https down to "+plainURL) {
		t.Errorf("got %v", err)
	}
	secure.count(t, 1)
	plain.count(t, 0)

	_, up := serve(t, redirect(secureURL))
	if res, err := client.Get(t.Context(), up, Conditions{}); err != nil || res.URL != secureURL {
		t.Errorf("from http up to https: %+v, %v", res, err)
	}
}

// TestRedirectToPrivate has a public source that redirects to an address that is not public: nothing is sent there. A
// source that is not public may redirect anywhere.
func TestRedirectToPrivate(t *testing.T) {
	for _, public := range []bool{true, false} {
		inside, insideURL := serve(t, archive)
		source, sourceURL := serve(t, redirect(insideURL))
		secret := strings.TrimPrefix(insideURL, "http://")
		c := hasty()
		c.private = func(address string) bool { return !public || address == secret }
		res, err := c.Get(t.Context(), sourceURL, Conditions{})
		source.count(t, 1)
		if public {
			inside.count(t, 0)
			if !errors.Is(err, ErrUnreachable) || err.Error() != "GET "+sourceURL+": redirect to "+secret+", an address that is not public" {
				t.Errorf("%+v, %v", res, err)
			}
		} else if inside.count(t, 1); err != nil || res.URL != insideURL {
			t.Errorf("from a source that is not public: %+v, %v", res, err)
		}
	}
}

func TestIsPrivate(t *testing.T) {
	for address, want := range map[string]bool{
		"192.0.43.8:443": false, "[2001:500:88:200::8]:443": false, "172.32.0.1:80": false, "100.128.0.1:80": false,
		"127.0.0.1:80": true, "10.1.2.3:80": true, "172.16.0.1:80": true, "192.168.0.1:80": true, "169.254.169.254:80": true,
		"100.64.0.1:80": true, "0.0.0.0:80": true, "0.1.2.3:80": true, "224.0.0.1:80": true, "255.255.255.255:80": true,
		"[::1]:80": true, "[::]:80": true, "[fe80::1%eth0]:80": true, "[fd00::1]:80": true, "[::ffff:10.0.0.1]:80": true, "nonsense": true,
	} {
		if got := new(Client).isPrivate(address); got != want {
			t.Errorf("isPrivate(%s) = %t", address, got)
		}
	}
}

// TestWrongRequest: what cannot be asked is in no class, for no time will mend it.
func TestWrongRequest(t *testing.T) {
	for _, tt := range []struct{ url, userAgent, want string }{
		{"ftp://example.org/x", "", "GET ftp://example.org/x: not an http or https URL"},
		{"example.org/x", "", "GET example.org/x: not an http or https URL"},
		{"user:secret@example.org/x", "", "GET user:xxxxx: not an http or https URL"},
		{"", "", "GET : not an http or https URL"},
		{"https:///x", "", "GET https:///x: URL without a host"},
		{"https://user:secret@:443/x", "", "GET https://xxxxx@:443/x: URL without a host"},
		{"https://user:sec/ret@example.org/", "", "GET (URL not shown): malformed URL"},
		{"http://example.org/", "a\r\nb: c", `GET http://example.org/: unusable User-Agent "a\r\nb: c"`},
	} {
		c := hasty()
		c.UserAgent = tt.userAgent
		_, err := c.Get(t.Context(), tt.url, Conditions{})
		if err == nil || err.Error() != tt.want {
			t.Errorf("got  %v\nwant %v", err, tt.want)
		}
		if errors.Is(err, ErrUnreachable) || errors.Is(err, ErrTooLarge) {
			t.Errorf("wrong class: %v", err)
		}
	}
}

func TestSecretsUnsaid(t *testing.T) {
	server, url := serve(t, status(500, ""), archive)
	url = strings.Replace(url, "://", "://user:secret@", 1) + "/x"
	c := hasty()
	var said string
	c.OnRetry = func(err error, _ time.Duration) { said = err.Error() }
	res, err := c.Get(t.Context(), url, Conditions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{said, res.URL} {
		if strings.Contains(text, "user") || strings.Contains(text, "secret") || !strings.Contains(text, "://xxxxx@127.0.0.1:") {
			t.Errorf("said %q", text)
		}
	}
	server.count(t, 2)
}

// TestCancel: a Get ends with its context, wherever it is; TestCancelPause has the pause.
func TestCancel(t *testing.T) {
	for _, tt := range []struct {
		name string
		step func(cancel func()) http.HandlerFunc
	}{
		{"before the header", func(cancel func()) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { cancel(); silent(w, r) }
		}},
		{"in the body", func(cancel func()) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { time.AfterFunc(time.Millisecond, cancel); stalls(w, r) }
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			server, url := serve(t, tt.step(cancel))
			res, err := new(Client).Get(ctx, url, Conditions{})
			if res != nil || err != context.Canceled {
				t.Errorf("got %+v, %v", res, err)
			}
			server.count(t, 1)
		})
	}
	t.Run("at the first bytes of the body", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		server, url := serve(t, stalls)
		c := &Client{OnProgress: func(int64, int64) { cancel() }}
		if _, err := c.Get(ctx, url, Conditions{}); err != context.Canceled {
			t.Errorf("got %v", err)
		}
		server.count(t, 1)
	})
	t.Run("before it begins", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		server, url := serve(t, archive)
		if _, err := new(Client).Get(ctx, url, Conditions{}); err != context.Canceled {
			t.Errorf("got %v", err)
		}
		server.count(t, 0)
	})
}
