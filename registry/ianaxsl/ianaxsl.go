// Package ianaxsl reads the labels of columns from the stylesheet of a group of IANA's registries.
//
// IANA's pages are made of the XML of a group by its stylesheet, GROUP.xsl. In it the template iana:record_header has the headings, and
// a template of iana:record the cells, in rows that xsl:choose and xsl:if may select by the ids of registries. What a column is
// called on the page is therefore found by position: the heading over a cell is the label of the first column that the cell shows.
package ianaxsl

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Stylesheet is the stylesheet of a group.
type Stylesheet struct {
	headers []*node // templates of rows of headings
	records []*node // templates of rows of cells
}

// Labels returns the labels of the columns of a registry, by the keys that the columns have in an edition. The id is without that of
// the group. It is empty where the rows of headings and of cells do not fit each other.
func (s *Stylesheet) Labels(registry string) map[string]string {
	var headings []string
	for _, t := range s.headers {
		for _, row := range t.chosen(registry) {
			if list := headingsOf(row, registry); len(list) > 0 {
				headings = list
			}
		}
	}
	var shown []string
	for _, t := range s.records {
		if match := t.attr("match"); match != "iana:record" && idsOf(match, registry) != chosenByID {
			continue
		}
		for _, row := range t.chosen(registry) {
			if list := shownIn(row, registry); len(list) > 0 {
				shown = list
			}
		}
	}
	if len(headings) != len(shown) {
		return nil
	}
	labels := make(map[string]string)
	for i, key := range shown {
		if _, found := labels[key]; !found && key != "" && headings[i] != "" {
			labels[key] = headings[i]
		}
	}
	return labels
}

// headingsOf returns the headings of a row.
func headingsOf(row *node, registry string) (list []string) {
	for _, cell := range row.chosen(registry) {
		if cell.isHTML("th") {
			list = append(list, strings.Join(strings.Fields(cell.allText()), " "))
		}
	}
	return list
}

// shownIn returns for each cell of a row the key of the first column that it shows; an empty one where it shows none.
func shownIn(row *node, registry string) (list []string) {
	for _, cell := range row.chosen(registry) {
		if cell.isHTML("td") {
			list = append(list, cell.firstKey())
		}
	}
	return list
}

var (
	element = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^iana:([\w.-]+)`) })
	person  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^iana:xref\[@type\s*=\s*['"]person['"]\]$`) })
	ids     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`@id\s*=\s*['"]([^'"]*)['"]`) })
)

// firstKey returns the key of the first column that the instructions within a cell select.
func (n *node) firstKey() string {
	if n.isXSL("") {
		if key := keyOf(n.attr("select")); key != "" {
			return key
		}
	}
	for _, c := range n.children {
		if key := c.firstKey(); key != "" {
			return key
		}
	}
	return ""
}

// keyOf returns the key of the column that an expression selects; nothing where it selects none.
func keyOf(selected string) string {
	switch {
	case selected == "@date":
		return "registration_date"
	case selected == "@updated":
		return "modification_date"
	case person().MatchString(selected):
		return "contact"
	}
	m := element().FindStringSubmatch(selected)
	switch {
	case m == nil:
		return ""
	case m[1] == "xref":
		return "reference"
	}
	return m[1]
}

// choice is what an expression decides for a registry.
type choice int

const (
	open         choice = iota // it has no ids
	chosenByID                 // the id of the registry is among its ids
	excludedByID               // other ids alone are
)

// idsOf returns what the ids in an expression decide for a registry.
func idsOf(expression, registry string) choice {
	found := ids().FindAllStringSubmatch(expression, -1)
	switch {
	case len(found) == 0:
		return open
	case slices.ContainsFunc(found, func(m []string) bool { return m[1] == registry }):
		return chosenByID
	}
	return excludedByID
}

// chosen returns the elements within an element that are in effect for a registry: xsl:choose and xsl:if on ids are decided, of any
// other choice the last branch is taken.
func (n *node) chosen(registry string) (list []*node) {
	for _, c := range n.children {
		switch {
		case c.text != "":
		case c.isXSL("choose"):
			if branch := c.branch(registry); branch != nil {
				list = append(list, branch.chosen(registry)...)
			}
		case c.isXSL("if") && idsOf(c.attr("test"), registry) != open:
			if idsOf(c.attr("test"), registry) == chosenByID {
				list = append(list, c.chosen(registry)...)
			}
		default:
			list = append(list, c)
		}
	}
	return list
}

// branch returns the branch of an xsl:choose that is in effect for a registry; nil if none is.
func (n *node) branch(registry string) (last *node) {
	byIDs := false
	for _, b := range n.children {
		if b.text != "" {
			continue
		}
		switch idsOf(b.attr("test"), registry) {
		case chosenByID:
			return b
		case excludedByID:
			byIDs = true
		}
		last = b
	}
	if byIDs && !last.isXSL("otherwise") {
		return nil
	}
	return last
}
