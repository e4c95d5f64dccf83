package dataset

import (
	"context"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/publish/parquet"
)

// parquetRow is a row of the Parquet file: a record and the time through which it stood. The
// columns are those of the records of the SQLite database.
type parquetRow struct {
	From string  `parquet:"from_version"`
	To   *string `parquet:"to_version"` // none where the newest version has it

	FromSeen time.Time  `parquet:"from_seen"`
	ToSeen   *time.Time `parquet:"to_seen"`

	First *int32 `parquet:"first_port"` // none without a port
	Last  *int32 `parquet:"last_port"`

	ServiceName      string `parquet:"service_name"`
	PortNumber       string `parquet:"port_number"`
	Transport        string `parquet:"transport_protocol"`
	Description      string `parquet:"description"`
	Assignee         string `parquet:"assignee"`
	Contact          string `parquet:"contact"`
	RegistrationDate string `parquet:"registration_date"` // text, for 2006-01 is no day
	ModificationDate string `parquet:"modification_date"`
	Reference        string `parquet:"reference"`
	ServiceCode      string `parquet:"service_code"`
	UnauthorizedUse  string `parquet:"unauthorized_use_reported"`
	AssignmentNotes  string `parquet:"assignment_notes"`
}

func newParquetRow(p *porthistory.Period, past *porthistory.Past) parquetRow {
	v := p.Record.Values()
	from, to, ended := p.Versions(past.Past)
	steps := past.Steps()
	row := parquetRow{
		From: from, FromSeen: steps[p.First].Version.Seen().UTC(), ServiceName: v[0], PortNumber: v[1], Transport: v[2], Description: v[3], Assignee: v[4], Contact: v[5],
		RegistrationDate: v[6], ModificationDate: v[7], Reference: v[8], ServiceCode: v[9], UnauthorizedUse: v[10], AssignmentNotes: v[11],
	}
	if ended {
		row.To, row.ToSeen = &to, new(steps[p.Last].Version.Seen().UTC())
	}
	if first, last, ok := p.Record.Ports.Bounds(); ok {
		first, last := int32(first), int32(last)
		row.First, row.Last = &first, &last
	}
	return row
}

// Parquet returns the past, up to and with the source's version, as a Parquet file: a row a
// record a period, in the table's order. The bytes are a function of
// the versions, and of the library that compresses them.
func Parquet(_ context.Context, s *Source, past *porthistory.Past) ([]byte, error) {
	past = past.UpTo(s.Version)
	all, err := past.Periods(s.Table.Records)
	if err != nil {
		return nil, err
	}
	rows := make([]parquetRow, len(all))
	for i := range all {
		rows[i] = newParquetRow(&all[i], past)
	}
	return parquet.File(provenance(s), rows)
}

// parquetVersion is a row of the file of versions.
type parquetVersion struct {
	ID          string    `parquet:"id"`
	Seen        time.Time `parquet:"seen"`
	Source      string    `parquet:"source"`
	SHA256      string    `parquet:"sha256"`
	TableSHA256 string    `parquet:"table_sha256"`
	Records     int32     `parquet:"records"`
	Previous    *string   `parquet:"previous"` // none for the first
	Returned    string    `parquet:"returned"`
}

// ParquetVersions returns the versions of the past, up to and with the source's, as a Parquet file, oldest first.
func ParquetVersions(_ context.Context, s *Source, past *porthistory.Past) ([]byte, error) {
	return parquet.File(provenance(s), parquetVersions(past.UpTo(s.Version).Steps()))
}

// parquetVersions returns the rows of the versions of some steps.
func parquetVersions(steps []history.Step) []parquetVersion {
	rows := make([]parquetVersion, len(steps))
	for i := range steps {
		v := &steps[i].Version
		rows[i] = parquetVersion{v.ID, v.Seen().UTC(), v.Source, v.SHA256, v.TableSHA256, int32(v.Records), nil, string(steps[i].Returned)}
		if i > 0 {
			rows[i].Previous = &steps[i].Previous
		}
	}
	return rows
}

// parquetChange is a row of the file of changes: a column that a change is about. A change that is about none has one row.
type parquetChange struct {
	ID         int32     `parquet:"id"`
	Seen       time.Time `parquet:"seen"`
	Version    string    `parquet:"version"`
	Previous   string    `parquet:"previous"`
	Kind       string    `parquet:"kind"`
	Service    string    `parquet:"service"`
	Was        string    `parquet:"was"`
	Ports      string    `parquet:"ports"`
	Transports string    `parquet:"transports"`
	Field      *string   `parquet:"field"`
	Old        *string   `parquet:"old"`
	New        *string   `parquet:"new"`
}

// ParquetChanges returns the changes of the past, up to and with the source's version, as a Parquet file, oldest first.
func ParquetChanges(_ context.Context, s *Source, past *porthistory.Past) ([]byte, error) {
	events, err := past.UpTo(s.Version).All()
	if err != nil {
		return nil, err
	}
	var rows []parquetChange
	_ = eachChange(events, func(id int, e *history.Event, c *diff.Change) error {
		row := parquetChange{
			ID: int32(id), Seen: e.Version.Seen().UTC(), Version: e.Version.ID, Previous: e.Previous,
			Kind: string(c.Kind), Service: c.Name, Was: c.Was, Ports: portrules.View(c).Ports.String(), Transports: transportsOf(c),
		}
		values := changedValues(c)
		for _, v := range values {
			row.Field, row.Old, row.New = new(v.field), v.old, v.new
			rows = append(rows, row)
		}
		if len(values) == 0 {
			rows = append(rows, row)
		}
		return nil
	})
	return parquet.File(provenance(s), rows)
}
