package notify

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

// request is what a receiver got.
type request struct {
	header http.Header
	body   []byte
}

// receiver is a webhook that answers as it is told, one answer after the other, the last one for ever.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	answers []http.HandlerFunc
	got     []request
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		io.WriteString(w, "an answer of the server's own")
	}
}

// lost takes a message, and the answer never arrives.
func lost(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		conn.Close()
	}
}

// slow does not answer until the client has gone.
func slow(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func receive(t *testing.T, answers ...http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{answers: answers}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		r.got = append(r.got, request{req.Header.Clone(), body})
		answer := r.answers[0]
		if len(r.answers) > 1 {
			r.answers = r.answers[1:]
		}
		r.mu.Unlock()
		answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

// hook is the receiver's address, which holds secrets.
func (r *receiver) hook() string { return r.URL + "/services/" + pathSecret + "?token=" + querySecret }

const (
	pathSecret  = "T000SECRETPATH"
	querySecret = "SECRETQUERY"
	signSecret  = "SECRETSIGNATURE"
)

// versions are the versions that the receiver was told of, in the order of its messages.
func (r *receiver) versions() (ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, q := range r.got {
		id, _, _ := strings.Cut(q.header.Get("Idempotency-Key"), "-")
		ids = append(ids, id)
	}
	return ids
}

func at(day int) string { return snapshots.FormatID(time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC)) }

// rec is a tcp record of an assignee.
func rec(name, port, description string) ports.Record {
	return portstest.Rec(name, port, "tcp", description, portstest.Assignee("[NetApp_2]"))
}

// see brings an edition seen on a day of January 2020 into the store in a folder.
func see(t *testing.T, folder string, day int, records ...ports.Record) {
	t.Helper()
	s, err := snapshots.OpenForWriting(t.Context(), folder, portrules.ServiceNames(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	table := ports.NewTable(records)
	if _, _, err := s.Put(snapshots.Edition{Bytes: table.CSV(), Seen: time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC), Content: table}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// log collects what is reported.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(r Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, r.String(), fmt.Sprint(r.Attrs()), fmt.Sprintf("%+v %#v", r.Err, r.Err))
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// notifier tells receivers of the store in a folder, without patience.
func notifier(t *testing.T, folder string, urls ...string) (*Notifier, *log) {
	t.Helper()
	webhooks, err := ParseWebhooks(urls...)
	if err != nil {
		t.Fatal(err)
	}
	l := new(log)
	n := &Notifier{
		Registry: ports.ServiceNames(), Store: folder, Webhooks: webhooks, Secret: []byte(signSecret), Report: l.add,
		Now:     func() time.Time { return time.Date(2020, 2, 1, 0, 0, 0, 0, time.UTC) },
		Timeout: time.Minute, BackOff: time.Millisecond, MaxBackOff: 5 * time.Millisecond,
	}
	t.Cleanup(func() { keepsSecrets(t, folder, l) })
	return n, l
}

// keepsSecrets checks that no secret is in what was said, or lies in the store.
func keepsSecrets(t *testing.T, folder string, l *log) {
	t.Helper()
	all := l.String()
	err := filepath.WalkDir(filepath.Join(folder, Folder), func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		all += "\n" + name + ": " + string(data)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for _, secret := range []string{pathSecret, querySecret, signSecret, "an answer of the server's own"} {
		if strings.Contains(all, secret) {
			t.Errorf("%s is in:\n%s", secret, all)
		}
	}
}

// store returns a folder with a first version, of day 1, of which the webhooks need not be told.
func store(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "data")
	see(t, folder, 1, rec("ncl", "2397", "Network Control"))
	return folder
}

func begin(t *testing.T, n *Notifier, newest string) {
	t.Helper()
	n.Begin(newest)
}

// threeMore are three versions, of days 2 to 4.
func threeMore(t *testing.T, folder string) {
	t.Helper()
	ncl := rec("ncl", "2397", "Network Control")
	see(t, folder, 2, ncl, rec("a", "10", "x"))
	see(t, folder, 3, ncl, rec("a", "10", "x"), rec("b", "11", "x"))
	see(t, folder, 4, ncl, rec("a", "10", "x"), rec("b", "11", "x"), rec("c", "12", "x"))
}

func equal[T any](t *testing.T, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEachVersionOnceInOrder(t *testing.T) {
	folder, r, other := store(t), receive(t, status(204)), receive(t, status(200))
	n, l := notifier(t, folder, r.hook(), other.hook())
	begin(t, n, at(1))
	n.Deliver(t.Context())
	equal(t, nil, r.versions())
	threeMore(t, folder)
	n.Deliver(t.Context())
	n.Deliver(t.Context())
	for _, webhook := range []*receiver{r, other} {
		equal(t, []string{at(2), at(3), at(4)}, webhook.versions())
	}
	if got := l.String(); !strings.Contains(got, r.URL+": version "+at(2)+": delivered") {
		t.Error(got)
	}
}

// A webhook that is down or in trouble is asked again, with the same message under the same key; the
// messages after it wait.
func TestAskedAgain(t *testing.T) {
	for name, trouble := range map[string]http.HandlerFunc{
		"500": status(500), "503": status(503, "Retry-After", "0"), "429": status(429), "408": status(408), "lost": lost,
		"no HTTP": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				io.WriteString(conn, "HTTP/1.1 999999 "+pathSecret+"\r\n\r\n")
				conn.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, r := store(t), receive(t, status(200), trouble, trouble, status(200))
			n, l := notifier(t, folder, r.hook())
			begin(t, n, at(1))
			threeMore(t, folder)
			n.Deliver(t.Context())
			equal(t, []string{at(2), at(3), at(3), at(3), at(4)}, r.versions())
			for _, again := range r.got[2:4] {
				equal(t, r.got[1].body, again.body)
				equal(t, r.got[1].header.Get("Idempotency-Key"), again.header.Get("Idempotency-Key"))
			}
			if got := l.String(); strings.Count(got, ": trying again in ") != 2 {
				t.Error(got)
			}
		})
	}
}

// answers stand for all webhooks.
type answers func(*http.Request) (*http.Response, error)

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

// TestSlow has a webhook that twice does not answer, by a synthetic clock: it is asked again after the time-out.
func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func(real http.RoundTripper) { transport = real }(transport)
		var asked []string
		transport = answers(func(r *http.Request) (*http.Response, error) {
			id, _, _ := strings.Cut(r.Header.Get("Idempotency-Key"), "-")
			if asked = append(asked, id); len(asked) == 2 || len(asked) == 3 {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
		})
		folder := store(t)
		n, l := notifier(t, folder, "https://example.org/"+pathSecret)
		begin(t, n, at(1))
		threeMore(t, folder)
		start := time.Now()
		n.Deliver(t.Context())
		if took := time.Since(start); took < 2*n.Timeout || took > 2*n.Timeout+2*n.MaxBackOff {
			t.Errorf("it took %s", took)
		}
		equal(t, []string{at(2), at(3), at(3), at(3), at(4)}, asked)
		if got := l.String(); strings.Count(got, ": trying again in ") != 2 || strings.Count(got, "(no answer within 1m0s)") != 2 {
			t.Error(got)
		}
	})
}

// What is not told in time is left to the next run, which is another process.
func TestRestart(t *testing.T) {
	folder, r := store(t), receive(t, status(200), status(500), status(429, "Retry-After", "3600"))
	n, l := notifier(t, folder, r.hook())
	begin(t, n, at(1))
	threeMore(t, folder)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	n.Deliver(ctx)
	if got := l.String(); !strings.Contains(got, ": version "+at(3)+": left for later (429 Too Many Requests)") {
		t.Error(got)
	}
	r.mu.Lock()
	r.got, r.answers = nil, []http.HandlerFunc{status(200)}
	r.mu.Unlock()
	again, _ := notifier(t, folder, r.hook())
	begin(t, again, at(4))
	again.Deliver(t.Context())
	equal(t, []string{at(3), at(4)}, r.versions())
}

// A pause longer than there is time for is not waited for.
func TestLongPause(t *testing.T) {
	for want, answer := range map[string]http.HandlerFunc{
		"429 Too Many Requests": status(429, "Retry-After", "3600"), "403 Forbidden": status(403, "Retry-After", "1"),
	} {
		folder, r := store(t), receive(t, answer)
		n, l := notifier(t, folder, r.hook())
		n.MaxBackOff = time.Hour
		begin(t, n, at(1))
		threeMore(t, folder)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		n.Deliver(ctx)
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("it took %s", took)
		}
		equal(t, []string{at(2)}, r.versions())
		if got := l.String(); !strings.Contains(got, "left for later ("+want+")") {
			t.Error(got)
		}
	}
}

