// Package web fetches a URL over HTTP, with conditional requests, bounded retries and limits on what it reads.
//
// The servers are public ones, so a [Client] sends a User-Agent and the validators of the last answer (an unchanged
// file costs a few hundred bytes), makes one request at a time, waits longer after each failure, honours Retry-After,
// and does not retry a request that was rejected.
//
// The answers are not trusted. Redirects, headers and bodies are bounded, in size and in time. A body that breaks off
// is requested again. (In HTTP/1.0 a body ends where the connection ends, so that a truncated body can be recognised
// only by its contents.)
//
// The package does not judge an answer. A complete one is a [Response], whether its status is 200 or 404; an error
// means that there was no complete answer, and its class states the reason: see [ErrUnreachable] and [ErrTooLarge].
package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"
)

// ErrUnreachable is the class of faults that may be gone later, and only then: no connection (DNS, refused,
// reset, TLS), a time-out, a body that stalls or breaks off, redirects without end or down to plain http, 403,
// 429, 5xx, and a 304 for a request without validators.
//
// Test for it before testing for [context.DeadlineExceeded], which the operating system's time-outs match too.
var ErrUnreachable = errors.New("server out of reach")

// ErrTooLarge is the class of a body larger than Client.MaxBytes.
var ErrTooLarge = errors.New("body too large")

// maxErrorBody bounds the body kept of an answer other than 2xx, in bytes: enough to see what it was.
const maxErrorBody = 64 << 10

// Client has the limits and settings of requests. The zero Client is ready to use: a zero field means its default.
// A Client is safe for use by several goroutines.
type Client struct {
	// UserAgent names the program and its contact address; IANA refuses clients without one.
	// Default [UserAgent].
	UserAgent string

	// MaxBytes bounds a body, counted after decompression. Default 64 MiB.
	MaxBytes int64

	// ConnectTimeout bounds the TCP connection and, once more, the TLS handshake. Default 15 s.
	ConnectTimeout time.Duration
	// HeaderTimeout bounds the wait from the request sent to the answer's header. Default 30 s.
	HeaderTimeout time.Duration
	// StallTimeout bounds the wait for the next byte of a body. Default 30 s.
	StallTimeout time.Duration
	// TotalTimeout bounds one try from the connection to the last byte, redirects included, and so ends a body
	// that trickles. Pauses do not count; bound the whole with the context. Default 5 min.
	TotalTimeout time.Duration

	// MaxRedirects bounds the redirects followed in one try; negative: none. Default 5.
	MaxRedirects int

	// MaxTries bounds the tries, the first included. Default 4.
	MaxTries int
	// BackOff is the pause after the first failure. Each further pause is twice as long, up to a minute; to
	// each, up to half its length is added or taken at random, so that clients do not return in step.
	// Default 2 s.
	BackOff time.Duration
	// MaxRetryAfter is the longest Retry-After that is honoured; a longer one ends the tries. Default 2 min.
	MaxRetryAfter time.Duration

	// OnRetry, if not nil, is called before each pause with what failed (an *Error) and the length of the pause.
	OnRetry func(err error, wait time.Duration)
	// OnProgress, if not nil, is called with the number of bytes of a body read so far, after decompression, and their
	// total, which is -1 where it is unknown, as with every compressed body. Each try starts again from 0.
	// Both functions are called by the goroutine that called Get.
	OnProgress func(read, total int64)

	kept    *http.Client // for requests to keptFor: see [Client.Keep]
	keptFor string       // host:port

	adjust  func(*http.Transport)     // for tests: other root certificates and connections
	private func(address string) bool // for tests, which have no public address: replaces isPrivate's rule for IP:port
}

// Conditions are the validators of an earlier answer, exactly as the server sent them. An empty one is not sent,
// nor is one with control characters, which are invalid in a header. A redirect to another path is followed without LastModified.
type Conditions struct {
	ETag         string // sent as If-None-Match
	LastModified string // sent as If-Modified-Since
}

// Response is a complete answer.
type Response struct {
	URL         string // after redirects, without credentials
	Status      int    // any but 403, 429 and 5xx, which are errors
	NotModified bool   // 304: the edition with the Conditions' validators is still current
	// Body is decompressed, and nil if NotModified. Of an answer other than 2xx it holds the first 64 KiB, or
	// MaxBytes if that is less.
	Body []byte
	// ETag and LastModified are the validators for the next request, as the server sent them. One that a 304 does
	// not repeat is the one of the request (RFC 9111, section 4.3.4).
	ETag, LastModified string
	ContentType        string
}

// Error is the error for a URL without a Response. It wraps its class and its cause.
type Error struct {
	URL    string // as asked for, without credentials
	Status int    // of the last answer; 0 if there was none
	Tries  int    // how often it was asked for; 0 if it could not be
	Err    error  // what went wrong in the last try

	kind  error         // ErrUnreachable, ErrTooLarge, or nil: the request itself is wrong
	final bool          // asking again is useless, or unwelcome
	after time.Duration // the pause the server asks for; 0 if it leaves that to us
}

