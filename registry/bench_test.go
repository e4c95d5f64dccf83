package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/registry"
)

// benchmarkKeys are the keys of the twelve columns of the service names registry, in order of the keys.
var benchmarkKeys = [...]string{
	"assignee", "assignment_notes", "contact", "description", "modification_date", "port_number", "reference",
	"registration_date", "service_code", "service_name", "transport_protocol", "unauthorized_use_reported",
}

// benchmarkRows returns the cells of as many records as the service names registry has, seven of twelve of them with text as
// most records there have.
func benchmarkRows() [][12]string {
	rows := make([][12]string, 14_500)
	for i := range rows {
		person := fmt.Sprintf("[Person_%d]", i%4000)
		rows[i] = [12]string{
			0: person, 2: person, 3: fmt.Sprintf("The description of service %d", i/2), 5: fmt.Sprint(i / 2),
			7: fmt.Sprintf("20%02d-%02d-01", i%24, 1+i%12), 9: fmt.Sprintf("service-%d", i/2), 10: [...]string{"tcp", "udp"}[i%2],
		}
		if i%12 == 0 {
			rows[i][6], rows[i][7] = "[RFC9110]", ""
		}
	}
	return rows
}

// joined is a representation that was measured: one string of all keys and texts.
type joined string

func joinedOf(row [12]string) joined {
	var b strings.Builder
	for i, text := range row {
		if text != "" {
			b.WriteString(benchmarkKeys[i])
			b.WriteByte(0)
			b.WriteString(text)
			b.WriteByte(0)
		}
	}
	return joined(b.String())
}

// BenchmarkRecord compares the representation of [registry.Record] with two others: one string of keys and texts, and an
// array of twelve strings, which knows its columns. It measures 14,500 records each time: whether each equals its copy, and
// counting them in a map.
func BenchmarkRecord(b *testing.B) {
	rows := benchmarkRows()
	var builder registry.RecordBuilder
	record := func(row [12]string) registry.Record {
		var cells [12]registry.Cell
		for i, text := range row {
			cells[i] = registry.Cell{Key: benchmarkKeys[i], Text: text}
		}
		return builder.Record(cells[:])
	}
	b.Run("record", func(b *testing.B) { benchmark(b, rows, record) })
	b.Run("joined", func(b *testing.B) { benchmark(b, rows, joinedOf) })
	b.Run("array", func(b *testing.B) {
		benchmark(b, rows, func(row [12]string) (clone [12]string) {
			for i := range row {
				clone[i] = strings.Clone(row[i])
			}
			return clone
		})
	})
	b.Run("record/get", func(b *testing.B) {
		r := record(rows[0])
		for b.Loop() {
			_ = r.Get("port_number")
		}
	})
}

func benchmark[R comparable](b *testing.B, rows [][12]string, build func([12]string) R) {
	list, copies := make([]R, len(rows)), make([]R, len(rows))
	for i, row := range rows {
		list[i], copies[i] = build(row), build(row)
	}
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i, row := range rows {
				list[i] = build(row)
			}
		}
	})
	b.Run("equal", func(b *testing.B) {
		for b.Loop() {
			for i := range list {
				if list[i] != copies[i] {
					b.Fatal("a record does not equal its copy")
				}
			}
		}
	})
	b.Run("count", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			count := make(map[R]int, len(list))
			for i := range list {
				count[list[i]]++
				count[copies[i]]--
			}
		}
	})
}
