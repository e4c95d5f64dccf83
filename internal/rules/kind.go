package rules

import (
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"

	"github.com/ianasync/ianasync/internal/parties"
	"github.com/ianasync/ianasync/registry"
)

// kindOf returns the kind of a change from a row to that of the same key: the first that fits.
func (c *comparison) kindOf(p pair) diff.Kind {
	over, rfc := c.handedOver(p), c.becameRFC(p)
	switch {
	case c.deprecated(p):
		return diff.Deprecated
	case c.name >= 0 && !c.isKey(c.name) && p.Old.name != "" && p.New.name != "" && p.Old.name != p.New.name:
		return diff.Renamed
	case over && (!rfc || !c.heldByInstitution(p.New)):
		return diff.Transferred
	}
	switch old, new := c.temporary(p.Old), c.temporary(p.New); {
	case old != nil && new == nil:
		return diff.Permanent
	case old != nil && !old.Expires.IsZero() && new.Expires.After(old.Expires):
		return diff.Extended
	case rfc:
		return diff.Published
	}
	return diff.Updated
}

// becameRFC reports whether a column of references of a pair shows that a draft became an RFC, and none shows otherwise.
func (c *comparison) becameRFC(p pair) bool {
	became := false
	for i, role := range c.roles {
		if role == registry.Reference && p.Old.cells[i] != p.New.cells[i] {
			if !BecameRFC(p.Old.cells[i], p.New.cells[i]) {
				return false
			}
			became = true
		}
	}
	return became
}

// temporary returns the mark of a temporary registration; nil where a row has none.
func (c *comparison) temporary(r *row) *Temporary {
	for i, text := range r.cells {
		if c.isPlain(i) || c.roles[i] == registry.Status {
			if t, found := TemporaryIn(text); found {
				return &t
			}
		}
	}
	return nil
}

// deprecated reports whether a mark or a status cell of a pair says now, and did not say before, that the record should no
// longer be used.
func (c *comparison) deprecated(p pair) bool {
	for i, role := range c.roles {
		old, new := p.Old.cells[i], p.New.cells[i]
		if old == new {
			continue
		}
		switch {
		case role == registry.Status:
			if worse(c.Columns[i], old, new) {
				return true
			}
		case c.isPlain(i) && (c.isKey(i) || i == c.name || len(new) < 100):
			if MarkedIn(new) && !MarkedIn(old) {
				return true
			}
		}
	}
	return false
}

// worse reports whether a status cell advises against the record more than it did.
func worse(column, old, new string) bool {
	before, after := adviceOf(column, old), adviceOf(column, new)
	if old == "" && after < deprecated { // a new column says what has been so
		return false
	}
	return after > before
}

// How much a status advises against a record.
const (
	neutral = iota
	notRecommended
	deprecated
)

func adviceOf(column, cell string) int {
	s := parties.Fold(strings.TrimSpace(cell))
	k := parties.Fold(column)
	if strings.Contains(k, "obsolete") || strings.Contains(k, "deprecated") {
		if s == "y" || s == "yes" || s == "true" {
			return deprecated
		}
	}
	if MarkedIn(cell) || slices.ContainsFunc(strings.FieldsFunc(s, notWord), func(w string) bool { return slices.Contains(statusWords, w) }) {
		return deprecated
	}
	switch s {
	case "d", "must not":
		return deprecated
	case "n", "no", "not recommended", "should not":
		return notRecommended
	}
	if strings.HasPrefix(s, "must not") {
		return deprecated
	}
	return neutral
}

// minor reports whether two rows differ only in contacts, dates and spelling.
func (c *comparison) minor(old, new *row) bool {
	over := c.handedOver(pair{Old: old, New: new})
	for i, role := range c.roles {
		a, b := old.cells[i], new.cells[i]
		switch {
		case a == b, role == registry.Date, c.isPeople(i) && !over:
		case sameSpelling(a, b), parties.SameTags(a, b):
		case (c.isPlain(i) && !c.isKey(i) && i != c.name || role == registry.Note) && a != "" && b != "" && parties.Misspelled(parties.Fold(a), parties.Fold(b)):
		default:
			return false
		}
	}
	return true
}

// sameSpelling reports whether two cells differ in letter case, in how numbers are written, or in a footnote alone.
func sameSpelling(a, b string) bool {
	reduce := func(s string) string {
		s = parties.Fold(s)
		if body, found := strings.CutSuffix(s, "]"); found {
			if at := strings.LastIndexByte(body, '['); at >= 0 && at < len(body)-1 && strings.Trim(body[at+1:], "0123456789") == "" {
				s = strings.TrimSpace(body[:at])
			}
		}
		if v, ok := parseValue(s); ok {
			return v.String()
		}
		return shortPrefix(s)
	}
	return reduce(a) == reduce(b)
}

// handedOver reports whether the assignee, or the change controller, is another party. Where the registry has dates, one
// of them must have changed, or the contact otherwise than the assignee did: without that, IANA only rewrote its tags.
func (c *comparison) handedOver(p pair) bool {
	dated, dates := false, false
	for i, role := range c.roles {
		if role == registry.Date && (p.Old.cells[i] != "" || p.New.cells[i] != "") {
			dates = true
			dated = dated || p.Old.cells[i] != p.New.cells[i]
		}
	}
	for i, role := range c.roles {
		if role != registry.Party || p.Old.cells[i] == p.New.cells[i] {
			continue
		}
		old, new := parties.Of(p.Old.cells[i]), parties.Of(p.New.cells[i])
		if len(old) == 0 || len(new) == 0 || parties.Share(old, new, parties.Anyone) || institutionsOnly(old) && institutionsOnly(new) {
			continue
		}
		if slices.ContainsFunc(old, func(a parties.Party) bool {
			return slices.ContainsFunc(new, func(b parties.Party) bool { return parties.Respelled(a, b) })
		}) {
			continue
		}
		if !dates || dated || c.otherContact(p, old, new) {
			return true
		}
	}
	return false
}

// otherContact reports whether the contact of a pair changed otherwise than the holder did.
func (c *comparison) otherContact(p pair, old, new []parties.Party) bool {
	for i, role := range c.roles {
		if role == registry.People {
			before, after := parties.Of(p.Old.cells[i]), parties.Of(p.New.cells[i])
			return !parties.Same(before, after) && (!parties.Same(before, old) || !parties.Same(after, new))
		}
	}
	return false
}

func institutionsOnly(list []parties.Party) bool {
	return !slices.ContainsFunc(list, func(p parties.Party) bool { return parties.NoInstitution(p.Letters()) })
}

// heldByInstitution reports whether no holder of a row is anybody but an institution.
func (c *comparison) heldByInstitution(r *row) bool {
	for i, role := range c.roles {
		if role == registry.Party && !institutionsOnly(parties.Of(r.cells[i])) {
			return false
		}
	}
	return true
}

// hasParty reports whether a cell names anybody but institutions.
func hasParty(cell string) bool { return !institutionsOnly(parties.Of(cell)) }
