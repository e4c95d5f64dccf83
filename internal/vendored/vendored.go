// Package vendored compares a table of values and names that a program carries with the registry that it was copied from, and with
// the history of that.
//
// A table is what [Parse] finds in a file: the constants of source code, a CSV or JSON file, a list of media types or of cipher
// suites. Each [Entry] has a name and, but for lists of names alone, a value.
//
// An entry agrees with a record of the registry that has its value, or a range around it, and its name. Values are compared by
// their meaning (0x1301 is 0x13,0x01), names by their letters and digits, because code spells them in its own way: see [sameName].
// An entry that agrees with no record of the newest version is a finding if a record of an older version had it, with the change that
// took it away; or if the registry has another name at the value, or the name at another value. All else is the file's own: a file may
// have more than the registry.
package vendored

import (
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
)

// Kind is the kind of a finding.
type Kind string

// The kinds of findings. They describe the present, whatever came between.
const (
	Unreadable Kind = "unreadable" // the line cannot be read
	Reused     Kind = "reused"     // the value has another name now, of something else
	Deassigned Kind = "deassigned" // the registry has neither the value nor the name any more
	Renamed    Kind = "renamed"    // the value has another name now
	Moved      Kind = "moved"      // the name has another value now
	Deprecated Kind = "deprecated" // the entry agrees, and the registry has since deprecated it
	Conflict   Kind = "conflict"   // the registry contradicts the entry, and never agreed with it since the history begins
)

// Kinds are all kinds in the order in which they are reported.
var Kinds = [...]Kind{Unreadable, Reused, Deassigned, Renamed, Moved, Deprecated, Conflict}

// Finding is an entry that does not agree with the registry or is deprecated, or a line that cannot be read.
type Finding struct {
	Kind  Kind
	Entry Entry
	// Problem is why a line cannot be read; only of Unreadable.
	Problem string
	Now     []string // the names that the registry has at the value
	Values  []string // the values that the registry has for the name
	// Event is the one change that made the finding; nil if there is none, as for a conflict.
	Event *history.Event
}

// Result is the outcome of a comparison.
type Result struct {
	Registries []string  // ids of the registries that were compared
	Findings   []Finding // by kind, then in the file's order
	Agree      int       // entries that agree with the newest version
	Own        int       // entries of the file's own
	Best       Match
}

// Match is the run of versions with which most entries agree. It is empty if none agrees with any.
type Match struct {
	From, To string // ids of the first and the last version
	Agree    int
}

// Compare compares a file with some registries of a group, by their ids, and the past that led to the group's newest edition. Of several
// registries it takes the one with which most entries agree in any version; all of them if the file has no values.
func Compare(f *List, past *history.Past, newest *registry.Edition, ids []string) (*Result, error) {
	var records []history.RegistryRecord
	for _, t := range newest.Tables {
		for _, r := range t.Records {
			records = append(records, history.RegistryRecord{Registry: t.Registry.ID, Record: r})
		}
	}
	periods, err := past.Periods(records, "")
	if err != nil {
		return nil, err
	}
	var best *auditor
	if !f.hasValues() {
		best = newAuditor(f, past, periods, ids)
	} else {
		for _, id := range ids {
			if a := newAuditor(f, past, periods, []string{id}); best == nil || a.known() > best.known() {
				best = a
			}
		}
	}
	if best == nil {
		best = newAuditor(f, past, nil, nil)
	}
	if best.events, err = past.All(); err != nil {
		return nil, err
	}
	return best.compare(), nil
}

// held is a record of the registry with the versions that have it.
type held struct {
	registry    string
	record      registry.Record
	first, last int
	value       rules.Value
	isNumber    bool
	values      []string // the reduced cells of the key
	names       []string // reduced
	shown       struct{ name, value string }
}

// auditor is a comparison under way.
type auditor struct {
	file    *List
	past    *history.Past
	ids     []string
	records []held
	at      [][]*held       // of each entry, the records that have or had it
	last    int             // index of the newest version
	events  []history.Event // one a version
}

