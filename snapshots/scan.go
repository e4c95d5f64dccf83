package snapshots

import (
	"encoding/json"
	"fmt"
	"strings"
)

// stated is what a line states, before what it leaves out is added.
type stated struct {
	*line
	commit, checksum string
	has              members

	begun, completed bool // whether what it leaves out is being added, and has been
}

// members is a set of members of a line that may be left out.
type members uint16

const (
	hasSource members = 1 << iota
	hasCommit
	hasSHA256
	hasSize
	hasForm
	hasTable
	hasRecords
	hasProblems
	hasUnknown
)

// scan parses the text of a line as encoding/json does, in a fifth of the time: opening a store of thousands of versions
// parses as many lines. It does so only for a plain object, whose members have known keys and are texts of ASCII
// without escapes or whole numbers. It returns false for any other text; the line is then to be parsed by [stated.decode], from its zero value.
func (s *stated) scan(text string) (plain bool) {
	rest, open := strings.CutPrefix(text, "{")
	if !open {
		return false
	}
	for more := true; more; {
		key, after, ok := scanText(rest)
		if !ok {
			return false
		}
		if rest, ok = strings.CutPrefix(after, ":"); !ok {
			return false
		}
		member, number, has := s.member(key)
		switch {
		case member != nil:
			*member, rest, ok = scanText(rest)
		case number != nil:
			*number, rest, ok = scanNumber(rest)
		default:
			return false
		}
		if !ok {
			return false
		}
		s.has |= has
		rest, more = strings.CutPrefix(rest, ",")
	}
	return rest == "}"
}

// decode is [stated.scan] for any JSON. It ignores unknown keys.
func (s *stated) decode(text []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	for key, value := range all {
		var err error
		member, number, has := s.member(key)
		switch {
		case member != nil:
			err = json.Unmarshal(value, member)
		case number != nil:
			err = json.Unmarshal(value, number)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		s.has |= has
	}
	return nil
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

// member returns where the member of a key belongs, which is a text or a number, and which one it is if it may be left out. Where
// there is no such member it returns zeros.
func (s *stated) member(key string) (text *string, number *int, has members) {
	switch key {
	case "id":
		return &s.ID, nil, 0
	case "source":
		return &s.Source, nil, hasSource
	case "commit":
		return &s.commit, nil, hasCommit
	case "etag":
		return &s.ETag, nil, 0
	case "last_modified":
		return &s.LastModified, nil, 0
	case "sha256":
		return &s.SHA256, nil, hasSHA256
	case "size":
		return nil, &s.Size, hasSize
	case "form":
		return (*string)(&s.Form), nil, hasForm
	case "table_sha256":
		return &s.TableSHA256, nil, hasTable
	case "records":
		return nil, &s.Records, hasRecords
	case "problems":
		return nil, &s.Problems, hasProblems
	case "unknown_columns":
		return nil, &s.Unknown, hasUnknown
	case "note":
		return &s.Note, nil, 0
	case "same_as":
		return &s.SameAs, nil, 0
	case "base":
		return &s.Base, nil, 0
	case "leap":
		return nil, &s.Leap, 0
	case "checksum":
		return &s.checksum, nil, 0
	}
	return nil, nil, 0
}
