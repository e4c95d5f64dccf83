package dataset

import (
	"fmt"
	"strings"
)

// writeCSV writes the table's canonical CSV.
func writeCSV(w *writer) error {
	w.loseColumns()
	_, err := w.out.Write(w.Table.CSV())
	return err
}

// recordSize is what a record takes as JSON, in bytes, somewhat more than on average.
const recordSize = 320

// writeJSON writes a document with its origin and a record a line. Its schema
// is docs/table.schema.json.
func writeJSON(w *writer) error {
	w.loseColumns()
	w.out.Grow(len(w.Table.Records) * recordSize)
	return document(&w.out, w.origin(), "records", w.Table.Records)
}

// writeLines writes the records alone, so that files of it can be joined.
func writeLines(w *writer) error {
	w.loseColumns()
	w.out.Grow(len(w.Table.Records) * recordSize)
	for i := range w.Table.Records {
		if err := encode(&w.out, &w.Table.Records[i]); err != nil {
			return err
		}
		w.out.WriteByte('\n')
	}
	return nil
}

// loseColumns notes which records have something in columns that have no place in a record.
func (w *writer) loseColumns() {
	for i := range w.Table.Records {
		for j, v := range w.Table.Extra(i) {
			if strings.TrimSpace(v) != "" {
				w.lose(&w.Table.Records[i], NewColumn, fmt.Sprintf("of column %q", w.Table.Unknown[j]))
			}
		}
	}
}
