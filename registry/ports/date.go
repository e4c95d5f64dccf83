package ports

import (
	"errors"
	"time"
)

// Date is a registration or modification date: a day ("2006-01-02"), a month
// ("2006-01"), or none. A month is not its first day, so a Date has a precision
// and is not a time.Time. The zero value is none.
type Date struct {
	text string
	ok   bool // text is a day or a month
}

// ParseDate parses "", "2006-01" or "2006-01-02". If s is none of these, it
// returns an error, and a value that keeps the text.
func ParseDate(s string) (Date, error) {
	d := Date{text: s}
	if s == "" {
		return d, nil
	}
	if !datelike(s) {
		return d, errors.New("a date is YYYY-MM-DD or YYYY-MM")
	}
	if _, err := time.Parse(time.DateOnly[:len(s)], s); err != nil {
		return d, errors.New("there is no such day or month")
	}
	d.ok = true
	return d, nil
}

// datelike reports whether s has digits and hyphens where a day or a month has them.
func datelike(s string) bool {
	const day, month = "0000-00-00", "0000-00"
	if len(s) != len(day) && len(s) != len(month) {
		return false
	}
	for i := range len(s) {
		if digit := '0' <= s[i] && s[i] <= '9'; digit != (day[i] == '0') || !digit && s[i] != '-' {
			return false
		}
	}
	return true
}

// String returns the text of the column.
func (d Date) String() string { return d.text }

// Equal reports whether d and e are the same text.
func (d Date) Equal(e Date) bool { return d == e }

// Valid reports whether d is a day or a month: neither absent nor unreadable.
func (d Date) Valid() bool { return d.ok }
