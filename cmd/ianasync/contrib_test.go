package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pages "github.com/ianasync/ianasync/internal/publish/site"
)

// TestUnits sees that the units in contrib/ start commands that there are, and, where systemd is, that it takes them.
func TestUnits(t *testing.T) {
	units, err := filepath.Glob("../../contrib/ianasync*")
	if err != nil || len(units) != 3 {
		t.Fatalf("%v: %s", err, units)
	}
	dir := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	verify := []string{"verify"}
	for _, unit := range units {
		data, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if command, found := strings.CutPrefix(line, "ExecStart=/usr/bin/ianasync "); found {
				wantFlags(t, strings.Fields(strings.ReplaceAll(command, "'17 5 * * *'", "daily")))
			}
		}
		copied := filepath.Join(dir, filepath.Base(unit))
		if err := os.WriteFile(copied, []byte(strings.ReplaceAll(string(data), "/usr/bin/ianasync", program)), 0o666); err != nil {
			t.Fatal(err)
		}
		verify = append(verify, copied)
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("there is no systemd here")
	}
	if out, err := exec.Command("systemd-analyze", verify...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

// wantFlags checks that a command line names a command and flags of it.
func wantFlags(t *testing.T, args []string) {
	t.Helper()
	cmd, rest, err := newRoot(processWorld()).Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err != nil || cmd.Flags().NArg() > 0 {
		t.Errorf("%s: %v", args, err)
	}
}

// TestNotes reads the notes in contrib/: in order of their ports, each with a source, none twice.
func TestNotes(t *testing.T) {
	data, err := os.ReadFile("../../contrib/notes.csv")
	if err != nil {
		t.Fatal(err)
	}
	notes, err := pages.ParseNotes(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) < 40 {
		t.Errorf("%d notes, want at least 40", len(notes))
	}
	for i, n := range notes {
		if i > 0 && notes[i-1].Ports.Compare(n.Ports) > 0 {
			t.Errorf("%s is out of order", n.Ports)
		}
		if slices.ContainsFunc(notes[:i], func(o pages.Note) bool { return o.Ports == n.Ports && o.Text == n.Text }) {
			t.Errorf("%s has a note twice: %s", n.Ports, n.Text)
		}
		if !strings.HasSuffix(n.Text, ".") || len(n.Text) > 200 {
			t.Errorf("%s: the note is no short sentence: %s", n.Ports, n.Text)
		}
		if !strings.HasPrefix(n.Source, "https://") && !strings.HasPrefix(n.Source, "Debian package ") {
			t.Errorf("%s: the source is neither a page nor a file of a package: %s", n.Ports, n.Source)
		}
	}
}
