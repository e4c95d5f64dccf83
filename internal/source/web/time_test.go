package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The tests of this file run by a synthetic clock, with the default pauses and time-outs, and ask for exact times.

const somewhere = "http://example.org/"

// retries collects the pauses that c announces.
func retries(c *Client) *[]time.Duration {
	pauses := new([]time.Duration)
	c.OnRetry = func(_ error, wait time.Duration) { *pauses = append(*pauses, wait) }
	return pauses
}

// sum is the whole of some pauses.
func sum(pauses []time.Duration) (whole time.Duration) {
	for _, p := range pauses {
		whole += p
	}
	return whole
}

func TestPauses(t *testing.T) {
	server := &script{steps: []http.HandlerFunc{status(500, "")}}
	bubble(t, server, func(t *testing.T, c *Client) {
		c.MaxTries = 9
		pauses := retries(c)
		start := time.Now()
		_, err := c.Get(t.Context(), somewhere, Conditions{})
		if !errors.Is(err, ErrUnreachable) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != sum(*pauses) {
			t.Errorf("took %v, announced %v", took, *pauses)
		}
		server.count(t, 9)
		want := 2 * time.Second
		for _, p := range *pauses {
			if p < want/2 || p > want/2*3+1 {
				t.Errorf("pauses of %v, where %v ± half was due", *pauses, want)
			}
			want = min(2*want, time.Minute)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	const now, soon, later = "Wed, 19 Nov 2025 12:00:00 GMT", "Wed, 19 Nov 2025 12:01:30 GMT", "Wed, 19 Nov 2025 13:00:00 GMT"
	for _, tt := range []struct {
		name string
		step http.HandlerFunc
		want []time.Duration // none: given up
	}{
		{"429, seconds", status(429, "", "Retry-After: 90"), []time.Duration{90 * time.Second}},
		{"503, seconds", status(503, "", "Retry-After: 90"), []time.Duration{90 * time.Second}},
		{"429, date by the server's clock", status(429, "", "Date: "+now, "Retry-After: "+soon), []time.Duration{90 * time.Second}},
		// A bubble's clock starts at midnight of the first of January 2000.
		{"429, date by our clock", status(429, "", "Date: none", "Retry-After: Sat, 01 Jan 2000 00:01:30 GMT"), []time.Duration{90 * time.Second}},
		{"429, just not too long", status(429, "", "Retry-After: 120"), []time.Duration{2 * time.Minute}},
		{"429, too many seconds", status(429, "", "Retry-After: 121"), nil},
		{"429, too late a date", status(429, "", "Date: "+now, "Retry-After: "+later), nil},
		{"500, too many seconds", status(500, "", "Retry-After: 121"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := &script{steps: []http.HandlerFunc{tt.step, archive}}
			bubble(t, server, func(t *testing.T, c *Client) {
				pauses := retries(c)
				start := time.Now()
				_, err := c.Get(t.Context(), somewhere, Conditions{})
				if tt.want == nil && (!errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), ", longer than 2m0s")) {
					t.Errorf("got %v", err)
				}
				if tt.want != nil && err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(tt.want, *pauses); diff != "" {
					t.Errorf("pauses (-want +got):\n%s", diff)
				}
				if took := time.Since(start); took != sum(tt.want) {
					t.Errorf("took %v", took)
				}
				server.count(t, 1+len(tt.want))
			})
		})
	}
}

func TestTimeouts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		step  http.HandlerFunc
		after time.Duration
		text  string
	}{
		{"header", silent, 30 * time.Second, "timeout awaiting response headers"},
		{"stalled body", stalls, 30 * time.Second, "body broke off after 5 bytes: nothing more came for 30s"},
		{"trickling body", trickles(10*time.Second+1, 1000), 5 * time.Minute, "body broke off after 29 bytes: not done within 5m0s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := &script{steps: []http.HandlerFunc{tt.step, archive}}
			bubble(t, server, func(t *testing.T, c *Client) {
				var failed time.Time
				var pause time.Duration
				var said error
				c.OnRetry = func(err error, wait time.Duration) { said, pause, failed = err, wait, time.Now() }
				start := time.Now()
				res, err := c.Get(t.Context(), somewhere, Conditions{})
				if err != nil || string(res.Body) != page {
					t.Fatalf("got %+v, %v", res, err)
				}
				if !errors.Is(said, ErrUnreachable) || !strings.Contains(said.Error(), tt.text) {
					t.Errorf("told of %v, want %s", said, tt.text)
				}
				if got := failed.Sub(start); got != tt.after {
					t.Errorf("gave up after %v, want %v", got, tt.after)
				}
				if took := time.Since(start); took != tt.after+pause {
					t.Errorf("took %v, want %v", took, tt.after+pause)
				}
				server.count(t, 2)
			})
		})
	}
}

// TestSlow: a body that keeps coming is waited for.
func TestSlow(t *testing.T) {
	server := &script{steps: []http.HandlerFunc{trickles(29*time.Second, 10)}}
	bubble(t, server, func(t *testing.T, c *Client) {
		res, err := c.Get(t.Context(), somewhere, Conditions{})
		if err != nil || string(res.Body) != "xxxxxxxxxx" {
			t.Errorf("got %+v, %v", res, err)
		}
		server.count(t, 1)
	})
}

func TestCancelPause(t *testing.T) {
	server := &script{steps: []http.HandlerFunc{status(503, "", "Retry-After: 60")}}
	bubble(t, server, func(t *testing.T, c *Client) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(7*time.Second, cancel)
		start := time.Now()
		if _, err := c.Get(ctx, somewhere, Conditions{}); err != context.Canceled {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 7*time.Second {
			t.Errorf("took %v", took)
		}
		server.count(t, 1)
	})
}

// TestDeadline: the caller's deadline is no fault of the server's, wherever it strikes.
func TestDeadline(t *testing.T) {
	for name, step := range map[string]http.HandlerFunc{
		"header": silent,
		"body":   stalls,
		"pause":  status(503, "", "Retry-After: 60"),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, step, func(t *testing.T, c *Client) {
				ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
				defer cancel()
				start := time.Now()
				if _, err := c.Get(ctx, somewhere, Conditions{}); err != context.DeadlineExceeded {
					t.Errorf("got %v", err)
				}
				if took := time.Since(start); took != 7*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// TestDialAbandoned: no connection goes on being made when nobody waits for it. A dial left over would
// deadlock the bubble.
func TestDialAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{adjust: func(tr *http.Transport) {
			tr.Proxy = nil
			tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Get(ctx, somewhere, Conditions{}); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
	})
}
