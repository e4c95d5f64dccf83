package vendored

// This file finds the entries in a file. What form it has is recognised by its contents. A line, row or member that should have an
// entry and has none that can be read is kept as a problem, and the rest is compared. In source code, lines without an entry are
// skipped, for most have none.

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry/ianacsv"
)

// Form is the form of a file.
type Form string

// The forms.
const (
	Code   Form = "code"
	Suites Form = "cipher-suites"
	Types  Form = "mime.types"
	CSV    Form = "csv"
	JSON   Form = "json"
)

// FormInfo describes a form for people.
type FormInfo struct {
	Form    Form
	Summary string // one line, lower case
}

// Forms describes all forms.
var Forms = [...]FormInfo{
	{Code, "source code with lines such as Name = 0x1301, #define NAME 1, 200: \"OK\""},
	{Suites, "what 'openssl ciphers -V -stdname' prints: 0x13,0x01 - NAME"},
	{Types, "mime.types: type/subtype extensions"},
	{CSV, "a CSV whose header names a value and a name, IANA's too"},
	{JSON, "a map of values to names or of names to values, or a list of objects"},
}

// Entry is a value and its names, or a name alone.
type Entry struct {
	Value string   // as the file has it; empty in a list of names
	Names []string // the first is for people
	Line  int      // from 1; 0 where the form has no lines
}

// Problem is what cannot be read, and where.
type Problem struct {
	Line    int // from 1; 0 where the form has no lines
	Problem string
}

// List is the contents of a file.
type List struct {
	Form       Form
	Entries    []Entry // in the file's order
	Unreadable []Problem
	Unnamed    int // rows of values that are free or reserved, as IANA's CSV has them
}

func (f *List) hasValues() bool {
	return slices.ContainsFunc(f.Entries, func(e Entry) bool { return e.Value != "" })
}

// ErrNoEntry is the error for a file in which there is no entry.
var ErrNoEntry = errors.New("there are no values and names in it, in any form that is known")

// maxEntries bounds the entries of a file. The largest registry has 16,000 records.
const maxEntries = 100_000

// Parse returns the entries of a file.
func Parse(data []byte) (*List, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	text := bytes.TrimSpace(data)
	f := new(List)
	switch {
	case bytes.IndexByte(data, 0) >= 0:
		return nil, fmt.Errorf("it is %s", cmp.Or(ianacsv.Recognise(string(data[:min(len(data), 64)])), "not a file of text"))
	case bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")):
		if err := f.json(text); err != nil {
			return nil, err
		}
	case !f.csv(data):
		f.lines(data)
	}
	all := len(f.Entries)
	f.Entries = slices.DeleteFunc(f.Entries, func(e Entry) bool { return rules.StateOf(e.Names[0]) != rules.Assigned })
	f.Unnamed = all - len(f.Entries)
	switch {
	case len(f.Entries) > maxEntries:
		return nil, fmt.Errorf("it has %d entries, more than %d", len(f.Entries), maxEntries)
	case len(f.Entries) == 0:
		return nil, ErrNoEntry
	case len(f.Unreadable) > len(f.Entries):
		return nil, fmt.Errorf("line %d: %s; and most other lines cannot be read", f.Unreadable[0].Line, f.Unreadable[0].Problem)
	}
	return f, nil
}

// The columns that a CSV or an object may have, by preference.
var (
	valueColumns = []string{"value", "code", "number", "decimal", "hex", "id", "codepoint", "type", "codepoints"}
	nameColumns  = []string{"name", "description", "keyword", "mnemonic", "label", "title", "reason", "template", "scheme", "parameter", "phrase"}
)

// columnOf returns the index of the first of some columns that a header has, or -1.
func columnOf(header, wanted []string) int {
	for _, name := range wanted {
		if i := slices.IndexFunc(header, func(h string) bool { return fold(h) == name }); i >= 0 {
			return i
		}
	}
	return -1
}

