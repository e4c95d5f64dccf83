package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// publicMirror is the mirror of IANA's XML that the pages name. An excerpt stands for it: see mirror.
const publicMirror = "https://github.com/larseggert/iana-assignments"

// mirror makes a git repository of the editions in testdata/tls.txtar, each committed at its time. It returns the folder, and
// skips the test where there is no git.
func mirror(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	archive, err := txtar.ParseFile("testdata/tls.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var stream bytes.Buffer
	for _, f := range archive.Files {
		seen, path, _ := strings.Cut(f.Name, "/")
		at, err := time.Parse(time.RFC3339, seen)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&stream, "commit refs/heads/main\ncommitter A <a@example.org> %d +0000\ndata 0\nM 644 inline %s\ndata %d\n%s\n", at.Unix(), path, len(f.Data), f.Data)
	}
	dir := t.TempDir()
	runGit(t, "init", "-q", "-b", "main", dir)
	cmd := exec.Command("git", "-C", dir, "fast-import", "--quiet")
	cmd.Stdin = &stream
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// TestConsoles runs the commands that the pages show with their output, each page in an empty folder, and compares. Those of README.md
// and docs/history.md answer from the built-in history: the report of that on standard error is shown once on each page.
func TestConsoles(t *testing.T) {
	for page, least := range map[string]int{"README.md": 1, "docs/history.md": 9, "docs/tls.md": 12} {
		t.Run(page, func(t *testing.T) {
			name, err := filepath.Abs("../../" + page)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			source := ""
			if strings.Contains(string(text), "$ ianasync import git "+publicMirror) {
				source = mirror(t)
			}
			t.Chdir(t.TempDir())
			got, commands := replayed(t, string(text), source)
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

// replayed returns a page with the real output below each command in its blocks of type console, and the number of commands. The
// repository source stands for the public mirror.
func replayed(t *testing.T, page, source string) (text string, commands int) {
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
			run(t.Context(), words(strings.Replace(command, publicMirror, source, 1))[1:], &world{
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

// TestTasks runs the commands of README.md's tasks, in its blocks of type sh, one after the other in one folder. What stands for IANA
// serves the table of the built-in history with one change; what stands for the webhook takes the message.
func TestTasks(t *testing.T) {
	page := read("../../README.md")
	groups := mirror(t)
	t.Chdir(t.TempDir())
	now := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	source := ""
	do := func(line string) (status int, out, talk string) {
		var stdout, stderr bytes.Buffer
		status = run(t.Context(), words(line)[1:], &world{
			stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, now: func() time.Time { return now }, sleep: sleep,
			getenv: func(name string) string { return map[string]string{"IANASYNC_SOURCE": source}[name] },
		})
		return status, stdout.String(), stderr.String()
	}
	status, table, talk := do("ianasync export")
	if status != exitDone {
		t.Fatal(talk)
	}
	var iana, hook site
	t.Cleanup(func() { _, _ = iana.close(), hook.close() })
	for s, body := range map[*site]string{&iana: strings.Replace(table, "\nncl,2397,tcp,", "\nnclx,2397,tcp,", 1), &hook: "thanks"} {
		if err := s.behave("plain", []string{"file"}, func(string) []byte { return []byte(body) }); err != nil {
			t.Fatal(err)
		}
	}
	source = iana.URL()
	for _, line := range []string{"import git " + groups + " --store theirs", "publish --store theirs"} {
		if status, _, talk := do("ianasync " + line); status != exitDone {
			t.Fatal(talk)
		}
	}
	published := httptest.NewServer(http.FileServer(http.Dir("public")))
	t.Cleanup(published.Close)
	if err := os.WriteFile("services", []byte("nvm-express 4420/tcp\nhttp 80/tcp\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, block := range strings.Split(page, "```sh\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		for line := range strings.Lines(block) {
			line = strings.NewReplacer("/etc/services", "services", "https://example.org/hook", hook.URL(), publicMirror, groups,
				"https://ianasync.github.io/ianasync/", published.URL+"/").Replace(strings.TrimSpace(line))
			if !strings.HasPrefix(line, "ianasync ") {
				t.Errorf("no command of ours: %s", line)
				continue
			}
			commands++
			status, out, talk := do(line)
			differs := strings.HasPrefix(line, "ianasync diff") || strings.HasPrefix(line, "ianasync audit")
			if status != exitDone && (!differs || status != exitDifferences) || out+talk == "" {
				t.Errorf("%s: exit status %d\n%s%s", line, status, out, talk)
			}
		}
	}
	if commands < 20 {
		t.Errorf("README.md's tasks have %d commands, want at least 20", commands)
	}
}
