package portrules

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/parties"
	"github.com/ianasync/ianasync/registry/ports"
)

// This file holds the rules of the service names registry that know its columns: what
// a difference between two records of one service means, when two names are one
// service, and which differences are minor.

// kindOf returns the kind of a change from a record to that of the same name, ports and
// transport. Dated is whether the modification date changed, in this record or in that of
// another transport.
func kindOf(p pair, dated bool) diff.Kind {
	over, rfc := handedOver(p, dated), becameRFC(p.Old.Reference, p.New.Reference)
	if rfc && onlyInstitutions(p.New.Assignee) {
		over = false // what becomes an RFC goes to the IESG as a rule
	}
	switch {
	case over:
		return diff.Transferred
	case rfc:
		return diff.Published
	}
	return diff.Updated
}

// handedOver reports whether the assignee is another party: both name somebody, nobody is
// in both, and none is a respelled one of the other. There must also be evidence: a new
// modification date, or a contact that changed otherwise than the assignee did. Without
// it, IANA only rewrote its tags.
func handedOver(p pair, dated bool) bool {
	if p.Old.Assignee == p.New.Assignee {
		return false
	}
	old, new := parties.Of(p.Old.Assignee), parties.Of(p.New.Assignee)
	if len(old) == 0 || len(new) == 0 || parties.Share(old, new, parties.Anyone) {
		return false
	}
	for _, a := range old {
		if slices.ContainsFunc(new, func(b parties.Party) bool { return parties.Respelled(a, b) }) {
			return false
		}
	}
	if dated {
		return true
	}
	before, after := parties.Of(p.Old.Contact), parties.Of(p.New.Contact)
	return !parties.Same(before, after) && (!parties.Same(before, old) || !parties.Same(after, new))
}

func onlyInstitutions(assignee string) bool {
	return !slices.ContainsFunc(parties.Of(assignee), func(p parties.Party) bool { return parties.NoInstitution(p.Letters()) })
}

// becameRFC reports whether references lose a draft, or an RFC to be, and gain an RFC.
func becameRFC(old, new string) bool {
	if old == new {
		return false
	}
	before, after := referenceTags(old), referenceTags(new)
	lost := slices.ContainsFunc(before, func(t string) bool {
		return (strings.HasPrefix(t, "draft-") || strings.HasPrefix(t, "rfc-")) && !slices.Contains(after, t)
	})
	return lost && slices.ContainsFunc(after, func(t string) bool { return isRFC(t) && !slices.Contains(before, t) })
}

// referenceTags returns what stands in brackets, in lower case.
func referenceTags(reference string) (list []string) {
	for part := range parties.Parts(reference) {
		if tag, isTag := strings.CutPrefix(part, "["); isTag {
			list = append(list, strings.ToLower(strings.TrimSuffix(tag, "]")))
		}
	}
	return list
}

// isRFC reports whether a tag, in lower case, begins with an RFC and its number.
func isRFC(tag string) bool {
	rest, found := strings.CutPrefix(tag, "rfc")
	after := strings.TrimLeft(rest, "0123456789")
	if !found || len(after) == len(rest) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(after)
	return after == "" || !parties.IsWord(r) && r != '_'
}

// akin reports whether two names of one cell are one service: they have the same
// description; or a common party, no institution, among the assignees or among the
// contacts; or most words of the shorter description and the registration date in common
// or, if there is no date, the beginning of the name.
func akin(old, new *ports.Record) bool {
	if old.Description != "" && parties.Fold(old.Description) == parties.Fold(new.Description) {
		return true
	}
	if parties.Share(parties.Of(old.Assignee), parties.Of(new.Assignee), parties.NoInstitution) || parties.Share(parties.Of(old.Contact), parties.Of(new.Contact), parties.NoInstitution) {
		return true
	}
	if old.RegistrationDate != new.RegistrationDate {
		return false
	}
	if old.RegistrationDate.String() == "" && beginning(old.ServiceName) != beginning(new.ServiceName) {
		return false
	}
	a, b := words(old.Description), words(new.Description)
	common := 0
	for w := range a {
		if b[w] {
			common++
		}
	}
	return 2*common > min(len(a), len(b))
}

// beginning returns the first five letters of a name, folded.
func beginning(name string) string {
	letters := []rune(parties.Fold(name))
	return string(letters[:min(5, len(letters))])
}

// words returns the set of words of a text, folded.
func words(text string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsFuncSeq(parties.Fold(text), func(r rune) bool { return !parties.IsWord(r) && r != '_' }) {
		set[w] = true
	}
	return set
}

// portless is the key by which records without a port are one service under two names;
// ok is false for records that have a port, or no description.
func portless(r *ports.Record) (key, bool) {
	return key{transport: r.Transport, more: parties.Fold(r.Description) + "\x00" + r.RegistrationDate.String()},
		r.Ports.String() == "" && r.Description != ""
}

// statement is what an unnamed record states about each of its ports: its transport and all
// other columns, letter case folded.
type statement [ports.NumColumns]string

func statementOf(r *ports.Record) (s statement) {
	s = r.Values()
	s[0], s[1] = "", "" // service name and ports
	for i := range s {
		s[i] = parties.Fold(s[i])
	}
	return s
}

// The columns in which a difference is never more than minor in an Updated change: an
// assignee that was handed over makes the change Transferred.
var minorColumns = []string{"assignee", "contact", "registration_date", "modification_date"}

// The columns of free text, in which a word may be misspelled.
var textColumns = []string{"description", "unauthorized_use_reported", "assignment_notes"}

// event is what makes two changes one event of several transports: everything but dates
// and people. It is text, so that it can be compared.
func event(c *change) string {
	if c.Kind != diff.Updated {
		return ""
	}
	list := slices.DeleteFunc(slices.Clone(c.Fields), func(f diff.Field) bool { return slices.Contains(minorColumns, f.Key) })
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprintf("%q", list)
}

// minor reports whether fields differ only in contacts, dates or spelling.
func minor(list []diff.Field) bool {
	return !slices.ContainsFunc(list, func(f diff.Field) bool {
		if slices.Contains(minorColumns, f.Key) || parties.SameTags(f.Old, f.New) {
			return false
		}
		return !slices.Contains(textColumns, f.Key) || !parties.Misspelled(parties.Fold(f.Old), parties.Fold(f.New))
	})
}
