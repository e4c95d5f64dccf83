package dataset_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/registry/ports"
)

// overlay parses an overlay of a test.
func overlay(t *testing.T, text string) []dataset.Added {
	t.Helper()
	added, err := dataset.ParseOverlay([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func TestOverlay(t *testing.T) {
	added := overlay(t, "\ufeff# mine\n\nmine 6001/tcp\nhttp-web\t80/tcp http  web\t# what\t\u201cI\u201d call \u00e9t\u00e9 \u20ac\nboe 6400/udp dc\nrtmp 1/ddp # AppleTalk\n")
	o := dataset.Options{Added: added, Ports: []ports.Ports{ports.PortRange(0, 100), ports.PortRange(6001, 6400)}}
	got, losses := write(t, "services", several(), o)
	want := `mine	6001/tcp
http-web	80/tcp	http web	# what "I" call ete \u20ac
boe	6400/udp	dc
rtmp	1/ddp	# AppleTalk
www	80/tcp
http	80/udp	# World Wide Web HTTP
http	80/sctp
x11	6001/tcp
x11	6002/tcp
boe	6400/tcp
`
	if diff := cmp.Diff(want, body(got)); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"http 80 tcp: comment left out: it is on the added line of http-web"}, told(losses)); diff != "" {
		t.Errorf("losses (-want +got):\n%s", diff)
	}
}

func TestOverlayHasTheRegistrysDescription(t *testing.T) {
	s := source(rec("http", "80", "tcp", "Web"), rec("www", "80", "tcp", "Other"), rec("w3", "81", "tcp", "Third"))
	got, _ := write(t, "services", s, dataset.Options{Added: overlay(t, "www 80/tcp http\nweb 81/tcp w3\n")})
	if want := "www\t80/tcp\thttp\t# Other\nweb\t81/tcp\tw3\t# Third\n"; body(got) != want {
		t.Errorf("got %q, want %q", body(got), want)
	}
}

func TestConflicts(t *testing.T) {
	s := source(
		rec("http", "80", "tcp", ""), rec("www", "80", "tcp", ""), rec("disc", "2601", "tcp", ""), rec("git", "9418", "tcp", ""), rec("", "99", "tcp", ""), rec("x11", "6000-6063", "tcp", ""),
	)
	o := dataset.Options{
		Ports: []ports.Ports{ports.PortRange(0, 7000)},
		Added: overlay(t, "web 80/tcp\nzebra 2601/tcp disc\ngit 99/tcp\nown 98/tcp\nx11-1 6001/tcp\nx11x 6002/tcp\nhttp 8000/tcp\n"),
	}
	var got []string
	for _, c := range dataset.Conflicts(s.Table, o) {
		got = append(got, c.String())
	}
	want := []string{
		"line 1: web 80/tcp: the registry has http, www there", "line 3: git 99/tcp: the registry has it on 9418/tcp",
		"line 6: x11x 6002/tcp: the registry has x11 there",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseOverlayRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"http\n":                     `line 1: "http" has no port/protocol after it`,
		"# x\nhttp 80\n":             `line 2: "80" is no port/protocol`,
		"http 65536/tcp\n":           `line 1: "65536/tcp" is no port/protocol`,
		"http 80/tcp wÿw\n":          `line 1: "wÿw" has a character other than printable ASCII`,
		"a 1/tcp\nb 1/tcp\na 1/tcp ": `line 3: a 1/tcp is on line 1 already`,
		"http 80/tcp " + strings.Repeat("w", 120) + "\n": "line 1: name, port and aliases have 132 bytes, and a line has at most 126",
	} {
		if _, err := dataset.ParseOverlay([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// entry is a line of a services file.
type entry struct {
	name, on string
	aliases  []string
}

// entriesOf parses a services file.
func entriesOf(text string) (list []entry) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if f := strings.Fields(line); len(f) > 1 {
			list = append(list, entry{f[0], f[1], f[2:]})
		}
	}
	return list
}

// find returns what glibc finds for a key, "80/tcp", "http" or "http/tcp": the first line that has it, else the zero value.
func find(list []entry, key string) entry {
	name, transport, _ := strings.Cut(key, "/")
	at := slices.IndexFunc(list, func(e entry) bool {
		return e.on == key || (e.name == name || slices.Contains(e.aliases, name)) && strings.HasSuffix(e.on, "/"+transport)
	})
	if transport == "" {
		at = slices.IndexFunc(list, func(e entry) bool { return e.name == name || slices.Contains(e.aliases, name) })
	}
	if at < 0 {
		return entry{}
	}
	return list[at]
}

// keysOf returns everything that a program may ask of a services file, each key once.
func keysOf(list []entry) (keys []string) {
	for _, e := range list {
		_, transport, _ := strings.Cut(e.on, "/")
		for _, name := range append([]string{e.name}, e.aliases...) {
			keys = append(keys, name, name+"/"+transport)
		}
		keys = append(keys, e.on)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// newest returns the newest real edition.
func newest(t *testing.T) *dataset.Source {
	t.Helper()
	const corpus = "../../../../shared/corpus/service-names.bundle"
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("no real editions here: %v", err)
	}
	repo := filepath.Join(t.TempDir(), "repo.git")
	output(t, exec.Command("git", "clone", "-q", "--bare", corpus, repo))
	table, err := ports.Parse([]byte(output(t, exec.Command("git", "--git-dir", repo, "show", "HEAD:service-names-port-numbers.csv"))))
	if err != nil {
		t.Fatal(err)
	}
	return &dataset.Source{Registry: ports.ServiceNames(), Version: "newest", Table: table}
}

// TestNetbaseOverlay compares, for all names, aliases and ports of Debian's file, the answer that the overlay and the newest
// real edition give with Debian's own: the same name, port and protocol, and all of its aliases. The same is asked of glibc.
func TestNetbaseOverlay(t *testing.T) {
	read := func(name string) string {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	text, _ := write(t, "services", newest(t), dataset.Options{Added: overlay(t, read("../../../contrib/overlays/netbase"))})
	theirs, ours := entriesOf(read("testdata/netbase-6.4")), entriesOf(text)
	keys := keysOf(theirs)
	if len(keys) < 600 {
		t.Fatalf("%d keys, want at least 600", len(keys))
	}
	compare := func(key string, got entry) {
		want := find(theirs, key)
		if got.name != want.name || got.on != want.on || slices.ContainsFunc(want.aliases, func(a string) bool { return !slices.Contains(got.aliases, a) }) {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
	for _, key := range keys {
		got := find(ours, key)
		compare(key, got)
	}
	answers := entriesOf(glibc(t, "services", text)(keys...)) // one for each key, in their order
	if len(answers) != len(keys) {
		t.Fatalf("getent has %d answers for %d keys", len(answers), len(keys))
	}
	for i, key := range keys {
		compare(key, answers[i])
	}
}