func newAuditor(f *List, past *history.Past, periods []history.Period[history.RegistryRecord], ids []string) *auditor {
	a := &auditor{file: f, past: past, ids: ids, last: len(past.Steps()) - 1}
	for i := range periods {
		p := &periods[i]
		if id := p.Record.Registry; slices.Contains(ids, id) {
			key, _ := past.Key(id)
			a.records = append(a.records, newHeld(id, p.Record.Record, key, p.First, p.Last))
		}
	}
	byName := make(map[string][]*held)
	for i := range a.records {
		for _, name := range a.records[i].names {
			byName[name] = append(byName[name], &a.records[i])
		}
	}
	a.at = make([][]*held, len(f.Entries))
	for i := range f.Entries {
		a.at[i] = a.find(&f.Entries[i], byName)
	}
	return a
}

func newHeld(id string, r registry.Record, key history.Key, first, last int) held {
	h := held{registry: id, record: r, first: first, last: last}
	name := r.Get(key.Name)
	h.shown.name = name
	if name != "" {
		h.names = append(h.names, rules.Reduce(name), id[strings.LastIndexByte(id, '/')+1:]+"/"+rules.Reduce(name))
	}
	for _, k := range key.Key {
		text := r.Get(k)
		if text == "" || key.Whole || k == key.Name {
			continue
		}
		h.values = append(h.values, rules.Reduce(text))
		if v, ok := rules.ParseValue(text); ok && !h.isNumber {
			h.value, h.isNumber = v, true
		}
		if h.shown.value == "" {
			h.shown.value = text
		}
	}
	return h
}

// assigned reports whether the record assigns its value.
func (h *held) assigned() bool { return rules.StateOf(h.shown.name) == rules.Assigned }

// hasValue reports whether a record has the value of an entry, or a range around it.
func (h *held) hasValue(e *Entry) bool {
	if v, ok := rules.ParseValue(e.Value); ok && h.isNumber {
		first, last, ok := v.Span()
		from, to, isSpan := h.value.Span()
		return ok && isSpan && from <= first && last <= to
	}
	return slices.Contains(h.values, rules.Reduce(e.Value))
}

// hasName reports whether a record has one of the names of an entry.
func (h *held) hasName(e *Entry) bool {
	return slices.ContainsFunc(h.names, func(registered string) bool {
		return slices.ContainsFunc(e.Names, func(name string) bool { return sameName(name, registered) })
	})
}

// find returns the records that have, or had, an entry.
func (a *auditor) find(e *Entry, byName map[string][]*held) (list []*held) {
	if e.Value == "" {
		for _, name := range e.Names {
			list = append(list, byName[rules.Reduce(name)]...)
		}
		return list
	}
	for i := range a.records {
		if h := &a.records[i]; h.hasValue(e) && h.hasName(e) {
			list = append(list, h)
		}
	}
	return list
}

// known returns how many entries any version agrees with.
func (a *auditor) known() (n int) {
	for _, records := range a.at {
		if len(records) > 0 {
			n++
		}
	}
	return n
}

// compare makes the result.
func (a *auditor) compare() *Result {
	r := &Result{Registries: a.ids}
	for i := range a.file.Unreadable {
		u := &a.file.Unreadable[i]
		r.Findings = append(r.Findings, Finding{Kind: Unreadable, Entry: Entry{Line: u.Line}, Problem: u.Problem})
	}
	for i := range a.file.Entries {
		f, agrees := a.entry(&a.file.Entries[i], a.at[i]), a.isHeld(a.at[i])
		switch {
		case f != nil:
			r.Findings = append(r.Findings, *f)
		case !agrees:
			r.Own++
		}
		if agrees {
			r.Agree++
		}
	}
	slices.SortStableFunc(r.Findings, func(x, y Finding) int { return slices.Index(Kinds[:], x.Kind) - slices.Index(Kinds[:], y.Kind) })
	r.Best = a.best()
	return r
}

// isHeld reports whether the newest version has any of some records.
func (a *auditor) isHeld(records []*held) bool {
	return slices.ContainsFunc(records, func(h *held) bool { return h.last == a.last })
}

