package dataset

import (
	"bytes"
	"context"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/ianasync/ianasync/internal/history"
)

// parquetRow is a row of the Parquet file: a record and the time through which it stood. The
// columns are those of the records of the SQLite database. Nearly all values stand often,
// so that they are written once and numbered.
type parquetRow struct {
	From string  `parquet:"from_version,dict"`
	To   *string `parquet:"to_version,dict,optional"` // none where the newest version has it

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

func newParquetRow(p *history.Period, past *history.Past) parquetRow {
	v := p.Record.Values()
	from, to, ended := p.Versions(past)
	row := parquetRow{
		From: from, ServiceName: v[0], PortNumber: v[1], Transport: v[2], Description: v[3], Assignee: v[4], Contact: v[5],
		RegistrationDate: v[6], ModificationDate: v[7], Reference: v[8], ServiceCode: v[9], UnauthorizedUse: v[10], AssignmentNotes: v[11],
	}
	if ended {
		row.To = &to
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
func Parquet(_ context.Context, s *Source, past *history.Past) ([]byte, error) {
	past = past.UpTo(s.Version)
	all, err := past.Periods(s.Table.Records)
	if err != nil {
		return nil, err
	}
	rows := make([]parquetRow, len(all))
	for i := range all {
		rows[i] = newParquetRow(&all[i], past)
	}
	options := []parquet.WriterOption{
		parquet.CreatedBy("ianasync", "1", "1"), // of this form; the program's own version would alter the bytes
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedBetterCompression, Concurrency: 1}),
	}
	for _, fact := range provenance(s) {
		options = append(options, parquet.KeyValueMetadata(fact[0], fact[1]))
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&out, options...)
	if _, err := w.Write(rows); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
