package rules_test

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
)

const shared = "../../../shared"

// history is the editions of all files of a bundle, by path, oldest first; a commit's time each.
type history struct {
	cat   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	files map[string][]blob
}

type blob struct{ seen, id string }

// openHistory opens a bundle of ../shared, and skips the test where there is none.
func openHistory(t testing.TB, bundle string) *history {
	t.Helper()
	name, err := filepath.Abs(filepath.Join(shared, "corpus", bundle))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); err != nil {
		t.Skip("there are no histories in ../shared")
	}
	repo := filepath.Join(t.TempDir(), "repo")
	if out, err := exec.Command("git", "clone", "--quiet", "--bare", name, repo).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	log := exec.Command("git", "-C", repo, "log", "--all", "--reverse", "--raw", "--no-renames", "--no-abbrev", "--format=C %cd", "--date=format-local:%Y%m%dT%H%M%SZ")
	log.Env = append(os.Environ(), "TZ=UTC")
	listed, err := log.Output()
	if err != nil {
		t.Fatal(err)
	}
	h := &history{files: make(map[string][]blob)}
	var seen string
	for line := range strings.Lines(string(listed)) {
		line = strings.TrimSuffix(line, "\n")
		if at, found := strings.CutPrefix(line, "C "); found {
			seen = at
		} else if facts, file, found := strings.Cut(line, "\t"); found {
			if f := strings.Fields(facts); f[4] != "D" {
				h.files[file] = append(h.files[file], blob{seen, f[3]})
			}
		}
	}
	for _, list := range h.files {
		slices.SortStableFunc(list, func(a, b blob) int { return cmp.Compare(a.seen, b.seen) })
	}
	h.cat = exec.Command("git", "-C", repo, "cat-file", "--batch")
	if h.in, err = h.cat.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := h.cat.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.out = bufio.NewReaderSize(out, 1<<20)
	if err := h.cat.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.in.Close()
		if err := h.cat.Wait(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *history) read(t testing.TB, id string) []byte {
	t.Helper()
	fmt.Fprintln(h.in, id)
	line, err := h.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(line)
	n, err := strconv.Atoi(f[len(f)-1])
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, n+1)
	if _, err := io.ReadFull(h.out, data); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(data, []byte("\n"))
}

// edition is a decoded edition and when it was seen.
type edition struct {
	seen string
	*registry.Edition
}

// editions returns the editions of a file that can be read.
func (h *history) editions(t testing.TB, file string) (list []edition) {
	g := registry.NewGroup(strings.TrimSuffix(path.Base(file), path.Ext(file)))
	var before *registry.Edition
	known := map[string]bool{}
	for _, b := range h.files[file] {
		if known[b.id] { // an older edition again
			continue
		}
		known[b.id] = true
		e, err := g.Decode(h.read(t, b.id), before)
		if err != nil {
			continue
		}
		list, before = append(list, edition{b.seen, e}), e
	}
	return list
}

