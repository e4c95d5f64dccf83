package sync

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// portsGuard is the guard of the service names.
type portsGuard struct{ *ports.Registry }

// portsOf returns what an edition of the service names decoded to; nil where the edition is nil.
func portsOf(e *edition) *ports.Decoded {
	if e == nil {
		return nil
	}
	return e.content.(*ports.Decoded)
}

func (g portsGuard) status(code int) *Rejection { return statusRejection(code, g.Page) }

// restore does not decode the newest version where the store has its table.
func (portsGuard) restore(s *snapshots.Store, v snapshots.Version, data []byte, known registry.Content) (registry.Content, error) {
	last, _ := known.(*ports.Decoded)
	if last == nil {
		if d, found, err := newestStored(s, v, data); found || err != nil {
			return d, err
		}
	}
	return last.Next(data)
}

// newestStored returns a version of a store with the table that the store has of it. It is not found where that is not the newest
// version, or where the table is not in the store as it should be.
func newestStored(s *snapshots.Store, v snapshots.Version, data []byte) (d *ports.Decoded, found bool, err error) {
	if newest, _ := s.Latest(); v.ID != newest.ID || v.Problems > 0 || v.Unknown > 0 {
		return nil, false, nil
	}
	canonical, err := s.ReadDerived(s.TableFile())
	if err != nil {
		return nil, false, nil //nolint:nilerr // it is derived
	}
	return ports.DecodeAs(data, canonical, v.TableSHA256)
}

// maxFields bounds the fields of a row, on average.
const maxFields = 16

// decode bounds size, lines and commas, or of XML records, first.
func (g portsGuard) decode(body []byte, known registry.Content) (registry.Content, *Rejection, error) {
	reject := func(format string, args ...any) (registry.Content, *Rejection, error) {
		return nil, unfitf(format, args...), nil
	}
	l := &g.Limits
	if n := len(body); over(n, l.MaxBytes) {
		return reject("it has %d bytes; the registry has at most %d", n, l.MaxBytes)
	}
	if registry.FormOf(body) == registry.XML {
		if n := bytes.Count(body, []byte("<record")); over(n, l.MaxRows) {
			return reject("it has %d records; the registry has at most %d", n, l.MaxRows)
		}
	} else {
		if n := bytes.Count(body, []byte("\n")); over(n, l.MaxRows) {
			return reject("it has %d lines; the registry has at most %d", n, l.MaxRows)
		}
		if n := bytes.Count(body, []byte(",")); over(n, maxFields*l.MaxRows) {
			return reject("it has %d commas; the registry has at most %d", n, maxFields*l.MaxRows)
		}
	}
	last, _ := known.(*ports.Decoded)
	rows, err := last.ReadEdition(body)
	if err != nil {
		return nil, unfitFor(err), nil
	}
	if rows.Len() == 0 {
		return reject("it has the registry's header and no records")
	}
	if cut := rows.CutOff(); cut != "" {
		return reject("%s: it was cut off", cut)
	}
	d, err := last.NextEdition(rows)
	if err != nil {
		return nil, nil, err
	}
	return d, nil, nil
}

func (g portsGuard) against(before, d *edition, c circumstances) *Rejection {
	old, now := portsOf(before), portsOf(d)
	if !now.Ended() && !c.unended {
		return suspiciousf("its last line has no line end: it may be cut off")
	}
	if !now.Ended() && old != nil && cutShort(old, now) {
		return suspiciousf("its last line has no line end, and its last cell is shorter than in the version before: it may be cut off")
	}
	if r := g.form(old, now); r != nil {
		return r
	}
	if r := g.whole(now.Table); r != nil {
		return r
	}
	if old == nil || old.Table.Digest() == now.Table.Digest() {
		return nil // it is the first one, or the same records in another form
	}
	if c.rollback != nil {
		if r := c.rollback(d.digest()); r != nil {
			return r
		}
	}
	return g.follows(before, d)
}

// cutShort reports whether the last record of an edition is a record of the one before it whose last cell goes on there.
func cutShort(before, d *ports.Decoded) bool {
	last, found := d.Last()
	if !found {
		return false
	}
	short := false
	for i := range before.Table.Records {
		r := before.Table.Records[i]
		if r == last {
			return false
		}
		if strings.HasPrefix(r.AssignmentNotes, last.AssignmentNotes) {
			r.AssignmentNotes = last.AssignmentNotes
			short = short || r == last
		}
	}
	return short
}

