package dataset

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	parquetzstd "github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/portrules"
)

// parquetRow is a row of the Parquet file: a record and the time through which it stood. The
// columns are those of the records of the SQLite database. Nearly all values stand often,
// so that they are written once and numbered.
type parquetRow struct {
	From string  `parquet:"from_version,dict"`
	To   *string `parquet:"to_version,dict,optional"` // none where the newest version has it

	FromSeen time.Time  `parquet:"from_seen,timestamp(millisecond)"`
	ToSeen   *time.Time `parquet:"to_seen,timestamp(millisecond),optional"`

	First *int32 `parquet:"first_port,optional"` // none without a port
	Last  *int32 `parquet:"last_port,optional"`

	ServiceName      string `parquet:"service_name,dict"`
	PortNumber       string `parquet:"port_number,dict"`
	Transport        string `parquet:"transport_protocol,dict"`
	Description      string `parquet:"description,dict"`
	Assignee         string `parquet:"assignee,dict"`
	Contact          string `parquet:"contact,dict"`
	RegistrationDate string `parquet:"registration_date,dict"` // text, for 2006-01 is no day
	ModificationDate string `parquet:"modification_date,dict"`
	Reference        string `parquet:"reference,dict"`
	ServiceCode      string `parquet:"service_code,dict"`
	UnauthorizedUse  string `parquet:"unauthorized_use_reported,dict"`
	AssignmentNotes  string `parquet:"assignment_notes,dict"`
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
	return parquetFile(provenance(s), rows)
}

// parquetVersion is a row of the file of versions.
type parquetVersion struct {
	ID          string    `parquet:"id"`
	Seen        time.Time `parquet:"seen,timestamp(millisecond)"`
	Source      string    `parquet:"source,dict"`
	SHA256      string    `parquet:"sha256"`
	TableSHA256 string    `parquet:"table_sha256"`
	Records     int32     `parquet:"records"`
	Previous    *string   `parquet:"previous,optional"` // none for the first
	Returned    string    `parquet:"returned,dict"`
}

// ParquetVersions returns the versions of the past, up to and with the source's, as a Parquet file, oldest first.
func ParquetVersions(_ context.Context, s *Source, past *porthistory.Past) ([]byte, error) {
	return parquetFile(provenance(s), parquetVersions(past.UpTo(s.Version).Steps()))
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
	Seen       time.Time `parquet:"seen,timestamp(millisecond)"`
	Version    string    `parquet:"version,dict"`
	Previous   string    `parquet:"previous,dict"`
	Kind       string    `parquet:"kind,dict"`
	Service    string    `parquet:"service,dict"`
	Was        string    `parquet:"was,dict"`
	Ports      string    `parquet:"ports,dict"`
	Transports string    `parquet:"transports,dict"`
	Field      *string   `parquet:"field,dict,optional"`
	Old        *string   `parquet:"old,dict,optional"`
	New        *string   `parquet:"new,dict,optional"`
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
	return parquetFile(provenance(s), rows)
}

// pageCodec compresses pages. The codec of package parquet has an encoder for each file, and each of these 20 MiB of memory for a window
// of 8 MiB; this has one for all files, with a window of 1 MiB. Only a dictionary of many groups is longer than that.
type pageCodec struct{ parquetzstd.Codec }

// pageEncoder is the encoder of all files.
var pageEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
})

// Encode implements [compress.Codec].
func (*pageCodec) Encode(dst, src []byte) ([]byte, error) {
	encoder, err := pageEncoder()
	if err != nil {
		return nil, err
	}
	return encoder.EncodeAll(src, dst[:0]), nil
}

// parquetFile returns rows as a Parquet file with their origin in its metadata.
func parquetFile[Row any](origin [][2]string, rows []Row) ([]byte, error) {
	options := []parquet.WriterOption{
		parquet.CreatedBy("ianasync", "1", "1"), // of this form; the program's own version would alter the bytes
		parquet.Compression(&pageCodec{}),
	}
	for _, fact := range origin {
		options = append(options, parquet.KeyValueMetadata(fact[0], fact[1]))
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[Row](&out, options...)
	if _, err := w.Write(rows); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
