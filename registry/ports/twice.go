package ports

import (
	"strings"

	"github.com/ianasync/ianasync/registry/ianacsv"
)

// EncodedTwice reports whether text has a character that was encoded in UTF-8 twice.
func EncodedTwice(text string) bool { return ianacsv.FirstTwice(text) != "" }

// SpreadsheetDate reports whether a cell is a date as spreadsheets write it, such as 5/23/2011 or May-11.
func SpreadsheetDate(cell string) bool {
	const months = "JanFebMarAprMayJunJulAugSepOctNovDec"
	if month, year, found := strings.Cut(cell, "-"); found && len(month) == 3 && strings.Contains(months, month) {
		return digits(year)
	}
	parts := strings.FieldsFunc(cell, func(r rune) bool { return r == '/' || r == '.' })
	return len(parts) == 3 && digits(parts[0]) && digits(parts[1]) && digits(parts[2])
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
