package sync

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// The guard decides whether a body is the registry, whole and plausible. [Job.Sync], [Job.Import] and [Job.Pull] all call
// [Job.decode] and [Job.against]. A rejection has one of three weights:
//
//   - unfit: the body is not the registry, or was cut off inside a row. It is never stored.
//   - suspicious: it has what no real edition has, such as many problems, unknown columns or a second header. It is
//     stored only if Accept is set.
//   - implausible: it may be true, such as a rollback, a mass change or a missing last record. [Job.Sync] also stores it
//     once it has been served for a day, with the time at which it was first seen.
//
// To an import a rollback is history, because its editions are known to have been served. The limits are those of the
// registry: see [ports.Limits].

// servedFor is for how long an answer that is only implausible has to be served to be believed.
const servedFor = 24 * time.Hour

// Rejection is the error for a body that the guard does not accept as the registry.
type Rejection struct {
	Source string
	Reason string
	Fix    string // what to do
	File   string // where the bytes are kept; empty if there were none
	weight weight
	gone   bool // the source says that it has no such group
}

// weight is what can overrule a rejection.
type weight int

const (
	unfit       weight = iota // nothing
	suspicious                // Accept
	implausible               // Accept, or that the body has been served for a day
)

// Error returns the source and the reason.
func (r *Rejection) Error() string { return fmt.Sprintf("refused %s: %s", r.Source, r.Reason) }

// Acceptable reports whether Accept stores the body.
func (r *Rejection) Acceptable() bool { return r.weight > unfit }

// What to do about a rejection.
const (
	fixUnfit       = "look at what the source serves; nothing was stored"
	fixSuspicious  = "look at the file; if it is the registry all the same, --accept stores it"
	fixNoGroup     = "IANA may have renamed or withdrawn the group: https://www.iana.org/protocols lists what there is"
	fixOneTable    = "import the XML of its group, GROUP.xml, instead; 'ianasync diff OLD.csv NEW.csv' compares two such files"
	fixImplausible = "it is stored once it has been served for a day; --accept stores it now"
)

func suspiciousf(format string, args ...any) *Rejection {
	return &Rejection{Reason: fmt.Sprintf(format, args...), Fix: fixSuspicious, weight: suspicious}
}

func implausiblef(format string, args ...any) *Rejection {
	return &Rejection{Reason: fmt.Sprintf(format, args...), Fix: fixImplausible, weight: implausible}
}

// edition is an edition, decoded, and when it was seen.
type edition struct {
	*ports.Decoded                   // of the service names; else nil
	group          *registry.Edition // of another group; else nil
	seen           time.Time
}

// content returns what the edition decoded to, as the store takes it.
func (e *edition) content() registry.Content {
	if e.Decoded == nil {
		return e.group
	}
	return e.Table
}

// table returns the table of an edition of the service names; nil for another group.
func (e *edition) table() *ports.Table {
	if e.Decoded == nil {
		return nil
	}
	return e.Table
}

// digest returns the digest of what the edition states: see [snapshots.Version].
func (e *edition) digest() string {
	if e.Decoded == nil {
		return e.group.Digest()
	}
	return e.Table.Digest()
}

// reader decodes editions, each from the last one of its form.
type reader struct {
	group *registry.Group // not nil for any group but that of the service names
	last  map[ports.Form]*ports.Decoded

	lastOfGroup *registry.Edition
}

