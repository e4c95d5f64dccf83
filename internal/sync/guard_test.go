package sync_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// book is an edition of a registry with a thousand records, as rows of cells. Its limits are those of IANA's, but for its
// size.
type book [][]string

func guarded1000() *ports.Registry {
	r := *ports.ServiceNames()
	r.MinRecords, r.MaxUncovered = 900, 0
	return &r
}

func newBook() book {
	var b book
	header := []string{}
	for _, c := range ports.Columns() {
		header = append(header, c.Name)
	}
	b = append(b, header)
	for i := range 1000 {
		row := make([]string, len(header))
		copy(row, []string{fmt.Sprint("relay-", i), strconv.Itoa(i + 1), "tcp", fmt.Sprint("Relay number ", i), fmt.Sprintf("[Holder_%d]", i), fmt.Sprintf("[Contact_%d]", i)})
		row[6], row[7] = fmt.Sprintf("20%02d-%02d-%02d", i%20, 1+i%12, 1+i%28), fmt.Sprintf("20%02d-%02d", i%20, 1+i%12)
		if i%50 == 0 {
			row[4] = fmt.Sprintf("[Ren\u00e9_M\u00fcller_%d]", i)
		}
		b = append(b, row)
	}
	return b
}

// with returns a copy after a change.
func (b book) with(change func(b book) book) book {
	c := make(book, len(b))
	for i := range b {
		c[i] = slices.Clone(b[i])
	}
	return change(c)
}

// each changes every record.
func (b book) each(change func(i int, row []string)) book {
	return b.with(func(b book) book {
		for i, row := range b[1:] {
			change(i, row)
		}
		return b
	})
}

func (b book) bytes() []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	if err := w.WriteAll(b); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// bodies answers with one body after the other.
type bodies struct{ list [][]byte }

func (b *bodies) Get(context.Context, string, web.Conditions) (*web.Response, error) {
	body := b.list[0]
	b.list = b.list[1:]
	return &web.Response{Status: 200, Body: body}, nil
}

var began = time.Date(2026, 1, 1, 6, 0, 0, 0, time.UTC)

func openBook(t *testing.T) *snapshots.Store {
	t.Helper()
	return historytest.EmptyOf(t, portrules.Group{Registry: guarded1000()})
}

