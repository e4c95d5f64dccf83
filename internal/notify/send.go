package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
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

// maxRetryAfter bounds the pause that a webhook may ask for with Retry-After.
const maxRetryAfter = 24 * time.Hour

// message is what a webhook receives about one version.
type message struct {
	version string // its id
	body    []byte // JSON
}

// Signature returns the value of the header webhook-signature as Standard Webhooks has it
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): the HMAC-SHA256 of the id, the
// timestamp (seconds since 1970, in decimal) and the body, with a dot between each two.
func Signature(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// ParseSecret returns the key that a secret stands for: after the prefix whsec_, which Standard Webhooks has, a key in
// base64; without it, the bytes themselves. The error does not quote the secret.
func ParseSecret(secret []byte) (key []byte, err error) {
	encoded, found := bytes.CutPrefix(secret, []byte("whsec_"))
	if !found {
		return secret, nil
	}
	key, err = base64.StdEncoding.DecodeString(string(encoded))
	if err != nil || len(key) == 0 {
		return nil, errors.New("a key in base64 must follow whsec_")
	}
	return key, nil
}

// transport opens one connection a try. http.Client is not used, because it follows redirects and its errors contain the
// URL.
var transport http.RoundTripper = &http.Transport{
	Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10, TLSHandshakeTimeout: 15 * time.Second,
}

// answerError is a response with a status other than 2xx.
type answerError struct {
	outcome Outcome // Later, GivenUp or Gone
	after   time.Duration
	text    string
}

func (e answerError) Error() string { return e.text }

// try sends a message once. Its errors contain no more of the URL than the host.
func (w *worker) try(ctx context.Context, m message) error {
	ctx, cancel := context.WithTimeoutCause(ctx, w.timeout(), fmt.Errorf("no answer within %s", w.timeout()))
	defer cancel()
	req, err := w.request(ctx, m)
	if err != nil {
		return errors.New("it cannot be asked") // the error names the URL
	}
	res, err := transport.RoundTrip(req)
	switch {
	case err != nil && context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case err != nil:
		return transportError(err)
	}
	defer res.Body.Close()
	return w.answer(res)
}

// transportError returns an error that says why there was no response and is safe to log. Errors of an unknown type are
// replaced, because they may quote what the server sent, and that may contain the URL.
func transportError(err error) error {
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

func (w *worker) request(ctx context.Context, m message) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.webhook.url.String(), bytes.NewReader(m.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", web.UserAgent)
	req.Header.Set("Content-Type", "application/json")
	id := m.version + "-" + w.webhook.key()
	req.Header.Set("Idempotency-Key", id)
	if len(w.Secret) > 0 {
		timestamp := strconv.FormatInt(w.Now().Unix(), 10)
		req.Header.Set("Webhook-Id", id)
		req.Header.Set("Webhook-Timestamp", timestamp)
		req.Header.Set("Webhook-Signature", Signature(w.Secret, id, timestamp, m.body))
	}
	return req, nil
}

// answer returns nil for a response that accepts the message, and an [answerError] for any other. The response's body is
// not quoted: it is untrusted.
//
// A message is given up only where the status says that the message itself is at fault. Redirects, 404 and denied access
// are mistakes that people have to correct, which takes longer than an outage, so these are retried at the longest pause.
func (w *worker) answer(res *http.Response) error {
	text := strings.TrimSpace(fmt.Sprint(res.StatusCode, " ", http.StatusText(res.StatusCode)))
	after, _ := web.RetryAfter(res.Header)
	after = min(after, maxRetryAfter)
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
		text += redirectTarget(res, w.webhook.url) + ": redirects are not followed"
	}
	return answerError{Later, max(after, w.longestPause()), text}
}

// redirectTarget returns " to " and the scheme and host that a redirect leads to, or nothing if these are the same.
func redirectTarget(res *http.Response, asked *url.URL) string {
	to, err := asked.Parse(res.Header.Get("Location"))
	if err != nil || to.Scheme == asked.Scheme && to.Host == asked.Host {
		return ""
	}
	return " to " + to.Scheme + "://" + to.Host
}
