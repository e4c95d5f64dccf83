package snapshots

import (
	"errors"
	"time"

	"github.com/ianasync/ianasync/registry"
)

// Version is what is known of one version without opening its bytes. Equal versions
// are equal with ==.
type Version struct {
	ID           string        `json:"id"`                        // when it was first seen: see [FormatID]
	Source       string        `json:"source,omitempty"`          // where it was seen: a URL, a repository and commit, a file
	ETag         string        `json:"etag,omitempty"`            // as the server gave it
	LastModified string        `json:"last_modified,omitempty"`   // as the server gave it
	SHA256       string        `json:"sha256"`                    // of the bytes, lower-case hexadecimal
	Size         int           `json:"size"`                      // of the bytes
	Form         registry.Form `json:"form,omitempty"`            // of the bytes; CSV where it is empty
	TableSHA256  string        `json:"table_sha256"`              // of the table's canonical CSV
	Records      int           `json:"records"`                   // of the table
	Problems     int           `json:"problems,omitempty"`        // of the table
	Unknown      int           `json:"unknown_columns,omitempty"` // how many columns the bytes have that the table has not
	Note         string        `json:"note,omitempty"`            // why it is here, where that is not plain: that it was accepted by hand, say
}

// Seen returns the time at which the version was first seen, according to its id.
func (v Version) Seen() time.Time {
	t, _ := ParseID(v.ID)
	return t
}

const idLayout = "20060102T150405Z"

// FormatID returns the id of an edition seen at t: the second, in UTC, as
// "20260122T060000Z". Ids sort as times do.
func FormatID(t time.Time) string { return t.UTC().Format(idLayout) }

// ParseID is the inverse of [FormatID]. It takes a fifth of the time of [time.Parse]: opening a store parses all ids.
func ParseID(id string) (time.Time, error) {
	number := func(from, to int) (n int) {
		for _, c := range []byte(id[from:to]) {
			if c < '0' || c > '9' {
				return -1
			}
			n = 10*n + int(c-'0')
		}
		return n
	}
	if len(id) == len(idLayout) && id[8] == 'T' && id[15] == 'Z' {
		year, month, day := number(0, 4), number(4, 6), number(6, 8)
		hour, minute, second := number(9, 11), number(11, 13), number(13, 15)
		t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
		// time.Date takes the 31st of April for the 1st of May
		if min(year, hour, minute, second) >= 0 && t.Month() == time.Month(month) && t.Day() == day && hour < 24 && minute < 60 && second < 60 {
			return t, nil
		}
	}
	return time.Time{}, errors.New("an id is a time in UTC such as 20260122T060000Z")
}

// validTime reports whether a time can be an id.
func validTime(t time.Time) bool {
	year := t.UTC().Year()
	return !t.IsZero() && year >= 1 && year <= 9998 // the next free second must have four digits, too
}
