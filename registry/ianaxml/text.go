package ianaxml

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// builder builds the text of elements: white space in runs becomes one space each, and goes at the ends and between two
// labels.
type builder struct {
	out   []byte
	begin int  // where the present text begins in out
	space bool // white space came, and nothing since
	label bool // the last of the text is the label of an xref
}

// reset begins a text at the end of out.
func (b *builder) reset() { b.begin, b.space, b.label = len(b.out), false, false }

// add appends characters.
func (b *builder) add(text string) {
	for i := 0; i < len(text); {
		c := text[i]
		if c > ' ' && c < utf8.RuneSelf { // the run of such bytes is appended in one piece
			from := i
			for i < len(text) && text[i] > ' ' && text[i] < utf8.RuneSelf {
				i++
			}
			b.word(text[from:i])
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			b.space = true
		} else {
			b.word(text[i : i+size])
		}
		i += size
	}
}

// word appends characters that are not white space.
func (b *builder) word(text string) {
	if b.space && len(b.out) > b.begin {
		b.out = append(b.out, ' ')
	}
	b.out, b.space, b.label = append(b.out, text...), false, false
}

// addLabel appends the label of an xref, given what stands between the brackets.
func (b *builder) addLabel(shown string) {
	if b.label {
		b.space = false
	}
	b.word("[")
	b.add(strings.TrimFunc(shown, unicode.IsSpace))
	b.space = false
	b.word("]")
	b.label = true
}

// text appends the text of the element whose start tag was read last, up to its end.
func (b *builder) text(s *scanner) error {
	for {
		t, err := s.next()
		if err != nil {
			return err
		}
		switch t {
		case chars:
			b.add(unescape(s.tag.text, s.tag.literal))
		case start:
			if err := b.element(s); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// element appends the text of an element in another one, whose start tag was read last.
func (b *builder) element(s *scanner) error {
	switch {
	case !s.tag.ours, s.tag.local == "people":
		return s.skip()
	case s.tag.local == "xref":
		_, shown, err := label(s)
		if err == nil {
			b.addLabel(shown)
		}
		return err
	}
	b.space = true
	var err error
	if s.tag.local == "file" {
		var file string
		file, err = fileName(s)
		b.add(file)
	} else {
		err = b.text(s)
	}
	b.space = true
	return err
}

// textOf returns the text of the element whose start tag was read last.
func textOf(s *scanner) (string, error) {
	var b builder
	err := b.text(s)
	return string(b.out), err
}

// normal returns a text with every run of white space as one space, and none at the ends.
func normal(text string) string {
	var b builder
	b.add(text)
	return string(b.out)
}

// skip reads up to the end of the element whose start tag was read last.
func (s *scanner) skip() error {
	for depth := 1; depth > 0; {
		switch t, err := s.next(); {
		case err != nil:
			return err
		case t == start:
			depth++
		case t == end:
			depth--
		}
	}
	return nil
}

// locators are the attributes of an xref that say where in a document, of which the first that is there is shown.
var locators = []struct{ attribute, before string }{
	{"section", ", Section "},
	{"page", ", Page "},
	{"appendix", ", Appendix "},
	{"table", ", Table "},
	{"figure", ", Figure "},
	{"anchor", "#"},
}

// label reads the xref whose start tag was read last. It returns its type and what IANA shows between brackets.
func label(s *scanner) (kind, shown string, err error) {
	kind, _ = s.tag.get("type")
	data, _ := s.tag.get("data")
	data = normal(data)
	where := ""
	for _, l := range locators {
		if at, _ := s.tag.get(l.attribute); at != "" {
			where = l.before + strings.TrimFunc(at, unicode.IsSpace)
			break
		}
	}
	shown, err = textOf(s)
	switch kind {
	case "person", "note":
		shown = data
	case "rfc", "draft":
		if shown == "" && kind == "rfc" {
			data = asciiUpper(data)
		}
		if shown == "" {
			shown = data + where
		}
	case "rfc-errata":
		if shown == "" {
			shown = data
		}
		shown = "RFC Errata " + shown
	case "uri":
		if shown == "" {
			shown = data
		}
	case "registry":
		if shown == "" {
			shown = "IANA registry " + data
		}
	case "unicode":
		if version, isUCD := strings.CutPrefix(data, "ucd"); isUCD && shown == "" {
			shown = "Unicode Character Database " + strings.TrimSpace(version)
		}
	}
	return kind, shown, err
}

func asciiUpper(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, text)
}

// fileName reads the file whose start tag was read last. It returns what names it.
func fileName(s *scanner) (string, error) {
	name, _ := s.tag.get("name")
	registry, _ := s.tag.get("registry")
	inside, err := textOf(s)
	switch {
	case name != "":
		return name, err
	case registry != "" && inside != "":
		return registry + "/" + inside, err
	}
	return inside, err
}
