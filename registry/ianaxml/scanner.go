package ianaxml

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds on what a document may hold. Real ones nest 10 elements and write 8 attributes.
const (
	maxDepth      = 100
	maxAttributes = 100  // of an element
	maxBindings   = 100  // namespaces in scope at once
	maxSpace      = 1000 // bytes of a namespace
)

// scanner reads the tokens of one XML document (XML 1.0, Namespaces in XML 1.0), and rejects whatever is not
// well-formed. encoding/xml is a tenth as fast, and accepts doubled attributes, undeclared prefixes and text after the root.
//
// A document type declaration is an error, so that there are no entities but the five of XML itself.
type scanner struct {
	text     string
	at       int       // offset of the next byte
	open     []element // the elements that are open, outermost first
	bindings []binding // the namespaces in scope, innermost last
	scope    string    // the bindings as text: equal scopes give names equal meanings
	begun    bool      // the root element was read
	strict   bool      // the text is not known to be well-formed yet

	tag tag // of the token that next returned last
}

// token is a kind of token.
type token int

const (
	chars token = iota // character data, or a CDATA section: scanner.tag.text
	start              // a start tag: scanner.tag
	end                // an end tag, or the end of an empty-element tag
	eof                // the end of the document
)

// tag is what the scanner says of a token.
type tag struct {
	text    string // of chars: as it stands in the document
	literal bool   // of chars: from a CDATA section, so that & stands for itself
	begin   int    // offset of the token

	local string // of start: the name without prefix
	ours  bool   // of start: in the namespace [Namespace]
	attrs []attribute
	empty bool // of start: an empty-element tag, whose end is the next token
}

// attribute is an attribute of no namespace.
type attribute struct{ name, value string }

// element is an open element.
type element struct {
	name     string // as written
	bindings int    // how many there were around it
	scope    string // around it
}

// binding gives a prefix its namespace. The default namespace has no prefix.
type binding struct{ prefix, space string }

// syntaxError is an error at an offset of the text, or in all of it.
type syntaxError struct {
	at     int // whole where no place is meant
	reason string
}

func (e *syntaxError) Error() string { return e.reason }

// whole is the offset of an error that has no place.
const whole = -1

func fault(at int, format string, args ...any) error {
	return &syntaxError{at, fmt.Sprintf(format, args...)}
}

// next reads a token. Comments and processing instructions are skipped.
func (s *scanner) next() (token, error) {
	if s.tag.empty {
		s.tag.empty = false
		s.close()
		return end, nil
	}
	for {
		if s.at == len(s.text) {
			return eof, s.atEnd()
		}
		if s.text[s.at] != '<' {
			if err := s.chars(); err != nil {
				return eof, err
			}
			if len(s.open) == 0 { // white space around the root element
				continue
			}
			return chars, nil
		}
		rest := s.text[s.at+1:]
		switch {
		case rest == "":
			return eof, fault(s.at, "the document ends within a tag: it is cut off")
		case rest[0] == '/':
			return s.endTag()
		case rest[0] == '?':
			if err := s.instruction(); err != nil {
				return eof, err
			}
		case strings.HasPrefix(rest, "!--"):
			if err := s.comment(); err != nil {
				return eof, err
			}
		case strings.HasPrefix(rest, "![CDATA["):
			return s.cdata()
		case len(rest) > 8 && strings.EqualFold(rest[:8], "!DOCTYPE"):
			if name := strings.TrimLeft(rest[8:], " \t\r\n"); len(name) >= 4 && strings.EqualFold(name[:4], "html") {
				return eof, fault(whole, "it is a page of HTML")
			}
			return eof, fault(s.at, "it has a document type declaration (DOCTYPE)")
		default:
			return start, s.startTag()
		}
	}
}

func (s *scanner) atEnd() error {
	switch {
	case len(s.open) > 0:
		return fault(s.at, "the document ends before </%s>: it is cut off", clip(s.open[len(s.open)-1].name))
	case !s.begun:
		return fault(s.at, "the document has no element")
	}
	return nil
}

// class says what a byte can be part of.
type class byte

const (
	isSpace  class = 1 << iota
	isName         // in a name, not at its start
	isStart        // at the start of a name
	isPlain        // in character data, without any meaning
	isBanned       // in no document
)