// csv reads a CSV. It reports whether the file is one whose header has a column of names.
func (f *List) csv(data []byte) bool {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for _, separator := range ";\t" {
		if !bytes.ContainsRune(first, ',') && bytes.ContainsRune(first, separator) {
			r.Comma = separator
		}
	}
	header, err := r.Read()
	if err != nil {
		return false
	}
	value, name := columnOf(header, valueColumns), columnOf(header, nameColumns)
	if name < 0 || len(header) < 2 {
		return false
	}
	f.Form = CSV
	for {
		row, err := r.Read()
		if err != nil { // io.EOF: with LazyQuotes, and any number of fields, a row has no error
			return true
		}
		line, _ := r.FieldPos(0)
		switch {
		case name >= len(row) || value >= len(row):
			f.fail(line, "the row has %d fields, and the header %d", len(row), len(header))
		case value >= 0 && strings.TrimSpace(row[value]) == "" || strings.TrimSpace(row[name]) == "":
			f.fail(line, "the value or the name is empty")
		default:
			e := Entry{Names: []string{strings.TrimSpace(row[name])}, Line: line}
			if value >= 0 {
				e.Value = strings.TrimSpace(row[value])
			}
			f.Entries = append(f.Entries, e)
		}
	}
}

func (f *List) fail(line int, format string, args ...any) {
	f.Unreadable = append(f.Unreadable, Problem{line, fmt.Sprintf(format, args...)})
}

// json reads a document of JSON.
func (f *List) json(data []byte) error {
	f.Form = JSON
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var document any
	if err := d.Decode(&document); err != nil {
		return fmt.Errorf("it is not JSON: %w", err)
	}
	f.value(document, 0)
	return nil
}

// deepest is how many lists and objects may be around the entries.
const deepest = 3

// value adds the entries in a value.
func (f *List) value(v any, depth int) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			switch element := element.(type) {
			case map[string]any:
				f.object(element, depth+1)
			default:
				if name := scalar(element); isText(element) && name != "" {
					f.Entries = append(f.Entries, Entry{Names: []string{name}})
				} else {
					f.fail(0, "%.40v is neither an object nor a name", element)
				}
			}
		}
	case map[string]any:
		f.object(v, depth)
	}
}

// object adds the entries in an object: one if it has a value and a name, else one a member.
func (f *List) object(v map[string]any, depth int) {
	keys := slices.Sorted(maps.Keys(v))
	if name := columnOf(keys, nameColumns); name >= 0 && depth > 0 {
		e := Entry{Names: []string{scalar(v[keys[name]])}}
		if value := columnOf(keys, valueColumns); value >= 0 {
			e.Value = scalar(v[keys[value]])
		}
		if e.Names[0] == "" {
			f.fail(0, "an object has no name: %.60v", v)
			return
		}
		f.Entries = append(f.Entries, e)
		return
	}
	for _, k := range keys {
		key, member := strings.TrimSpace(k), v[k]
		text, isName := scalar(member), strings.Trim(key, "0123456789abcdefxABCDEFX,-") != ""
		switch {
		case text == "" && isContainer(member) && isName && strings.Contains(key, "/"): // a media type and what is known of it
			f.Entries = append(f.Entries, Entry{Names: []string{key}})
		case text == "" && isContainer(member) && depth < deepest:
			f.value(member, depth+1)
		case text == "" || key == "":
			f.fail(0, "%.40q has no name or value", key)
		case isText(member) && !isName:
			f.Entries = append(f.Entries, Entry{Value: key, Names: []string{text}})
		case !isText(member) || strings.Trim(text, "0123456789abcdefxABCDEFX,-") == "":
			f.Entries = append(f.Entries, Entry{Value: text, Names: []string{key}})
		default:
			f.Entries = append(f.Entries, Entry{Value: key, Names: []string{text}})
		}
	}
}

