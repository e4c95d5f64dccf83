package snapshots

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry/ports"
)

var testRegistry = ports.ServiceNames()

const group = layout.Group("service-names-port-numbers")

var day0 = time.Date(2020, 1, 1, 6, 0, 0, 0, time.UTC)

// header is the first line of every test edition.
func csvHeader() string {
	var names []string
	for _, c := range ports.Columns() {
		names = append(names, c.Name)
	}
	return strings.Join(names, ",") + "\n"
}

// csvOf returns an edition of n rows, of which those at the given places have another text.
func csvOf(n int, edits ...int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString(csvHeader())
	for port := range n {
		text := fmt.Sprintf("service %x %x", r.Uint32(), r.Uint32())
		if slices.Contains(edits, port) {
			text += " edited"
		}
		fmt.Fprintf(&b, "svc-%d,%d,tcp,%s,[A%d],[A%d],2001-02-03,,,,,\n", port, port, text, r.IntN(500), r.IntN(500))
	}
	return []byte(b.String())
}

// content returns the k-th of a series of small editions that differ from each other.
func content(k int) []byte { return csvOf(12, k%12, k/12%12) }

func at(days int) time.Time { return day0.AddDate(0, 0, days) }

// edition is content k seen on a day.
func edition(day, k int) Edition {
	return Edition{Bytes: content(k), Seen: at(day), Source: fmt.Sprintf("test:%d", day)}
}

// plainDisk writes without syncing: tests lose no power.
type plainDisk struct{}

func (plainDisk) Write(root *os.Root, name string, data []byte) error {
	return writePlain(filepath.Join(root.Name(), name), data)
}

func (d plainDisk) WriteAll(root *os.Root, files []atomicfile.File) error {
	return writeEach(d, root, files)
}

func (plainDisk) Append(root *os.Root, name string, data []byte) error {
	return appendPlain(root, name, data)
}

func (plainDisk) Remove(root *os.Root, name string) error { return root.Remove(name) }

// writeEach writes files one after the other.
func writeEach(d disk, root *os.Root, files []atomicfile.File) error {
	for _, f := range files {
		if err := d.Write(root, f.Name, f.Data); err != nil {
			return err
		}
	}
	return nil
}

