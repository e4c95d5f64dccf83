package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestConsoles runs the commands that README.md and docs/history.md show with their output, in an empty folder, and compares: they answer
// from the built-in history. The report of that on standard error is shown once on each page.
func TestConsoles(t *testing.T) {
	for page, least := range map[string]int{"README.md": 1, "docs/history.md": 9} {
		t.Run(page, func(t *testing.T) {
			name, err := filepath.Abs("../../" + page)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			got, commands := replayed(t, string(text))
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(text), got); diff != "" {
				t.Errorf("%s (-shown +real); -update writes it:\n%s", page, diff)
			}
			if commands < least {
				t.Errorf("%s shows %d commands, want at least %d", page, commands, least)
			}
		})
	}
}

// replayed returns a page with the real output below each command in its blocks of type console, and the number of commands.
func replayed(t *testing.T, page string) (text string, commands int) {
	t.Helper()
	var got strings.Builder
	inside := false
	for line := range strings.Lines(page) {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = strings.TrimSpace(line) == "```console"
		case inside && strings.HasPrefix(line, "$ "):
			var out, talk bytes.Buffer
			command, _, _ := strings.Cut(strings.TrimSpace(line[2:]), "  #")
			run(t.Context(), words(command)[1:], &world{
				stdin: strings.NewReader(""), stdout: &out, stderr: &talk,
				getenv: func(string) string { return "" }, now: func() time.Time { return time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC) },
			})
			for message := range strings.Lines(talk.String()) {
				if commands == 0 || !strings.Contains(message, builtInName) {
					line += message
				}
			}
			commands++
			line += out.String()
		case inside:
			continue
		}
		got.WriteString(line)
	}
	return got.String(), commands
}