func TestPauseIsHeeded(t *testing.T) {
	folder, r := store(t), receive(t, status(429, "Retry-After", "1"), status(200))
	n, l := notifier(t, folder, r.hook())
	begin(t, n, at(1))
	see(t, folder, 2, rec("a", "10", "x"))
	start := time.Now()
	n.Deliver(t.Context())
	if took := time.Since(start); took < time.Second {
		t.Errorf("it took only %s", took)
	}
	if got := l.String(); !strings.Contains(got, "trying again in 1s (429 Too Many Requests)") {
		t.Error(got)
	}
}

// TestRetryAfter holds the pause after each answer that says to try again to what its Retry-After asks for.
func TestRetryAfter(t *testing.T) {
	for name, answer := range map[string]struct {
		code   int
		header []string
		want   string
	}{
		"429":          {429, []string{"Retry-After", "1"}, "1s (429 Too Many Requests)"},
		"503":          {503, []string{"Retry-After", "1"}, "1s (503 Service Unavailable)"},
		"500":          {500, []string{"Retry-After", "1"}, "1s (500 Internal Server Error)"},
		"408":          {408, []string{"Retry-After", "1"}, "1s (408 Request Timeout)"},
		"403":          {403, []string{"Retry-After", "1"}, "1s (403 Forbidden)"},
		"429 by date":  {429, []string{"Date", "Sat, 01 Feb 2020 00:00:00 GMT", "Retry-After", "Sat, 01 Feb 2020 00:00:01 GMT"}, "1s (429 Too Many Requests)"},
		"503 by date":  {503, []string{"Date", "Sat, 01 Feb 2020 00:00:00 GMT", "Retry-After", "Sat, 01 Feb 2020 00:00:01 GMT"}, "1s (503 Service Unavailable)"},
		"503 in words": {503, []string{"Retry-After", "soon"}, "0s (503 Service Unavailable)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, r := store(t), receive(t, status(answer.code, answer.header...), status(200))
			n, l := notifier(t, folder, r.hook())
			begin(t, n, at(1))
			see(t, folder, 2, rec("a", "10", "x"))
			start := time.Now()
			n.Deliver(t.Context())
			if took := time.Since(start); took < time.Second && strings.HasPrefix(answer.want, "1s") {
				t.Errorf("it took only %s", took)
			}
			equal(t, []string{at(2), at(2)}, r.versions())
			if got := l.String(); strings.Count(got, ": trying again in "+answer.want) != 1 {
				t.Error(got)
			}
		})
	}
}

