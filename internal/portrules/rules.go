package portrules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry/ports"
)

// This file holds the rules of the service names registry that know its columns: what
// a difference between two records of one service means, when two names are one
// service, and which differences are minor.

// kindOf returns the kind of a change from a record to that of the same name, ports and
// transport. Dated is whether the modification date changed, in this record or in that of
// another transport.
func kindOf(p pair, dated bool) diff.Kind {
	over, rfc := handedOver(p, dated), becameRFC(p.old.Reference, p.new.Reference)
	if rfc && onlyInstitutions(p.new.Assignee) {
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
	if p.old.Assignee == p.new.Assignee {
		return false
	}
	old, new := partiesOf(p.old.Assignee), partiesOf(p.new.Assignee)
	if len(old) == 0 || len(new) == 0 || share(old, new, anyParty) {
		return false
	}
	for _, a := range old {
		if slices.ContainsFunc(new, func(b party) bool { return respelled(a, b) }) {
			return false
		}
	}
	if dated {
		return true
	}
	before, after := partiesOf(p.old.Contact), partiesOf(p.new.Contact)
	return !sameParties(before, after) && (!sameParties(before, old) || !sameParties(after, new))
}

func onlyInstitutions(assignee string) bool {
	return !slices.ContainsFunc(partiesOf(assignee), func(p party) bool { return noInstitution(p.letters()) })
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
	for part := range parts(reference) {
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
	return after == "" || !isWord(r) && r != '_'
}

// akin reports whether two names of one cell are one service: they have the same
// description; or a common party, no institution, among the assignees or among the
// contacts; or most words of the shorter description and the registration date in common
// or, if there is no date, the beginning of the name.
func akin(old, new *ports.Record) bool {
	if old.Description != "" && fold(old.Description) == fold(new.Description) {
		return true
	}
	if share(partiesOf(old.Assignee), partiesOf(new.Assignee), noInstitution) || share(partiesOf(old.Contact), partiesOf(new.Contact), noInstitution) {
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
	letters := []rune(fold(name))
	return string(letters[:min(5, len(letters))])
}

// words returns the set of words of a text, folded.
func words(text string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsFuncSeq(fold(text), func(r rune) bool { return !isWord(r) && r != '_' }) {
		set[w] = true
	}
	return set
}

// portless is the key by which records without a port are one service under two names;
// ok is false for records that have a port, or no description.
func portless(r *ports.Record) (key, bool) {
	return key{transport: r.Transport, more: fold(r.Description) + "\x00" + r.RegistrationDate.String()},
		r.Ports.String() == "" && r.Description != ""
}

// statement is what an unnamed record states about each of its ports: its transport and all
// other columns, letter case folded.
type statement [ports.NumColumns]string

func statementOf(r *ports.Record) (s statement) {
	s = r.Values()
	s[0], s[1] = "", "" // service name and ports
	for i := range s {
		s[i] = fold(s[i])
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
		if slices.Contains(minorColumns, f.Key) || sameTags(f.Old, f.New) {
			return false
		}
		return !slices.Contains(textColumns, f.Key) || !misspelled(fold(f.Old), fold(f.New))
	})
}

// sameTags reports whether two cells are equal but for letter case, the order of tags and
// their suffixes.
func sameTags(a, b string) bool {
	normal := func(cell string) (list []string) {
		for part := range parts(cell) {
			if part[0] == '[' {
				part = withoutSuffix(part)
			}
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, fold(part))
			}
		}
		slices.Sort(list)
		return list
	}
	return fold(a) == fold(b) || slices.Equal(normal(a), normal(b))
}

// misspelled reports whether two texts differ in one word, by two letters at most and by
// less than would make it another word: "Xyartex" and "Xyratex", not "tcp" and "udp", and
// not "version 2" and "version 3".
func misspelled(a, b string) bool {
	v, w := strings.Fields(a), strings.Fields(b)
	if len(v) != len(w) {
		return false
	}
	differ := -1
	for i := range v {
		if v[i] == w[i] {
			continue
		}
		if differ >= 0 {
			return false
		}
		differ = i
	}
	if differ < 0 {
		return true
	}
	x, y := []rune(v[differ]), []rune(w[differ])
	d := distance(x, y)
	return d <= 2 && 2*d <= max(len(x), len(y)) && digits(v[differ]) == digits(w[differ])
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
