package porthistory

import (
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Rows returns a version cut into rows, whose records are those of its table. Those of the newest are read from its canonical CSV
// where that is there: see [snapshots.Store.TableBytes]. Lines and columns of problems are then those of the canonical CSV.
func Rows(s *snapshots.Store, v snapshots.Version) (*ports.Edition, error) {
	data, err := s.TableBytes(v)
	if err != nil {
		return nil, err
	}
	return ports.ReadEdition(data)
}

// Table returns the table of a version: see [Rows].
func Table(s *snapshots.Store, v snapshots.Version) (*ports.Table, error) {
	rows, err := Rows(s, v)
	if err != nil {
		return nil, err
	}
	return rows.Table()
}
