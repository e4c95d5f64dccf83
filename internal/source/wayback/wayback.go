// Package wayback reads the editions of a file from the Internet Archive.
//
// The archive's index, the CDX server, lists the captures of a URL: the time, the URL (http or
// https) and a digest of each. The query is limited to successful responses, and to one capture of each run of
// equal ones. Its answer is paged, with a key for the next page
// (https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server). A capture's bytes, without the
// archive's banner and rewritten links, are at /web/TIMESTAMPid_/URL.
//
// The archive is slow and often overloaded. So there is one request at a time, with a pause before each, and
// package web honours Retry-After. The archive may serve something else than what it listed:
//
//   - the nearest capture instead of the requested one, by a redirect: this is an error;
//   - a truncated capture: IANA's file ends with a line end, and so must a capture;
//   - other bytes than those of the digest in the index: this is reported but not an error, because it
//     happens with every capture that was archived compressed.
package wayback

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the index has no other digest
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/source/web"
)

// Archive is a Wayback Machine.
type Archive struct {
	Endpoint string        // its URL, without a slash at the end
	Pause    time.Duration // before each request but the first
	PageSize int           // captures a page of the index
	Client   *web.Client

	asked bool
}

// Capture is one capture of a URL.
type Capture struct {
	Time     time.Time // to the second
	Original string    // the URL that was captured
	Digest   string    // SHA-1 of the body as it was transferred, in base32; empty if the index has none
}

// stamp is how the archive writes times: "20160101214352".
const stamp = "20060102150405"

// URL returns where the bytes of a capture are.
func (a *Archive) URL(c Capture) string {
	return fmt.Sprintf("%s/web/%sid_/%s", a.Endpoint, c.Time.Format(stamp), c.Original)
}

// fields are the columns that the index is asked for.
const fields = "timestamp,original,statuscode,digest,mimetype,length"

// Captures returns the captures of a URL, oldest first. Where the archive is out of reach, or its answer is
// no index, the error is a [web.ErrUnreachable].
func (a *Archive) Captures(ctx context.Context, of string) ([]Capture, error) {
	var list []Capture
	seen := make(map[string]bool) // keys of pages
	for key := ""; ; {
		query := url.Values{
			"url": {of}, "output": {"json"}, "fl": {fields}, "filter": {"statuscode:200"}, "collapse": {"digest"},
			"limit": {strconv.Itoa(a.PageSize)}, "showResumeKey": {"true"},
		}
		if key != "" {
			query.Set("resumeKey", key)
		}
		r, err := a.get(ctx, a.Endpoint+"/cdx/search/cdx?"+query.Encode())
		if err != nil {
			return nil, err
		}
		if r.Status != http.StatusOK {
			return nil, fmt.Errorf("GET %s: %d %s", r.URL, r.Status, http.StatusText(r.Status))
		}
		page, next, err := parseIndex(r.Body)
		if err != nil {
			return nil, fmt.Errorf("%w: GET %s: %w", web.ErrUnreachable, r.URL, err)
		}
		list = append(list, page...)
		if next == "" {
			break
		}
		if seen[next] {
			return nil, fmt.Errorf("%w: GET %s: the index begins again where it was", web.ErrUnreachable, r.URL)
		}
		seen[next], key = true, next
	}
	slices.SortFunc(list, func(a, b Capture) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return strings.Compare(a.Original, b.Original)
	})
	return slices.CompactFunc(list, func(a, b Capture) bool { return a.Time.Equal(b.Time) && a.Original == b.Original }), nil
}

// parseIndex reads a page of the index: rows of strings, the first of which names the columns. Where there
// are more pages, an empty row and one with the key for the next come last. An empty page has no rows.
func parseIndex(data []byte) (list []Capture, next string, err error) {
	var rows [][]string
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, "", nil
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, "", fmt.Errorf("invalid index of captures: %w", err)
	}
	if n := len(rows); n >= 2 && len(rows[n-2]) == 0 && len(rows[n-1]) == 1 {
		next, rows = rows[n-1][0], rows[:n-2]
	}
	if len(rows) == 0 {
		return nil, next, nil
	}
	at := func(column string) int { return slices.Index(rows[0], column) }
	when, original, digest := at("timestamp"), at("original"), at("digest")
	if when < 0 || original < 0 {
		return nil, "", errors.New("the index names no timestamp or no original URL")
	}
	for i, row := range rows[1:] {
		if len(row) != len(rows[0]) {
			return nil, "", fmt.Errorf("row %d of the index has %d columns, not %d", i+2, len(row), len(rows[0]))
		}
		t, err := time.Parse(stamp, row[when])
		if err != nil {
			return nil, "", fmt.Errorf("row %d of the index: %w", i+2, err)
		}
		c := Capture{Time: t, Original: row[original]}
		if digest >= 0 && row[digest] != "-" {
			c.Digest = row[digest]
		}
		list = append(list, c)
	}
	return list, next, nil
}

// Body is what the archive answered for a capture.
type Body struct {
	Bytes []byte
	Unfit error // why the bytes are not those of the capture; then there are none
	Other bool  // they are not the bytes that the index has the digest of
}

// Fetch returns the bytes of a capture. The error is a [web.ErrUnreachable] where asking later may help.
func (a *Archive) Fetch(ctx context.Context, c Capture) (Body, error) {
	r, err := a.get(ctx, a.URL(c))
	var failed *web.Error
	switch {
	case errors.As(err, &failed) && failed.Status >= 500 && failed.Status != http.StatusServiceUnavailable:
		return Body{Unfit: err}, nil // this capture alone is broken
	case errors.Is(err, web.ErrTooLarge):
		return Body{Unfit: err}, nil
	case err != nil:
		return Body{}, err
	case r.Status != http.StatusOK:
		return Body{Unfit: fmt.Errorf("GET %s: %d %s", r.URL, r.Status, http.StatusText(r.Status))}, nil
	case !strings.Contains(r.URL, "/web/"+c.Time.Format(stamp)+"id_/"):
		return Body{Unfit: fmt.Errorf("the archive answered with another capture, %s", r.URL)}, nil
	case !bytes.HasSuffix(r.Body, []byte("\n")) && !bytes.HasPrefix(bytes.TrimSpace(r.Body), []byte("<")):
		return Body{Unfit: fmt.Errorf("the capture is cut off after %d bytes", len(r.Body))}, nil
	}
	sum := sha1.Sum(r.Body) //nolint:gosec // likewise
	return Body{Bytes: r.Body, Other: c.Digest != "" && c.Digest != base32.StdEncoding.EncodeToString(sum[:])}, nil
}

// get asks, after a pause.
func (a *Archive) get(ctx context.Context, address string) (*web.Response, error) {
	if a.asked {
		select {
		case <-time.After(a.Pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	a.asked = true
	return a.Client.Get(ctx, address, web.Conditions{})
}
