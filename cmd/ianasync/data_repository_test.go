package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// TestDataRepository runs the workflow of contrib/data-repository in a repository that was made of that folder: the action, and
// then the step that makes a release, with a gh that notes what it is given.
func TestDataRepository(t *testing.T) {
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skipf("no sha256sum here: %v", err)
	}
	const folder = "../../contrib/data-repository/"
	text := read(folder + ".github/workflows/sync.yml")
	var file struct {
		Permissions map[string]string
		Jobs        map[string]struct {
			Steps []struct {
				ID, If, Uses, Run string
				With, Env         map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d`)
	if n := strings.Count(text, "uses: "); n < 4 || len(pinned.FindAllString(text, -1)) != n || !strings.Contains(text, "\npermissions: {}\n") {
		t.Errorf("of %d actions %q are named by a commit with its tag", n, pinned.FindAllString(text, -1))
	}
	steps := file.Jobs["sync"].Steps
	f := newForge(t)
	f.serve("plain", generate())
	clone := f.checkout()
	if err := os.CopyFS(clone, os.DirFS(folder)); err == nil || !strings.Contains(err.Error(), "README.md") {
		t.Fatalf("copied over the README: %v", err) // which is there
	}
	with := maps.Clone(steps[1].With)
	for name, value := range with {
		if _, known := f.action.Inputs[name]; !known {
			t.Errorf("there is no input %s", name)
		}
		if strings.Contains(value, "${{") {
			with[name] = "" // what GitHub makes of it in a run by schedule
		}
	}
	r := f.run(clone, time.Date(2026, 1, 10, 5, 17, 0, 0, time.UTC), with, false)
	f.wants(r, 0, "changed", "our history begins with 11037 records")

	release := steps[len(steps)-1]
	if release.If != "steps.sync.outputs.changed == 'true'" || strings.Contains(release.Run, "${{") {
		t.Fatalf("the last step is %+v", release)
	}
	bin := t.TempDir()
	gh := "#!/bin/sh\nprintf '%s\\n' \"$@\" >'" + bin + "/args'\n"
	if err := os.WriteFile(filepath.Join(bin, "gh"), []byte(gh), 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", release.Run)
	cmd.Dir = clone
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "RUNNER_TEMP="+f.temp)
	for name, value := range release.Env {
		if output, found := strings.CutPrefix(value, "${{ steps.sync.outputs."); found {
			value = r.outputs[strings.TrimSuffix(output, " }}")]
		}
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	args := strings.Split(strings.TrimSpace(read(filepath.Join(bin, "args"))), "\n")
	want := []string{
		"release", "create", "data-20260110T051700Z", "--title", r.outputs["headline"], "--notes-file", r.outputs["summary-file"],
		"dist/SHA256SUMS", "dist/changes.parquet", "dist/history.parquet", "dist/history.sqlite", "dist/service-names-port-numbers-20260110T051700Z.tar",
		"dist/service-names-port-numbers.csv", "dist/versions.parquet",
	}
	if !slices.Equal(args, want) {
		t.Errorf("gh is given %q, want %q", args, want)
	}
	check := exec.Command("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS")
	check.Dir = filepath.Join(clone, "dist")
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if got := strings.Count(read(filepath.Join(check.Dir, "SHA256SUMS")), "\n"); got != 6 {
		t.Errorf("SHA256SUMS has %d lines", got)
	}
}
