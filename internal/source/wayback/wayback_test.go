package wayback

import (
	"context"
	"crypto/sha1"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/source/web"
)

const page = "http://www.iana.org/ports.csv"

// archive returns a Wayback Machine that answers the index with index and captures with capture.
func archive(t *testing.T, index, capture http.HandlerFunc) *Archive {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cdx/search/cdx" {
			index(w, r)
		} else {
			capture(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return &Archive{Endpoint: s.URL, PageSize: 2, Client: &web.Client{MaxTries: 2, BackOff: time.Millisecond}}
}

// rows answers the index, as many rows a page as are asked for; the key is the number of the next row.
func rows(rows ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("url") == "" || q.Get("output") != "json" || q.Get("filter") != "statuscode:200" || q.Get("collapse") != "digest" || q.Get("fl") != fields {
			http.Error(w, "not what was agreed: "+r.URL.RawQuery, http.StatusBadRequest)
			return
		}
		limit, _ := strconv.Atoi(q.Get("limit"))
		from, _ := strconv.Atoi(q.Get("resumeKey"))
		answer := [][]string{}
		for _, row := range rows[from:min(from+limit, len(rows))] {
			answer = append(answer, strings.Fields(row))
		}
		if len(answer) > 0 {
			answer = append([][]string{strings.Split(fields, ",")}, answer...)
		}
		if from+limit < len(rows) {
			answer = append(answer, []string{}, []string{strconv.Itoa(from + limit)})
		}
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func row(stamp, original, digest string) string {
	return strings.Join([]string{stamp, original, "200", digest, "text/csv", "1"}, " ")
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(stamp, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestCapturesOfAllPages(t *testing.T) {
	a := archive(t, rows(row("20180101000000", page, "A"), row("20160101000000", page, "-"), row("20170101000000", "https://www.iana.org/ports.csv", "C"),
		row("20170101000000", "https://www.iana.org/ports.csv", "C"), row("20190101000000", page, "D")), nil)
	got, err := a.Captures(context.Background(), page)
	if err != nil {
		t.Fatal(err)
	}
	want := []Capture{
		{at(t, "20160101000000"), page, ""},
		{at(t, "20170101000000"), "https://www.iana.org/ports.csv", "C"},
		{at(t, "20180101000000"), page, "A"},
		{at(t, "20190101000000"), page, "D"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if none, err := archive(t, rows(), nil).Captures(context.Background(), page); len(none) > 0 || err != nil {
		t.Errorf("an empty index: %v, %v", none, err)
	}
}

func TestBadIndexes(t *testing.T) {
	answer := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		}
	}
	for name, test := range map[string]struct {
		index       http.HandlerFunc
		unreachable bool
		says        string
	}{
		"a page of HTML":       {answer(200, "<html>The archive is resting</html>"), true, "invalid index"},
		"an endless index":     {answer(200, `[["timestamp","original"],["20160101000000","x"],[],["again"]]`), true, "begins again"},
		"no such page":         {answer(404, "no"), false, "404"},
		"too busy":             {answer(429, "later"), true, "429"},
		"a row that is short":  {answer(200, `[["timestamp","original"],["20160101000000"]]`), true, "row 2"},
		"a time that is none":  {answer(200, `[["timestamp","original"],["20169901000000","x"]]`), true, "row 2"},
		"columns not asked":    {answer(200, `[["urlkey"],["x"]]`), true, "no timestamp"},
		"half of the answer":   {answer(200, `[["timestamp","original"],["2016`), true, "invalid index"},
		"not a list of lists":  {answer(200, `{"error":"x"}`), true, "invalid index"},
		"nothing was captured": {answer(200, ""), false, ""},
	} {
		_, err := archive(t, test.index, nil).Captures(context.Background(), page)
		if test.says == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.says) || errors.Is(err, web.ErrUnreachable) != test.unreachable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFetch(t *testing.T) {
	const good = "a,b\r\n1,2\r\n"
	sum := sha1.Sum([]byte(good))
	digest := base32.StdEncoding.EncodeToString(sum[:])
	tries := map[string]int{}
	a := archive(t, nil, func(w http.ResponseWriter, r *http.Request) {
		year := strings.TrimPrefix(r.URL.Path, "/web/")[:4]
		tries[year]++
		switch year {
		case "2010":
			if tries[year] == 1 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
		case "2011":
			fmt.Fprint(w, good[:7])
			return
		case "2012":
			http.Redirect(w, r, "/web/20100101000000id_/"+page, http.StatusFound)
			return
		case "2013":
			w.WriteHeader(http.StatusNotFound)
			return
		case "2014":
			w.WriteHeader(http.StatusInternalServerError)
			return
		case "2015":
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case "2016":
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, good)
			return
		case "2017":
			fmt.Fprint(w, "<html>")
			return
		}
		fmt.Fprint(w, good)
	})
	for _, test := range []struct {
		year, digest  string
		unfit, failed string
		other         bool
	}{
		{year: "2009", digest: digest},
		{year: "2009", digest: "ANOTHER", other: true},
		{year: "2010", digest: digest},
		{year: "2011", unfit: "cut off after 7 bytes"},
		{year: "2012", unfit: "another capture"},
		{year: "2013", unfit: "404"},
		{year: "2014", unfit: "500"},
		{year: "2015", failed: "503"},
		{year: "2016", failed: "EOF"},
		{year: "2017"}, // that it is HTML is for the guard to say
	} {
		b, err := a.Fetch(context.Background(), Capture{at(t, test.year+"0101000000"), page, test.digest})
		switch {
		case test.failed != "":
			if !errors.Is(err, web.ErrUnreachable) || !strings.Contains(err.Error(), test.failed) {
				t.Errorf("%s: %v, want %s", test.year, err, test.failed)
			}
		case err != nil:
			t.Errorf("%s: %v", test.year, err)
		case test.unfit != "":
			if b.Unfit == nil || !strings.Contains(b.Unfit.Error(), test.unfit) {
				t.Errorf("%s: %v, want %s", test.year, b.Unfit, test.unfit)
			}
		case b.Unfit != nil || len(b.Bytes) == 0 || b.Other != test.other:
			t.Errorf("%s: %+v", test.year, b)
		}
	}
}

func TestPauses(t *testing.T) {
	a := archive(t, rows(row("20160101000000", page, "A"), row("20170101000000", page, "B"), row("20180101000000", page, "C")), nil)
	a.Pause = time.Hour
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := a.Captures(ctx, page); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the second page came without a pause: %v", err)
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte(`[["timestamp","original","digest"],["20160101000000","x","A"],[],["key"]]`))
	f.Add([]byte(`[[],[]]`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, _, err := parseIndex(data)
		for _, c := range list {
			if err != nil || c.Time.IsZero() && c.Time.Format(stamp) != "00010101000000" {
				t.Errorf("%+v, %v", c, err)
			}
		}
	})
}
