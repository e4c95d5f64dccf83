package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// transport returns the transport of one Get, whose first request goes to source, or of all requests of a [Client.Keep].
//
// After a single Get connections are not kept: one request is all we have, and an idle connection would be dead after a
// pause. It also keeps the count of tries true, because net/http silently repeats a request that failed on a used one.
// Having its own dialer, the transport keeps to HTTP/1.1.
func (c *Client) transport(source *url.URL, keep bool) *http.Transport {
	d := &dialer{client: c, source: hostPort(source)}
	t := &http.Transport{
		Proxy:                  d.proxy,
		DialContext:            d.dial,
		TLSHandshakeTimeout:    c.ConnectTimeout,
		ResponseHeaderTimeout:  c.HeaderTimeout,
		MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives:      !keep,
	}
	if keep {
		t.MaxConnsPerHost, t.IdleConnTimeout = 1, c.StallTimeout
	}
	if c.adjust != nil {
		c.adjust(t)
	}
	return t
}

// checkRedirect bounds redirects and keeps secrets from where they lead.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	from, to := via[len(via)-1].URL, req.URL
	switch {
	case len(via) > c.MaxRedirects:
		return redirectError(fmt.Sprintf("more than %d redirects", max(0, c.MaxRedirects)))
	case from.Scheme == "https" && to.Scheme == "http":
		return redirectError("redirect from https down to " + redacted(to))
	case to.Scheme != "http" && to.Scheme != "https":
		return redirectError("redirect to " + redacted(to))
	}
	to.User = nil // a relative redirect inherits it
	req.Header.Del("Referer")
	if to.Path != via[0].URL.Path { // any page that is older, such as one about what is gone, would be answered with 304
		req.Header.Del("If-Modified-Since")
	}
	return nil
}

// redirectError is a redirect that is not followed. It is permanent: a retry would be redirected again.
type redirectError string

func (e redirectError) Error() string { return string(e) }

// try makes one request. The caller sets the URL and the number of tries in the Error.
func (c *Client) try(ctx context.Context, client *http.Client, r *request) (*Response, *Error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.TotalTimeout, fmt.Errorf("not done within %s", c.TotalTimeout))
	defer cancel()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)

	req := (&http.Request{Method: http.MethodGet, URL: r.url, Host: r.url.Host, Header: r.header.Clone()}).WithContext(ctx)
	res, err := client.Do(req)
	if err != nil {
		return nil, connectFault(ctx, err)
	}
	defer res.Body.Close()

	if fault := c.refused(res); fault != nil {
		return nil, fault
	}
	answer := &Response{
		URL:          redacted(res.Request.URL),
		Status:       res.StatusCode,
		NotModified:  res.StatusCode == http.StatusNotModified,
		ETag:         res.Header.Get("ETag"),
		LastModified: res.Header.Get("Last-Modified"),
		ContentType:  res.Header.Get("Content-Type"),
	}
	if answer.NotModified {
		answer.ETag = cmp.Or(answer.ETag, r.cond.ETag)
		answer.LastModified = cmp.Or(answer.LastModified, r.cond.LastModified)
		return answer, nil
	}
	body, fault := c.readBody(ctx, end, res)
	if fault != nil {
		return nil, fault
	}
	answer.Body = body
	return answer, nil
}

// connectFault returns why there was no answer to a request made with ctx.
func connectFault(ctx context.Context, err error) *Error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // Error names the URL, once and without credentials
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	redirect, final := errors.AsType[redirectError](err)
	if final {
		err = redirect // without the words of net's dialer around it
	}
	return &Error{kind: ErrUnreachable, Err: err, final: final}
}

// refused returns the fault in a status that means "not now", nil for any other.
func (c *Client) refused(res *http.Response) *Error {
	code, sent := res.StatusCode, res.Request.Header
	conditional := sent.Get("If-None-Match") != "" || sent.Get("If-Modified-Since") != ""
	fault := &Error{kind: ErrUnreachable, Status: code, Err: errors.New(statusText(code))}
	pause, _ := RetryAfter(res.Header) // without one, the pause is ours to choose
	switch {
	case code == http.StatusNotModified && !conditional:
		fault.Err = fmt.Errorf("%w to a request without conditions", fault.Err)
		fault.final = true
	case code == http.StatusForbidden:
		fault.final = true
	case code == http.StatusTooManyRequests, code >= 500:
		fault.after = pause
	default:
		return nil
	}
	if fault.after > c.MaxRetryAfter {
		fault.Err = fmt.Errorf("%w, asking for a pause of %s, longer than %s", fault.Err, pause, c.MaxRetryAfter)
		fault.final = true
	}
	return fault
}

// statusText is "503 Service Unavailable". The server's own words are left out: they may be anything.
func statusText(code int) string {
	return strings.TrimSpace(fmt.Sprint(code, " ", http.StatusText(code)))
}

// readBody reads a body to its end, within its limit. It ends ctx, the try's, where the body stalls.
func (c *Client) readBody(ctx context.Context, end context.CancelCauseFunc, res *http.Response) ([]byte, *Error) {
	success := res.StatusCode/100 == 2
	limit := c.MaxBytes
	if !success {
		limit = min(limit, maxErrorBody)
	}
	tooLarge := &Error{
		kind: ErrTooLarge, Status: res.StatusCode, final: true,
		Err: fmt.Errorf("body of more than %d bytes", limit),
	}
	if success && res.ContentLength > limit {
		return nil, tooLarge
	}

	stalled := fmt.Errorf("nothing more came for %s", c.StallTimeout)
	body := &body{ReadCloser: res.Body, client: c, total: res.ContentLength}
	body.stall = time.AfterFunc(c.StallTimeout, func() { end(stalled) })
	defer body.stall.Stop()

	var data bytes.Buffer
	data.Grow(int(min(max(res.ContentLength, 0), limit, maxGrowth)) + bytes.MinRead)
	_, err := data.ReadFrom(http.MaxBytesReader(nil, body, limit))
	_, more := errors.AsType[*http.MaxBytesError](err)
	switch {
	case more && success:
		return nil, tooLarge
	case err != nil && !more:
		return nil, brokenBody(ctx, res.StatusCode, body.read, err)
	}
	return data.Bytes(), nil
}

// maxGrowth is the most memory, in bytes, that is allocated because of a Content-Length.
const maxGrowth = 4 << 20

// brokenBody returns why a body ended after read bytes.
func brokenBody(ctx context.Context, status int, read int64, err error) *Error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return &Error{kind: ErrUnreachable, Status: status, Err: fmt.Errorf("body broke off after %d bytes: %w", read, err)}
}

// body is a response's body that reports its progress and notices when it stalls.
type body struct {
	io.ReadCloser
	client *Client
	stall  *time.Timer // fires unless set back in time

	read, total int64 // total is -1 if unknown
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.stall.Reset(b.client.StallTimeout)
		b.read += int64(n)
		if b.client.OnProgress != nil {
			b.client.OnProgress(b.read, b.total)
		}
	}
	return n, err
}
