package htmlprint

import (
	"slices"
	"strings"
)

// place is where in a page a value stands.
type place uint8

const (
	inText   place = iota // between elements, or in an element that has text only
	inScript              // the whole of a script element
	inValue               // in an attribute
	inURL                 // at the beginning of an attribute that is a URL, where there may be several
	inPath                // further on in such a one
	inQuery               // after its "?" or "#"
)

// hole marks a place.
const hole = "{}"

// The attributes that may have values in them: URLs, and those that neither are URLs nor run or style anything.
var (
	urlAttributes   = []string{"href", "src"}
	plainAttributes = []string{"class", "content", "d", "dy", "fill", "height", "id", "label", "max", "min", "name", "placeholder", "rel", "title", "type", "value", "viewBox", "width", "x", "y"}
	plainPrefixes   = []string{"aria-", "data-"}
)

// fragment is a parsed fragment: its parts, with a place after each but the last.
type fragment struct {
	parts     []string
	places    []place
	endsInTag bool
}

// parse parses a fragment that begins between elements, or between the attributes of a tag. It panics if the fragment does not
// end at such a point, or has a value where none may be.
func parse(text string, inTag bool) *fragment {
	p := &parser{text: text}
	if inTag {
		p.attributes("")
	}
	for p.at < len(text) {
		switch {
		case p.is(hole):
			p.add(inText)
		case p.accept("<"):
			p.tag()
		default:
			p.at++
		}
	}
	p.parts = append(p.parts, text[p.done:])
	return &p.fragment
}

// parser parses a fragment.
type parser struct {
	fragment
	text     string
	at, done int // what was read of the text, and what of that is in the parts
}

func (p *parser) is(next string) bool { return strings.HasPrefix(p.text[p.at:], next) }

func (p *parser) accept(next string) bool {
	if !p.is(next) {
		return false
	}
	p.at += len(next)
	return true
}

// word reads a name; it is empty if there is none.
func (p *parser) word() string {
	from := p.at
	for p.at < len(p.text) && (p.text[p.at] == '-' || '0' <= p.text[p.at] && p.text[p.at] <= '9' || 'a' <= p.text[p.at]|0x20 && p.text[p.at]|0x20 <= 'z') {
		p.at++
	}
	return p.text[from:p.at]
}

// require panics unless what was read is as it should be.
func (p *parser) require(ok bool, problem string) {
	if !ok {
		panic("htmlprint: " + problem + ": " + p.text[:p.at] + " … in " + p.text)
	}
}

// add adds a place.
func (p *parser) add(at place) {
	p.parts, p.places = append(p.parts, p.text[p.done:p.at]), append(p.places, at)
	p.at += len(hole)
	p.done = p.at
}

// tag reads a tag after its "<".
func (p *parser) tag() {
	if p.accept("!DOCTYPE html>") {
		return
	}
	closes := p.accept("/")
	element := p.word()
	p.require(element != "", "a tag without a name")
	p.require(element != "style" && element != "textarea" && element != "template", "an element that this package does not know")
	if closes {
		p.require(p.accept(">"), "the end of a tag is missing")
		return
	}
	p.attributes(element)
}

// attributes reads the rest of a tag, and the content of a script element.
func (p *parser) attributes(element string) {
	for {
		for p.accept(" ") || p.accept("/") {
		}
		switch {
		case p.at == len(p.text):
			p.require(element != "script", "the end of a script element is missing")
			p.endsInTag = true
			return
		case p.accept(">"):
			if element == "script" {
				p.script()
			}
			return
		}
		p.attribute()
	}
}

// script reads the content of a script element: nothing, or a value.
func (p *parser) script() {
	if p.is(hole) {
		p.add(inScript)
	}
	p.require(p.accept("</script>"), "a script element has more than a value")
}

// attribute reads an attribute.
func (p *parser) attribute() {
	name := p.word()
	p.require(name != "", "neither an attribute nor the end of the tag")
	if !p.accept("=") {
		return
	}
	p.require(p.accept(`"`), "an attribute without quotes")
	for from := p.at; !p.accept(`"`); {
		p.require(p.at < len(p.text), "the end of an attribute is missing")
		if p.is(hole) {
			p.add(p.placeIn(name, p.text[from:p.at]))
		} else {
			p.at++
		}
	}
}

// placeIn returns what a place is in an attribute, after the part of its value that was read.
func (p *parser) placeIn(name, before string) place {
	switch {
	case slices.Contains(urlAttributes, name):
		switch {
		case strings.ReplaceAll(before, hole, "") == "":
			return inURL
		case strings.ContainsAny(before, "?#"):
			return inQuery
		}
		p.require(strings.Contains(before, "/"), "a value could complete the scheme of a URL")
		return inPath
	case slices.Contains(plainAttributes, name):
		return inValue
	}
	p.require(slices.ContainsFunc(plainPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) }), "an attribute that may have no value in it")
	return inValue
}