// names returns the files of a form, in order.
func (h *history) names(ext string) (list []string) {
	for name := range h.files {
		dir, file := path.Split(name)
		if ext == ".csv" && path.Ext(file) == ext || ext == ".xml" && file == path.Clean(dir)+".xml" {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// tables returns the tables of each registry in turn, by the registry's id.
func tables(list []edition) (ids []string, byID map[string][]*registry.Table) {
	byID = make(map[string][]*registry.Table)
	for _, e := range list {
		for _, t := range e.Tables {
			id := t.Registry.ID
			if byID[id] == nil {
				ids = append(ids, id)
			}
			byID[id] = append(byID[id], t)
		}
	}
	return ids, byID
}

// TestKeys measures how often the key that is learned from the first half of a history finds, in the second half, what
// became of an assigned record that was removed. It compares all neighbouring editions, the mass changes too; an older edition that
// came again is left out, and so is a table without a column of the key, for which the program learns another.
//
// Where more records without a successor went than came without a predecessor, the difference really went: message-headers was emptied
// into http-fields, 1,100 ranges of as-numbers went to other registries of addresses. No key would find a successor of these. All
// others without one count as missed, and so does each that is reused. The variable IANASYNC_TEST_ALL makes the test take all
// registries; -v lists the misses.
func TestKeys(t *testing.T) {
	for _, c := range []struct {
		bundle, ext string
		least       float64 // of the whole bundle
	}{{"groups-csv.bundle", ".csv", 0.85}, {"groups-xml.bundle", ".xml", 0.95}} {
		t.Run(c.ext, func(t *testing.T) {
			h := openHistory(t, c.bundle)
			names := h.names(c.ext)
			if os.Getenv("IANASYNC_TEST_ALL") == "" {
				names = names[:len(names)/4]
				c.least = 0.8
			}
			var all successors
			registries, same, worst := 0, 0, map[string]successors{}
			for _, name := range names {
				ids, byID := tables(h.editions(t, name))
				for _, id := range ids {
					list := byID[id]
					if len(list) < 4 {
						continue
					}
					half := len(list) / 2
					first, whole := rules.LearnTables(list[:half]...), rules.LearnTables(list...)
					registries++
					if slices.Equal(first.Key, whole.Key) {
						same++
					}
					var n successors
					for i := half; i < len(list); i++ {
						n.count(first, list[i-1], list[i])
					}
					all.add(n)
					if n.missed > 0 {
						worst[id] = n
					}
				}
			}
			t.Logf("%d registries, %d of which keep the key of their first half; of %d removed assigned records %d have a successor, %d of which are found: %.1f %%; of all removed %.1f %%",
				registries, same, all.found+all.missed+all.went, all.found+all.missed, all.found, 100*all.rate(), 100*float64(all.found)/float64(all.found+all.missed+all.went))
			for _, id := range slices.SortedFunc(maps.Keys(worst), func(a, b string) int { return cmp.Or(worst[b].missed-worst[a].missed, cmp.Compare(a, b)) }) {
				t.Logf("%s: %+v", id, worst[id])
			}
			if all.rate() < c.least {
				t.Errorf("less than %.0f %%", 100*c.least)
			}
		})
	}
}

// successors counts assigned records that were removed, by what became of them.
type successors struct{ found, missed, went int }

func (n *successors) add(m successors) {
	n.found, n.missed, n.went = n.found+m.found, n.missed+m.missed, n.went+m.went
}

// rate returns the part that is found of the records that may have a successor.
func (n *successors) rate() float64 { return float64(n.found) / float64(n.found+n.missed) }

// count adds the records that were removed from one table to the next.
func (n *successors) count(s *rules.Scheme, before, now *registry.Table) {
	if !slices.ContainsFunc(s.Key, func(key string) bool { _, found := now.Column(key); return found }) {
		return // the program learns another key then
	}
	s = s.Covering(now).Covering(before)
	assigned := func(rs []registry.Record) (n int) {
		for _, r := range rs {
			if s.IsAssigned(r) {
				n++
			}
		}
		return n
	}
	gone, came := 0, 0 // without a successor, and without a predecessor
	for _, c := range s.MatchTables(before, now) {
		switch removed := assigned(c.Removed); c.Kind {
		case diff.Reused:
			n.missed += removed
		case diff.Deassigned:
			gone += removed
		case diff.Assigned:
			came += assigned(c.Added)
		default:
			n.found += removed
		}
	}
	n.missed += min(gone, came)
	n.went += gone - min(gone, came)
}

// quiet are the columns that never make a change more than minor.
var quiet = []string{"contact", "registration_date", "modification_date"}

// without returns a record without some cells.
func without(r registry.Record, keys ...string) registry.Record {
	return registry.NewRecord(slices.DeleteFunc(r.Cells(), func(c registry.Cell) bool { return slices.Contains(keys, c.Key) })...)
}

// TestNeighbours compares all neighbouring editions of the histories.
func TestNeighbours(t *testing.T) {
	every := 7
	if os.Getenv("IANASYNC_TEST_ALL") != "" {
		every = 1
	}
	for bundle, ext := range map[string]string{"groups-csv.bundle": ".csv", "groups-xml.bundle": ".xml"} {
		t.Run(ext, func(t *testing.T) {
			h := openHistory(t, bundle)
			kinds, pairs := map[diff.Kind]int{}, 0
			for _, name := range h.names(ext) {
				list := h.editions(t, name)
				for i := 1; i < len(list); i++ {
					if i%every != 0 {
						continue
					}
					pairs++
					for _, c := range rules.Editions(list[i-1].Edition, list[i].Edition, nil) {
						kinds[c.Kind]++
						if c.Kind != diff.Updated && c.Kind != diff.Described && c.Minor {
							t.Errorf("%s: %s is minor", name, c.Kind)
						}
					}
					for _, now := range list[i].Tables {
						if before := list[i-1].Table(now.Registry.ID); before != nil {
							checkTables(t, before, now)
						}
					}
				}
			}
			if pairs < 100 {
				t.Errorf("only %d pairs", pairs)
			}
			t.Logf("%d pairs: %v", pairs, kinds)
		})
	}
}

// checkTables checks the changes from one table to another.
func checkTables(t *testing.T, before, now *registry.Table) {
	t.Helper()
	changes := rules.Tables(before, now, nil)
	var gone, came []registry.Record
	of := map[registry.Record]diff.Kind{}
	for _, c := range changes {
		gone, came = append(gone, c.Removed...), append(came, c.Added...)
		for _, r := range c.Removed {
			of[r] = c.Kind
		}
	}
	wantGone, wantCame := registry.Difference(before.Records, now.Records)
	if want, got := sorted(wantGone), sorted(gone); !slices.Equal(want, got) {
		t.Errorf("%s: gone: want %v, got %v", now.Registry.ID, want, got)
	}
	if want, got := sorted(wantCame), sorted(came); !slices.Equal(want, got) {
		t.Errorf("%s: came: want %v, got %v", now.Registry.ID, want, got)
	}
	// Where contacts and dates alone differ, all is minor.
	loud := func(rs []registry.Record) (list []registry.Record) {
		for _, r := range rs {
			list = append(list, without(r, quiet...))
		}
		return sorted(list)
	}
	if slices.Equal(loud(wantGone), loud(wantCame)) {
		for _, c := range changes {
			if !c.Minor {
				t.Errorf("%s: contacts and dates alone differ, but not minor: %s %v", now.Registry.ID, c.Kind, c.Key)
			}
		}
	}
	// What differs in a reference that became an RFC, and in nothing else, is published.
	rest := func(rs []registry.Record) map[registry.Record][]registry.Record {
		m := map[registry.Record][]registry.Record{}
		for _, r := range rs {
			m[without(r, "reference", "modification_date")] = append(m[without(r, "reference", "modification_date")], r)
		}
		return m
	}
	a, b := rest(wantGone), rest(wantCame)
	for k, list := range a {
		if len(list) == 1 && len(b[k]) == 1 && rules.BecameRFC(list[0].Get("reference"), b[k][0].Get("reference")) && of[list[0]] != diff.Published {
			t.Errorf("%s: %s where %v was published", now.Registry.ID, of[list[0]], list[0].Cells())
		}
	}
}

func sorted(rs []registry.Record) []registry.Record {
	rs = slices.Clone(rs)
	slices.SortFunc(rs, registry.Compare)
	return rs
}

// TestFacts compares editions before and after known events.
func TestFacts(t *testing.T) {
	h := openHistory(t, "groups-xml.bundle")
	editions := map[string][]edition{}
	for _, c := range []struct {
		registry, from, to string // of the last editions before two days
		kind               diff.Kind
		key, name, was     string
		field              diff.Field // one of the change's
	}{
		{"tls-extensiontype-values/tls-extensiontype-values-1", "20180529", "20180602", diff.Moved, "27", "compress_certificate", "", diff.Field{Key: "value", Old: "26", New: "27"}},
		{"tls-parameters/tls-signaturescheme", "20210928", "20211002", diff.Deprecated, "0x0203", "ecdsa_sha1", "", diff.Field{Key: "recommended", Old: "Y", New: "N"}},
		{"http-status-codes/http-status-codes-1", "20180630", "20180704", diff.Assigned, "425", "Too Early", "", diff.Field{}},
		{"http-status-codes/http-status-codes-1", "20211005", "20211009", diff.Renamed, "422", "Unprocessable Content", "Unprocessable Entity", diff.Field{Key: "description", Old: "Unprocessable Entity", New: "Unprocessable Content"}},
	} {
		group := registry.GroupOf(c.registry)
		if editions[group] == nil {
			editions[group] = h.editions(t, group+"/"+group+".xml")
		}
		before := func(day string) *registry.Table {
			list := slices.DeleteFunc(slices.Clone(editions[group]), func(e edition) bool { return e.seen >= day })
			return list[len(list)-1].Table(c.registry)
		}
		found := false
		for _, ch := range rules.Tables(before(c.from), before(c.to), nil) {
			if ch.Key[0].Text == c.key && ch.Kind == c.kind {
				found = strings.HasPrefix(ch.Name, c.name) && ch.Was == c.was && (c.field.Key == "" || slices.Contains(ch.Fields, c.field))
				if !found {
					t.Errorf("%+v", ch)
				}
			}
		}
		if !found {
			t.Errorf("%s: no %s of %s before %s", c.registry, c.kind, c.key, c.to)
		}
	}
	// compress_certificate became permanent later.
	list := editions["tls-extensiontype-values"]
	const id = "tls-extensiontype-values/tls-extensiontype-values-1"
	permanent := ""
	for i := 1; i < len(list); i++ {
		for _, ch := range rules.Tables(list[i-1].Table(id), list[i].Table(id), nil) {
			if ch.Kind == diff.Permanent && ch.Key[0].Text == "27" {
				permanent += list[i].seen
			}
		}
	}
	if !strings.HasPrefix(permanent, "20") || strings.Count(permanent, "T") != 1 {
		t.Errorf("compress_certificate became permanent at %q", permanent)
	}
}

// TestDescribed holds that the keys and names described by hand are those of columns of the registry, and are found in its
// newest edition.
func TestDescribed(t *testing.T) {
	h := openHistory(t, "groups-xml.bundle")
	for _, c := range []struct{ registry, key, name string }{
		{"tls-parameters/tls-parameters-4", "value", "description"},
		{"tls-extensiontype-values/tls-extensiontype-values-1", "value", "name"},
		{"dns-parameters/dns-parameters-4", "value", "type"},
		{"dns-parameters/dns-parameters-6", "value", "name"},
		{"dns-parameters/dns-parameters-2", "value", "description"},
		{"http-status-codes/http-status-codes-1", "value", "description"},
		{"http-methods/methods", "value", "value"},
		{"media-types/application", "name", "name"},
		{"protocol-numbers/protocol-numbers-1", "value", "name"},
		{"icmpv6-parameters/icmpv6-parameters-2", "value", "name"},
		{"ipfix/ipfix-information-elements", "elementId", "name"},
		{"cose/algorithms", "value", "name"},
		{"cose/header-parameters", "label", "name"},
		{"jwt/claims", "value", "value"},
		{"oauth-parameters/parameters", "name", "name"},
		{"uri-schemes/uri-schemes-1", "value", "value"},
		{"link-relations/link-relations-1", "value", "value"},
		{"well-known-uris/well-known-uris-1", "value", "value"},
		{"ssh-parameters/ssh-parameters-16", "value", "value"},
		{"ssh-parameters/ssh-parameters-1", "value", "description"},
		{"iana-ipv4-special-registry/iana-ipv4-special-registry-1", "address", "name"},
		{"message-headers/perm-headers", "value", "value"},
	} {
		group := registry.GroupOf(c.registry)
		files := h.files[group+"/"+group+".xml"]
		for i := len(files) - 1; ; i-- { // the newest that can be read
			e, err := registry.NewGroup(group).Decode(h.read(t, files[i].id), nil)
			if err != nil {
				continue
			}
			s := rules.For(c.registry, e.Table(c.registry))
			if key := strings.Join(s.Key, " "); key != c.key || s.Name != c.name {
				t.Errorf("%s: key %q, name %q; want %q, %q", c.registry, key, s.Name, c.key, c.name)
			}
			break
		}
	}
}