var classes = func() (c [256]class) {
	for b := range c {
		switch r := byte(b); {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			c[b] = isSpace | isPlain
		case r < ' ':
			c[b] = isBanned
		case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_' || r == ':':
			c[b] = isStart | isName | isPlain
		case '0' <= r && r <= '9' || r == '-' || r == '.':
			c[b] = isName | isPlain
		case r >= utf8.RuneSelf:
			c[b] = isPlain // in names, runes are looked at
		case r != '<' && r != '&' && r != ']':
			c[b] = isPlain
		}
	}
	return c
}()

// chars reads character data up to the next tag.
func (s *scanner) chars() error {
	from := s.at
	to := strings.IndexByte(s.text[from:], '<') + from
	if to < from {
		to = len(s.text)
	}
	text := s.text[from:to]
	if s.strict {
		if err := s.checkChars(text); err != nil {
			return err
		}
	}
	if len(s.open) == 0 {
		if trimmed := strings.TrimLeft(text, " \t\r\n"); trimmed != "" {
			where := "before"
			if s.begun {
				where = "after"
			}
			return fault(to-len(trimmed), "there is text %s the root element: %q", where, clip(trimmed))
		}
	}
	s.tag.begin, s.tag.text, s.tag.literal, s.at = from, text, false, to
	return nil
}

// checkChars checks the characters that stand at s.at.
func (s *scanner) checkChars(text string) error {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case classes[c]&isPlain != 0:
		case c == '&':
			_, size, err := reference(text[i:])
			if err != nil {
				return fault(s.at+i, "%v", err)
			}
			i += size - 1
		case c == ']':
			if strings.HasPrefix(text[i:], "]]>") {
				return fault(s.at+i, "]]> stands outside of a CDATA section")
			}
		default:
			return fault(s.at+i, "control character %U", c)
		}
	}
	return nil
}

// predefined are the entities that need no declaration.
var predefined = map[string]rune{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

// reference returns the character that the reference at the start of text stands for, and the length of the reference.
func reference(text string) (r rune, size int, err error) {
	name, _, found := strings.Cut(text[1:min(len(text), 64)], ";")
	if !found {
		return 0, 0, fmt.Errorf("an ampersand begins no reference")
	}
	if digits, isNumber := strings.CutPrefix(name, "#"); isNumber {
		r, err = number(digits)
		return r, len(name) + 2, err
	}
	r, known := predefined[name]
	if !known {
		return 0, 0, fmt.Errorf("unknown entity %q", clip(name))
	}
	return r, len(name) + 2, nil
}

// number parses what stands after &# in a reference.
func number(digits string) (rune, error) {
	base, from := rune(10), digits
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		base, from = 16, hex
	}
	var r rune
	for _, c := range from {
		d := rune(99)
		switch {
		case '0' <= c && c <= '9':
			d = c - '0'
		case 'a' <= c && c <= 'f':
			d = c - 'a' + 10
		case 'A' <= c && c <= 'F':
			d = c - 'A' + 10
		}
		if d >= base || r > utf8.MaxRune {
			return 0, fmt.Errorf("&#%s; is not a character", clip(digits))
		}
		r = r*base + d
	}
	if from == "" || !isChar(r) {
		return 0, fmt.Errorf("&#%s; is not a character", clip(digits))
	}
	return r, nil
}

// isChar reports whether XML allows a character: section 2.2, Char.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= utf8.MaxRune
}

// name returns the length of the name at the start of text; 0 if there is none.
func name(text string) int {
	i := 0
	for ; i < len(text); i++ {
		c := text[i]
		if c >= utf8.RuneSelf {
			break
		}
		if k := classes[c]; k&isName == 0 || i == 0 && k&isStart == 0 {
			return i
		}
	}
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !nameRune(r, i == 0) {
			break
		}
		i += size
	}
	return i
}