// credentials matches those of a URL quoted in an error's text, however malformed that URL is.
var credentials = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`//[^\s"]*@`) })

// Error reads like "GET https://example.org/: 503 Service Unavailable (4 tries)".
func (e *Error) Error() string {
	text := "GET " + e.URL + ": " + credentials().ReplaceAllString(e.Err.Error(), "//xxxxx@")
	if e.Tries > 1 {
		text += fmt.Sprintf(" (%d tries)", e.Tries)
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is e's class.
func (e *Error) Is(target error) bool { return e.kind != nil && e.kind == target }

// Get requests rawURL, with retries, and returns the answer.
//
// It retries after faults of the class ErrUnreachable that may be temporary: not after 403, a redirect that it
// may not follow, or a 304 for a request without validators.
//
// An error is an *[Error], or ctx's own as soon as ctx ends, in the middle of a body or of a pause. An Error of no
// class means that the request is wrong and was never sent.
func (c *Client) Get(ctx context.Context, rawURL string, cond Conditions) (*Response, error) {
	client := c.withDefaults()
	target, err := parseURL(rawURL)
	if err != nil {
		return nil, err
	}
	if !sendable(client.UserAgent) {
		return nil, &Error{URL: redacted(target), Err: fmt.Errorf("unusable User-Agent %q", client.UserAgent)}
	}
	header := http.Header{"User-Agent": {client.UserAgent}}
	cond.addTo(header)
	return client.retry(ctx, &request{target, header, cond})
}

// Keep returns a client for many requests to the server of a URL, one after another. They share one connection, as long as
// the server keeps it open. Requests to other servers are made as by c. The function end closes the connection.
func (c *Client) Keep(rawURL string) (kept *Client, end func(), err error) {
	target, err := parseURL(rawURL)
	if err != nil {
		return nil, nil, err
	}
	kept = c.withDefaults()
	kept.kept = &http.Client{Transport: kept.transport(target, true), CheckRedirect: kept.checkRedirect}
	kept.keptFor = hostPort(target)
	return kept, kept.kept.CloseIdleConnections, nil
}

// request is what every try of one Get has in common.
type request struct {
	url    *url.URL
	header http.Header
	cond   Conditions
}

// UserAgent is what the program calls itself.
const UserAgent = "ianasync (+https://github.com/ianasync/ianasync)"

// withDefaults returns a copy of c in which zero means zero.
func (c *Client) withDefaults() *Client {
	d := *c
	d.UserAgent = cmp.Or(c.UserAgent, UserAgent)
	d.MaxBytes = cmp.Or(c.MaxBytes, 64<<20)
	d.ConnectTimeout = cmp.Or(c.ConnectTimeout, 15*time.Second)
	d.HeaderTimeout = cmp.Or(c.HeaderTimeout, 30*time.Second)
	d.StallTimeout = cmp.Or(c.StallTimeout, 30*time.Second)
	d.TotalTimeout = cmp.Or(c.TotalTimeout, 5*time.Minute)
	d.MaxRedirects = cmp.Or(c.MaxRedirects, 5)
	d.MaxTries = max(1, cmp.Or(c.MaxTries, 4))
	d.BackOff = cmp.Or(c.BackOff, 2*time.Second)
	d.MaxRetryAfter = cmp.Or(c.MaxRetryAfter, 2*time.Minute)
	return &d
}

// parseURL accepts absolute http and https URLs.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		// Neither the text nor the parser's complaint may be shown: both can hold a password.
		return nil, &Error{URL: "(URL not shown)", Err: errors.New("malformed URL")}
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &Error{URL: redacted(u), Err: errors.New("not an http or https URL")}
	case u.Hostname() == "":
		return nil, &Error{URL: redacted(u), Err: errors.New("URL without a host")}
	}
	return u, nil
}

// redacted is u's text for people to see. Unlike [url.URL.Redacted] it hides the user too, who may be a token.
func redacted(u *url.URL) string {
	shown := *u
	if u.User != nil {
		shown.User = url.User("xxxxx")
	}
	if u.Opaque != "" { // as in user:password@host, with the scheme forgotten
		shown.Opaque = "xxxxx"
	}
	return shown.String()
}

// WithoutUser returns the text of u without the user name and password.
func WithoutUser(u *url.URL) string {
	bare := *u
	bare.User = nil
	return bare.String()
}

// addTo sets the header fields that make a request conditional.
func (c Conditions) addTo(header http.Header) {
	if c.ETag != "" && sendable(c.ETag) {
		header.Set("If-None-Match", c.ETag)
	}
	if c.LastModified != "" && sendable(c.LastModified) {
		header.Set("If-Modified-Since", c.LastModified)
	}
}

// sendable reports whether value may stand in a request's header. Servers' header values are read more
// leniently than ours are written.
func sendable(value string) bool { return !strings.ContainsFunc(value, unicode.IsControl) }
