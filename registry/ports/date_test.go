package ports

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	const shape, none = "YYYY-MM-DD or YYYY-MM", "no such day or month"
	tests := []struct {
		text  string
		valid bool
		wrong string // in the error
	}{
		{text: ""},
		{text: "2006-01-02", valid: true},
		{text: "2006-01", valid: true},
		{text: "2008-02-29", valid: true},
		{text: "2007-02-29", wrong: none},
		{text: "2006-13", wrong: none},
		{text: "2006-13-01", wrong: none},
		{text: "2006-00", wrong: none},
		{text: "2006-01-00", wrong: none},
		{text: "2006-01-32", wrong: none},
		{text: "2006", wrong: shape},
		{text: "2006-1-2", wrong: shape},
		{text: "2006-1", wrong: shape},
		{text: "2006-1-1", wrong: shape},
		{text: "2006/01/02", wrong: shape},
		{text: "02-01-2006", wrong: shape},
		{text: "2006-01-02T00:00:00Z", wrong: shape},
		{text: "2006-01-", wrong: shape},
		{text: "200601x", wrong: shape},
		{text: "unknown", wrong: shape},
	}
	for _, tt := range tests {
		d, err := ParseDate(tt.text)
		if d.Valid() != tt.valid || d.String() != tt.text {
			t.Errorf("ParseDate(%q) = %q, valid %v, want valid %v", tt.text, d, d.Valid(), tt.valid)
		}
		if (err != nil) != (tt.wrong != "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("ParseDate(%q): error %v, want %q", tt.text, err, tt.wrong)
		}
	}
	month, _ := ParseDate("2006-01")
	day, _ := ParseDate("2006-01-01")
	if month.Equal(day) || month == day || !day.Equal(day) {
		t.Error("a month is not its first day")
	}
}

var dateSyntax = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$`)

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"", "2006-01-02", "2006-01", "2006-13", "2007-02-29", "0000-01", "x", "2006-01-2", "+006-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if d.String() != s {
			t.Errorf("String() = %q, want %q", d, s)
		}
		if d.Valid() != (err == nil && s != "") {
			t.Errorf("%q: valid %v with error %v", s, d.Valid(), err)
		}
		day := s
		if len(s) == len("2006-01") {
			day += "-01"
		}
		_, noDay := time.Parse(time.DateOnly, day)
		if want := dateSyntax.MatchString(s) && noDay == nil; d.Valid() != want {
			t.Errorf("%q: valid %v, want %v", s, d.Valid(), want)
		}
	})
}
