// Package delta is the format in which machines follow a published registry: [Files] writes it, and [GroupFiles] that of groups other
// than the service names; package sync reads it.
//
// The publisher puts out the newest table, a list of changes for each step between two neighbouring versions, and
// a notification that names them all with their digests (as RFC 8182 does for RPKI). The steps form a chain of
// tables: each leads from one digest to another. A follower finds its own newest table in that chain, applies
// the lists of changes from there, and has a version of its own for each. It believes nothing: a list has
// to have the digest that the notification gives, and has to lead to the table of the digest that it says. Where
// its table is not in the chain, it takes the newest table whole.
//
// The notification has the newest steps only, so that a follower that asks each day reads a few kilobytes; the steps before
// are in an archive, which it names with its digest.
//
// Versions can arrive late at the publisher, so the serial, which counts versions, is for people;
// followers go by digests. There are only as many steps as are worth it: together no larger than the table.
package delta

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// NotificationFile is the name of the notification.
const NotificationFile = "notification.json"

// archiveFile is the name of the archive of older steps.
const archiveFile = "delta/archive.json"

// newestSteps is how many steps the notification has; older ones are in the archive.
const newestSteps = 32

// format is the version of the protocol. Other versions are not supported.
const format = 1

// Notification lists the versions and changes that followers can fetch.
type Notification struct {
	Format   int    `json:"format"`
	Registry string `json:"registry"` // IANA's name of it
	Source   string `json:"source"`   // IANA's page
	Licence  string `json:"licence"`
	Serial   int    `json:"serial"`  // how many versions there are
	Version  string `json:"version"` // id of the newest
	// Checked is when the publisher last found that the newest version is what IANA serves; zero where that is not known.
	Checked time.Time `json:"checked,omitzero"`
	Table   Table     `json:"table"`
	Deltas  []Step    `json:"deltas"` // oldest first
	// Archive has the steps that lead to the first of the deltas; nil where there are none. A follower may do without it:
	// it then takes the table whole.
	Archive *Archive `json:"archive,omitempty"`
}

// Archive is a file with older steps, in the form of [archived].
type Archive struct {
	Name   string `json:"url"`    // from the folder of the notification
	SHA256 string `json:"sha256"` // of its bytes
	Size   int    `json:"size"`
}

// archived is the content of an archive.
type archived struct {
	Deltas []Step `json:"deltas"` // oldest first
}

// Table is the newest table as canonical CSV.
type Table struct {
	Name    string `json:"url"`    // from the folder of the notification
	SHA256  string `json:"sha256"` // of its bytes: the table's digest
	Size    int    `json:"size"`
	Records int    `json:"records"`
}

// Step leads from one version's table to the next one's.
type Step struct {
	Serial   int    `json:"serial"`
	Version  string `json:"version"`
	Previous string `json:"previous"`
	From     string `json:"from"`   // digest of the table before
	To       string `json:"to"`     // digest of the table after
	Name     string `json:"url"`    // of the list of changes, from the folder of the notification
	SHA256   string `json:"sha256"` // of its bytes
	Size     int    `json:"size"`
	Changes  int    `json:"changes"`
}

// Files are the notification and the lists of changes of a store's versions. There is an event for each of
// these, and the table is the newest one.
func Files(ctx context.Context, r *ports.Registry, s *snapshots.Store, events []history.Event, table *ports.Table) ([]history.File, error) {
	if len(events) == 0 {
		return nil, nil
	}
	check, _, err := s.Check()
	if err != nil {
		return nil, err
	}
	data := table.CSV()
	newest := events[len(events)-1].Version
	n := Notification{
		Format: format, Registry: r.ID, Source: r.Page, Licence: "CC0-1.0", Serial: len(events), Version: newest.ID, Checked: check.Confirmed,
		Table: Table{r.FileName(), newest.TableSHA256, len(data), newest.Records}, Deltas: []Step{},
	}
	var files []history.File
	for i, room := len(events)-1, len(data); i > 0; i-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step, list, err := between(s, &events[i-1], &events[i])
		if err != nil {
			return nil, err
		}
		if list == nil {
			continue
		}
		if room -= len(list); room < 0 {
			break
		}
		step.Serial = i + 1
		n.Deltas, files = append(n.Deltas, step), append(files, history.File{Name: step.Name, Data: list})
	}
	slices.Reverse(n.Deltas)
	if older := len(n.Deltas) - newestSteps; older > 0 {
		data, err := json.MarshalIndent(archived{n.Deltas[:older]}, "", " ")
		if err != nil {
			return nil, err
		}
		data = append(data, '\n')
		files = append(files, history.File{Name: archiveFile, Data: data})
		n.Deltas, n.Archive = n.Deltas[older:], &Archive{archiveFile, digest(data), len(data)}
	}
	text, err := json.MarshalIndent(n, "", " ")
	return append(files, history.File{Name: NotificationFile, Data: append(text, '\n')}), err
}

// between is the step between neighbours, with its list of changes: nil where they have the same table.
func between(s *snapshots.Store, before, after *history.Event) (Step, []byte, error) {
	old, new := before.Version, after.Version
	if old.TableSHA256 == new.TableSHA256 {
		return Step{}, nil, nil
	}
	changes, err := changes(s, before, after)
	if err != nil {
		return Step{}, nil, err
	}
	list, err := formatList(changes)
	if err != nil {
		return Step{}, nil, err
	}
	return Step{
		Version: new.ID, Previous: old.ID, From: old.TableSHA256, To: new.TableSHA256,
		Name: "delta/" + new.ID + ".jsonl", SHA256: digest(list), Size: len(list), Changes: len(changes),
	}, list, nil
}

