package feed

import (
	"bytes"
	"encoding/xml"
	"time"
)

// atomFeed is RFC 4287, section 4.1.1, with the marks of RFC 5005, section 4.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Rights  string      `xml:"rights"`
	Archive *struct{}   `xml:"http://purl.org/syndication/history/1.0 archive"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
	URI  string `xml:"uri"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Content atomContent `xml:"content"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// rights is the licence of the data.
const rights = "CC0 1.0"

const atomType = "application/atom+xml"

func (d *document) atom() ([]byte, error) {
	f := atomFeed{
		ID: d.id(), Title: d.feed.Title, Updated: d.updated().Format(time.RFC3339), Author: atomAuthor{"IANA", d.publisher.IANA}, Rights: rights,
		Links: []atomLink{{"self", atomType, d.link(d.name + atomEnding)}, {"alternate", "text/html", d.link(d.feed.Page)}},
	}
	for _, l := range []struct{ rel, name string }{{"current", d.current}, {"prev-archive", d.previous}, {"next-archive", d.next}} {
		if l.name != "" {
			f.Links = append(f.Links, atomLink{l.rel, atomType, d.link(l.name + atomEnding)})
		}
	}
	if d.current != "" {
		f.Archive = new(struct{})
	}
	for _, e := range d.entries() {
		links := []atomLink{{"alternate", "text/html", e.page}}
		if e.section != "" {
			links = append(links, atomLink{"related", "text/markdown", e.section})
		}
		f.Entries = append(f.Entries, atomEntry{e.id, e.title, e.at.Format(time.RFC3339), links, atomContent{"html", e.html}})
	}
	b := bytes.NewBufferString(xml.Header)
	enc := xml.NewEncoder(b)
	enc.Indent("", " ")
	err := enc.Encode(f)
	b.WriteByte('\n')
	return b.Bytes(), err
}