// entry returns the finding about an entry, of which the records are those that have or had it; nil if there is none.
func (a *auditor) entry(e *Entry, records []*held) *Finding {
	f := &Finding{Entry: *e}
	if a.isHeld(records) {
		if f.Event = a.deprecated(records); f.Event == nil {
			return nil
		}
		f.Kind = Deprecated
		return f
	}
	f.Now, f.Values = a.present(e)
	if len(records) == 0 {
		if len(f.Now) == 0 && len(f.Values) == 0 {
			return nil
		}
		f.Kind = Conflict
		return f
	}
	gone := slices.MaxFunc(records, func(x, y *held) int { return x.last - y.last })
	f.Event = a.taken(gone)
	f.Kind = kindOf(f)
	return f
}

// present returns the names that the newest version has at the value of an entry, and the values that it has for its name.
func (a *auditor) present(e *Entry) (names, values []string) {
	for i := range a.records {
		h := &a.records[i]
		switch {
		case h.last != a.last || !h.assigned():
		case e.Value != "" && h.hasValue(e):
			names = appendOnce(names, h.shown.name)
		case h.shown.value != "" && h.hasExactly(e):
			values = appendOnce(values, h.shown.value)
		}
	}
	return names, values
}

// hasExactly reports whether a record has one of the names of an entry, letter by letter.
func (h *held) hasExactly(e *Entry) bool {
	return slices.ContainsFunc(e.Names, func(name string) bool {
		return slices.ContainsFunc(h.names, func(registered string) bool { return fold(name) == fold(registered) })
	})
}

func appendOnce(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// kindOf returns the kind of a finding about an entry that the registry had.
func kindOf(f *Finding) Kind {
	kind := diff.Updated
	if f.Event != nil {
		kind = f.Event.Changes[0].Kind
	}
	switch {
	case kind == diff.Reused:
		return Reused
	case kind == diff.Renamed && (len(f.Now) > 0 || f.Entry.Value == ""):
		return Renamed
	case len(f.Values) > 0:
		return Moved
	case len(f.Now) > 0:
		return Renamed
	}
	return Deassigned
}

// taken returns the change that took a record away. Where the registry returned to what an older version had, that is the change by
// which it was gone before; nil where the change that brought the record was undone.
func (a *auditor) taken(h *held) *history.Event {
	for step, sign := range a.past.Walk(h.last, h.last+1) {
		event := a.brought(step, func(c *diff.Change) bool { return c.Registry == h.registry && slices.Contains(c.Removed, h.record) })
		if sign > 0 && event != nil {
			return event
		}
	}
	return nil
}

// brought returns the change of a version that is wanted, as an event of that alone; nil if there is none.
func (a *auditor) brought(version int, wanted func(*diff.Change) bool) *history.Event {
	event := a.events[version]
	for i := range event.Changes {
		if wanted(&event.Changes[i]) {
			event.Changes = event.Changes[i : i+1]
			return &event
		}
	}
	return nil
}

// deprecated returns the last change that deprecated any of some records, or nil.
func (a *auditor) deprecated(records []*held) (event *history.Event) {
	last := 0
	for _, h := range records {
		if h.first <= last {
			continue
		}
		found := a.brought(h.first, func(c *diff.Change) bool {
			return c.Kind == diff.Deprecated && c.Registry == h.registry && slices.Contains(c.Added, h.record)
		})
		if found != nil {
			event, last = found, h.first
		}
	}
	return event
}

// best returns the run of versions with which most entries agree: of several the longest in time.
func (a *auditor) best() (m Match) {
	steps := a.past.Steps()
	agree := make([]int, len(steps))
	for _, records := range a.at {
		seen := make([]bool, len(steps))
		for _, h := range records {
			for i := h.first; i <= h.last; i++ {
				seen[i] = true
			}
		}
		for i := range seen {
			if seen[i] {
				agree[i]++
			}
		}
	}
	longest := time.Duration(0)
	for i := 0; i < len(steps); {
		first := i
		for i++; i < len(steps) && agree[i] == agree[first]; i++ {
		}
		end := i
		if end == len(steps) {
			end--
		}
		n, lasted := agree[first], steps[end].Version.Seen().Sub(steps[first].Version.Seen())
		if n > m.Agree || n > 0 && n == m.Agree && lasted > longest {
			m, longest = Match{steps[first].Version.ID, steps[i-1].Version.ID, n}, lasted
		}
	}
	return m
}