// form rejects an edition with a form that no real edition has, unless the one before it has it, too.
func (g portsGuard) form(before, d *ports.Decoded) *Rejection {
	if before == nil {
		before = &ports.Decoded{Edition: new(ports.Edition), Table: new(ports.Table)}
	}
	if line := d.SecondHeader(); line > 0 {
		return suspiciousf("the header is repeated on line %d", line)
	}
	for _, name := range d.Unknown() {
		if !slices.Contains(before.Unknown(), name) {
			return suspiciousf("unknown column %q", name)
		}
	}
	if n := nuls(d.Table); n > nuls(before.Table) {
		return suspiciousf("it has NUL bytes, in %d rows", n)
	}
	if n, was := len(d.Table.Problems), len(before.Table.Problems); g.MaxProblems > 0 && n > was+g.MaxProblems {
		return suspiciousf("%s", describe(d, n, was))
	}
	if _, came := before.Difference(d); over(len(came), g.MaxDuplicates) { // else no more duplicates came
		if n := duplicates(d.Table); n > duplicates(before.Table)+g.MaxDuplicates {
			return suspiciousf("%d duplicate records", n)
		}
	}
	return nil
}

// nuls returns how many rows have NUL bytes.
func nuls(t *ports.Table) (n int) {
	for _, p := range t.Problems {
		if strings.HasSuffix(p.Reason, "U+0000") {
			n++
		}
	}
	return n
}

// duplicates returns how many records are those before them again.
func duplicates(t *ports.Table) (n int) {
	for i := range t.Records {
		if i > 0 && t.Records[i] == t.Records[i-1] {
			n++
		}
	}
	return n
}

// describe returns the reason to reject an edition with n problems, was in the one before: by their kind if most have one.
func describe(d *ports.Decoded, n, was int) string {
	var dates, twice, foreign int
	example := ""
	for i := range d.Table.Records {
		r := &d.Table.Records[i]
		for _, date := range []ports.Date{r.RegistrationDate, r.ModificationDate} {
			if !date.Valid() && isSpreadsheetDate(date.String()) {
				dates, example = dates+1, date.String()
			}
		}
	}
	for _, p := range d.Table.Problems {
		switch {
		case strings.HasPrefix(p.Reason, "UTF-8 encoded twice"):
			twice++
		case strings.Contains(p.Reason, "is not UTF-8"):
			foreign++
		}
	}
	first := d.Table.Problems[0]
	switch {
	case 2*dates > n:
		return fmt.Sprintf("%d dates are as a spreadsheet writes them, such as %s; the registry's are YYYY-MM-DD", dates, example)
	case 2*twice > n:
		return fmt.Sprintf("in %d rows text is encoded in UTF-8 twice (line %d: %s)", twice, first.Line, first.Reason)
	case 2*foreign > n:
		return fmt.Sprintf("in %d rows there are bytes that are not UTF-8: it is Latin-1 or Windows-1252; convert it first (iconv -f WINDOWS-1252 -t UTF-8)", foreign)
	}
	return fmt.Sprintf("it has %d problems, where the version before has %d; the first: %s", n, was, first)
}