func appendPlain(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

func writePlain(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp := filepath.Join(filepath.Dir(path), strings.Replace(atomicfile.TempPattern, "*", filepath.Base(path), 1))
	if err := os.WriteFile(temp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// openForWriting is [OpenForWriting] with another disk.
func openForWriting(ctx context.Context, dir string, g Group, wait time.Duration, disk disk) (*Store, error) {
	s := newStore(dir, g)
	s.disk = disk
	return lockAndBegin(ctx, s, wait)
}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := openForWriting(context.Background(), dir, testRegistry, 0, plainDisk{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func importAll(t testing.TB, s *Store, editions ...Edition) {
	t.Helper()
	for _, e := range editions {
		if _, _, err := s.Import(e); err != nil {
			t.Fatal(err)
		}
	}
}

// ids returns the days of the store's versions.
func days(s *Store) []int {
	var days []int
	for _, v := range s.Versions() {
		days = append(days, int(v.Seen().Sub(day0).Hours()/24))
	}
	return days
}

func wantDays(t testing.TB, s *Store, want ...int) {
	t.Helper()
	if diff := cmp.Diff(want, days(s)); diff != "" {
		t.Errorf("days of the versions (-want +got):\n%s", diff)
	}
}

// snapshot returns every file of a folder but the lock.
func snapshot(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == layout.Lock {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		info, _ := d.Info()
		files[filepath.ToSlash(name)] = fmt.Sprintf("%s %s", info.ModTime(), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func wantSound(t testing.TB, s *Store) {
	t.Helper()
	faults, err := s.Verify(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		if !f.Note {
			t.Errorf("fault: %+v", f)
		}
	}
}

// wantBytes checks that every version opens, and in a store freshly opened.
func wantBytes(t testing.TB, dir string, want map[string][]byte) {
	t.Helper()
	s, err := Open(dir, testRegistry)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range s.Versions() {
		got, err := s.Bytes(v)
		if err != nil {
			t.Fatal(err)
		}
		if b, ok := want[v.ID]; ok && string(b) != string(got) {
			t.Errorf("%s: other bytes came out", v.ID)
		}
	}
}

func TestOpenMissing(t *testing.T) {
	dir := t.TempDir()
	for _, dir := range []string{dir, filepath.Join(dir, "none")} {
		if _, err := Open(dir, testRegistry); !errors.Is(err, ErrNoStore) {
			t.Errorf("%s: %v; want ErrNoStore", dir, err)
		}
	}
	if files := snapshot(t, dir); len(files) != 0 {
		t.Errorf("opening for reading wrote %v", files)
	}
}

func TestCreate(t *testing.T) {
	for _, test := range []struct {
		name   string
		beside string // what is there before
		ok     bool
	}{
		{"an empty folder", "", true},
		{"a repository", "README.md", true},
		{"a git folder", ".git/config", true},
		{"what a killed creation left", ".lock", true},
		{"a changelog of something else", "CHANGELOG.md", false},
		{"a folder with the name of the group", string(group) + "/notes.txt", false},
		{"what git is told", ".gitignore", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if test.beside != "" {
				if err := writePlain(filepath.Join(dir, test.beside), []byte("x")); err != nil {
					t.Fatal(err)
				}
			}
			before := snapshot(t, filepath.Dir(dir))
			s, err := OpenForWriting(context.Background(), dir, testRegistry, 0)
			if (err == nil) != test.ok {
				t.Fatalf("error %v; want one: %v", err, !test.ok)
			}
			if err != nil {
				if diff := cmp.Diff(before, snapshot(t, filepath.Dir(dir))); diff != "" {
					t.Errorf("refused, and changed:\n%s", diff)
				}
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if _, err := Open(dir, testRegistry); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNewerFormat(t *testing.T) {
	dir := t.TempDir()
	if err := writePlain(filepath.Join(dir, layout.Store), checksum.Append([]byte(`{"format":4}`))); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	_, reading := Open(dir, testRegistry)
	_, writing := OpenForWriting(context.Background(), dir, testRegistry, 0)
	for _, err := range []error{reading, writing} {
		if !errors.Is(err, ErrNewerFormat) {
			t.Errorf("%v; want ErrNewerFormat", err)
		}
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(filepath.Join(dir, layout.Lock)); err == nil {
		t.Error("the store was touched: it was locked")
	}
}

// A store holds groups side by side: what is done to one leaves the other as it is.
func TestTwoGroups(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0))
	if err := s.SetCheck(Check{Checked: at(0), Outcome: Changed}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	other := &ports.Registry{ID: "a-registry"}
	o, err := openForWriting(t.Context(), dir, other, 0, plainDisk{})
	if err != nil {
		t.Fatal(err)
	}
	importAll(t, o, edition(1, 1), edition(2, 2))
	if err := o.SetCheck(Check{Checked: at(2), Outcome: Changed}); err != nil {
		t.Fatal(err)
	}
	o.Close()
	if s, err = Open(dir, testRegistry); err != nil {
		t.Fatal(err)
	}
	wantDays(t, s, 0)
	wantDays(t, o, 1, 2)
	for of, want := range map[*Store]time.Time{s: at(0), o: at(2)} {
		if c, found, err := of.Check(); !c.Checked.Equal(want) || !found || err != nil {
			t.Errorf("%s: checked %s, %t, %v; want %s", of.Registry(), c.Checked, found, err, want)
		}
		wantSound(t, of)
	}
}

// A group without versions can be removed, with its check and what was refused; others stay as they are, and one with versions does.
func TestDrop(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0))
	if err := s.Drop(); err == nil {
		t.Error("a group with a version was dropped")
	}
	s.Close()
	empty, err := openForWriting(t.Context(), dir, &ports.Registry{ID: "mistyped"}, 0, plainDisk{})
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	_, err = empty.Quarantine([]byte("no such page"), Rejection{Seen: at(1)})
	if err := errors.Join(err, empty.SetCheck(Check{Checked: at(1), Outcome: Refused}), empty.Drop()); err != nil {
		t.Fatal(err)
	}
	if _, found, err := empty.Check(); found || err != nil {
		t.Errorf("its check is there: %v", err)
	}
	if got, err := Groups(dir); err != nil || !slices.Equal(got, []string{testRegistry.ID}) {
		t.Errorf("groups %v, %v", got, err)
	}
	wantDays(t, s, 0)
	wantSound(t, s)
}

// A group whose folder may not be read is not taken for none.
func TestUnreadableGroup(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	open(t, dir).Close()
	for name, want := range map[string]error{"lost+found": nil, "other": fs.ErrPermission} {
		folder := filepath.Join(dir, name)
		if err := os.Mkdir(folder, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(folder, 0o755) })
		if _, err := Groups(dir); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if err := os.Remove(folder); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadOnlyStore(t *testing.T) {
	dir := t.TempDir()
	open(t, dir).Close()
	s, err := Open(dir, testRegistry)
	if err != nil {
		t.Fatal(err)
	}
	_, _, put := s.Put(edition(0, 0))
	_, derived := s.WriteDerived(layout.Changelog, nil)
	_, quarantine := s.Quarantine(nil, Rejection{Seen: day0})
	for _, err := range []error{put, derived, quarantine, s.SetCheck(Check{}), s.DerivedDone("rules")} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%v; want ErrReadOnly", err)
		}
	}
}

func TestPut(t *testing.T) {
	s := open(t, t.TempDir())
	first, added, err := s.Put(Edition{Bytes: content(0), Seen: at(0), Source: "a & b", ETag: `"x"`, LastModified: "Wed", Note: "n"})
	if err != nil || !added {
		t.Fatal(added, err)
	}
	table, _ := ports.Parse(content(0))
	want := Version{
		ID: "20200101T060000Z", Source: "a & b", ETag: `"x"`, LastModified: "Wed", Note: "n",
		SHA256: digest(content(0)), Size: len(content(0)), TableSHA256: table.Digest(), Records: 12,
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again, added, err := s.Put(edition(1, 0)); again != first || added || err != nil {
		t.Errorf("the same bytes again: %v, %v, %v", again, added, err)
	}
	if _, added, err := s.Put(edition(2, 1)); !added || err != nil {
		t.Error(added, err)
	}
	if back, added, err := s.Put(edition(3, 0)); !added || err != nil || back.SHA256 != first.SHA256 {
		t.Error(back, added, err)
	}
	wantDays(t, s, 0, 2, 3)
	wantSound(t, s)
	if files, _ := s.blobFiles(); len(files) != 2 {
		t.Errorf("equal bytes are not stored once: %v", files)
	}
}

func TestPutRefuses(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	before := snapshot(t, dir)
	for name, e := range map[string]Edition{
		"no bytes":        {Seen: day0},
		"no time":         {Bytes: content(0)},
		"year 10000":      {Bytes: content(0), Seen: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"not an edition":  {Bytes: []byte("<html>"), Seen: day0},
		"before year one": {Bytes: content(0), Seen: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if _, _, err := s.Put(e); err == nil {
			t.Errorf("%s: stored", name)
		}
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestOneSecond(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	seen := at(0).Add(300 * time.Millisecond)
	for range 2 { // the second time all of them are known
		for k := range 3 {
			if _, _, err := s.Import(Edition{Bytes: content(k), Seen: seen}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var ids []string
	for _, v := range s.Versions() {
		ids = append(ids, v.ID)
	}
	if diff := cmp.Diff([]string{"20200101T060000Z", "20200101T060001Z", "20200101T060002Z"}, ids); diff != "" {
		t.Error(diff)
	}
}

func TestUnchangedWritesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	editions := []Edition{edition(0, 0), edition(2, 1), edition(1, 0), edition(5, 1), edition(4, 0)}
	importAll(t, s, editions...)
	if _, err := s.WriteDerived(s.TableFile(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.DerivedDone("rules"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Quarantine([]byte("bad"), Rejection{Seen: at(3)}); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	importAll(t, s, editions...)
	if _, added, err := s.Put(edition(9, 1)); added || err != nil {
		t.Fatal(added, err)
	}
	if _, err := s.WriteDerived(s.TableFile(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.DerivedDone("rules"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Quarantine([]byte("bad"), Rejection{Seen: at(8)}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	open(t, dir)
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// An import reaches back to before a check that found the newest version unchanged.
func TestImportDoesNotHideTheLastCheck(t *testing.T) {
	for _, test := range []struct {
		outcome Outcome
		want    []int
	}{
		{Unchanged, []int{0, 5, 9}},
		{Changed, []int{0, 5, 9}},
		{Refused, []int{0, 5}},
		{Unreachable, []int{0, 5}},
	} {
		t.Run(string(test.outcome), func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			if _, _, err := s.Put(edition(0, 0)); err != nil {
				t.Fatal(err)
			}
			if err := s.SetCheck(Check{Checked: at(9), Outcome: test.outcome, Source: "check"}); err != nil {
				t.Fatal(err)
			}
			importAll(t, s, edition(3, 0), edition(5, 1))
			wantDays(t, s, test.want...)
			before := snapshot(t, dir)
			importAll(t, s, edition(5, 1), edition(3, 0))
			if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
				t.Error(diff)
			}
			wantSound(t, s)
		})
	}
}

func TestShadowedSightings(t *testing.T) {
	s := open(t, t.TempDir())
	importAll(t, s, edition(3, 0))
	wantDays(t, s, 3)
	importAll(t, s, edition(1, 0))
	wantDays(t, s, 1) // it was there earlier
	if v, err := s.Resolve(FormatID(at(3))); err != nil || v.ID != FormatID(at(1)) {
		t.Errorf("the id that the version had: %v, %v", v.ID, err)
	}
	importAll(t, s, edition(2, 1))
	wantDays(t, s, 1, 2, 3)
	wantSound(t, s)
}

func TestChainsAreBounded(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for k := range 230 {
		importAll(t, s, Edition{Bytes: csvOf(230, k), Seen: at(k)})
	}
	deepest, fulls := 0, 0
	for _, b := range s.blobs() {
		deepest = max(deepest, b.depth)
		if b.base == nil {
			fulls++
		}
	}
	if deepest > 194 || deepest < 191 || fulls > 1 {
		t.Errorf("depth %d, %d full", deepest, fulls)
	}
	wantBytes(t, dir, nil)
	wantSound(t, s)
}

// TestReach counts depths without any bytes, over many more versions.
func TestReach(t *testing.T) {
	last := &blob{size: 1 << 20}
	for n := 1; n <= 100_000; n++ {
		base, leap := last.reach()
		if base == nil {
			t.Fatalf("no base for version %d", n)
		}
		last = &blob{size: last.size, base: base, leap: leap, depth: base.depth + 1, since: base.since.after(leap)}
		if limit := map[bool]int{true: 64, false: 47 + 15*3}[n <= 2304]; last.depth > limit {
			t.Fatalf("version %d is %d deep", n, last.depth)
		}
	}
}

func TestFullWhereDeltaDoesNotPay(t *testing.T) {
	s := open(t, t.TempDir())
	r := rand.New(rand.NewPCG(3, 4))
	for k := range 2 { // two editions with nothing in common
		row := make([]byte, 8000)
		for i := range row {
			row[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[r.IntN(36)]
		}
		importAll(t, s, Edition{Bytes: []byte(csvHeader() + string(row) + ",1,tcp,,,,,,,,,\n"), Seen: at(k)})
	}
	for _, b := range s.blobs() {
		if b.base != nil {
			t.Error("a delta of two editions with nothing in common")
		}
	}
}

// What is in the files depends on nothing but the puts.
func TestDeterministic(t *testing.T) {
	var first map[string]string
	for range 2 {
		dir := t.TempDir()
		s := open(t, dir)
		for _, day := range []int{5, 1, 9, 3, 7, 2} {
			importAll(t, s, edition(day, day*7))
		}
		files := make(map[string]string)
		for name, text := range snapshot(t, dir) {
			_, files[name], _ = strings.Cut(text, "UTC ")
		}
		if first == nil {
			first = files
		} else if diff := cmp.Diff(first, files); diff != "" {
			t.Error(diff)
		}
	}
}

// Anyone can read the files with the zstd command.
func TestZstdCommand(t *testing.T) {
	zstd, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("there is no zstd command here")
	}
	dir := t.TempDir()
	s := open(t, dir)
	big := [][]byte{csvOf(3000), csvOf(3000, 7, 2500), csvOf(3001, 8)}
	for k, b := range big {
		importAll(t, s, Edition{Bytes: b, Seen: at(k)})
	}
	previous := ""
	for k, v := range s.Versions() {
		b := s.history.blob(v.SHA256)
		out := filepath.Join(t.TempDir(), "out")
		args := []string{"-q", "-d", s.path(s.file(b)), "-o", out}
		if b.base != nil {
			args = append(args, "--patch-from="+previous)
		}
		if text, err := exec.Command(zstd, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if got, err := os.ReadFile(out); err != nil || string(got) != string(big[k]) {
			t.Errorf("version %d: other bytes, %v", k, err)
		}
		previous = out
	}
}

func TestCheckRoundTrip(t *testing.T) {
	s := open(t, t.TempDir())
	if _, found, err := s.Check(); found || err != nil {
		t.Errorf("a check before any: %v", err)
	}
	importAll(t, s, edition(0, 0))
	want := Check{
		Checked: at(1), Version: FormatID(at(0)), Source: "u", Status: 200, ETag: "e", LastModified: "l",
		Outcome: Refused, Refused: &Rejection{SHA256: "00", Reason: "r", Since: at(1)},
	}
	given := want
	given.Version = "set by the store"
	given.Checked = given.Checked.Add(time.Millisecond)
	if err := s.SetCheck(given); err != nil {
		t.Fatal(err)
	}
	got, found, err := s.Check()
	if diff := cmp.Diff(want, got); diff != "" || !found || err != nil {
		t.Error(diff, found, err)
	}
}

// However many checks go wrong, the last good one is known.
func TestConfirmed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i, test := range []struct {
		outcome Outcome
		want    time.Time
	}{
		{Unreachable, time.Time{}}, {Changed, at(1)}, {Refused, at(1)}, {Unreachable, at(1)}, {Unchanged, at(4)}, {Unreachable, at(4)},
	} {
		if err := s.SetCheck(Check{Checked: at(i), Outcome: test.outcome}); err != nil {
			t.Fatal(err)
		}
		if c, _, err := s.Check(); !c.Confirmed.Equal(test.want) || err != nil {
			t.Errorf("after check %d the last good one was at %s, want %s; %v", i, c.Confirmed, test.want, err)
		}
	}
}

func TestQuarantine(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	var files []string
	for i, body := range []string{"a", "b", "a", ""} { // a twice; b in the same second
		file, err := s.Quarantine([]byte(body), Rejection{Seen: at(i / 2), Reason: "because of " + strings.Repeat("x", i)})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != body {
			t.Errorf("%q, %v; want %q", got, err, body)
		}
		files = append(files, file)
	}
	if files[0] != files[2] {
		t.Errorf("one body is kept twice: %v", files)
	}
	wantSound(t, s)
	if err := os.WriteFile(files[1], []byte("B"), 0o644); err != nil {
		t.Fatal(err)
	}
	if faults, _ := s.Verify(context.Background(), Options{}); len(faults) != 1 {
		t.Errorf("a refused body was altered; faults: %v", faults)
	}
}

func TestDerived(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0))
	if !s.DerivedStale() {
		t.Error("derived files that were never made are not stale")
	}
	table, _ := ports.Parse(content(0))
	for i, want := range []bool{true, false} {
		if changed, err := s.WriteDerived(s.TableFile(), table.CSV()); changed != want || err != nil {
			t.Errorf("%d: %v, %v", i, changed, err)
		}
	}
	if err := s.DerivedDone("rules"); err != nil || s.DerivedStale() {
		t.Error("derived files that are done are stale", err)
	}
	wantSound(t, s)
	importAll(t, s, edition(-1, 1)) // not the newest, but the history is another
	if !s.DerivedStale() {
		t.Error("derived files without an imported version are not stale")
	}
	if err := s.DerivedDone("rules"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, s.TableFile()), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if faults, _ := s.Verify(context.Background(), Options{}); len(faults) != 1 || faults[0].File != s.TableFile() {
		t.Errorf("faults: %v", faults)
	}
	for _, name := range []string{
		"", ".", "/x", "../x", "a/../../x", "a//b", "versions.jsonl", "checks.jsonl", "store.json", ".lock", ".git/config",
		group.Versions(), group.Bytes() + "/x", group.Quarantine() + "/x", group.State(), group.Derived(), group.Derived() + "/../x",
	} {
		if _, err := s.WriteDerived(name, nil); err == nil {
			t.Errorf("%q was taken for a derived file", name)
		}
	}
}

func BenchmarkTinyPut(b *testing.B) {
	s := open(b, b.TempDir())
	k := 0
	for b.Loop() {
		importAll(b, s, Edition{Bytes: content(k), Seen: at(k)})
		k++
	}
}

// An import adds the sighting that the last check was only where the import would hide it: with other bytes, between the
// newest line and the check.
func TestSightingOfTheLastCheck(t *testing.T) {
	for _, test := range []struct {
		name    string
		checked int // day
		past    []Edition
		want    []int // days of all sightings
	}{
		{"other bytes before it", 9, []Edition{edition(5, 1)}, []int{0, 5, 9}},
		{"other bytes a second before it", 9, []Edition{{Bytes: content(1), Seen: at(9).Add(-time.Second)}}, []int{0, 8, 9}},
		{"the same bytes before it", 9, []Edition{edition(5, 0)}, []int{0, 5}},
		{"the same bytes, then others", 9, []Edition{edition(5, 0), edition(7, 1)}, []int{0, 5, 7, 9}},
		{"other bytes before all", 9, []Edition{edition(-3, 1)}, []int{-3, 0}},
		{"other bytes at its time", 9, []Edition{edition(9, 1)}, []int{0, 9}},
		{"other bytes after it", 9, []Edition{edition(12, 1)}, []int{0, 12}},
		{"a newer version since", 9, []Edition{edition(12, 1), edition(14, 2)}, []int{0, 12, 14}},
		{"no check at all", 0, []Edition{edition(5, 1)}, []int{0, 5}},
	} {
		s := open(t, t.TempDir())
		importAll(t, s, edition(0, 0))
		if test.checked != 0 {
			if err := s.SetCheck(Check{Checked: at(test.checked), Outcome: Unchanged}); err != nil {
				t.Fatal(err)
			}
		}
		importAll(t, s, test.past...)
		var got []int
		for i := range s.history.lines {
			got = append(got, int(s.history.lines[i].Seen().Sub(day0).Hours())/24)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		wantSound(t, s)
	}
}

// A check of a version that is not the newest, or that the store does not have, is no sighting of the newest.
func TestSightingOfAnotherVersion(t *testing.T) {
	for name, of := range map[string]string{"an older version": FormatID(at(0)), "a version that is not there": FormatID(at(1)), "no version": ""} {
		s := open(t, t.TempDir())
		importAll(t, s, edition(0, 0), edition(3, 1))
		if err := s.writeJSON(layout.Checks, checkLine{string(group), Check{Checked: at(9), Version: of, Outcome: Unchanged}}); err != nil {
			t.Fatal(err)
		}
		importAll(t, s, edition(5, 2))
		if got := len(s.history.lines); got != 3 {
			t.Errorf("%s: %d sightings, want 3", name, got)
		}
	}
}

// A last check that went wrong, of a release that did not note the last good one, confirms nothing.
func TestConfirmedOfAnOlderRelease(t *testing.T) {
	for outcome, want := range map[Outcome]time.Time{Changed: at(7), Followed: at(7), Refused: {}, Unreachable: {}} {
		s := open(t, t.TempDir())
		if err := s.writeJSON(layout.Checks, checkLine{string(group), Check{Checked: at(7), Outcome: outcome}}); err != nil {
			t.Fatal(err)
		}
		if err := s.SetCheck(Check{Checked: at(8), Outcome: Unreachable}); err != nil {
			t.Fatal(err)
		}
		if c, _, err := s.Check(); !c.Confirmed.Equal(want) || err != nil {
			t.Errorf("%s: the last good check was at %s, want %s; %v", outcome, c.Confirmed, want, err)
		}
	}
}

// A version that could not be written is not in the store, and the next one is stored as if it had never been put.
func TestFailedPutIsForgotten(t *testing.T) {
	disk := &frailDisk{left: 100}
	s, err := openForWriting(context.Background(), t.TempDir(), testRegistry, 0, disk)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	importAll(t, s, edition(0, 0))
	disk.left = 0
	if _, added, err := s.Put(edition(1, 1)); added || !errors.Is(err, errKilled) {
		t.Fatalf("added: %v, %v; want the error of the disk", added, err)
	}
	wantDays(t, s, 0)
	disk.left = 100
	importAll(t, s, edition(2, 2))
	wantDays(t, s, 0, 2)
	wantSound(t, s)
}

// Verify compares every number of a version's facts with what its bytes say.
func TestVerifyCounts(t *testing.T) {
	odd := []byte(strings.TrimSuffix(csvHeader(), "\n") + ",Colour\nsvc,99999,tcp,,,,,,,,,,red\n")
	for _, test := range []struct{ old, new string }{
		{`"records":1,`, `"records":2,`},
		{`"problems":1,`, `"problems":2,`},
		{`"unknown_columns":1,`, `"unknown_columns":2,`},
	} {
		dir := t.TempDir()
		s := open(t, dir)
		importAll(t, s, Edition{Bytes: odd, Seen: at(0)})
		s.Close()
		file := filepath.Join(dir, group.Versions())
		data, err := os.ReadFile(file)
		if err != nil || strings.Count(string(data), test.old) != 1 {
			t.Fatalf("%s is not once in %s (%v)", test.old, data, err)
		}
		if err := os.WriteFile(file, []byte(resealed(strings.Replace(string(data), test.old, test.new, 1))), 0o644); err != nil {
			t.Fatal(err)
		}
		if s, err = Open(dir, testRegistry); err != nil {
			t.Fatal(err)
		}
		faults, err := s.Verify(context.Background(), Options{})
		if err != nil || len(faults) == 0 || faults[0].File != group.Versions() || faults[0].Note {
			t.Errorf("%s: faults %+v, %v; want one of %s", test.new, faults, err, group.Versions())
		}
	}
}
