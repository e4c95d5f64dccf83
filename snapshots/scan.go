package snapshots

import (
	"strings"

	"github.com/ianasync/ianasync/registry/ports"
)

// scan parses the text of a line as encoding/json does, in a fifth of the time: opening a store of thousands of versions
// parses as many lines. It does so only for a plain object, whose members have keys of an entry and are texts of ASCII
// without escapes or whole numbers. It returns false for any other text; the entry is then to be parsed by
// encoding/json, from its zero value.
func (f *entry) scan(text string) (plain bool) {
	rest, open := strings.CutPrefix(text, "{")
	if !open {
		return false
	}
	for more := true; more; {
		var key, value string
		var number int
		var isText, ok bool
		if key, rest, ok = scanText(rest); !ok {
			return false
		}
		if rest, ok = strings.CutPrefix(rest, ":"); !ok {
			return false
		}
		if value, rest, isText = scanText(rest); !isText {
			if number, rest, ok = scanNumber(rest); !ok {
				return false
			}
		}
		if !f.set(key, value, number, isText) {
			return false
		}
		rest, more = strings.CutPrefix(rest, ",")
	}
	return rest == "}"
}

// scanText returns the text at the beginning of some JSON, and what follows it. Where there is none, or it is not plain, it
// returns false and all of the JSON.
func scanText(in string) (text, rest string, ok bool) {
	if !strings.HasPrefix(in, `"`) {
		return "", in, false
	}
	for i := 1; i < len(in); i++ {
		switch c := in[i]; {
		case c == '"':
			return in[1:i], in[i+1:], true
		case c == '\\' || c < ' ' || c > '~':
			return "", in, false
		}
	}
	return "", in, false
}

// scanNumber returns the whole number at the beginning of some JSON, and what follows it.
func scanNumber(in string) (n int, rest string, ok bool) {
	const most = 9 // digits, which fit an int anywhere
	i := 0
	for i < len(in) && i <= most && '0' <= in[i] && in[i] <= '9' {
		n, i = 10*n+int(in[i]-'0'), i+1
	}
	return n, in[i:], 0 < i && i <= most && (i == 1 || in[0] != '0')
}

// set sets the member of a key, and reports whether it has such a one, of the value's type.
func (f *entry) set(key, text string, number int, isText bool) bool {
	var at *string
	var numberAt *int
	switch key {
	case "id":
		at = &f.ID
	case "source":
		at = &f.Source
	case "etag":
		at = &f.ETag
	case "last_modified":
		at = &f.LastModified
	case "sha256":
		at = &f.SHA256
	case "form":
		f.Form = ports.Form(text)
		return isText
	case "table_sha256":
		at = &f.TableSHA256
	case "note":
		at = &f.Note
	case "same_as":
		at = &f.SameAs
	case "base":
		at = &f.Base
	case "stored_sha256":
		at = &f.StoredSHA256
	case "checksum":
		return isText
	case "size":
		numberAt = &f.Size
	case "records":
		numberAt = &f.Records
	case "problems":
		numberAt = &f.Problems
	case "unknown_columns":
		numberAt = &f.Unknown
	case "leap":
		numberAt = &f.Leap
	case "stored":
		numberAt = &f.Stored
	}
	switch {
	case at != nil && isText:
		*at = text
	case numberAt != nil && !isText:
		*numberAt = number
	default:
		return false
	}
	return true
}
