package ianaxml

import (
	"fmt"
	"slices"
	"strings"
)

// reader reads one document.
type reader struct {
	scanner
	group *Group
	seen  map[string]bool // ids of registries

	known *Group // the edition before, or nil
	ahead int    // which of known.pieces is expected next

	line      int // of the offset counted, from 0
	lineStart int // offset at which that line starts
	counted   int
	around    []binding // a copy of the bindings in the scope aroundAs
	aroundAs  string
}

// document reads all of the document.
func (r *reader) document() error {
	if begin := strings.TrimLeft(r.text, " \t\r\n"); len(begin) >= 5 && strings.EqualFold(begin[:5], "<html") {
		return fault(whole, "it is a page of HTML") // it may not be well-formed
	}
	if _, err := r.next(); err != nil { // what is before the root element is skipped or an error
		return err
	}
	if err := r.root(); err != nil {
		return err
	}
	if err := r.registry(""); err != nil {
		return err
	}
	r.group.ID = r.group.Registries[0].ID
	_, err := r.next() // the end, for whatever else may follow is an error
	return err
}

// root checks the root element, whose start tag was read last.
func (r *reader) root() error {
	switch {
	case r.tag.ours && r.tag.local == "registry":
		return nil
	case r.tag.ours && r.tag.local == "redirect":
		return r.redirect()
	case strings.EqualFold(r.tag.local, "html"):
		return fault(whole, "it is a page of HTML")
	case r.tag.local == "registry":
		return fault(r.tag.begin, "the root element is not in the namespace %s", Namespace)
	}
	return fault(r.tag.begin, "the root element is <%s>, not <registry>", clip(r.tag.local))
}