// TestTroublePassesSoon has answers of servers in trouble, without a Retry-After. The pause is that of any failure,
// which begins short, not the longest one.
func TestTroublePassesSoon(t *testing.T) {
	for _, code := range []int{408, 429, 500, 503} {
		folder, r := store(t), receive(t, status(code), status(code), status(200))
		n, l := notifier(t, folder, r.hook())
		n.MaxBackOff = time.Hour
		begin(t, n, at(1))
		see(t, folder, 2, rec("a", "10", "x"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		n.Deliver(ctx)
		equal(t, []string{at(2), at(2), at(2)}, r.versions())
		if got := l.String(); strings.Contains(got, string(Left)) {
			t.Error(got)
		}
	}
}

// A message that is at fault itself is given up, and the next one is sent.
func TestGivenUp(t *testing.T) {
	for code, want := range map[int]string{
		400: "400 Bad Request", 413: "413 Request Entity Too Large", 415: "415 Unsupported Media Type", 422: "422 Unprocessable Entity",
	} {
		t.Run(want, func(t *testing.T) {
			folder, r := store(t), receive(t, status(code), status(200))
			n, l := notifier(t, folder, r.hook())
			begin(t, n, at(1))
			threeMore(t, folder)
			n.Deliver(t.Context())
			equal(t, []string{at(2), at(3), at(4)}, r.versions())
			if got := l.String(); !strings.Contains(got, ": version "+at(2)+": given up ("+want+")") {
				t.Error(got)
			}
		})
	}
}

// No message is lost where somebody has to mend the address, or to open a door: it is asked again, slowly. Redirects,
// which would take the message and what is in the address elsewhere, are not followed.
func TestMended(t *testing.T) {
	other := receive(t, status(200))
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"401":       {status(401), "(401 Unauthorized)"},
		"403":       {status(403), "(403 Forbidden)"},
		"404":       {status(404), "(404 Not Found)"},
		"405":       {status(405), "(405 Method Not Allowed)"},
		"407":       {status(407), "(407 Proxy Authentication Required)"},
		"elsewhere": {status(307, "Location", other.URL+"/"+pathSecret), "(307 Temporary Redirect to " + other.URL + ": redirects are not followed)"},
		"nowhere":   {status(302, "Location", "http://["+pathSecret), "(302 Found: redirects are not followed)"},
		"slash":     {status(308, "Location", "/hook/"), "(308 Permanent Redirect: redirects are not followed)"},
	} {
		t.Run(name, func(t *testing.T) {
			folder, r := store(t), receive(t, test.answer, test.answer, status(200))
			n, l := notifier(t, folder, r.hook())
			n.BackOff, n.MaxBackOff = time.Nanosecond, 100*time.Millisecond
			begin(t, n, at(1))
			threeMore(t, folder)
			n.Deliver(t.Context())
			equal(t, []string{at(2), at(2), at(2), at(3), at(4)}, r.versions())
			if got := l.String(); strings.Count(got, ": version "+at(2)+": trying again in 100ms "+test.want) != 2 {
				t.Error(got)
			}
		})
	}
	equal(t, nil, other.versions())
}

// A webhook that is gone is told nothing more, which is said at every start.
// TestEcho has a receiver that speaks no HTTP, and sends back what it got.
func TestEcho(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for tries := 1; ; tries++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if req, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				_, _ = io.Copy(io.Discard, req.Body) // a connection with unread input would be reset
				_, _ = fmt.Fprintf(c, "%s %s\r\n", req.RequestURI, req.Proto)
			}
			_ = c.Close()
			if tries > 1 {
				cancel()
			}
		}
	}()
	folder := store(t)
	n, said := notifier(t, folder, "http://"+l.Addr().String()+"/services/"+pathSecret)
	begin(t, n, at(1))
	threeMore(t, folder)
	n.Deliver(ctx)
	if !strings.Contains(said.String(), "what it answers is not HTTP") {
		t.Error(said)
	}
}

