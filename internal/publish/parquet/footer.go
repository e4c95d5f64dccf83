package parquet

// appendFooter adds the FileMetaData of a file.
func appendFooter(file []byte, facts [][2]string, columns []column, chunks []chunk, rows int) []byte {
	t := &thrift{data: file}
	t.nested(func(t *thrift) {
		t.int32(1, formatVersion)
		t.structs(2, 1+len(columns), func(t *thrift, i int) {
			if i == 0 {
				t.text(4, "schema")
				t.int32(5, len(columns))
				return
			}
			columns[i-1].describe(t)
		})
		t.int64(3, rows)
		t.structs(4, min(1, rows), func(t *thrift, _ int) { describeRows(t, columns, chunks, rows) })
		t.structs(5, len(facts), func(t *thrift, i int) {
			t.text(1, facts[i][0])
			t.text(2, facts[i][1])
		})
		t.text(6, createdBy)
	})
	return t.data
}

// describe fills the SchemaElement of a column.
func (c *column) describe(t *thrift) {
	t.int32(1, c.physical())
	if c.optional {
		t.int32(3, repetitionOptional)
	} else {
		t.int32(3, repetitionRequired)
	}
	t.text(4, c.name)
	switch physical := c.physical(); {
	case c.json:
		t.int32(6, convertedJSON)
		t.group(10, func(t *thrift) { t.group(logicalJSON, empty) })
	case physical == typeBytes:
		t.int32(6, convertedUTF8)
		t.group(10, func(t *thrift) { t.group(logicalString, empty) })
	case physical == typeInt64:
		t.int32(6, convertedTimestamp)
		t.group(10, func(t *thrift) {
			t.group(logicalTimestamp, func(t *thrift) {
				t.bool(1, true)                                            // in UTC
				t.group(2, func(t *thrift) { t.group(unitMillis, empty) }) // since 1970
			})
		})
	}
}

// describeRows fills the RowGroup of all rows.
func describeRows(t *thrift, columns []column, chunks []chunk, rows int) {
	size := 0
	t.structs(1, len(columns), func(t *thrift, i int) { // ColumnChunk
		size += chunks[i].size
		t.int64(2, 0) // there is no ColumnMetaData but this
		t.group(3, func(t *thrift) { columns[i].describeChunk(t, &chunks[i], rows) })
	})
	t.int64(2, size)
	t.int64(3, rows)
}

// describeChunk fills the ColumnMetaData of a column.
func (c *column) describeChunk(t *thrift, pages *chunk, rows int) {
	encodings := []int{encodingPlain}
	if c.optional {
		encodings = append(encodings, encodingRLE)
	}
	if c.physical() == typeBytes {
		encodings = append(encodings, encodingDictionary)
	}
	t.int32(1, c.physical())
	t.list(2, thriftInt32, len(encodings))
	for _, e := range encodings {
		t.append(e)
	}
	t.list(3, thriftBytes, 1)
	t.appendText(c.name)
	t.int32(4, codecZstd)
	t.int64(5, rows)
	t.int64(6, pages.size)
	t.int64(7, pages.compressed)
	t.int64(9, pages.data)
	if c.physical() == typeBytes {
		t.int64(11, pages.dictionary)
	}
}