// changes returns the changes between neighbouring versions. The stored list of changes is one of these only if the
// later version follows the earlier; after a rollback, the two are compared here.
func changes(s *snapshots.Store, before, after *history.Event) ([]diff.Change, error) {
	if after.Previous == before.Version.ID {
		return after.Changes, nil
	}
	old, err := porthistory.Rows(s, before.Version)
	if err != nil {
		return nil, err
	}
	new, err := porthistory.Rows(s, after.Version)
	if err != nil {
		return nil, err
	}
	gone, came, err := ports.Distinct(old, new)
	if err != nil {
		return nil, err
	}
	return portrules.Compare(gone.Records, came.Records), nil
}

// formatList writes a list of changes, one a line, as docs/json.md has them.
func formatList(changes []diff.Change) ([]byte, error) {
	list := []byte{}
	for i := range changes {
		line, err := changes[i].MarshalJSON()
		if err != nil {
			return nil, err
		}
		list = append(append(list, line...), '\n')
	}
	return list, nil
}

// parseList reads what formatList writes.
func parseList(data []byte) ([]diff.Change, error) {
	var changes []diff.Change
	d := diff.Decoder{Extend: portrules.Group{}.Extend}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		c, err := d.Change(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// Parse reads a notification. It returns an error where it is not what it has to be: of this registry, with names
// below its folder and deltas that form a chain to the table.
func Parse(data []byte, r *ports.Registry) (*Notification, error) {
	var n Notification
	if err := json.Unmarshal(data, &n); err != nil {
		return nil, fmt.Errorf("invalid notification: %w", err)
	}
	switch {
	case n.Format != format:
		return nil, fmt.Errorf("unsupported notification: its format is not %d", format)
	case n.Registry != r.ID:
		return nil, fmt.Errorf("it is of the registry %q, not of %s", n.Registry, r.ID)
	}
	if _, err := snapshots.ParseID(n.Version); err != nil {
		return nil, err
	}
	if err := checkFile(n.Table.Name, n.Table.SHA256); err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	if n.Archive != nil {
		if err := checkFile(n.Archive.Name, n.Archive.SHA256); err != nil {
			return nil, fmt.Errorf("archive: %w", err)
		}
	}
	if err := n.checkChain(); err != nil {
		return nil, err
	}
	return &n, nil
}

// checkChain returns an error unless the deltas form a chain to the table.
func (n *Notification) checkChain() error {
	for i, d := range n.Deltas {
		if _, err := snapshots.ParseID(d.Version); err != nil {
			return fmt.Errorf("delta %d: %w", i+1, err)
		}
		if err := checkFile(d.Name, d.SHA256, d.From, d.To); err != nil {
			return fmt.Errorf("delta %d: %w", i+1, err)
		}
		if i > 0 && (n.Deltas[i-1].To != d.From || n.Deltas[i-1].Version >= d.Version) {
			return fmt.Errorf("delta %d does not follow the one before it", i+1)
		}
	}
	if k := len(n.Deltas); k > 0 && (n.Deltas[k-1].To != n.Table.SHA256 || n.Deltas[k-1].Version > n.Version) {
		return errors.New("the last delta does not lead to the table")
	}
	return nil
}

// Extend adds the steps of the archive, of which data are the bytes, before the deltas. It returns an error, and adds
// nothing, where they form no chain together.
func (n *Notification) Extend(data []byte) error {
	var older archived
	if err := json.Unmarshal(data, &older); err != nil {
		return fmt.Errorf("invalid archive: %w", err)
	}
	all := *n
	all.Deltas = slices.Concat(older.Deltas, n.Deltas)
	if err := all.checkChain(); err != nil {
		return fmt.Errorf("invalid archive: %w", err)
	}
	n.Deltas = all.Deltas
	return nil
}

// Begins reports whether the steps that [Notification.Since] returns for a version begin at that version itself.
func Begins(steps []Step, v snapshots.Version) bool {
	return len(steps) > 0 && steps[0].Previous == v.ID
}

// checkFile refuses names that lead out of the folder, and digests that are none.
func checkFile(name string, digests ...string) error {
	if !fs.ValidPath(name) || name == "." {
		return fmt.Errorf("%q is not the name of a file below it", name)
	}
	for _, d := range digests {
		if b, err := hex.DecodeString(d); err != nil || len(b) != sha256.Size {
			return fmt.Errorf("%q is no SHA-256", d)
		}
	}
	return nil
}

// Since returns the steps that lead from a version to the newest: those from the version itself if it is
// there, else from the last one that has its table.
func (n *Notification) Since(v snapshots.Version) []Step {
	at := -1
	for i, d := range n.Deltas {
		if d.From != v.TableSHA256 || d.Version <= v.ID {
			continue
		}
		at = i
		if d.Previous == v.ID {
			break
		}
	}
	if at < 0 {
		return nil
	}
	return n.Deltas[at:]
}

// Apply applies a step's list of changes to the table before it. The result has to be the table of the given digest.
func Apply(table *ports.Table, list []byte, to string) (*ports.Table, error) {
	changes, err := parseList(list)
	if err != nil {
		return nil, err
	}
	records, err := diff.Apply(table.Records, changes, ports.View)
	if err != nil {
		return nil, err
	}
	next := ports.NewTable(records)
	if next.Digest() != to {
		return nil, fmt.Errorf("it leads to the table %s; the notification says %s", next.Digest(), to)
	}
	return next, nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