func isContainer(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

func isText(v any) bool {
	_, is := v.(string)
	return is
}

// scalar returns a string or a number as text; nothing for any other value.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

// The lines that have an entry.
var (
	suiteLine = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*(0x[0-9A-Fa-f]{2}(?:,0x[0-9A-Fa-f]{2})+)\s+-\s+(\S+)(?:\s+-\s+(\S+))?`)
	})
	typeLine = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([A-Za-z]+/[A-Za-z0-9][A-Za-z0-9.+!#$&^_-]*)(?:\s.*)?$`)
	})
	nameFirst = sync.OnceValue(func() *regexp.Regexp { // Name uint16 = 0x1301, NAME = 100, 'Text', "NAME": 1,
		return regexp.MustCompile(`^\s*(?:(?:const|static|final|public|private|pub|export|int|let|var)\s+)*["']?([A-Za-z]\w*)["']?(?:\s+\w+)?\s*(?::\s*\w+\s*)?[:=]\s*\(?(0x[0-9A-Fa-f]+|[0-9]+)(?:u8|u16|u32)?\s*(?:[,;)]\s*(?:['"]([^'"]+)['"].*)?)?\s*(?:(?://|#|/\*).*)?$`)
	})
	defineLine = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*#\s*define\s+([A-Za-z]\w*)\s+\(?(0x[0-9A-Fa-f]+|[0-9]+)\)?\s*(?:(?://|/\*).*)?$`)
	})
	valueFirst = sync.OnceValue(func() *regexp.Regexp { // 200: "OK", {0x1301, "TLS_AES_128_GCM_SHA256"},
		return regexp.MustCompile(`^\s*[{(\[]?\s*["']?(0x[0-9A-Fa-f]+|[0-9]+)["']?\s*(?::|,|=>?)\s*["']([^"']+)["']`)
	})
)

// lines reads a file that has an entry on a line: of the form that most lines have.
func (f *List) lines(data []byte) {
	var suites, types, code List
	number := 0
	for text := range strings.Lines(string(data)) {
		number++
		text = strings.TrimRight(text, "\r\n")
		word := strings.TrimSpace(text)
		if word == "" {
			continue
		}
		comment := word[0] == '#' || strings.HasPrefix(word, "//")
		if m := suiteLine().FindStringSubmatch(text); m != nil {
			suites.Entries = append(suites.Entries, Entry{m[1], named(m[2], m[3]), number})
		} else if !comment {
			suites.fail(number, "this is not a line such as 0x13,0x01 - NAME: %.60q", word)
		}
		if m := typeLine().FindStringSubmatch(text); m != nil {
			types.Entries = append(types.Entries, Entry{"", []string{m[1]}, number})
		} else if !comment {
			types.fail(number, "this is not a media type and its extensions: %.60q", word)
		}
		if m := nameFirst().FindStringSubmatch(text); m != nil {
			code.Entries = append(code.Entries, Entry{m[2], named(m[1], m[3]), number})
		} else if m := defineLine().FindStringSubmatch(text); m != nil {
			code.Entries = append(code.Entries, Entry{m[2], []string{m[1]}, number})
		} else if m := valueFirst().FindStringSubmatch(text); m != nil && strings.TrimSpace(m[2]) != "" {
			code.Entries = append(code.Entries, Entry{m[1], named(m[2]), number})
		}
	}
	best := &code
	best.Form = Code
	for _, other := range []*List{&suites, &types} {
		if len(other.Entries) > len(best.Entries) {
			best = other
		}
	}
	switch best {
	case &suites:
		best.Form = Suites
	case &types:
		best.Form = Types
	default:
		best.Entries = ofOneKind(best.Entries)
	}
	*f = *best
}

// named returns names without space around them, and leaves empty ones out.
func named(names ...string) []string {
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// ofOneKind leaves out constants that are of no table: where most identifiers have one first word, those without it.
func ofOneKind(entries []Entry) []Entry {
	count := make(map[string]int)
	for _, e := range entries {
		count[firstWord(e.Names[0])]++
	}
	for word, n := range count {
		if 2*n <= len(entries) {
			continue
		}
		entries = slices.DeleteFunc(entries, func(e Entry) bool { return firstWord(e.Names[0]) != word })
		for i := range entries {
			e := &entries[i]
			if rest := strings.TrimPrefix(strings.TrimPrefix(e.Names[0], word), "_"); rest != "" {
				e.Names = append(e.Names, rest)
			}
		}
		break
	}
	return entries
}
