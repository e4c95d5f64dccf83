package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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
