package ports

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// editionSize is about the number of records that the registry has.
const editionSize = 14_500

// synthesise makes the rows of an edition with the proportions of the real one: twins
// on tcp and udp, ranges of unassigned ports, services without a port, one row in
// twelve with quotes and one in fifty over several lines. It is the same each time.
func synthesise(rows int) []string {
	rng := rand.New(rand.NewPCG(6335, 443))
	words := strings.Fields("service protocol control network the remote system data management secure port message " +
		"transfer Server application for of client access and device monitoring exchange Interface")
	text := func(n int) string {
		var out []string
		for range n {
			out = append(out, words[rng.IntN(len(words))])
		}
		return strings.Join(out, " ")
	}
	out := make([]string, 0, rows)
	for port := 0; len(out) < rows; port++ {
		name, person := fmt.Sprintf("%s-%d", words[rng.IntN(len(words))], port), fmt.Sprintf("[Person_%d]", rng.IntN(4000))
		date, notes, description := "", "", text(2+rng.IntN(4))
		if rng.IntN(2) == 0 {
			date = fmt.Sprintf("20%02d-%02d-%02d", rng.IntN(24), 1+rng.IntN(12), 1+rng.IntN(28))
		}
		switch rng.IntN(50) {
		case 0:
			notes = "\"" + text(6) + ",\n      " + text(8) + "\"" // IANA wraps with a bare LF
		case 1, 2, 3:
			description = "\"" + text(3) + ", " + text(2) + "\""
		case 4, 5:
			last := port + 1 + rng.IntN(3)
			out = append(out, fmt.Sprintf(",%d-%d,,Unassigned,,,,,,,,\r\n", port, last))
			port = last
			continue
		case 6, 7, 8:
			out = append(out, fmt.Sprintf("%s,,tcp,%s,%s,%s,%s,,,,,%s\r\n", name, description, person, person, date, notes))
			continue
		}
		for _, transport := range []string{"tcp", "udp"} {
			out = append(out, fmt.Sprintf("%s,%d,%s,%s,%s,%s,%s,,,,,%s\r\n", name, port, transport, description, person, person, date, notes))
		}
	}
	return out[:rows]
}

// neighbours makes two editions that follow each other: ten rows are edited, and one
// is new.
func neighbours(rows int) (old, next string) {
	a := synthesise(rows)
	var b []string
	for i, row := range a {
		if i%(rows/10) == rows/20 {
			row = "edited-" + row
		}
		if b = append(b, row); i == rows/3 {
			b = append(b, line("new", "49000", "tcp", "is new"))
		}
	}
	return header + strings.Join(a, ""), header + strings.Join(b, "")
}

func BenchmarkReadEdition(b *testing.B) {
	data := []byte(header + strings.Join(synthesise(editionSize), ""))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadEdition(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	data := []byte(header + strings.Join(synthesise(editionSize), ""))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	tab := mustParse(b, header+strings.Join(synthesise(editionSize), ""))
	b.ReportAllocs()
	for b.Loop() {
		tab.Digest()
	}
}

func BenchmarkDistinct(b *testing.B) {
	oldText, newText := neighbours(editionSize)
	reversed := synthesise(editionSize)
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	for name, texts := range map[string][2]string{
		"neighbours": {oldText, newText},
		"reordered":  {oldText, header + strings.Join(reversed, "")},
	} {
		b.Run(name, func(b *testing.B) {
			old, next := mustRead(b, texts[0]), mustRead(b, texts[1])
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Distinct(old, next); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
