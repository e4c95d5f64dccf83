// Package parquet writes rows as Parquet files, with as much of the format as these need:
// https://parquet.apache.org/docs/file-format/ describes it, and parquet.thrift beside that.
//
// A file is one group of rows. Each column is one data page, compressed with zstd. A column of texts has a dictionary page before it,
// with every text once, and the data page has their numbers. There are no statistics: of one group of rows they would only let a
// reader skip the whole file.
//
// parquet-go, with which the tests read the files, takes 0.6 ms to initialise, at every start of every command.
package parquet

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"time"
)

const magic = "PAR1" // begins and ends a file

// Numbers of parquet.thrift.
const (
	formatVersion = 1

	typeBool, typeInt32, typeInt64, typeBytes        = 0, 1, 2, 6 // Type
	repetitionRequired, repetitionOptional           = 0, 1       // FieldRepetitionType
	encodingPlain, encodingRLE, encodingDictionary   = 0, 3, 8    // Encoding
	convertedUTF8, convertedTimestamp, convertedJSON = 0, 9, 19   // ConvertedType
	logicalString, logicalTimestamp, logicalJSON     = 1, 8, 12   // fields of LogicalType
	unitMillis                                       = 1          // field of TimeUnit
	pageData, pageDictionary                         = 0, 2       // PageType
	codecZstd                                        = 6          // CompressionCodec
)

// createdBy is the writer as the footer has it. It is that of this form: the program's own version would alter the bytes.
const createdBy = "ianasync version 1 (build 1)"

// column is a column of a file, and the field of a row that it is made from.
type column struct {
	name     string
	index    []int // of the field: see [reflect.Value.FieldByIndex]
	of       reflect.Type
	optional bool // the field is a pointer
	json     bool
}

// columnsOf returns the columns of a struct. A field of one is a string, an int32, a bool or a time, which is kept in milliseconds,
// or a pointer to one of these, which is null where it is nil. Its tag has the name, and "json" after that if its text is JSON.
// Structs that are embedded count as their fields.
func columnsOf(row reflect.Type) ([]column, error) {
	var list []column
	for _, f := range reflect.VisibleFields(row) {
		if f.Anonymous {
			continue
		}
		name, option, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		c := column{name: name, index: f.Index, of: f.Type, json: option == "json"}
		if f.Type.Kind() == reflect.Pointer {
			c.optional, c.of = true, f.Type.Elem()
		}
		if c.physical() < 0 {
			return nil, fmt.Errorf("parquet: field %s of %s is a %s", f.Name, row, f.Type)
		}
		list = append(list, c)
	}
	return list, nil
}

// physical returns the type in which values are stored, or -1.
func (c *column) physical() int {
	switch {
	case c.of == reflect.TypeFor[time.Time]():
		return typeInt64
	case c.of.Kind() == reflect.String:
		return typeBytes
	case c.of.Kind() == reflect.Int32:
		return typeInt32
	case c.of.Kind() == reflect.Bool:
		return typeBool
	}
	return -1
}

// File returns rows, which are structs, as a Parquet file with facts in its metadata. The bytes are a function of both, and of the
// library that compresses them.
func File[Row any](facts [][2]string, rows []Row) ([]byte, error) {
	columns, err := columnsOf(reflect.TypeFor[Row]())
	if err != nil {
		return nil, err
	}
	file, chunks := []byte(magic), make([]chunk, len(columns))
	for i := range columns {
		if len(rows) == 0 {
			break // there is no row group either
		}
		p := newPages(&columns[i], reflect.ValueOf(rows))
		if file, chunks[i], err = p.append(file); err != nil {
			return nil, err
		}
	}
	start := len(file)
	file = appendFooter(file, facts, columns, chunks, len(rows))
	file = binary.LittleEndian.AppendUint32(file, uint32(len(file)-start))
	return append(file, magic...), nil
}
