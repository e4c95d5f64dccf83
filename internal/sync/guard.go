package sync

import (
	"fmt"
	"net/http"
	"time"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// sameAnswer is how long a rollback has to be served to be believed.
const sameAnswer = 24 * time.Hour

// verdict is what the guard says of an answer.
type verdict struct {
	table *registry.Table // of the answer, where it is believed; else nil
	why   string          // it is not believed; or is, though there was a doubt
	fix   string          // what to do where it is not
}

// guard decides whether an answer is the registry. The error is that of a store that
// cannot be read.
func (j *Job) guard(b body, last snapshots.Check, now time.Time) (verdict, error) {
	if b.Status != http.StatusOK {
		return verdict{
			why: fmt.Sprintf("the answer's status is %d %s", b.Status, http.StatusText(b.Status)),
			fix: "look whether the address is still right: " + j.Registry.Page,
		}, nil
	}
	rows, err := registry.ReadEdition(b.Body)
	if err != nil {
		return verdict{why: err.Error(), fix: "look at what the address shows; the next run asks again"}, nil //nolint:nilerr // the error is the verdict
	}
	if rows.Len() == 0 { // no --accept makes this the registry
		return verdict{why: "it has the registry's header and no records", fix: "look at what the address shows; the next run asks again"}, nil
	}
	table, err := rows.Table()
	if err != nil {
		return verdict{}, err
	}
	if older, known := j.Store.HasBytes(b.sha256); known {
		why := fmt.Sprintf("these are the bytes of an older version, %s: a rollback", older.ID)
		switch {
		case j.Accept:
			return verdict{table: table, why: "accepted: " + why}, nil
		case last.Refused != nil && last.Refused.SHA256 == b.sha256 && now.Sub(last.Refused.Since) >= sameAnswer:
			return verdict{table: table, why: "still served a day later: " + why}, nil
		}
		return verdict{why: why, fix: "it is believed once it has been served for a day; --accept believes it now"}, nil
	}
	why, err := Doubt(j.Registry, j.Store, rows, table)
	switch {
	case err != nil:
		return verdict{}, err
	case why == "":
		return verdict{table: table}, nil
	case j.Accept:
		return verdict{table: table, why: "accepted: " + why}, nil
	}
	return verdict{why: why, fix: AcceptFix}, nil
}

// AcceptFix is what to do where there is a [Doubt].
const AcceptFix = "if the registry really changed so much, --accept stores it"

// Doubt says how a table differs too much from what the registry can be, or from the newest
// version of a store; nothing where it does not.
func Doubt(r *registry.Registry, s *snapshots.Store, rows *registry.Edition, table *registry.Table) (string, error) {
	if err := r.Check(table); err != nil {
		return err.Error(), nil //nolint:nilerr // the refusal is the answer
	}
	newest, found := s.Latest()
	if !found {
		return "", nil
	}
	before, err := s.Rows(newest)
	if err != nil {
		return "", err
	}
	gone, came, err := registry.Distinct(before, rows)
	if err != nil {
		return "", err
	}
	if err := r.CheckNext(table, gone.Records, came.Records); err != nil {
		return err.Error(), nil //nolint:nilerr // the refusal is the answer
	}
	return "", nil
}
