package portrules

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
)

// many are n records of services; suffix is part of their names, and shift of their ports.
func many(n int, suffix string, shift int, set ...func(*ports.Record)) []ports.Record {
	out := make([]ports.Record, n)
	for i := range out {
		out[i] = rec("service-"+strconv.Itoa(i)+suffix, strconv.Itoa((i/2+shift)%65536), []string{"tcp", "udp"}[i%2], "A service of some kind", set...)
	}
	return out
}

// BenchmarkCompare shows that time grows as the number of records does, whatever kind
// of change befalls all of them.
func BenchmarkCompare(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		old := many(n, "", 0)
		for _, c := range []struct {
			name string
			new  []ports.Record
		}{
			{"same", many(n, "", 0)},
			{"updated", many(n, "", 0, reference("[RFC1]"))},
			{"renamed", many(n, "x", 0)},
			{"reused", many(n, "x", 0, portstest.Description("another"))},
			{"moved", many(n, "", 1)},
			{"deassigned", nil},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				for b.Loop() {
					Compare(old, c.new)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
			})
		}
	}
}

// BenchmarkNeighbours compares two editions that follow each other, in ten edits.
func BenchmarkNeighbours(b *testing.B) {
	old := many(14_500, "", 0)
	new := many(14_500, "", 0)
	for i := range 10 {
		new[i*1_400].Reference = "[RFC1]"
	}
	for b.Loop() {
		if got := Compare(old, new); len(got) != 10 {
			b.Fatalf("%d changes", len(got))
		}
	}
}
