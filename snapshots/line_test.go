package snapshots

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/checksum"
)

// storedLines returns a sound versions.jsonl.
func storedLines(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(3, 0), edition(1, 1), edition(5, 0), edition(2, 2))
	data, err := os.ReadFile(filepath.Join(dir, group.Versions()))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var sealed = regexp.MustCompile(`,"checksum":"[0-9a-f]{16}"}`)

// resealed returns lines that were altered with checksums of what they say now.
func resealed(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, l := range lines {
		if body, ended := strings.CutSuffix(l, "\n"); ended && sealed.MatchString(body) {
			lines[i] = string(checksum.Append([]byte(sealed.ReplaceAllString(body, "}")))) + "\n"
		}
	}
	return strings.Join(lines, "")
}

// A line that is not as it was written is damaged, whatever it says.
func TestFlippedLines(t *testing.T) {
	sound := []byte(storedLines(t))
	for i := range sound {
		flipped := bytes.Clone(sound)
		flipped[i] ^= 1 << (i % 8)
		if _, _, err := parseLines(group.Versions(), flipped); !errors.Is(err, ErrCorrupt) {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

func TestDamagedLines(t *testing.T) {
	sound := storedLines(t)
	lines := strings.SplitAfter(sound, "\n")
	zeros := strings.Repeat("A", 43) + "="
	for name, text := range map[string]string{
		"a conflict of git":    "<<<<<<< HEAD\n" + sound,
		"an empty line":        "\n" + sound,
		"out of order":         lines[1] + lines[0] + strings.Join(lines[2:], ""),
		"twice":                lines[0] + sound,
		"two values":           strings.TrimSuffix(lines[0], "\n") + "{}\n",
		"a bad id":             strings.Replace(sound, "20200102T", "../../02T", 1),
		"a base that is gone":  lines[0] + lines[1] + lines[3],
		"huge":                 strings.Replace(sound, `"size":`, `"size":9999999`, 1),
		"negative":             strings.Replace(sound, `"size":`, `"size":-`, 1),
		"a cycle":              strings.Replace(sound, `"base":"20200104T060000Z"`, `"base":"20200102T060000Z"`, 1),
		"a bad leap":           strings.Replace(sound, `"base":`, `"leap":9,"base":`, 1),
		"a leap of a full one": lines[0] + lines[1] + strings.Replace(lines[2], `"size":`, `"leap":1,"size":`, 1) + lines[3],
		"the same as what not": strings.Replace(sound, `"same_as":"20200104`, `"same_as":"20200105`, 1),
		"two places":           strings.Replace(sound, `"same_as":`, `"base":"20200102T060000Z","same_as":`, 1),
		"no digest":            strings.Replace(sound, `"sha256":`, `"sha265":`, 1),
		"a commit of nothing":  strings.Replace(sound, `"sha256":`, `"commit":"0123","sha256":`, 1),
		"a bad digest":         strings.Replace(sound, `"table_sha256":"`, `"table_sha256":"x`, 1),
		"a short digest":       strings.Replace(sound, `="`, `"`, 1),
		"another digest":       strings.Replace(sound, `"same_as":`, `"sha256":"`+zeros+`","same_as":`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			if text == sound {
				t.Fatal("the test changes nothing")
			}
			parsed, _, err := parseLines(group.Versions(), []byte(resealed(text)))
			if err == nil {
				_, err = newLinked(group.Versions(), parsed)
			}
			var f *Fault
			if !errors.As(err, &f) || f.File != group.Versions() || f.Remedy != Restore || !strings.Contains(f.Problem, "line ") {
				t.Errorf("%v; want a fault of a line", err)
			}
		})
	}
}

// A line that was not written to its end is none, for everyone who reads, and no fault. The next run that writes restores it from
// its file of bytes; one that has no such file is cut off.
func TestUnfinishedLine(t *testing.T) {
	for _, last := range []struct {
		name    string
		edition Edition
		own     bool // file of bytes
	}{{"of new bytes", edition(7, 3), true}, {"of known bytes", edition(7, 1), false}} {
		dir := t.TempDir()
		s := open(t, dir)
		importAll(t, s, edition(3, 0), edition(5, 1), edition(6, 2))
		file := filepath.Join(dir, group.Versions())
		before, _ := os.ReadFile(file)
		importAll(t, s, last.edition)
		s.Close()
		after, _ := os.ReadFile(file)
		n := len(after) - len(before)
		if !bytes.HasPrefix(after, before) || n < 100 {
			t.Fatalf("%s: %q is not a line more than %q", last.name, after, before)
		}
		for _, written := range []int{1, 17, n - 2, n - 1, n} {
			if err := os.WriteFile(file, after[:len(before)+written], 0o644); err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir, testRegistry)
			if err != nil {
				t.Fatal(err)
			}
			days, want := []int{3, 5, 6, 7}, after
			if written < n-1 {
				days = days[:3]
			}
			if written < n-1 && !last.own {
				want = before
			}
			wantDays(t, s, days...)
			faults, err := s.Verify(t.Context(), Options{})
			if notes := slices.ContainsFunc(faults, func(f Fault) bool { return f.Note && f.File == group.Versions() }); err != nil || notes != (written < n) {
				t.Errorf("%s, %d of %d bytes: faults %v, %v", last.name, written, n, faults, err)
			}
			wantSound(t, s)
			open(t, dir).Close()
			if got, _ := os.ReadFile(file); !bytes.Equal(got, want) {
				t.Errorf("%s, %d of %d bytes: after the next run it is\n%s\nwant\n%s", last.name, written, n, got, want)
			}
		}
	}
}

// A version at the end is appended: the lines before it are not written again. One from the past is written with all of them.
func TestAppend(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(3, 0))
	file := filepath.Join(dir, group.Versions())
	stat := func() os.FileInfo {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	first := stat()
	importAll(t, s, edition(5, 1))
	second := stat()
	importAll(t, s, edition(4, 2))
	if !os.SameFile(first, second) || os.SameFile(second, stat()) {
		t.Errorf("appended: %t, replaced: %t", os.SameFile(first, second), !os.SameFile(second, stat()))
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil { // behind the store's back
		t.Fatal(err)
	}
	importAll(t, s, edition(6, 3))
	s.Close()
	wantDays(t, open(t, dir), 3, 4, 5, 6)
}

// A line leaves out what it has in common with the one that it refers to, and states what that one has and it has not.
func TestLinesLeaveOut(t *testing.T) {
	sum, table := strings.Repeat("0a", 32), strings.Repeat("0b", 32)
	of := entry{Version: Version{
		ID: "20200101T000000Z", Source: commit1, ETag: "e", LastModified: "l", Note: "n", SHA256: strings.Repeat("0c", 32), Size: 9, Form: "xml",
		TableSHA256: table, Records: 3, Problems: 2, Unknown: 1,
	}}
	f := of
	f.ID, f.ETag, f.LastModified, f.Note, f.SHA256, f.Base = "20200102T000000Z", "", "", "", sum, of.ID
	for _, test := range []struct {
		alter func(f *entry)
		want  string
	}{
		{func(*entry) {}, ``},
		{func(f *entry) { f.Source = commit2 }, `,"commit":"` + strings.Repeat("2b", 20) + `"`},
		{func(f *entry) { f.Source = "other" + commit2 }, `,"source":"other` + commit2 + `"`},
		{func(f *entry) { f.Source = "" }, `,"source":""`},
		{func(f *entry) { f.ETag = "e" }, `,"etag":"e"`},
		{func(f *entry) { f.Size, f.Form, f.Records, f.Problems, f.Unknown = 8, "", 0, 0, 0 }, `,"size":8,"form":"","records":0,"problems":0,"unknown_columns":0`},
		{func(f *entry) { f.TableSHA256 = sum }, `,"table_sha256":"` + inBase64(sum) + `"`},
		{func(f *entry) { f.SameAs, f.Base, f.SHA256 = of.ID, "", of.SHA256 }, `,"same_as":"` + of.ID + `"`},
	} {
		f := f
		test.alter(&f)
		got := f.text(&of)
		plain := strings.NewReplacer(`{"id":"20200102T000000Z"`, "", `,"sha256":"`+inBase64(sum)+`"`, "", `,"base":"`+of.ID+`"`, "").Replace(string(got))
		if plain[:strings.Index(plain, `,"checksum"`)] != test.want {
			t.Errorf("it states %s, want %s", got, test.want)
		}
		s := stated{line: new(line)}
		if err := errors.Join(s.parse(got, string(got), new(strings.Builder)), s.complete(&of)); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(f, s.entry); d != "" {
			t.Errorf("%s (-entry +parsed):\n%s", got, d)
		}
	}
}

// What a later program may have written into a line stays.
func TestUnknownKeysStay(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0))
	s.Close()
	file := filepath.Join(dir, group.Versions())
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	later := resealed(strings.Replace(string(text), `"source"`, `"later":{"a":[1]}, "source"`, 1))
	if err := os.WriteFile(file, []byte(later), 0o644); err != nil {
		t.Fatal(err)
	}
	importAll(t, open(t, dir), edition(1, 1))
	if data, _ := os.ReadFile(filepath.Join(dir, group.Versions())); !strings.Contains(string(data), `"later":{"a":[1]}, "source"`) {
		t.Errorf("it is gone:\n%s", data)
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte(storedLines(f)))
	f.Add([]byte("{}\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, whole, err := parseLines(group.Versions(), data)
		if err != nil {
			return
		}
		if got := formatLines(lines); whole != bytes.Equal(got, data) || !whole && !bytes.HasPrefix(got, data) && !bytes.HasPrefix(data, got) {
			t.Errorf("whole: %t; other lines came out: %q", whole, got)
		}
		h, err := newLinked(group.Versions(), lines)
		if err != nil {
			return
		}
		for i, at := range h.versionOf {
			if h.versions[at].SHA256 != lines[i].SHA256 || h.versions[at].ID > lines[i].ID {
				t.Errorf("line %d is no sighting of %s", i+1, h.versions[at].ID)
			}
		}
		for _, l := range lines { // a line made from a parsed one is itself parsed to the same
			again, err := h.newLine(l.entry)
			if err != nil {
				t.Fatal(err)
			}
			of := new(entry)
			if at, known := h.find(l.refers()); known {
				of = &h.lines[at].entry
			}
			parsed := stated{line: new(line)}
			if err := errors.Join(parsed.parse(again.text, string(again.text), new(strings.Builder)), parsed.complete(of)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(l.entry, parsed.entry); diff != "" {
				t.Errorf("%s (-parsed +parsed again):\n%s", again.text, diff)
			}
		}
	})
}

// That the lines go together is found by all who need the bytes, by a verification, and by a writer; not by a reader of the versions.
func TestLinesThatDoNotGoTogether(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(1, 1), edition(2, 2))
	twice := s.history.lines[1].entry
	twice.ID = FormatID(at(9))
	l, err := s.history.newLine(twice)
	if err != nil {
		t.Fatal(err)
	}
	lines := formatLines(append(slices.Clone(s.history.lines), l))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path(s.group.Versions()), lines, 0o644); err != nil {
		t.Fatal(err)
	}
	read, err := Open(dir, testRegistry)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(read.Versions()); n != 2 {
		t.Errorf("it has %d versions, want 2", n)
	}
	newest, _ := read.Latest()
	_, opened := read.Bytes(newest)
	_, verified := read.Verify(t.Context(), Options{})
	_, written := OpenForWriting(t.Context(), dir, testRegistry, 0)
	for what, err := range map[string]error{"opening bytes": opened, "verifying": verified, "writing": written} {
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "stored twice") {
			t.Errorf("%s: %v, want that the bytes are stored twice", what, err)
		}
	}
}
