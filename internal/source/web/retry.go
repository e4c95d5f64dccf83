package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v7"
)

// maxPause caps the pauses we choose ourselves, unless the first one is longer already.
const maxPause = time.Minute

// retry tries until there is an answer, no hope, or no try left.
func (c *Client) retry(ctx context.Context, req *request) (*Response, error) {
	client := c.kept
	if client == nil || hostPort(req.url) != c.keptFor {
		client = &http.Client{Transport: c.transport(req.url, false), CheckRedirect: c.checkRedirect}
		defer client.CloseIdleConnections() // ends a connection still being made when its try was over
	}

	var last *Error
	tries := 0
	res, err := backoff.Retry(ctx, func() (*Response, error) {
		var res *Response
		if res, last = c.try(ctx, client, req); last == nil {
			return res, nil
		}
		tries++
		last.URL, last.Tries = redacted(req.url), tries
		return nil, last.retryError()
	},
		backoff.WithMaxTries(uint(c.MaxTries)),
		backoff.WithMaxElapsedTime(0), // tries are counted, and each is bounded
		backoff.WithBackOff(c.pauses()),
		backoff.WithNotify(func(_ error, wait time.Duration) {
			if c.OnRetry != nil {
				c.OnRetry(last, wait)
			}
		}),
	)
	switch {
	case err == nil:
		return res, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, last
}

// pauses is the sequence of pauses documented at Client.BackOff.
func (c *Client) pauses() backoff.BackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     c.BackOff,
		MaxInterval:         max(c.BackOff, maxPause),
		Multiplier:          2,
		RandomizationFactor: 0.5,
	}
}

// retryError converts e into what the retry loop expects: permanent, to be retried after a given pause, or to be
// retried after the usual one.
func (e *Error) retryError() error {
	switch {
	case e.final:
		return backoff.Permanent(e)
	case e.after > 0:
		return backoff.RetryAfter(e.after, e)
	}
	return e
}

// RetryAfter parses the Retry-After field (RFC 9110, section 10.2.3): seconds, or a date, which is relative to the
// Date field if there is one, and to this machine's clock otherwise. A date in the past is a pause of 0; ok is false
// where the field is missing or invalid.
func RetryAfter(header http.Header) (pause time.Duration, ok bool) {
	value := header.Get("Retry-After")
	seconds, err := strconv.ParseUint(value, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) { // out of range, it is the largest number
		const most = uint64(math.MaxInt64 / time.Second)
		return time.Duration(min(seconds, most)) * time.Second, true
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, until.Sub(now)), true
}