func TestGone(t *testing.T) {
	folder, r := store(t), receive(t, status(410), status(200))
	n, _ := notifier(t, folder, r.hook())
	begin(t, n, at(1))
	threeMore(t, folder)
	n.Deliver(t.Context())
	again, l := notifier(t, folder, r.hook())
	begin(t, again, at(4))
	again.Deliver(t.Context())
	equal(t, []string{at(2)}, r.versions())
	if got := l.String(); !strings.Contains(got, "gone (it answered 410 Gone on 2020-02-01 and receives no more messages; remove the file ") {
		t.Error(got)
	}
}

// One that is down holds up no other, and what runs in the background ends when it is told to.
func TestBackground(t *testing.T) {
	folder, down, up := store(t), receive(t, slow), receive(t, status(200))
	n, l := notifier(t, folder, down.hook(), up.hook())
	n.Timeout = time.Hour
	begin(t, n, at(1))
	see(t, folder, 2, rec("a", "10", "x"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	wake, wait := n.Start(ctx)
	await(t, func() bool { return len(up.versions()) == 1 && len(down.versions()) == 1 })
	see(t, folder, 3, rec("a", "10", "y"))
	wake()
	wake()
	await(t, func() bool { return slices.Equal(up.versions(), []string{at(2), at(3)}) })
	start := time.Now()
	cancel()
	wait()
	if took := time.Since(start); took > time.Minute { // of the hour that an answer may take
		t.Errorf("it took %s to end", took)
	}
	if got := l.String(); strings.Contains(got, down.URL) {
		t.Errorf("the end is no fault of the webhook's:\n%s", got)
	}
}

func await(t *testing.T, done func() bool) {
	t.Helper()
	for range 6000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it never came")
}

// Two processes do not tell one webhook at a time.
func TestTwoAtOnce(t *testing.T) {
	folder, r := store(t), receive(t, slow)
	n, _ := notifier(t, folder, r.hook())
	n.Timeout = time.Hour
	begin(t, n, at(1))
	see(t, folder, 2, rec("a", "10", "x"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, wait := n.Start(ctx)
	await(t, func() bool { return len(r.versions()) == 1 })
	other, l := notifier(t, folder, r.hook())
	soon, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	other.Deliver(soon)
	if got := l.String(); !strings.Contains(got, "left for later (another run is telling it)") {
		t.Error(got)
	}
	equal(t, 1, len(r.versions()))
	cancel()
	wait()
}

func TestSigned(t *testing.T) {
	folder, r := store(t), receive(t, status(200))
	n, _ := notifier(t, folder, r.hook())
	begin(t, n, at(1))
	see(t, folder, 2, rec("a", "10", "x"))
	n.Deliver(t.Context())
	got := r.got[0]
	id := got.header.Get("Webhook-Id")
	if !strings.HasPrefix(id, "20200102T000000Z-") || id != got.header.Get("Idempotency-Key") {
		t.Errorf("webhook-id: %q", id)
	}
	mac := hmac.New(sha256.New, []byte(signSecret))
	fmt.Fprintf(mac, "%s.%d.%s", id, time.Date(2020, 2, 1, 0, 0, 0, 0, time.UTC).Unix(), got.body)
	equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), got.header.Get("Webhook-Signature"))
	equal(t, "1580515200", got.header.Get("Webhook-Timestamp"))
	equal(t, "application/json", got.header.Get("Content-Type"))
}

// TestSignature has the example of Svix, from whose webhooks the standard comes (https://docs.svix.com/receiving/verifying-payloads/how-manual).
func TestSignature(t *testing.T) {
	key, err := ParseSecret([]byte("whsec_plJ3nmyCDGBKInavdOK15jsl"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
		Signature(key, "msg_loFOjxBNrRLzqYUf", "1731705121", []byte(`{"event_type":"ping","data":{"success":true}}`)))
}

func TestParseSecret(t *testing.T) {
	for secret, want := range map[string]string{"HUSH": "HUSH", "whsec_SFVTSA==": "HUSH"} {
		if got, err := ParseSecret([]byte(secret)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", secret, got, err)
		}
	}
	for _, secret := range []string{"whsec_", "whsec_HUSH!"} {
		if _, err := ParseSecret([]byte(secret)); err == nil || strings.Contains(err.Error(), "HUSH") {
			t.Errorf("%s: %v", secret, err)
		}
	}
}

// schema is that of messages.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	for _, name := range []string{"diff.schema.json", "notify.schema.json"} {
		data, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("https://github.com/ianasync/ianasync/raw/main/docs/"+name, doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("https://github.com/ianasync/ianasync/raw/main/docs/notify.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A rollback is told where it undid what would have been told; a version that says what the one before said is not.
func TestWhatIsTold(t *testing.T) {
	folder, all, ncl, none := store(t), receive(t, status(200)), receive(t, status(200)), receive(t, status(200))
	first := rec("ncl", "2397", "Network Control")
	tellers := make(map[*receiver]*Notifier)
	for r, filter := range map[*receiver]string{all: "", ncl: "port=2397", none: "port=2398"} {
		n, _ := notifier(t, folder, r.hook())
		if filter != "" {
			f, err := ParseFilter(filter)
			if err != nil {
				t.Fatal(err)
			}
			n.Filters = []Filter{f}
		}
		begin(t, n, at(1))
		tellers[r] = n
	}
	see(t, folder, 2, first, rec("a", "10", `<"&>`))
	see(t, folder, 3, rec("", "2397", "Reserved"), rec("a", "10", `<"&>`))
	see(t, folder, 4, first, rec("a", "10", `<"&>`))
	for r, n := range tellers {
		n.Deliver(t.Context())
		for _, q := range r.got {
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(q.body))
			if err == nil {
				err = schema(t).Validate(doc)
			}
			if err != nil {
				t.Errorf("%v: %s", err, q.body)
			}
		}
	}
	equal(t, []string{at(2), at(3), at(4)}, all.versions())
	equal(t, []string{at(3), at(4)}, ncl.versions())
	equal(t, nil, none.versions())
	const want = `{"registry":"service-names-port-numbers","version":"20200103T000000Z","seen":"2020-01-03T00:00:00Z","previous":"20200102T000000Z",` +
		`"headline":"ncl 2397 deassigned","summary":{"deassigned":1},"changes":[{"registry":"service-names-port-numbers/service-names-port-numbers",` +
		`"kind":"deassigned","key":{"service_name":"ncl","port_number":"2397"},"name":"ncl","service":"ncl","ports":"2397",`
	if got := string(ncl.got[0].body); !strings.HasPrefix(got, want) {
		t.Error(got)
	}
	if got := string(ncl.got[1].body); !strings.Contains(got, `"returned":"rolled back","summary":{},"changes":[]}`) {
		t.Error(got)
	}
}

// Who missed too much is told the latest of it.
func TestMissedTooMuch(t *testing.T) {
	folder, r := store(t), receive(t, status(200))
	n, l := notifier(t, folder, r.hook())
	begin(t, n, at(1))
	for i := range maxPending + 2 {
		see(t, folder, 2+i, rec("a", "10", fmt.Sprint(i)))
	}
	n.Deliver(t.Context())
	equal(t, maxPending, len(r.versions()))
	equal(t, at(4), r.versions()[0])
	if got := l.String(); !strings.Contains(got, ": version "+at(3)+": skipped (this one and 1 before it: the log has them)") {
		t.Error(got)
	}
}

// note writes what is known of the notifier's only webhook.
func note(t *testing.T, n *Notifier, text string) {
	t.Helper()
	data := []byte(text)
	if json.Valid(data) {
		data = checksum.Append(data)
	}
	if err := os.WriteFile(filepath.Join(n.Store, Folder, n.Webhooks[0].key()+".json"), data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// A webhook whose file is damaged is said to be left out, and is no other's trouble.
func TestDamagedSpool(t *testing.T) {
	folder, r, other := store(t), receive(t, status(200)), receive(t, status(200))
	n, l := notifier(t, folder, r.hook(), other.hook())
	begin(t, n, at(1))
	note(t, n, "{")
	begin(t, n, at(1))
	threeMore(t, folder)
	n.Deliver(t.Context())
	equal(t, nil, r.versions())
	equal(t, []string{at(2), at(3), at(4)}, other.versions())
	name := filepath.Join(folder, Folder, n.Webhooks[0].key()+".json")
	want := r.URL + ": left for later (" + name + ": it has no checksum; remove the file to send messages about new versions from now on)"
	if got := l.String(); strings.Count(got, want) != 1 {
		t.Error(got)
	}
}

// A store that cannot be opened, or whose history cannot be read, is reported for the webhook, which is told nothing. Once
// it is mended, nothing is lost.
func TestDamagedStore(t *testing.T) {
	for name, damage := range map[string]func(folder string) (file, text string){
		"facts": func(folder string) (file, text string) {
			return filepath.Join(folder, "service-names-port-numbers", "versions.jsonl"), "{\n"
		},
		"version": func(folder string) (file, text string) {
			return filepath.Join(folder, "service-names-port-numbers", "versions", "2020", at(3)+".zst"), ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder, r := store(t), receive(t, status(200))
			n, l := notifier(t, folder, r.hook())
			begin(t, n, at(1))
			threeMore(t, folder)
			file, text := damage(folder)
			whole, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			n.Deliver(t.Context())
			equal(t, nil, r.versions())
			if got := l.String(); strings.Count(got, r.URL+": left for later (") != 1 || strings.Contains(got, "<nil>") {
				t.Error(got)
			}
			if err := os.WriteFile(file, whole, 0o666); err != nil {
				t.Fatal(err)
			}
			n.Deliver(t.Context())
			equal(t, []string{at(2), at(3), at(4)}, r.versions())
		})
	}
}

// TestProgressCannotBeWritten has a folder in the way of the file that the progress is written to. What comes next waits:
// were it sent, all of it would be sent again.
func TestProgressCannotBeWritten(t *testing.T) {
	var file string
	folder, r := store(t), receive(t, func(http.ResponseWriter, *http.Request) {
		if err := errors.Join(os.Remove(file), os.MkdirAll(filepath.Join(file, "in the way"), 0o777)); err != nil {
			t.Error(err)
		}
	}, status(200))
	n, l := notifier(t, folder, r.hook())
	file = filepath.Join(folder, Folder, n.Webhooks[0].key()+".json")
	begin(t, n, at(1))
	threeMore(t, folder)
	n.Deliver(t.Context())
	equal(t, []string{at(2)}, r.versions())
	if got := l.String(); !strings.Contains(got, ": version "+at(2)+": delivered\n") || strings.Count(got, ": left for later (") != 1 {
		t.Error(got)
	}
}

// What a webhook need not be told stays so while only older versions come: delivering nothing does not move it back.
func TestNothingNew(t *testing.T) {
	folder, r := filepath.Join(t.TempDir(), "data"), receive(t, status(200))
	n, _ := notifier(t, folder, r.hook())
	n.Now = func() time.Time { return time.Date(2020, 1, 3, 12, 0, 0, 0, time.UTC) }
	begin(t, n, "")
	for day := 1; day <= 4; day++ {
		see(t, folder, day, rec("a", "10", fmt.Sprint(day)))
		n.Deliver(t.Context())
	}
	equal(t, []string{at(4)}, r.versions())
}

// Versions that are imported are old news where the store was empty, too; the one that comes then is not.
func TestEmptyStore(t *testing.T) {
	for name, spool := range map[string]string{"begun": "", "begun by an older release": `{"told":""}`} {
		t.Run(name, func(t *testing.T) {
			folder, r := filepath.Join(t.TempDir(), "data"), receive(t, status(200))
			n, _ := notifier(t, folder, r.hook())
			n.Now = func() time.Time { return time.Date(2020, 1, 3, 12, 0, 0, 0, time.UTC) }
			begin(t, n, "")
			if spool != "" {
				note(t, n, spool)
			}
			see(t, folder, 1, rec("ncl", "2397", "Network Control"))
			threeMore(t, folder)
			n.Deliver(t.Context())
			equal(t, []string{at(4)}, r.versions())
		})
	}
}

// What was noted while the clock was in the future keeps nothing back when it is right again.
func TestToldInTheFuture(t *testing.T) {
	for name, again := range map[string]bool{"seen at the start": true, "seen at work": false} {
		t.Run(name, func(t *testing.T) {
			folder, r := store(t), receive(t, status(200))
			n, _ := notifier(t, folder, r.hook())
			begin(t, n, at(1))
			see(t, folder, 2, rec("a", "10", "x"))
			note(t, n, `{"told":"20300101T000000Z"}`)
			if again {
				begin(t, n, at(2))
			}
			see(t, folder, 3, rec("a", "10", "y"))
			n.Deliver(t.Context())
			n.Deliver(t.Context())
			equal(t, []string{at(3)}, r.versions())
		})
	}
}

// Pauses grow, up to a limit.
func TestPausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		webhook, err := ParseWebhook("http://127.0.0.1:1/" + pathSecret)
		if err != nil {
			t.Fatal(err)
		}
		var waits []time.Duration
		ctx, cancel := context.WithCancel(t.Context())
		c := &worker{Notifier: &Notifier{Now: time.Now, Report: func(r Delivery) {
			if waits = append(waits, r.Wait); len(waits) == 20 {
				cancel()
			}
		}}, webhook: webhook}
		if err := c.send(ctx, message{"v", []byte("{}")}); err == nil {
			t.Error("there is somebody")
		}
		for i, wait := range waits {
			base := min(time.Second<<i, time.Hour)
			if wait < base/2 || wait > base*3/2 {
				t.Errorf("pause %d is %s", i, wait)
			}
		}
	})
}
