package ianaxsl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxBytes is the size of the largest stylesheet that is read. IANA's have up to 23 kB.
const MaxBytes = 1 << 20

// maxDepth is how deep elements may be nested.
const maxDepth = 100

const (
	xslNamespace  = "http://www.w3.org/1999/XSL/Transform"
	htmlNamespace = "http://www.w3.org/1999/xhtml"
)

// node is an element, or text.
type node struct {
	name     xml.Name
	attrs    []xml.Attr
	children []*node
	text     string // not empty in a text alone
}

func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// isXSL reports whether the node is an element of XSL of the given name, or of any if that is empty.
func (n *node) isXSL(name string) bool {
	return n.name.Space == xslNamespace && (name == "" || n.name.Local == name)
}

func (n *node) isHTML(name string) bool {
	return n.name.Local == name && (n.name.Space == htmlNamespace || n.name.Space == "")
}

// allText returns the text within the node.
func (n *node) allText() string {
	if n.text != "" {
		return n.text
	}
	var b strings.Builder
	for _, c := range n.children {
		b.WriteString(c.allText())
	}
	return b.String()
}

// Parse reads a stylesheet. The error says why the text is none.
func Parse(data []byte) (*Stylesheet, error) {
	root, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("not a stylesheet: %w", err)
	}
	s := new(Stylesheet)
	for _, t := range root.children {
		if !t.isXSL("template") {
			continue
		}
		if t.attr("name") == "iana:record_header" {
			s.headers = append(s.headers, t)
		}
		if match := t.attr("match"); match == "iana:record" || strings.HasSuffix(match, "/iana:record") {
			s.records = append(s.records, t)
		}
	}
	return s, nil
}

// parse reads the elements of a stylesheet.
func parse(data []byte) (*node, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("it has %d bytes; at most %d are read", len(data), MaxBytes)
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("it is not UTF-8") }
	top := new(node)
	path := []*node{top}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		in := path[len(path)-1]
		switch t := token.(type) {
		case xml.Directive:
			return nil, errors.New("it has a document type declaration (DOCTYPE)")
		case xml.CharData:
			if len(t) > 0 {
				in.children = append(in.children, &node{text: string(t)})
			}
		case xml.StartElement:
			if len(path) > maxDepth {
				return nil, fmt.Errorf("elements are nested more than %d deep", maxDepth)
			}
			n := &node{name: t.Name, attrs: t.Copy().Attr}
			in.children, path = append(in.children, n), append(path, n)
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
	for _, n := range top.children {
		if n.isXSL("stylesheet") || n.isXSL("transform") {
			return n, nil
		}
	}
	return nil, errors.New("its root is no xsl:stylesheet")
}