// nameRune reports whether a character can be part of a name: section 2.3 of XML 1.0, fifth edition.
func nameRune(r rune, first bool) bool {
	if r < utf8.RuneSelf {
		k := classes[r]
		return k&isStart != 0 || !first && k&isName != 0
	}
	in := func(low, high rune) bool { return low <= r && r <= high }
	switch {
	case r == 0xd7 || r == 0xf7 || r == 0x37e || r == utf8.RuneError:
		return false
	case in(0xc0, 0x2ff), in(0x370, 0x1fff), in(0x200c, 0x200d), in(0x2070, 0x218f), in(0x2c00, 0x2fef), in(0x3001, 0xd7ff),
		in(0xf900, 0xfdcf), in(0xfdf0, 0xfffd), in(0x10000, 0xeffff):
		return true
	}
	return !first && (r == 0xb7 || in(0x300, 0x36f) || in(0x203f, 0x2040))
}

// spaces returns the length of the white space at an offset.
func (s *scanner) spaces(at int) int {
	from := at
	for at < len(s.text) && classes[s.text[at]]&isSpace != 0 {
		at++
	}
	return at - from
}

// startTag reads a start tag or an empty-element tag.
func (s *scanner) startTag() error {
	s.tag.begin = s.at
	at := s.at + 1
	n := name(s.text[at:])
	if n == 0 {
		return fault(s.at, "a < begins no tag")
	}
	e := element{s.text[at : at+n], len(s.bindings), s.scope}
	switch {
	case len(s.open) == 0 && s.begun:
		return fault(s.at, "there is a second root element, <%s>", clip(e.name))
	case len(s.open) == maxDepth:
		return fault(s.at, "elements are nested more than %d deep", maxDepth)
	}
	at += n
	s.tag.attrs, s.tag.empty = s.tag.attrs[:0], false
	prefixed := false
	for {
		gap := s.spaces(at)
		at += gap
		if at >= len(s.text) {
			return fault(at, "the document ends within the tag <%s>: it is cut off", clip(e.name))
		}
		if s.text[at] == '>' {
			at++
			break
		}
		if strings.HasPrefix(s.text[at:], "/>") {
			at, s.tag.empty = at+2, true
			break
		}
		a, end, err := s.attribute(at, gap > 0, e.name)
		if err != nil {
			return err
		}
		if prefixed = prefixed || strings.HasPrefix(a.name, "xmlns") || strings.IndexByte(a.name, ':') >= 0; len(s.tag.attrs) == maxAttributes {
			return fault(at, "the element <%s> has more than %d attributes", clip(e.name), maxAttributes)
		}
		s.tag.attrs = append(s.tag.attrs, a)
		at = end
	}
	if prefixed {
		if err := s.bind(); err != nil {
			return err
		}
	}
	s.open, s.at, s.begun = append(s.open, e), at, true
	return s.resolve(e.name)
}

// attribute reads the attribute at an offset, and returns where it ends.
func (s *scanner) attribute(at int, spaced bool, of string) (a attribute, end int, err error) {
	n := name(s.text[at:])
	switch {
	case n == 0:
		return a, 0, fault(at, "the tag <%s> has %q where an attribute or its end should be", clip(of), clip(s.text[at:]))
	case !spaced:
		return a, 0, fault(at, "no white space before the attribute %s", clip(s.text[at:at+n]))
	}
	a.name = s.text[at : at+n]
	if slices.ContainsFunc(s.tag.attrs, func(b attribute) bool { return b.name == a.name }) {
		return a, 0, fault(at, "the attribute %s stands twice", clip(a.name))
	}
	from := at
	at += n
	at += s.spaces(at)
	if at >= len(s.text) || s.text[at] != '=' {
		return a, 0, fault(from, "the attribute %s has no value", clip(a.name))
	}
	at++
	at += s.spaces(at)
	if at >= len(s.text) || s.text[at] != '"' && s.text[at] != '\'' {
		return a, 0, fault(from, "the value of the attribute %s is not in quotes", clip(a.name))
	}
	length := strings.IndexByte(s.text[at+1:], s.text[at])
	if length < 0 {
		return a, 0, fault(at, "the value of the attribute %s has no end: the document is cut off", clip(a.name))
	}
	a.value = s.text[at+1 : at+1+length]
	if s.strict {
		if err := checkValue(at+1, a.value); err != nil {
			return a, 0, err
		}
	}
	return a, at + length + 2, nil
}

