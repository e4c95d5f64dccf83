package lookup

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/builtin"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// An edition of which a few rows are decoded gives the answers of its whole table.
func TestInEdition(t *testing.T) {
	header, rows, _ := strings.Cut(string(small().CSV()), "\n")
	columns := strings.Split(strings.TrimSpace(header), ",")
	slices.Reverse(columns)
	for name, text := range map[string]string{
		"plain":           header + "\n" + rows,
		"out of order":    header + "\nb,500-600,tcp,,,,,,,,,\na,3,,,,,,,,,,\nc,1-65535,udp,,,,,,,,,\n,400-700,,Unassigned,,,,,,,,x\n",
		"other columns":   "New,Port Number," + strings.Join(columns[:10], ",") + ",Service Name\nx, 7 ,,,,,,,,,,,a\n,8-9,,,\"Un\nused\"\nx,\"1\"\"0\"\n,10,,,,,,,,,,,\"b,\nc\"\n",
		"numbers":         header + "\na,007,tcp,,,,,,,,,\nb,0000007,,,,,,,,,,\nc,+7,,,,,,,,,,\nd,65536,,,,,,,,,,\ne,9-8,,,,,,,,,,\nf,-8,,,,,,,,,,\ng,8-,,,,,,,,,,\nh,65535,,,,,,,,,,\ni,10000-10001-2,,,,,,,,,,\nj,99999999999999999999,,,,,,,,,,\nk,1_0,,,,,,,,,,\nl,\u0667,,,,,,,,,,\n",
		"short rows":      header + "\na\nb,2\n,3\n,4,,Reserved\n\n,\n,,\n\"a\",\"5-\n6\"",
		"no rows":         header,
		"one of each end": header + "\na,0,,,,,,,,,,\r\n,65535,,Unassigned,,,,,,,,",
	} {
		sameAnswers(t, name, []byte(text), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 499, 500, 600, 601, 650, 1023, 1024, 10000, 10001, 49151, 49152, 65534, 65535)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	bits := []string{`"`, `""`, ",", "-", "\n", "\r\n", " ", "0", "7", "Unassigned", "\xff", "\u00a0", "a"}
	for range 300 {
		damaged := []byte(rows)
		for range 1 + rng.IntN(8) {
			at, bit := rng.IntN(len(damaged)), bits[rng.IntN(len(bits))]
			damaged = slices.Replace(damaged, at, min(at+rng.IntN(3), len(damaged)), []byte(bit)...)
		}
		sameAnswers(t, "damaged", append([]byte(header+"\n"), damaged...), 0, 24, 80, 2397, uint16(rng.IntN(65536)))
	}
}

// So does the newest edition of the built-in history.
func TestInRealEdition(t *testing.T) {
	files, err := builtin.Open()
	if err != nil {
		t.Fatal(err)
	}
	s, err := snapshots.OpenFS(files, "the built-in history", portrules.ServiceNames())
	if err != nil {
		t.Fatal(err)
	}
	newest, _ := s.Latest()
	data, err := s.Bytes(newest)
	if err != nil {
		t.Fatal(err)
	}
	list := []uint16{0, 1, 22, 1023, 1024, 2397, 4420, 6063, 8080, 49150, 49151, 49152, 65535}
	for port := 7; port < 65536; port += 419 {
		list = append(list, uint16(port))
	}
	sameAnswers(t, newest.ID, data, list...)
}

// sameAnswers compares the answers about some ports from an edition with those from its table.
func sameAnswers(t *testing.T, name string, data []byte, list ...uint16) {
	t.Helper()
	e, err := ports.ReadEdition(bytes.Clone(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	table, err := e.Table()
	if err != nil {
		t.Fatal(err)
	}
	whole := Survey(table)
	for i, port := range list {
		only := [][]ports.Transport{nil, {ports.UDP}}[i%2]
		got, err := InEdition(e, port, only...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole.OfPort(port, only...), got); diff != "" {
			t.Errorf("%s: port %d of %q (-want +got):\n%.2000s", name, port, data[:min(len(data), 300)], diff)
		}
	}
}
