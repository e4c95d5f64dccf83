package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/source/web"
)

// mostPatience is the longest pause that a webhook may ask for.
const mostPatience = 24 * time.Hour

// message is what a webhook is sent about a version.
type message struct {
	version string // its id
	body    []byte // JSON
}

// Signature is what X-Ianasync-Signature says of a body that was sent at a time, in seconds since 1970, as
// X-Ianasync-Timestamp says it.
func Signature(secret []byte, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// transport makes one connection a try. The client of net/http is not needed for that: it follows redirects,
// and names URLs in its errors.
var transport = &http.Transport{
	Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10, TLSHandshakeTimeout: 15 * time.Second,
}

// answerError is an answer that says no.
type answerError struct {
	outcome Outcome // Later, GivenUp or Gone
	after   time.Duration
	text    string
}

func (e answerError) Error() string { return e.text }

// try sends a message once. No error of it says more of the URL than its host.
func (c *courier) try(ctx context.Context, m message) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout(), fmt.Errorf("no answer within %s", c.timeout()))
	defer cancel()
	req, err := c.request(ctx, m)
	if err != nil {
		return errors.New("it cannot be asked") // the error names the URL
	}
	res, err := transport.RoundTrip(req)
	switch {
	case err != nil && context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case err != nil:
		return reason(err)
	}
	defer res.Body.Close()
	return c.judge(res)
}

// reason is why there was no answer. Errors of no known kind quote what the server sent, which may be the address.
func reason(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return lookup
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it closed the connection without an answer")
	}
	return errors.New("what it answers is not HTTP")
}

func (c *courier) request(ctx context.Context, m message) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.webhook.url.String(), bytes.NewReader(m.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", web.UserAgent)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", m.version+"-"+c.webhook.key())
	if len(c.Secret) > 0 {
		timestamp := strconv.FormatInt(c.Now().Unix(), 10)
		req.Header.Set("X-Ianasync-Timestamp", timestamp)
		req.Header.Set("X-Ianasync-Signature", Signature(c.Secret, timestamp, m.body))
	}
	return req, nil
}

// judge says what an answer means. The server's own words are left out: they may be anything.
//
// A message is given up only where the answer says that the message is at fault. An address that leads elsewhere, or to
// nothing, and a door that is closed are for people to mend, which takes longer than a server's trouble.
func (c *courier) judge(res *http.Response) error {
	text := strings.TrimSpace(fmt.Sprint(res.StatusCode, " ", http.StatusText(res.StatusCode)))
	after, _ := web.RetryAfter(res.Header)
	after = min(after, mostPatience)
	switch code := res.StatusCode; {
	case code/100 == 2:
		return nil
	case code == http.StatusBadRequest, code == http.StatusRequestEntityTooLarge,
		code == http.StatusUnsupportedMediaType, code == http.StatusUnprocessableEntity:
		return answerError{outcome: GivenUp, text: text}
	case code == http.StatusGone:
		return answerError{outcome: Gone, text: text}
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return answerError{Later, after, text}
	case code/100 == 3:
		text += elsewhere(res, c.webhook.url) + ": redirects are not followed"
	}
	return answerError{Later, max(after, c.longestPause()), text}
}

// elsewhere names the host that a redirect leads to, if that is another.
func elsewhere(res *http.Response, asked *url.URL) string {
	to, err := asked.Parse(res.Header.Get("Location"))
	if err != nil || to.Scheme == asked.Scheme && to.Host == asked.Host {
		return ""
	}
	return " to " + to.Scheme + "://" + to.Host
}