// redirect returns the error that says what a redirect refers to: its registry, an attribute or an element.
func (r *reader) redirect() error {
	to, _ := r.tag.get("registry")
	for to == "" {
		t, err := r.next()
		if err != nil {
			return err
		}
		if t == end {
			break
		}
		if t != start {
			continue
		}
		if !r.tag.ours || r.tag.local != "registry" {
			err = r.skip()
		} else if to, err = textOf(&r.scanner); to == "" {
			break
		}
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("it is %w to %q", ErrRedirect, clip(normal(to)))
}

// registry reads the registry whose start tag was read last.
func (r *reader) registry(parent string) error {
	id, _ := r.tag.get("id")
	switch {
	case id == "":
		return fault(r.tag.begin, "a registry has no id")
	case r.seen[id]:
		return fault(r.tag.begin, "two registries have the id %q", clip(id))
	}
	r.seen[id] = true
	reg := &Registry{ID: strings.Clone(id), Parent: parent, Records: r.room()}
	r.group.Registries = append(r.group.Registries, reg)
	about := describer{reader: r, about: &reg.About}
	nested := false
	for {
		if r.knownPiece("<record") {
			reg.Records = append(reg.Records, r.record())
			continue
		}
		t, err := r.next()
		if err != nil {
			return err
		}
		if t == end {
			break
		}
		switch {
		case t != start:
		case !r.tag.ours:
			err = r.skip()
		case r.tag.local == "record":
			if err = r.piece(); err == nil {
				reg.Records = append(reg.Records, r.record())
			}
		case r.tag.local == "registry":
			nested = true
			err = r.registry(reg.ID)
		case r.tag.local == "people":
			err = r.people()
		default:
			err = about.element()
		}
		if err != nil {
			return err
		}
	}
	about.done()
	if len(reg.Records) == 0 {
		reg.Records, reg.Heading = nil, nested
	}
	return nil
}

// spare is for how many more pieces or records than the edition before has there is room at first.
const spare = 32

// room returns no records, with room for those of the next registry: about as many as the registry in its place has in the
// edition before.
func (r *reader) room() []Record {
	at := len(r.group.Registries)
	if r.known == nil || at >= len(r.known.Registries) || len(r.known.Registries[at].Records) == 0 {
		return nil
	}
	return make([]Record, 0, len(r.known.Registries[at].Records)+spare)
}

// people reads the element people, of which nothing is kept.
func (r *reader) people() error {
	for {
		if r.knownPiece("<person") {
			continue
		}
		t, err := r.next()
		switch {
		case err != nil || t == end:
			return err
		case t == start && r.tag.ours && r.tag.local == "person":
			err = r.piece()
		case t == start:
			err = r.skip()
		}
		if err != nil {
			return err
		}
	}
}

// lookahead is how many pieces knownPiece passes over.
const lookahead = 32

// knownPiece reads a whole element that begins as given, if the edition before has the same text in the same place or
// a little later. The text was checked then.
func (r *reader) knownPiece(begin string) bool {
	if r.known == nil || r.tag.empty || r.scope != r.known.scope || !strings.HasPrefix(r.text[r.at:], begin) {
		return false
	}
	rest := r.text[r.at:]
	for i := r.ahead; i < min(r.ahead+lookahead, len(r.known.pieces)); i++ {
		if piece := r.known.pieces[i]; strings.HasPrefix(rest, piece) {
			r.ahead = i + 1
			r.at += len(piece)
			r.keep(rest[:len(piece)])
			return true
		}
	}
	return false
}

// piece reads the record or person whose start tag was read last. There is no record and no registry in it.
func (r *reader) piece() error {
	begin := r.tag.begin
	for depth := 1; depth > 0; {
		switch t, err := r.next(); {
		case err != nil:
			return err
		case t == start && r.tag.ours && (r.tag.local == "record" || r.tag.local == "registry"):
			return fault(r.tag.begin, "a %s is within a record", r.tag.local)
		case t == start:
			depth++
		case t == end:
			depth--
		}
	}
	r.keep(r.text[begin:r.at])
	return nil
}

// keep keeps a piece, which was read last.
func (r *reader) keep(text string) {
	switch {
	case len(r.group.pieces) == 0:
		r.group.scope = r.scope
		if r.known != nil {
			r.group.pieces = make([]string, 0, len(r.known.pieces)+spare)
		}
	case r.group.scope != r.scope:
		r.group.scope = "" // the scope of no document: no piece is taken as known
	}
	r.group.pieces = append(r.group.pieces, text)
}

// record returns the last piece as a record.
func (r *reader) record() Record {
	text := r.group.pieces[len(r.group.pieces)-1]
	begin := r.at - len(text)
	between := r.text[r.counted:begin]
	if n := strings.Count(between, "\n"); n > 0 {
		r.line += n
		r.lineStart = r.counted + strings.LastIndexByte(between, '\n') + 1
	}
	r.counted = begin
	if r.around == nil || r.aroundAs != r.scope {
		r.around, r.aroundAs = slices.Clone(r.bindings), r.scope
	}
	return Record{Text: text, Line: r.line + 1, Shift: begin - r.lineStart, bindings: r.around}
}

// describer reads what a registry says of itself.
type describer struct {
	*reader
	about     *About
	joined    map[string][]string // texts of elements that make up one text
	reference builder
}

// element reads a child element of the registry, whose start tag was read last.
func (d *describer) element() error {
	s := &d.scanner
	switch name := s.tag.local; name {
	case "title", "category", "created", "updated", "description":
		text, err := textOf(s)
		if d.joined == nil {
			d.joined = make(map[string][]string)
		}
		if text != "" {
			d.joined[name] = append(d.joined[name], text)
		}
		return err
	case "registration_rule":
		text, err := textOf(s)
		d.about.Rules = append(d.about.Rules, text)
		return err
	case "expert":
		text, err := textOf(s)
		d.about.Experts = append(d.about.Experts, text)
		return err
	case "note":
		title, _ := s.tag.get("title")
		text, err := textOf(s)
		d.about.Notes = append(d.about.Notes, Note{normal(title), text})
		return err
	case "footnote":
		anchor, _ := s.tag.get("anchor")
		text, err := textOf(s)
		d.about.Footnotes = append(d.about.Footnotes, Footnote{strings.Clone(anchor), text})
		return err
	case "range":
		r, err := readRange(s)
		d.about.Ranges = append(d.about.Ranges, r)
		return err
	case "xref":
		_, shown, err := label(s)
		d.reference.addLabel(shown)
		return err
	case "hide":
		d.about.Hidden = true
	}
	return s.skip()
}

// done sets what is joined from several elements.
func (d *describer) done() {
	for name, text := range map[string]*string{
		"title": &d.about.Title, "category": &d.about.Category, "created": &d.about.Created, "updated": &d.about.Updated,
		"description": &d.about.Description,
	} {
		*text = strings.Join(d.joined[name], " ")
	}
	d.about.Reference = string(d.reference.out)
}

// readRange reads the range whose start tag was read last. Of several elements of one name the first counts.
func readRange(s *scanner) (Range, error) {
	var r Range
	texts := map[string]*string{"value": &r.Value, "hex": &r.Hex, "entry_size": &r.EntrySize, "registration_rule": &r.Rule, "note": &r.Note}
	var reference builder
	for {
		t, err := s.next()
		if err != nil {
			return r, err
		}
		switch {
		case t == end:
			r.Reference = string(reference.out)
			return r, nil
		case t != start:
		case s.tag.ours && s.tag.local == "xref":
			var shown string
			_, shown, err = label(s)
			reference.addLabel(shown)
		case s.tag.ours && texts[s.tag.local] != nil:
			text := texts[s.tag.local]
			delete(texts, s.tag.local)
			*text, err = textOf(s)
		default:
			err = s.skip()
		}
		if err != nil {
			return r, err
		}
	}
}