// isSpreadsheetDate reports whether a cell is a date as spreadsheets write it, such as 5/23/2011 or May-11.
func isSpreadsheetDate(cell string) bool {
	const months = "JanFebMarAprMayJunJulAugSepOctNovDec"
	if month, year, found := strings.Cut(cell, "-"); found && len(month) == 3 && strings.Contains(months, month) {
		return digits(year)
	}
	parts := strings.FieldsFunc(cell, func(r rune) bool { return r == '/' || r == '.' })
	return len(parts) == 3 && digits(parts[0]) && digits(parts[1]) && digits(parts[2])
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// whole rejects a table that cannot be all of the registry: it has too few records, too many System and User ports have
// none, or a record has too many ports or too long a cell.
func (g portsGuard) whole(t *ports.Table) *Rejection {
	l := &g.Limits
	if n := len(t.Records); n < l.MinRecords {
		return suspiciousf("it has %d records; the registry has at least %d", n, l.MinRecords)
	}
	if n := portsHeld(t); n > maxPorts {
		return suspiciousf("its records hold %d ports altogether; there are 65536", n)
	}
	if n := t.Uncovered(); over(n, l.MaxUncovered) {
		return suspiciousf("%d of the ports from 0 to %d have no record; in the registry at most %d lack one", n, ports.LastAssignable, l.MaxUncovered)
	}
	for i := range t.Records {
		r := &t.Records[i]
		first, last, ok := r.Ports.Bounds()
		if n := int(last) - int(first) + 1; ok && r.ServiceName != "" && over(n, l.MaxRange) {
			return suspiciousf("%s has %d ports, %s; no service has more than %d", clip(r.ServiceName), n, r.Ports, l.MaxRange)
		}
	}
	if over(t.LongestRow(), l.MaxCell) {
		return g.longCell(t)
	}
	return nil
}

// longCell rejects a table with too long a cell.
func (g portsGuard) longCell(t *ports.Table) *Rejection {
	for i := range t.Records {
		r := &t.Records[i]
		for column, cell := range r.Values() {
			if n := len(cell); over(n, g.MaxCell) {
				return suspiciousf("%s has %d bytes in the column %q; no cell has more than %d", name(r), n, ports.Columns()[column].Name, g.MaxCell)
			}
		}
	}
	return nil
}

// follows rejects an edition that is not plausible after another one: the last record of that one is missing, or too many
// of the assigned records are gone, new or altered.
func (g portsGuard) follows(before, d *edition) *Rejection {
	old, now := portsOf(before), portsOf(d)
	if last, found := old.Last(); found && !has(now.Table, &last) {
		return implausiblef("its end may be missing: %s, the last record of the version before, is not in it", name(&last))
	}
	t := compare(old, now)
	const year = 365 * 24 * time.Hour
	scale := max(1, float64(d.seen.Sub(before.seen))/float64(year))
	for _, part := range []struct {
		n     int
		limit float64
		says  string
	}{
		{t.gone, g.MaxGone, "%d of %d assigned records are gone (%.1f %%); at most %.1f %% go at once"},
		{t.more, g.MaxMore, "%d assigned records came to %d (%.1f %%); at most %.1f %% come at once"},
		{t.altered, g.MaxAltered, "%d of %d assigned records are altered (%.1f %%); at most %.1f %% are at once"},
	} {
		if most := part.limit * scale; part.limit > 0 && float64(part.n) > most*float64(t.assigned) {
			return implausiblef(part.says, part.n, t.assigned, 100*float64(part.n)/float64(max(1, t.assigned)), 100*most)
		}
	}
	return nil
}

// tally is how two tables differ in their assigned records.
type tally struct {
	assigned            int // in the older one
	gone, more, altered int
}

// identity identifies a record from one edition to the next.
type identity struct {
	name        string
	first, last uint16 // however they are written
	ported      bool
	transport   ports.Transport
}

func identify(r *ports.Record) identity {
	first, last, ok := r.Ports.Bounds()
	return identity{r.ServiceName, first, last, ok, r.Transport}
}

// compare returns how the tables of two editions differ.
func compare(before, d *ports.Decoded) tally {
	var t tally
	for i := range before.Table.Records {
		if before.Table.Records[i].Status() == ports.Assigned {
			t.assigned++
		}
	}
	lost, new := before.Difference(d)
	added := make(map[identity]int, len(new))
	for i := range new {
		added[identify(&new[i])]++
	}
	for i := range lost {
		id, counts := identify(&lost[i]), lost[i].Status() == ports.Assigned
		switch {
		case added[id] > 0:
			added[id]--
			if counts {
				t.altered++
			}
		case counts:
			t.gone++
		}
	}
	for i := range new {
		if id := identify(&new[i]); added[id] > 0 && new[i].Status() == ports.Assigned {
			added[id]--
			t.more++
		}
	}
	return t
}

// has reports whether a table has a record of the same identity.
func has(t *ports.Table, r *ports.Record) bool {
	id := identify(r)
	for i := range t.Records {
		if t.Records[i].ServiceName == id.name && identify(&t.Records[i]) == id {
			return true
		}
	}
	return false
}

// name returns a record as a message names it.
func name(r *ports.Record) string {
	text := clip(r.ServiceName)
	if r.ServiceName == "" {
		text = "the record without a name"
	}
	if p := r.Ports.String(); p != "" {
		text += " on " + p
	}
	if r.Transport != "" {
		text += " (" + clip(string(r.Transport)) + ")"
	}
	return text
}

// maxPorts bounds the ports that the records of a table hold altogether. The registry's hold some 60,000.
const maxPorts = 20 << 16

// portsHeld returns how many ports the records of a table hold altogether.
func portsHeld(t *ports.Table) (n int) {
	for i := range t.Records {
		if first, last, ok := t.Records[i].Ports.Bounds(); ok {
			n += int(last) - int(first) + 1
		}
	}
	return n
}

// early rejects an edition in which more than a few records were registered or modified more than two days after it was
// seen: the clock of its commit was wrong. In the corpus the newest date is at most a day later.
func (g portsGuard) early(d *edition) *Rejection {
	latest, n, example := d.seen.UTC().AddDate(0, 0, 2).Format(time.DateOnly), 0, ""
	table := portsOf(d).Table
	if table.NewestDate() <= latest {
		return nil
	}
	for i := range table.Records {
		r, newest := &table.Records[i], latest
		for _, date := range [...]*ports.Date{&r.RegistrationDate, &r.ModificationDate} {
			if date.String() > newest && date.Valid() {
				newest = date.String()
			}
		}
		if newest > latest {
			n, example = n+1, max(example, newest)
		}
	}
	if over(n, g.MaxProblems) {
		return suspiciousf("it has %d records with later dates, such as %s: the date of its commit is wrong", n, example)
	}
	return nil
}

func (portsGuard) difference(a, b registry.Content) int {
	gone, came := a.(*ports.Decoded).Difference(b.(*ports.Decoded))
	return len(gone) + len(came)
}