// stored returns a version of a store as an edition.
func (r *reader) stored(s *snapshots.Store, v snapshots.Version) (*edition, error) {
	data, err := s.Bytes(v) // not its canonical CSV, for which record was the last is in the served order
	if err != nil {
		return nil, err
	}
	if r.group != nil {
		e, err := r.group.Decode(data, r.lastOfGroup)
		if err == nil {
			r.lastOfGroup = e
		}
		return &edition{group: e, seen: v.Seen()}, err
	}
	last := r.last[registry.FormOf(data)]
	d, found := (*ports.Decoded)(nil), false
	if last == nil {
		d, found, err = newestStored(s, v, data)
	}
	if err == nil && !found {
		d, err = last.Next(data)
	}
	if err != nil {
		return nil, err
	}
	r.keep(d)
	return &edition{Decoded: d, seen: v.Seen()}, nil
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

func (r *reader) keep(d *ports.Decoded) {
	if r.last == nil {
		r.last = make(map[ports.Form]*ports.Decoded)
	}
	r.last[d.Form()] = d
}

// judge decodes the answer to a check. If the guard does not accept it, the error is a [*Rejection]. The note is the
// rejection that was overruled, if any. The edition has the time at which the answer was first served.
func (c *check) judge(answer *web.Response) (d *edition, note string, err error) {
	if answer.Status != http.StatusOK {
		r := &Rejection{
			Reason: fmt.Sprintf("the answer's status is %d %s", answer.Status, http.StatusText(answer.Status)),
			Fix:    "look whether the address is still right: " + c.page(),
		}
		if c.Group != nil && (answer.Status == http.StatusNotFound || answer.Status == http.StatusGone) {
			r.Fix, r.gone = fixNoGroup, true
		}
		return nil, "", r
	}
	var before *edition
	from := reader{group: c.Group}
	if c.found {
		if before, err = from.stored(c.Store, c.newest); err != nil {
			return nil, "", err
		}
	}
	d, r, err := c.decode(&from, answer.Body, c.now.Checked)
	if err == nil && r == nil {
		r = c.against(before, d, circumstances{rollback: c.rollback})
	}
	if err == nil && r == nil && before != nil {
		r, err = c.reverts(&from, before, d)
	}
	if err != nil || r == nil {
		return d, "", err
	}
	since, served := c.servedSince(digest(answer.Body), false)
	switch {
	case r.Acceptable() && c.Accept:
		return d, "accepted: " + r.Reason, nil
	case r.weight == implausible && served && c.now.Checked.Sub(since) >= servedFor:
		d.seen = since
		return d, "still served a day later: " + r.Reason, nil
	}
	return nil, "", r
}

// page returns the address of the registry for people.
func (j *Job) page() string {
	if j.Group != nil {
		return j.Group.Page
	}
	return j.Registry.Page
}

// rollback returns a rejection if an older version has the same table, in whatever bytes.
func (c *check) rollback(digest string) *Rejection {
	for _, v := range c.Store.Versions() {
		if v.TableSHA256 == digest {
			return implausiblef("its records are those of an older version, %s: a rollback", v.ID)
		}
	}
	return nil
}

// A rollback to an older version need not have its exact table: a mirror may have altered a cell or doubled a row. In the
// corpus an edition is nearer to an older version than to the newest one in 1 of 285 transitions, and then by 6 records
// to 8.
const (
	muchNearer   = 3 // the newest version differs in at least this many times as many records
	fewestUndone = 4 // and in at least this many more: one or two records that IANA corrects back are no rollback
)

// reverts returns a rejection if an edition is much nearer to the table of an older version than to that of the newest one,
// before: if it undoes nearly all changes since then. It decodes older versions until they are too far from the newest one.
func (c *check) reverts(from *reader, before, d *edition) (*Rejection, error) {
	n := distance(before, d)
	if n <= fewestUndone {
		return nil, nil
	}
	versions := c.Store.Versions()
	for _, v := range slices.Backward(versions[:len(versions)-1]) {
		old, err := from.stored(c.Store, v)
		if err != nil {
			return nil, err
		}
		if m := distance(old, d); muchNearer*m <= n && n-m >= fewestUndone {
			return implausiblef("its records are nearly those of an older version, %s: they differ from them in %d, and in %d from the newest version's: a rollback", v.ID, m, n), nil
		}
		if distance(old, before) > 2*n { // an edition within n/3 of it is over n from the newest version
			return nil, nil
		}
	}
	return nil, nil
}

// maxFields bounds the fields of a row, on average.
const maxFields = 16

// decode decodes a body that was seen at a time. It returns a rejection for a body that is not the registry, and an error
// only for a fault of the decoder. Size, lines and commas, or of XML records, are bounded first, so that a rejected body
// takes little memory.
func (j *Job) decode(from *reader, body []byte, seen time.Time) (*edition, *Rejection, error) {
	reject := func(format string, args ...any) (*edition, *Rejection, error) {
		return nil, &Rejection{Reason: fmt.Sprintf(format, args...), Fix: fixUnfit}, nil
	}
	if j.Group != nil {
		return j.decodeGroup(from, body, seen)
	}
	l := &j.Registry.Limits
	if n := len(body); over(n, l.MaxBytes) {
		return reject("it has %d bytes; the registry has at most %d", n, l.MaxBytes)
	}
	form := registry.FormOf(body)
	if form == ports.XML {
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
	last := from.last[form]
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
	from.keep(d)
	return &edition{Decoded: d, seen: seen}, nil, nil
}

// unfitFor rejects a body for the error of reading it.
func unfitFor(err error) *Rejection {
	r := &Rejection{Reason: err.Error(), Fix: fixUnfit}
	if _, isOne := errors.AsType[*registry.OneTableError](err); isOne {
		r.Fix = fixOneTable
	}
	if errors.Is(err, registry.ErrRedirect) {
		r.Fix, r.gone = fixNoGroup, true
	}
	return r
}

// over reports whether n is over a limit. A limit of zero is none.
func over(n, limit int) bool { return limit > 0 && n > limit }

// circumstances are the facts about the source of an edition that the guard uses.
type circumstances struct {
	unended  bool                           // a missing line end at the end of the file is accepted
	rollback func(digest string) *Rejection // rejects rollbacks; nil if they are history
	until    time.Time                      // until when it was served, where that is known; of a group other than the service names only
}

// against returns the rejection of an edition that follows another one, which may be nil; nil if it is accepted.
func (j *Job) against(before, d *edition, c circumstances) *Rejection {
	if j.Group != nil {
		return j.groupAgainst(before, d, c)
	}
	if !d.Ended() && !c.unended {
		return suspiciousf("its last line has no line end: it may be cut off")
	}
	var old *ports.Decoded
	if before != nil {
		old = before.Decoded
	}
	if !d.Ended() && old != nil && cutShort(old, d.Decoded) {
		return suspiciousf("its last line has no line end, and its last cell is shorter than in the version before: it may be cut off")
	}
	if r := j.form(old, d.Decoded); r != nil {
		return r
	}
	if r := j.whole(d.Table); r != nil {
		return r
	}
	if before == nil || before.Table.Digest() == d.Table.Digest() {
		return nil // it is the first one, or the same records in another form
	}
	if c.rollback != nil {
		if r := c.rollback(d.digest()); r != nil {
			return r
		}
	}
	return j.follows(before, d)
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
func (j *Job) form(before, d *ports.Decoded) *Rejection {
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
	if n, was := len(d.Table.Problems), len(before.Table.Problems); j.Registry.MaxProblems > 0 && n > was+j.Registry.MaxProblems {
		return suspiciousf("%s", describe(d, n, was))
	}
	if _, came := before.Difference(d); over(len(came), j.Registry.MaxDuplicates) { // else no more duplicates came
		if n := duplicates(d.Table); n > duplicates(before.Table)+j.Registry.MaxDuplicates {
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
			if !date.Valid() && ports.SpreadsheetDate(date.String()) {
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

// whole rejects a table that cannot be all of the registry: it has too few records, too many System and User ports have
// none, or a record has too many ports or too long a cell.
func (j *Job) whole(t *ports.Table) *Rejection {
	l := &j.Registry.Limits
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
		return j.longCell(t)
	}
	return nil
}

// longCell rejects a table with too long a cell.
func (j *Job) longCell(t *ports.Table) *Rejection {
	for i := range t.Records {
		r := &t.Records[i]
		for column, cell := range r.Values() {
			if n := len(cell); over(n, j.Registry.MaxCell) {
				return suspiciousf("%s has %d bytes in the column %q; no cell has more than %d", name(r), n, ports.Columns()[column].Name, j.Registry.MaxCell)
			}
		}
	}
	return nil
}

// follows rejects an edition that is not plausible after another one: the last record of that one is missing, or too many
// of the assigned records are gone, new or altered.
func (j *Job) follows(before, d *edition) *Rejection {
	if last, found := before.Last(); found && !has(d.Table, &last) {
		return implausiblef("its end may be missing: %s, the last record of the version before, is not in it", name(&last))
	}
	t := compare(before, d)
	const year = 365 * 24 * time.Hour
	scale := max(1, float64(d.seen.Sub(before.seen))/float64(year))
	for _, part := range []struct {
		n     int
		limit float64
		says  string
	}{
		{t.gone, j.Registry.MaxGone, "%d of %d assigned records are gone (%.1f %%); at most %.1f %% go at once"},
		{t.more, j.Registry.MaxMore, "%d assigned records came to %d (%.1f %%); at most %.1f %% come at once"},
		{t.altered, j.Registry.MaxAltered, "%d of %d assigned records are altered (%.1f %%); at most %.1f %% are at once"},
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
func compare(before, d *edition) tally {
	var t tally
	for i := range before.Table.Records {
		if before.Table.Records[i].Status() == ports.Assigned {
			t.assigned++
		}
	}
	lost, new := before.Difference(d.Decoded)
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

// clip shortens a cell for a message.
func clip(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return s
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