// serve syncs what is served so long after the beginning, and returns the reason of a rejection.
func serve(t *testing.T, s *snapshots.Store, after time.Duration, accept bool, body []byte) (reason string) {
	t.Helper()
	j := sync.Job{Store: s, Accept: accept, Now: func() time.Time { return began.Add(after) }}
	_, err := j.Sync(t.Context(), &bodies{[][]byte{body}}, "https://example.org/ports.csv")
	if r, ok := errors.AsType[*sync.Rejection](err); ok {
		return r.Reason
	}
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

// What becomes of a body that the guard does not believe at once.
const (
	never    = "never"    // whatever anybody says
	accepted = "accepted" // with Accept
	served   = "served"   // so, and once it has been served for a day
)

var utf16 = func(b []byte) []byte {
	var out []byte
	for _, r := range string(b) {
		out = append(out, byte(r), byte(r>>8))
	}
	return out
}

// evil are the bodies that are not the registry, or not plausibly, after the edition of newBook.
func evil() []struct {
	name, reason, until string
	body                []byte
} {
	good := newBook()
	text := good.bytes()
	tail := func(n int) []byte { return good.with(func(b book) book { return b[:len(b)-n] }).bytes() }
	replaced := func(old, new string) []byte { return bytes.ReplaceAll(text, []byte(old), []byte(new)) }
	latin1 := []byte{}
	twice := ""
	for _, r := range string(text) {
		latin1 = append(latin1, byte(r))
	}
	for _, b := range text {
		twice += string(rune(b))
	}
	return []struct {
		name, reason, until string
		body                []byte
	}{
		{"tail cut off at a line end by 3", "its end may be missing: relay-999 on 1000 (tcp), the last record of the version before", served, tail(3)},
		{"by 17", "its end may be missing", served, tail(17)},
		{"by 60", "its end may be missing", served, tail(60)},
		{"inside a row", "has 4 of 12 fields: it was cut off", never, append(tail(3), "relay-997,998,tcp,Rel"...)},
		{"inside a quoted cell", "has a quote that is never closed: it was cut off", never, append(tail(3), "relay-997,998,tcp,,,,,,,,,\"Defined TXT keys:\n"...)},
		{"without the last line end", "its last line has no line end", accepted, bytes.TrimSuffix(text, []byte("\r\n"))},
		{"all descriptions replaced", "1000 of 1000 assigned records are altered (100.0 %); at most 5.0 % are at once", served, good.each(func(i int, r []string) { r[3] = "x" + r[3] }).bytes()},
		{"all assignees replaced", "are altered", served, good.each(func(i int, r []string) { r[4] = "[Nobody]" }).bytes()},
		{"51 altered", "51 of 1000 assigned records are altered (5.1 %)", served, good.each(func(i int, r []string) {
			if i < 51 {
				r[3] = "x"
			}
		}).bytes()},
		{"21 gone", "21 of 1000 assigned records are gone (2.1 %)", served, good.with(func(b book) book { return slices.Delete(b, 500, 521) }).bytes()},
		{"21 new", "21 assigned records came to 1000 (2.1 %)", served, good.with(func(b book) book {
			for i := range 21 {
				row := slices.Clone(b[1])
				row[0] = fmt.Sprint("new-", i)
				b = slices.Insert(b, 500, row)
			}
			return b
		}).bytes()},
		{"one row 200 times", "199 duplicate records", accepted, good.with(func(b book) book {
			for range 199 {
				b = slices.Insert(b, 500, b[500])
			}
			return b
		}).bytes()},
		{"too many rows", "it has 101001 lines; the registry has at most 50000", never, slices.Concat(text, bytes.Repeat([]byte("a\n"), 100_000))},
		{"a header of a million columns", "commas; the registry has at most", never, bytes.Repeat([]byte(","), 2_000_000)},
		{"a hundred columns", "its first line has 100 columns", never, append(bytes.Repeat([]byte(","), 99), '\n')},
		{"the header twice", "the header is repeated on line 501", accepted, good.with(func(b book) book { return slices.Insert(b, 500, b[0]) }).bytes()},
		{"a NUL", "it has NUL bytes, in 1 rows", accepted, replaced("Relay number 500,", "Relay\x00number 500,")},
		{"Latin-1", "in 20 rows there are bytes that are not UTF-8: it is Latin-1 or Windows-1252; convert it first", accepted, latin1},
		{"UTF-8 encoded twice", `in 20 rows text is encoded in UTF-8 twice (line 2: UTF-8 encoded twice: "Ã©" stands for "é")`, accepted, []byte(twice)},
		{"dates of a spreadsheet", "2000 dates are as a spreadsheet writes them, such as", accepted, good.each(func(i int, r []string) {
			r[6], r[7] = fmt.Sprintf("%d/%d/2011", 1+i%12, 1+i%28), "May-11"
		}).bytes()},
		{"six bad ports", "it has 6 problems, where the version before has 0; the first: 2:9: Port Number", accepted, good.each(func(i int, r []string) {
			if i < 6 {
				r[1] = "70000"
			}
		}).bytes()},
		{"a range of all ports", "relay-7 has 65535 ports, 1-65535; no service has more than 1000", accepted, good.each(func(i int, r []string) {
			if i == 7 {
				r[1] = "1-65535"
			}
		}).bytes()},
		{"a cell of a megabyte", `relay-7 on 8 (tcp) has 1000000 bytes in the column "Description"; no cell has more than 65536`, accepted, good.each(func(i int, r []string) {
			if i == 7 {
				r[3] = strings.Repeat("x", 1_000_000)
			}
		}).bytes()},
		{"ranges of all ports", "its records hold", accepted, good.with(func(b book) book {
			for i := range 100 {
				row := make([]string, 12)
				row[1], row[3] = "0-65535", fmt.Sprint("Unassigned ", i)
				b = slices.Insert(b, 500, row)
			}
			return b
		}).bytes()},
		{"a column more", `unknown column "Colour"`, accepted, good.with(func(b book) book {
			for i := range b {
				b[i] = append(b[i], "Colour")
			}
			return b
		}).bytes()},
		{"half of it", "it has 500 records; the registry has at least 900", accepted, tail(500)},
		{"gzip", "it is compressed with gzip: decompress it first", never, append([]byte("\x1f\x8b\x08"), text...)},
		{"UTF-16", "it is UTF-16, not UTF-8: convert it first", never, append([]byte("\xff\xfe"), utf16(text)...)},
		{"UTF-16 without a mark", "it is UTF-16, not UTF-8: convert it first", never, utf16(text)},
		{"lone CRs", "it is a file whose lines end in CR alone", never, replaced("\r\n", "\r")},
		{"lone CRs around cells with LFs", "it is a file whose lines end in CR alone", never, bytes.ReplaceAll(replaced("Relay number 5,", "\"Relay\nnumber 5\","), []byte("\r\n"), []byte("\r"))},
		{"a spreadsheet", "it is a zip archive or a spreadsheet (.xlsx), not CSV", never, []byte("PK\x03\x04\x14")},
		{"a pointer", "it is a Git LFS pointer, not the file itself: 'git lfs pull' fetches that", never, []byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 1\n")},
		{"a page", "it is a page of HTML", never, []byte("<!doctype html>")},
	}
}

// TestGuard serves what is not believed after a good edition: at once, a day later, and with Accept.
func TestGuard(t *testing.T) {
	for _, e := range evil() {
		t.Run(e.name, func(t *testing.T) {
			s := openBook(t)
			if reason := serve(t, s, 0, false, newBook().bytes()); reason != "" {
				t.Fatalf("the good edition: %s", reason)
			}
			for _, at := range []time.Duration{day, 2*day - time.Second} {
				if reason := serve(t, s, at, false, e.body); !strings.Contains(reason, e.reason) || reason == "" {
					t.Fatalf("after %s: %q, want %q", at, reason, e.reason)
				}
			}
			if reason := serve(t, s, 2*day, false, e.body); (reason == "") != (e.until == served) {
				t.Errorf("still served a day later: %q", reason)
			}
			if newest, _ := s.Latest(); e.until == served && (newest.ID != snapshots.FormatID(began.Add(day)) || !strings.HasPrefix(newest.Note, "still served a day later: ")) {
				t.Errorf("it is dated %s, want when it was first seen; note %q", newest.ID, newest.Note)
			}
			if e.until == served {
				return
			}
			if reason := serve(t, s, 3*day, true, e.body); (reason == "") != (e.until == accepted) {
				t.Errorf("accepted: %q", reason)
			}
		})
	}
}

const day = 24 * time.Hour

// TestGuardOfImport imports the same after a good edition.
func TestGuardOfImport(t *testing.T) {
	for _, e := range evil() {
		t.Run(e.name, func(t *testing.T) {
			s := openBook(t)
			var reason string
			past := func(unended bool) sync.Past {
				return sync.Past{
					Sightings: func(yield func(sync.Sighting, error) bool) {
						_ = yield(sync.Sighting{Name: "good", Seen: began, Bytes: newBook().bytes()}, nil) &&
							yield(sync.Sighting{Name: "evil", Seen: began.Add(day), Bytes: e.body, Unended: unended}, nil)
					},
					Taken: func(_ sync.Sighting, r *sync.Rejection) {
						reason = ""
						if r != nil {
							reason = r.Reason
						}
					},
				}
			}
			j := sync.Job{Store: s, Now: func() time.Time { return began.Add(100 * day) }}
			n, err := j.Import(t.Context(), past(false))
			if err != nil || n.Added != 1 || n.Refused != 1 || !strings.Contains(reason, e.reason) {
				t.Fatalf("%+v, %v, %q; want %q", n, err, reason, e.reason)
			}
			if _, err := j.Import(t.Context(), past(true)); err != nil || (reason == "") != (e.name == "without the last line end") {
				t.Errorf("where editors leave the last line end out: %v, %q", err, reason)
			}
			j.Accept = true
			if _, err := j.Import(t.Context(), past(false)); err != nil || (reason == "") != (e.until != never) {
				t.Errorf("accepted: %v, %q", err, reason)
			}
		})
	}
}

// TestCutInsideTheLastCell imports editions without the last line end: cut off inside the last cell, whole, and with another
// last cell.
func TestCutInsideTheLastCell(t *testing.T) {
	good := newBook().each(func(i int, r []string) { r[11] = "Defined TXT keys" })
	whole := bytes.TrimSuffix(good.bytes(), []byte("\r\n"))
	const cut = "its last line has no line end, and its last cell is shorter than in the version before: it may be cut off"
	for name, c := range map[string]struct {
		body   []byte
		reason string
	}{
		"a word less":   {bytes.TrimSuffix(whole, []byte(" keys")), cut},
		"an empty cell": {bytes.TrimSuffix(whole, []byte("Defined TXT keys")), cut},
		"whole":         {whole, ""},
		"another":       {append(slices.Clip(whole), " and values"...), ""},
	} {
		s := openBook(t)
		var reason string
		past := sync.Past{
			Sightings: func(yield func(sync.Sighting, error) bool) {
				_ = yield(sync.Sighting{Name: "good", Seen: began, Bytes: good.bytes()}, nil) &&
					yield(sync.Sighting{Name: "cut", Seen: began.Add(day), Bytes: c.body, Unended: true}, nil)
			},
			Taken: func(_ sync.Sighting, r *sync.Rejection) {
				if r != nil {
					reason = r.Reason
				}
			},
		}
		j := sync.Job{Store: s, Now: func() time.Time { return began.Add(100 * day) }}
		if _, err := j.Import(t.Context(), past); err != nil || reason != c.reason {
			t.Errorf("%s: %v, %q; want %q", name, err, reason, c.reason)
		}
	}
}

// TestSeenBeforeItsRecords imports an edition as seen at times before and after the newest dates in it.
func TestSeenBeforeItsRecords(t *testing.T) {
	body := newBook().each(func(i int, r []string) {
		if i < 6 {
			r[7] = "2020-05-06"
		}
	}).bytes()
	for seen, want := range map[time.Time]string{
		time.Unix(0, 0): "it has 1000 records with later dates, such as 2020-05-06: the date of its commit is wrong",
		time.Date(2020, 5, 3, 23, 0, 0, 0, time.UTC): "it has 6 records with later dates, such as 2020-05-06: the date of its commit is wrong",
		time.Date(2020, 5, 5, 0, 0, 0, 0, time.UTC):  "",
	} {
		reason := ""
		past := sync.Past{
			Sightings: func(yield func(sync.Sighting, error) bool) {
				yield(sync.Sighting{Name: "early", Seen: seen, Bytes: body, Commit: true}, nil)
			},
			Taken: func(_ sync.Sighting, r *sync.Rejection) {
				if r != nil {
					reason = r.Reason
				}
			},
		}
		j := sync.Job{Store: openBook(t), Now: func() time.Time { return began }}
		if _, err := j.Import(t.Context(), past); err != nil || reason != want {
			t.Errorf("seen %s: %v, %q; want %q", seen.UTC(), err, reason, want)
		}
	}
}

// TestRollbackInOtherClothes serves the table of an older version in other bytes.
func TestRollbackInOtherClothes(t *testing.T) {
	good := newBook()
	newer := good.each(func(i int, r []string) {
		if i == 9 {
			r[3] = "renewed"
		}
	})
	lf := bytes.ReplaceAll(good.bytes(), []byte("\r\n"), []byte("\n"))
	reversed := good.with(func(b book) book { slices.Reverse(b[1:]); return b }).bytes()
	for name, body := range map[string][]byte{"the same": good.bytes(), "LF": lf, "reversed": reversed} {
		s := openBook(t)
		for at, b := range []book{good, newer} {
			if reason := serve(t, s, time.Duration(at)*day, false, b.bytes()); reason != "" {
				t.Fatal(reason)
			}
		}
		const want = "its records are those of an older version, 20260101T060000Z: a rollback"
		if reason := serve(t, s, 2*day, false, body); reason != want {
			t.Errorf("%s: %q, want %q", name, reason, want)
		}
		if reason := serve(t, s, 3*day, false, body); reason != "" {
			t.Errorf("%s, a day later: %q", name, reason)
		}
	}
}

// TestAlteredRollback serves the table of an older version with small changes. It has as few changes as any edition, and
// undoes nearly all since then.
func TestAlteredRollback(t *testing.T) {
	version := func(n int) book { // renews three more records each
		return newBook().each(func(i int, r []string) {
			if i >= 100 && i < 100+3*n {
				r[3] = "renewed"
			}
		})
	}
	altered := func(b book) book { b[500][4] = "[Somebody_Else]"; return b }
	for _, test := range []struct {
		name   string
		body   book
		reason string
	}{
		{"the version before, a cell altered", version(2).with(altered), "they differ from them in 2, and in 8 from"},
		{"an older one, a cell altered", version(0).with(altered), "they differ from them in 2, and in 20 from"},
		{"an older one, a row twice", version(1).with(func(b book) book { return append(b, b[7]) }), "they differ from them in 1, and in 13 from"},
		{"one of three records as it was", version(3).with(func(b book) book { b[107][3] = "Relay number 106"; return b }), ""},
		{"one of three, and a new record", version(3).with(func(b book) book {
			b[107][3] = "Relay number 106"
			return append(b, append([]string{"relay-new", "2000"}, b[7][2:]...))
		}), ""},
		{"two of three, and a cell altered", version(3).with(func(b book) book {
			b[107][3], b[108][3] = "Relay number 106", "Relay number 107"
			return altered(b)
		}), ""},
		{"nothing undone", version(4), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openBook(t)
			for n := range 4 {
				if reason := serve(t, s, time.Duration(n)*day, false, version(n).bytes()); reason != "" {
					t.Fatal(reason)
				}
			}
			if reason := serve(t, s, 4*day, false, test.body.bytes()); test.reason == "" && reason != "" || !strings.Contains(reason, test.reason) {
				t.Errorf("%q, want %q", reason, test.reason)
			}
			if reason := serve(t, s, 5*day, false, test.body.bytes()); reason != "" {
				t.Errorf("a day later: %q", reason)
			}
		})
	}
}

// TestPlausible serves what is believed at once: as much as may be at once, the newest table in another form, a last
// record that is another row's, and more after years.
func TestPlausible(t *testing.T) {
	good := newBook()
	part := func(gone, altered, more int) book {
		return good.each(func(i int, r []string) {
			if i >= 500 && i < 500+altered {
				r[3] = "x"
			}
		}).with(func(b book) book {
			b = slices.Delete(b, 100, 100+gone)
			for i := range more {
				row := slices.Clone(b[1])
				row[0] = fmt.Sprint("new-", i)
				b = slices.Insert(b, 300, row)
			}
			return b
		})
	}
	for name, tt := range map[string]struct {
		after time.Duration
		body  []byte
	}{
		"as much as may be": {day, part(20, 50, 20).bytes()},
		"after three years": {3 * 366 * day, part(60, 150, 60).bytes()},
		"in another order":  {day, good.with(func(b book) book { slices.Reverse(b[1:]); return b }).bytes()},
		"LF":                {day, bytes.ReplaceAll(good.bytes(), []byte("\r\n"), []byte("\n"))},
		"a byte order mark": {day, append([]byte("\ufeff"), good.bytes()...)},
		"five problems": {day, good.each(func(i int, r []string) {
			if i < 5 {
				r[1] = "x"
			}
		}).bytes()},
		"the last one moved": {day, good.with(func(b book) book { b[1], b[1000] = b[1000], b[1]; return b }).bytes()},
		"the last one altered": {day, good.each(func(i int, r []string) {
			if i == 999 {
				r[3] = "x"
			}
		}).bytes()},
	} {
		s := openBook(t)
		for at, body := range map[time.Duration][]byte{0: good.bytes()} {
			if reason := serve(t, s, at, false, body); reason != "" {
				t.Fatal(reason)
			}
		}
		if reason := serve(t, s, tt.after, false, tt.body); reason != "" {
			t.Errorf("%s: %s", name, reason)
		}
	}
}

// TestBounds holds the memory that bodies take which are rejected.
func TestBounds(t *testing.T) {
	header := newBook()[:1].bytes()
	l := ports.ServiceNames().Limits
	fill := func(row string, bytes int) []byte {
		return append(slices.Clone(header), strings.Repeat(row, bytes/len(row))...)
	}
	for name, body := range map[string][]byte{
		"ten million rows":         fill("a\n", 20_000_000),
		"as many rows as may be":   fill("a\n", 2*l.MaxRows-4),
		"as large as may be":       fill(strings.Repeat("x", 160)+",99999,q,,,,1,2\n", l.MaxBytes-1000),
		"one row":                  fill("x", l.MaxBytes-1000),
		"commas":                   fill(",", l.MaxBytes-1000),
		"as many commas as may be": fill(",", 16*l.MaxRows-20),
		"quotes":                   fill("\"", l.MaxBytes-1000),
		"quoted rows":              fill("\"\"\"\",\"\n", 8*l.MaxRows-16),
	} {
		s := openBook(t)
		if reason := serve(t, s, 0, false, newBook().bytes()); reason != "" {
			t.Fatal(reason)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if reason := serve(t, s, day, false, body); reason == "" {
			t.Errorf("%s: believed", name)
		}
		runtime.ReadMemStats(&after)
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 280 {
			t.Errorf("%s: %d MiB were allocated, want less than 280", name, mb)
		}
	}
}