// checkValue checks an attribute's value, which stands at an offset.
func checkValue(at int, value string) error {
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '<':
			return fault(at+i, "a < stands in the value of an attribute")
		case c == '&':
			_, size, err := reference(value[i:])
			if err != nil {
				return fault(at+i, "%v", err)
			}
			i += size - 1
		case classes[c]&isBanned != 0:
			return fault(at+i, "control character %U", c)
		}
	}
	return nil
}

// bind takes the declarations of namespaces out of the attributes of the tag, and then those in a namespace.
func (s *scanner) bind() error {
	at := s.tag.begin
	before := len(s.bindings)
	for _, a := range s.tag.attrs {
		prefix, isPrefix := strings.CutPrefix(a.name, "xmlns:")
		if !isPrefix && a.name != "xmlns" {
			continue
		}
		space := unescape(a.value, false)
		switch {
		case !isPrefix:
			prefix = ""
		case prefix == "" || strings.Contains(prefix, ":") || name(prefix) == 0 || space == "" || prefix == "xmlns" || (prefix == "xml") != (space == xmlSpace):
			return fault(at, "%s=%q declares no namespace", clip(a.name), clip(a.value))
		}
		if len(s.bindings) == maxBindings || len(space) > maxSpace {
			return fault(at, "more than %d namespaces, or one of more than %d bytes", maxBindings, maxSpace)
		}
		s.bindings = append(s.bindings, binding{prefix, space})
	}
	if len(s.bindings) > before {
		s.scope = scopeOf(s.bindings)
	}
	return s.dropPrefixed()
}

const xmlSpace = "http://www.w3.org/XML/1998/namespace"

// scopeOf returns bindings as text.
func scopeOf(list []binding) string {
	var b strings.Builder
	for _, x := range list {
		fmt.Fprintf(&b, "%q=%q ", x.prefix, x.space)
	}
	return b.String()
}

// dropPrefixed removes the attributes that are in a namespace or declare one. No two may be the same.
func (s *scanner) dropPrefixed() error {
	type expanded struct{ space, local string }
	var seen []expanded
	kept := s.tag.attrs[:0]
	for _, a := range s.tag.attrs {
		prefix, local, isPrefixed := strings.Cut(a.name, ":")
		if a.name == "xmlns" || prefix == "xmlns" {
			continue
		}
		if !isPrefixed {
			kept = append(kept, a)
			continue
		}
		space, err := s.lookUp(prefix, local)
		if err != nil {
			return err
		}
		x := expanded{space, local}
		if slices.Contains(seen, x) {
			return fault(s.tag.begin, "the attribute %s stands twice", clip(a.name))
		}
		seen = append(seen, x)
	}
	s.tag.attrs = kept
	return nil
}

// lookUp returns the namespace of a prefixed name.
func (s *scanner) lookUp(prefix, local string) (string, error) {
	if prefix == "" || local == "" || name(local) != len(local) || strings.Contains(local, ":") {
		return "", fault(s.tag.begin, "%q is not a name with a prefix", clip(prefix+":"+local))
	}
	if prefix == "xml" {
		return xmlSpace, nil
	}
	for _, b := range slices.Backward(s.bindings) {
		if b.prefix == prefix {
			return b.space, nil
		}
	}
	return "", fault(s.tag.begin, "the prefix %s has no namespace", clip(prefix))
}

// resolve sets local and ours of the tag.
func (s *scanner) resolve(written string) error {
	prefix, local, isPrefixed := strings.Cut(written, ":")
	if isPrefixed {
		space, err := s.lookUp(prefix, local)
		s.tag.local, s.tag.ours = local, space == Namespace
		return err
	}
	s.tag.local, s.tag.ours = written, false
	for _, b := range slices.Backward(s.bindings) {
		if b.prefix == "" {
			s.tag.ours = b.space == Namespace
			break
		}
	}
	return nil
}

