package snapshots

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
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
		if _, err := parseLines(group.Versions(), flipped); !errors.Is(err, ErrCorrupt) {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

func TestDamagedLines(t *testing.T) {
	sound := storedLines(t)
	lines := strings.SplitAfter(sound, "\n")
	zeros := strings.Repeat("0", 64)
	for name, text := range map[string]string{
		"cut off":              strings.TrimSuffix(sound, "\n"),
		"a conflict of git":    "<<<<<<< HEAD\n" + sound,
		"an empty line":        "\n" + sound,
		"out of order":         lines[1] + lines[0] + strings.Join(lines[2:], ""),
		"twice":                lines[0] + sound,
		"two values":           strings.TrimSuffix(lines[0], "\n") + "{}\n",
		"a bad id":             strings.Replace(sound, "20200102T", "../../02T", 1),
		"a base that is gone":  lines[0] + lines[1] + lines[3],
		"huge":                 strings.Replace(sound, `"size":`, `"size":99999999`, 1),
		"negative":             strings.Replace(sound, `"size":`, `"size":-`, 1),
		"a cycle":              strings.Replace(sound, `"base":"20200104T060000Z"`, `"base":"20200102T060000Z"`, 1),
		"a bad leap":           strings.Replace(sound, `"stored":`, `"leap":9,"stored":`, 1),
		"the same as what not": strings.Replace(sound, `"same_as":"20200104`, `"same_as":"20200102`, 1),
		"two places":           strings.Replace(sound, `"same_as":`, `"base":"20200102T060000Z","same_as":`, 1),
		"no place":             strings.Replace(sound, `"stored":`, `"storied":`, 1),
		"a bad digest":         strings.Replace(sound, `"table_sha256":"`, `"table_sha256":"x`, 1),
		"a short digest":       regexp.MustCompile(`("stored_sha256":"[0-9a-f]{15})[0-9a-f]+`).ReplaceAllString(sound, "$1"),
		"another digest":       sound[:strings.LastIndex(sound, `"sha256":"`)] + `"sha256":"` + zeros + sound[strings.LastIndex(sound, `"sha256":"`)+74:],
	} {
		t.Run(name, func(t *testing.T) {
			if text == sound {
				t.Fatal("the test changes nothing")
			}
			parsed, err := parseLines(group.Versions(), []byte(resealed(text)))
			if err == nil {
				_, err = newHistory(group.Versions(), parsed)
			}
			var f *Fault
			if !errors.As(err, &f) || f.File != group.Versions() || f.Remedy != Restore || !strings.Contains(f.Problem, "line ") {
				t.Errorf("%v; want a fault of a line", err)
			}
		})
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
		lines, err := parseLines(group.Versions(), data)
		if err != nil {
			return
		}
		if diff := cmp.Diff(string(data), string(formatLines(lines))); diff != "" {
			t.Errorf("other lines came out:\n%s", diff)
		}
		h, err := newHistory(group.Versions(), lines)
		if err != nil {
			return
		}
		for i, at := range h.versionOf {
			if h.versions[at].SHA256 != lines[i].SHA256 || h.versions[at].ID > lines[i].ID {
				t.Errorf("line %d is no sighting of %s", i+1, h.versions[at].ID)
			}
		}
		for _, l := range lines { // a line made from a parsed one is itself parsed to the same
			again, err := newLine(l.entry)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := parseLine(again.text)
			if diff := cmp.Diff(l.Version, parsed.Version); diff != "" || err != nil {
				t.Errorf("%s: %v %s", again.text, err, diff)
			}
		}
	})
}
