package zstdpatch

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// decode decodes a frame.
func decode(t testing.TB, frame, base []byte) []byte {
	t.Helper()
	d, err := zstd.NewReader(nil, zstd.WithDecoderDictRaw(0, base), zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	data, err := d.DecodeAll(frame, nil)
	if err != nil {
		t.Fatalf("a frame of %d bytes: %v", len(frame), err)
	}
	return data
}

// text returns some text of n bytes in lines.
func text(r *rand.Rand, n int) []byte {
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "<record date=\"20%02d-%02d-%02d\"><name>%x</name><number>%d</number></record>\n", r.IntN(26), 1+r.IntN(12), 1+r.IntN(28), r.Uint64(), r.IntN(1<<16))
	}
	return b.Bytes()[:n]
}

// edited returns data with some edits.
func edited(r *rand.Rand, data []byte, edits int) []byte {
	for range edits {
		at := r.IntN(len(data) + 1)
		end := min(len(data), at+r.IntN(80))
		var more []byte
		switch r.IntN(4) {
		case 0:
			more = text(r, r.IntN(300))
		case 1:
			more = bytes.Clone(data[at:end])
			for i := range more {
				more[i] ^= byte(r.IntN(8) / 7)
			}
		case 2:
			from := r.IntN(len(data) + 1)
			more = data[from:min(len(data), from+r.IntN(200))]
		}
		data = bytes.Join([][]byte{data[:at], more, data[end:]}, nil)
	}
	return data
}

func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var e Encoder
	encoded := 0
	for range 300 {
		base := text(r, 1+r.IntN(1<<(8+r.IntN(12))))
		data := edited(r, base, r.IntN(20))
		frame, ok := e.Encode(data, base)
		if !ok {
			continue
		}
		encoded++
		if got := decode(t, frame, base); !bytes.Equal(got, data) {
			t.Fatalf("other bytes came out of a frame of %d bytes", len(frame))
		}
		if again, _ := new(Encoder).Encode(data, base); !bytes.Equal(again, frame) {
			t.Fatal("a new encoder returns another frame")
		}
	}
	if encoded < 200 {
		t.Errorf("%d of 300 were encoded", encoded)
	}
}

// TestBlocks holds that copies are cut where blocks end, whatever is left for the next one.
func TestBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	base := text(r, 3*blockSize+100)
	var e Encoder
	for shift := -6; shift <= 6; shift++ {
		for _, more := range []string{"", "x", "xyz", "some text"} {
			for _, blocks := range []int{1, 2} {
				at := blocks*blockSize + shift
				data := bytes.Join([][]byte{base[:at], []byte(more), base[at+5:]}, nil)
				for _, data := range [][]byte{data, data[:at], data[:at+len(more)+1]} {
					frame, ok := e.Encode(data, base)
					if !ok || !bytes.Equal(decode(t, frame, base), data) {
						t.Fatalf("%q at %d, of %d bytes: %v", more, at, len(data), ok)
					}
				}
			}
		}
	}
}

// TestSmall holds how much room a frame takes: 9 bytes a block, and not much for a change.
func TestSmall(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	base := text(r, 40*blockSize)
	at := 17*blockSize + 1000
	data := bytes.Join([][]byte{base[:at], []byte("a few words"), base[at+20:]}, nil)
	for _, test := range []struct {
		data []byte
		most int
	}{{base, 40*9 + 30}, {data, 40*9 + 60}} {
		frame, ok := new(Encoder).Encode(test.data, base)
		if !ok || len(frame) > test.most || !bytes.Equal(decode(t, frame, base), test.data) {
			t.Errorf("a frame of %d bytes (%v), at most %d were expected", len(frame), ok, test.most)
		}
	}
}

// TestNotOK holds what is left to others.
func TestNotOK(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	base := text(r, 1<<18)
	for name, data := range map[string][]byte{"nothing": nil, "other text": text(r, 1<<18), "turned around": func() []byte {
		b := bytes.Clone(base)
		slices.Reverse(b)
		return b
	}()} {
		if frame, ok := new(Encoder).Encode(data, base); ok || frame != nil {
			t.Errorf("%s is encoded", name)
		}
	}
	if _, ok := new(Encoder).Encode(base, nil); ok {
		t.Error("something is encoded against nothing")
	}
}

// TestSizes encodes data of every small size.
func TestSizes(t *testing.T) {
	base := text(rand.New(rand.NewPCG(8, 8)), 300)
	for n := 1; n <= len(base); n++ {
		frame, ok := new(Encoder).Encode(base[:n], base)
		if !ok {
			t.Fatalf("%d bytes are not encoded", n)
		}
		if got := decode(t, frame, base); !bytes.Equal(got, base[:n]) {
			t.Fatalf("of %d bytes, others came out: %q", n, got)
		}
	}
}

// TestReference holds that zstd itself reads the frames.
func TestReference(t *testing.T) {
	if _, err := exec.LookPath("zstd"); err != nil {
		t.Skip(err)
	}
	r := rand.New(rand.NewPCG(5, 5))
	folder := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, size := range []int{200, 3_000, 100_000, 2_000_000} {
		base := text(r, size)
		data := edited(r, base, 1+size/100_000)
		frame, ok := new(Encoder).Encode(data, base)
		if !ok {
			t.Fatalf("%d bytes are not encoded", size)
		}
		cmd := exec.Command("zstd", "-q", "-d", "-c", "--patch-from="+write("base", base), write("frame.zst", frame))
		if got, err := cmd.Output(); err != nil || !bytes.Equal(got, data) {
			t.Errorf("of %d bytes: %v", size, err)
		}
	}
}

func FuzzEncode(f *testing.F) {
	r := rand.New(rand.NewPCG(6, 6))
	base := text(r, 5000)
	f.Add(base, edited(r, base, 5))
	f.Add(base, text(r, 900))
	f.Add([]byte("aaaaaaaaaaaaaaaa"), bytes.Repeat([]byte("a"), 300_000))
	f.Fuzz(func(t *testing.T, base, data []byte) {
		frame, ok := new(Encoder).Encode(data, base)
		if ok && !bytes.Equal(decode(t, frame, base), data) {
			t.Error("other bytes came out")
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 7))
	base := text(r, 4<<20)
	data := edited(r, base, 10)
	var e Encoder
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, ok := e.Encode(data, base); !ok {
			b.Fatal("it is not encoded")
		}
	}
}
