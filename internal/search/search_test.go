package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
)

// index is what is searched: a registry with a key and a name, and one without a name.
const index = "a/ciphers\tTLS Cipher Suites\n" +
	"\t0x13,0x01\tTLS_AES_128\t\n" +
	"\t0x13,0x03\tTLS_CHACHA20_POLY1305\tFor Ünits\n" +
	"\t443\tquicken\tThe quick one\n" +
	"\t0x0807\ted25519\t\n" +
	"b/media\tMedia\n" +
	"\t\tquicktime\tvideo/quicktime\n" +
	"\t80\tquic\tQUIC\n" +
	"\t81\tquic\tQUIC\n" +
	"\t4430\tother\tRuns over QUIC\n"

func TestFind(t *testing.T) {
	for _, test := range []struct {
		words, registry string
		typos           bool
		want            string
	}{
		{"quic", "", false, "b/media 80, 81 quic; b/media 4430 other; a/ciphers 443 quicken; b/media  quicktime"},
		{"QUIC", "a/ciphers", false, "a/ciphers 443 quicken"},
		{"443", "", false, "a/ciphers 443 quicken"}, // no part of another number
		{"0x1303", "", false, "a/ciphers 0x13,0x03 TLS_CHACHA20_POLY1305"},
		{"0x08,0x07", "", false, "a/ciphers 0x0807 ed25519"},
		{"0x130", "", false, ""}, // no bytes
		{"tls 128", "", false, "a/ciphers 0x13,0x01 TLS_AES_128"},
		{"suites quick", "", false, "a/ciphers 443 quicken"}, // a word of the title
		{"suites", "", false, ""},
		{"quic tls", "", false, "a/ciphers 443 quicken"},
		{"qiuc", "", true, "b/media 80, 81 quic; b/media 4430 other"},
		{"quik", "", true, "b/media 80, 81 quic; b/media 4430 other; a/ciphers 443 quicken"},
		{"chaha20", "", true, "a/ciphers 0x13,0x03 TLS_CHACHA20_POLY1305"},
		{"quidktimes", "", true, "b/media  quicktime"},
		{"quc", "", false, ""},                                           // too short
		{"ünits", "", true, "a/ciphers 0x13,0x03 TLS_CHACHA20_POLY1305"}, // it is the case of ASCII letters that does not matter
		{"Ünits", "", false, "a/ciphers 0x13,0x03 TLS_CHACHA20_POLY1305"},
		{"nosuchthing", "", false, ""},
	} {
		hits, typos := Find([][]byte{[]byte(index)}, test.registry, strings.Fields(test.words))
		var got []string
		for _, h := range hits {
			got = append(got, h.Registry+" "+h.Value+" "+h.Name)
		}
		if d := cmp.Diff(test.want, strings.Join(got, "; ")); d != "" || typos != test.typos {
			t.Errorf("%q in %q: typos %t (-want +got):\n%s", test.words, test.registry, typos, d)
		}
	}
}

// TestDistance compares with the definition: the least of what each edit leads to.
func TestDistance(t *testing.T) {
	var plain func(a, b string) int
	plain = func(a, b string) int {
		if a == "" || b == "" {
			return len(a) + len(b)
		}
		d := plain(a[1:], b[1:])
		if a[0] != b[0] {
			d++
		}
		d = min(d, plain(a[1:], b)+1, plain(a, b[1:])+1)
		if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
			d = min(d, plain(a[2:], b[2:])+1)
		}
		return d
	}
	words := []string{"", "a", "ab", "ba", "abc", "acb", "bca", "abcd", "badc", "xabcd", "abxyd", "aabb", "bbaa"}
	for _, a := range words {
		for _, b := range words {
			for most := range 3 {
				if got, want := min(distance(a, b, most), most+1), min(plain(a, b), most+1); got != want {
					t.Errorf("%q and %q, at most %d: %d, want %d", a, b, most, got, want)
				}
			}
		}
	}
}

func TestIndex(t *testing.T) {
	group := registry.NewXMLGroup("colours")
	e, err := group.Decode([]byte(`<registry xmlns="http://www.iana.org/assignments" id="colours"><title>Colours</title>
<registry id="web"><title>Colours of
 the Web</title>
<record><value>1</value><name>red</name><description>The colour of roses</description><ok>Y</ok></record>
<record><value>2</value><name>blue</name><description>blue</description></record>
<record><value>3-9</value><name>Unassigned</name></record>
</registry><registry id="none"><title>None</title></registry></registry>`), nil)
	if err != nil {
		t.Fatal(err)
	}
	facts := []history.RegistryFact{
		{ID: "colours/web", Title: "Colours of the Web", Key: []string{"value"}, Name: "name"},
		{ID: "colours/none", Title: "None"},
	}
	const want = "colours/web\tColours of the Web\n\t1\tred\tThe colour of roses\n\t2\tblue\t\ncolours/none\tNone\n"
	got := Index(e, facts)
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if ids := Registries(got); !slices.Equal(ids, []string{"colours/web", "colours/none"}) {
		t.Errorf("registries %q", ids)
	}
}

// TestReadFile damages the file of an index at each place.
func TestReadFile(t *testing.T) {
	file, err := File([]byte(index))
	if err != nil {
		t.Fatal(err)
	}
	if got, whole := ReadFile(file); !whole || string(got) != index {
		t.Errorf("whole: %t, %q", whole, got)
	}
	for i := range file {
		damaged := slices.Clone(file)
		damaged[i] ^= 1
		for what, file := range map[string][]byte{"flipped": damaged, "cut": file[:i], "added to": slices.Insert(slices.Clone(file), i, 'x')} {
			if _, whole := ReadFile(file); whole {
				t.Errorf("it is whole, although %s at %d", what, i)
			}
		}
	}
}

// BenchmarkFind searches 50 groups of a thousand records, with and without a typing error.
func BenchmarkFind(b *testing.B) {
	var text strings.Builder
	text.WriteString("a/b\tTitle\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "\t%d\tname-%d-relay\tThe description of number %d\n", i, i, i)
	}
	indexes := slices.Repeat([][]byte{[]byte(text.String())}, 50)
	for _, word := range []string{"relayed", "rleay"} {
		b.Run(word, func(b *testing.B) {
			for b.Loop() {
				Find(indexes, "", []string{word})
			}
		})
	}
}
