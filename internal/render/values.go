package render

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// longestValue is the length in bytes to which a sentence cuts each value that it quotes.
const longestValue = 160

// values returns what the columns of a change say now and said before, a text a column. A column that the sentence of the
// change's kind states is left out, and so is the modification date where anything else changed: see [ownDate].
func (m markup) values(c *diff.Change) (list []string) {
	fields := slices.DeleteFunc(slices.Clone(c.Fields), func(f diff.Field) bool { return stated(c, f.Key) })
	if c.Kind == diff.Published { // what it is about comes first
		slices.SortStableFunc(fields, func(a, b diff.Field) int { return rank(a) - rank(b) })
	}
	for _, f := range fields {
		if f.Key == "modification_date" && len(c.Fields) > 1 {
			continue
		}
		list = append(list, m.value(c, f))
	}
	return list
}

func rank(f diff.Field) int {
	if f.Key == "reference" {
		return 0
	}
	return 1
}

// stated reports whether the sentence of a change's kind has the value of a column.
func stated(c *diff.Change, key string) bool {
	switch key {
	case "service_name":
		return true
	case "port_number", "transport_protocol":
		return c.Kind == diff.Moved || c.Kind == diff.Deassigned || c.Kind == diff.Assigned
	case "assignee":
		return c.Kind == diff.Transferred
	case "contact": // it changes with the assignee, and is not shown
		return changed(c, "assignee") || c.Kind != diff.Updated
	case "registration_date": // see ownDate
		return c.Kind != diff.Updated && c.Kind != diff.Transferred && c.Kind != diff.Published
	}
	return false
}

func changed(c *diff.Change, key string) bool {
	return slices.ContainsFunc(c.Fields, func(f diff.Field) bool { return f.Key == key })
}

// value returns the value of one column, now and before: "reference now RFC9110, was draft-ietf-httpbis-semantics-19".
func (m markup) value(c *diff.Change, f diff.Field) string {
	name := column(f.Key)
	switch f.Key {
	case "assignee", "contact":
		return name + " changed"
	case "description":
		if portrules.Is(c) && c.Name == "" && (f.Old == "" || f.New == "") {
			return m.listed(f)
		}
	case "reference":
		isName := isPerson
		if !portrules.Is(c) {
			isName = isCapitalised
		}
		f.Old, f.New = documentsBut(f.Old, f.New, isName), documentsBut(f.New, f.Old, isName)
		if c.Kind == diff.Published {
			name += " published,"
		}
	}
	old, now := text.Difference(f.Old, f.New, longestValue)
	show := m.quote
	if f.Key == "reference" || strings.HasSuffix(f.Key, "_date") || f.Key == "port_number" || f.Key == "transport_protocol" || f.Key == "service_code" {
		show = m.text
	}
	switch {
	case old == now:
		return name + " changed"
	case old == "":
		return name + " added: " + show(now)
	case now == "":
		return name + " removed: " + show(old)
	}
	return name + " now " + show(now) + ", was " + show(old)
}

// listed returns as what ports without a service are listed now, or no longer are.
func (m markup) listed(f diff.Field) string {
	as := func(description string) string {
		if description == string(ports.Unassigned) || description == string(ports.Reserved) {
			return description
		}
		return m.quote(text.Cut(description, longestValue))
	}
	if f.New == "" {
		return "no longer listed, was " + as(f.Old)
	}
	return "now listed as " + as(f.New)
}

// column returns the name of a column, by its key, as a sentence has it.
func column(key string) string {
	switch key {
	case "unauthorized_use_reported":
		return "report of unauthorized use"
	case "transport_protocol":
		return "transport"
	case "port_number":
		return "port"
	}
	return strings.ReplaceAll(key, "_", " ")
}

var (
	tag    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[[^\[\]]*\]`) })
	person = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\pL[\pL.'’-]*(_[\pL.'’-]+)*(_[0-9]+)?$|[<@]`) })
	draft  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?i:rfc|draft)-`) })
)

// documents returns the documents that the reference cell a names and the cell b does not, without brackets. IANA's tags of
// people, [First_Last], are left out. A cell that is not made of tags is returned as it is.
func documents(a, b string) string { return documentsBut(a, b, isPerson) }

// isPerson reports whether a tag, which is no draft, may name a person.
func isPerson(name string) bool { return person().MatchString(name) }

// isCapitalised is [isPerson] for registries whose references are documents, and people where their names show it:
// "status-change-des-to-historic" is a document.
func isCapitalised(name string) bool { return isPerson(name) && name != strings.ToLower(name) }

// documentsBut is [documents], which leaves out the tags of people.
func documentsBut(a, b string, isPerson func(string) bool) string {
	tags := tag().FindAllString(a, -1)
	if strings.Join(tags, "") != strings.ReplaceAll(a, " ", "") && strings.TrimSpace(tag().ReplaceAllString(a, "")) != "" {
		return a
	}
	others := tag().FindAllString(b, -1)
	var list []string
	for _, t := range tags {
		if name := t[1 : len(t)-1]; !slices.Contains(others, t) && (draft().MatchString(name) || !isPerson(name)) {
			list = append(list, name)
		}
	}
	return and(list)
}

// ownDate returns when IANA dates a change, in parentheses after a space: " (modified 2020-05-13)". It is empty where IANA
// gives no date of its own, and where that is within a day of when the change was seen, unless the assignee changed; seen
// is zero where that is not known.
func ownDate(c *diff.Change, seen time.Time) string {
	word, date := "modified ", dateOf(c, "modification_date")
	switch renewed := dateOf(c, "registration_date"); {
	case c.Kind == diff.Assigned:
		word, date = "registered ", registrationDate(ports.Views(c.Added))
	case (c.Kind == diff.Reused || c.Kind == diff.Renamed) && renewed.Valid():
		word, date = "registered ", renewed
	}
	isHandover := changed(c, "assignee") && c.Kind != diff.Reused
	if !date.Valid() || near(date, seen) && !isHandover || c.Kind == diff.Updated && len(c.Fields) == 1 {
		return ""
	}
	return " (" + word + date.String() + ")"
}

// dateOf returns the date to which a change set a column; the zero Date if it did not.
func dateOf(c *diff.Change, key string) ports.Date {
	for _, f := range c.Fields {
		if f.Key == key {
			d, _ := ports.ParseDate(f.New)
			return d
		}
	}
	return ports.Date{}
}

// registrationDate returns the first registration date of named records.
func registrationDate(rs []ports.Record) ports.Date {
	for i := range rs {
		if d := rs[i].RegistrationDate; d.Valid() && rs[i].ServiceName != "" {
			return d
		}
	}
	return ports.Date{}
}

// near reports whether a date, of a day or of a month, has a day that is at most one day from t.
func near(d ports.Date, t time.Time) bool {
	if t.IsZero() {
		return false
	}
	for _, day := range []int{-1, 0, 1} {
		if strings.HasPrefix(t.UTC().AddDate(0, 0, day).Format(time.DateOnly), d.String()) {
			return true
		}
	}
	return false
}