// endTag reads an end tag.
func (s *scanner) endTag() (token, error) {
	if len(s.open) == 0 {
		return eof, fault(s.at, "an end tag without its start")
	}
	s.tag.begin = s.at
	at := s.at + len("</")
	want := s.open[len(s.open)-1].name
	if strings.IndexByte(s.text[at:], '>') < 0 {
		return eof, fault(s.at, "the document ends within a tag: it is cut off")
	}
	if !strings.HasPrefix(s.text[at:], want) || name(s.text[at:]) != len(want) {
		found := s.text[at : at+name(s.text[at:])]
		return eof, fault(s.at, "</%s> stands where </%s> should", clip(found), clip(want))
	}
	at += len(want)
	at += s.spaces(at)
	if at >= len(s.text) || s.text[at] != '>' {
		return eof, fault(at, "the tag </%s> does not end after its name", clip(want))
	}
	s.at = at + 1
	s.close()
	return end, nil
}

// close ends the innermost element.
func (s *scanner) close() {
	last := s.open[len(s.open)-1]
	s.open, s.bindings, s.scope = s.open[:len(s.open)-1], s.bindings[:last.bindings], last.scope
}

// cdata reads a CDATA section.
func (s *scanner) cdata() (token, error) {
	if len(s.open) == 0 {
		return eof, fault(s.at, "there is a CDATA section outside of the root element")
	}
	from := s.at + len("<![CDATA[")
	length := strings.Index(s.text[from:], "]]>")
	if length < 0 {
		return eof, fault(s.at, "a CDATA section has no end: the document is cut off")
	}
	s.tag.begin, s.tag.text, s.tag.literal = s.at, s.text[from:from+length], true
	if err := s.checkBanned(from, s.tag.text); err != nil {
		return eof, err
	}
	s.at = from + length + len("]]>")
	return chars, nil
}

func (s *scanner) comment() error {
	from := s.at + len("<!--")
	length := strings.Index(s.text[from:], "--")
	if length < 0 {
		return fault(s.at, "a comment has no end: the document is cut off")
	}
	if !strings.HasPrefix(s.text[from+length:], "-->") {
		return fault(from+length, "-- stands in a comment")
	}
	if err := s.checkBanned(from, s.text[from:from+length]); err != nil {
		return err
	}
	s.at = from + length + len("-->")
	return nil
}

// instruction reads a processing instruction, of which the XML declaration at the start is one.
func (s *scanner) instruction() error {
	from := s.at + len("<?")
	n := name(s.text[from:])
	target := s.text[from : from+n]
	length := strings.Index(s.text[from:], "?>")
	switch {
	case length < 0:
		return fault(s.at, "a processing instruction has no end: the document is cut off")
	case n == 0 || strings.Contains(target, ":") || length > n && s.spaces(from+n) == 0:
		return fault(s.at, "a processing instruction has no name")
	case strings.EqualFold(target, "xml") && (s.at > 0 || target != "xml"):
		return fault(s.at, "the XML declaration does not stand at the start")
	}
	if err := s.checkBanned(from, s.text[from:from+length]); err != nil {
		return err
	}
	s.at = from + length + len("?>")
	return nil
}

// checkBanned checks text, which stands at an offset, for characters that no document may have.
func (s *scanner) checkBanned(at int, text string) error {
	for i := range len(text) {
		if classes[text[i]]&isBanned != 0 {
			return fault(at+i, "control character %U", text[i])
		}
	}
	return nil
}

// get returns the value of an attribute of the tag, and whether it is there.
func (t *tag) get(name string) (string, bool) {
	for _, a := range t.attrs {
		if a.name == name {
			return unescape(a.value, false), true
		}
	}
	return "", false
}

// unescape returns what text says, with references replaced unless it is literal. Line ends and, in attributes, white
// space are not normalised: whoever takes the text normalises all white space.
func unescape(text string, literal bool) string {
	if literal || strings.IndexByte(text, '&') < 0 {
		return text
	}
	var b strings.Builder
	for text != "" {
		before, rest, found := strings.Cut(text, "&")
		b.WriteString(before)
		if !found {
			break
		}
		r, size, err := reference("&" + rest)
		if err != nil { // the text was checked
			r, size = utf8.RuneError, 1
		}
		b.WriteRune(r)
		text = rest[size-1:]
	}
	return b.String()
}

// clip shortens text of the document for a message.
func clip(text string) string {
	const most = 40
	text = strings.ToValidUTF8(text[:min(len(text), 4*most)], "\ufffd")
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
