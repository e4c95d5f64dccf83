package snapshots

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestResolve(t *testing.T) {
	s := open(t, t.TempDir())
	for i, seen := range []string{"2020-01-01T06:00:00Z", "2020-01-31T23:59:59Z", "2020-02-01T00:00:00Z", "2021-05-05T05:05:05Z"} {
		when, _ := time.Parse(time.RFC3339, seen)
		importAll(t, s, Edition{Bytes: content(i), Seen: when})
	}
	seenAgain, _ := time.Parse(time.RFC3339, "2020-02-15T00:00:00Z")
	importAll(t, s, Edition{Bytes: content(2), Seen: seenAgain})
	for spec, want := range map[string]string{
		"latest":                    "20210505T050505Z",
		"latest~0":                  "20210505T050505Z",
		"latest~3":                  "20200101T060000Z",
		"20200131T235959Z":          "20200131T235959Z",
		"20200215T000000Z":          "20200201T000000Z", // a later sighting
		"2021":                      "20210505T050505Z",
		"2020":                      "20200201T000000Z",
		"2022":                      "20210505T050505Z",
		"2020-01":                   "20200131T235959Z",
		"2020-03":                   "20200201T000000Z",
		"9998":                      "20210505T050505Z",
		"20200131":                  "20200131T235959Z",
		"20200131T":                 "20200131T235959Z",
		"2020-01-01":                "20200101T060000Z",
		"2020-01-30":                "20200101T060000Z",
		"2020-01-31":                "20200131T235959Z",
		"2020-12-31":                "20200201T000000Z",
		"9999-12-31":                "20210505T050505Z",
		"2020-01-31T23:59:58Z":      "20200101T060000Z",
		"2020-02-01T01:00:00+01:00": "20200201T000000Z",
		"9999-12-31T23:59:59-12:00": "20210505T050505Z",
	} {
		if v, err := s.Resolve(spec); err != nil || v.ID != want {
			t.Errorf("%s: %s, %v; want %s", spec, v.ID, err, want)
		}
	}
	for spec, says := range map[string]string{
		"":                     "latest",
		"20200":                "20200101T060000Z, 20200131T235959Z, 20200201T000000Z",
		"202001":               "begins 2 ids",
		"2020031":              "nearest: 20200201T000000Z, 20210505T050505Z",
		"2019":                 "before the oldest, 20200101T060000Z",
		"2019-12":              "before the oldest, 20200101T060000Z",
		"2020-13":              "not an id, a date",
		"20220":                "nearest: 20210505T050505Z",
		"2019-12-31":           "before the oldest, 20200101T060000Z",
		"2019-12-31T00:00:00Z": "before the oldest",
		"2020-02-30":           "not an id, a date",
		"latest~4":             "latest~3",
		"latest~-1":            "latest~2",
		"latest~":              "latest~2",
		"latest~x":             "latest~2",
		"latest2":              "latest~2",
		"../x":                 "the newest is 20210505T050505Z",
	} {
		v, err := s.Resolve(spec)
		if !errors.Is(err, ErrNoVersion) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %s, %v; want an error with %q", spec, v.ID, err, says)
		}
	}
	if _, err := open(t, t.TempDir()).Resolve("latest"); !errors.Is(err, ErrNoVersion) || !strings.Contains(err.Error(), "empty") {
		t.Errorf("in an empty store: %v", err)
	}
}

func FuzzResolve(f *testing.F) {
	for _, spec := range []string{"", "latest", "latest~1", "2020", "20200101T060000Z", "2020-01-01", "2020-01-01T00:00:00Z"} {
		f.Add(spec)
	}
	s := open(f, f.TempDir())
	importAll(f, s, edition(0, 0), edition(1, 1), edition(400, 2))
	f.Fuzz(func(t *testing.T, spec string) {
		v, err := s.Resolve(spec)
		if (err == nil) != (v.ID != "") || err != nil && !errors.Is(err, ErrNoVersion) {
			t.Errorf("%q: %v, %v", spec, v, err)
		}
	})
}

func TestID(t *testing.T) {
	if id := FormatID(time.Date(2026, 1, 22, 7, 0, 0, 999, time.FixedZone("", 3600))); id != "20260122T060000Z" {
		t.Error(id)
	}
	for _, id := range []string{"", "20260122T060000", "20260122T060000.5Z", "20261322T060000Z", "20260122T060000Z ", "20260122t060000z"} {
		if at, err := ParseID(id); err == nil {
			t.Errorf("%q is %v", id, at)
		}
	}
}

// TestParseID parses ids and texts that differ from them in a byte or two: it accepts what is the id of the time that time.Parse returns.
func TestParseID(t *testing.T) {
	for _, id := range []string{"20240229T235959Z", "20230229T000000Z", "20230431T000000Z", "20230001T000000Z", "20231301T000000Z", "00010101T000000Z", "20230101T240000Z"} {
		for at := range id {
			for _, c := range []byte("0369TZ.:/ ") {
				text := id[:at] + string(c) + id[at+1:]
				want, err := time.Parse(idLayout, text)
				isID := err == nil && FormatID(want) == text
				if got, err := ParseID(text); (err == nil) != isID || isID && !got.Equal(want) {
					t.Errorf("%s: %s, %v; want %s, %t", text, got, err, want, isID)
				}
			}
		}
	}
}
