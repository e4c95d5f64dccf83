package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestActionOnWindows holds that the first step ends on a runner with Windows, whose bash has a uname of its own.
func TestActionOnWindows(t *testing.T) {
	f := newForge(t)
	programs := t.TempDir()
	if err := os.WriteFile(filepath.Join(programs, "uname"), []byte("#!/bin/sh\necho MINGW64_NT-10.0-26100\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	f.env = append(f.env, "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"))
	f.serve("plain", generate())
	r := f.run(f.checkout(), time.Date(2026, 1, 10, 5, 17, 0, 0, time.UTC), nil, false)
	const want = "::error title=ianasync::this action runs on Linux and macOS, not on Windows%0Ahint: runs-on: ubuntu-latest\n"
	if r.status != exitFailure || r.stdout != want || len(r.outputs) != 0 {
		t.Errorf("exit status %d, outputs %q\n%s%s", r.status, r.outputs, r.stdout, r.stderr)
	}
}

// TestActionReleased runs the action as a release leaves it, with a server that has the release.
func TestActionReleased(t *testing.T) {
	f := newForge(t)
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skipf("no curl here: %v", err)
	}
	program, err := os.Readlink(filepath.Join(f.temp, "ianasync"))
	if err != nil {
		t.Fatal(err)
	}
	archive := archived(t, "#!/bin/sh\nexec '"+program+"' \"$@\"\n")
	sum := sha256.Sum256(archive)
	asked, served := 0, archive
	name := fmt.Sprintf("ianasync_1.2.3_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
	releases := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path != "/v1.2.3/"+name || served == nil {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(served)
	}))
	defer releases.Close()

	checksums, released := filepath.Join(t.TempDir(), "checksums.txt"), filepath.Join(t.TempDir(), "action.yml")
	var list strings.Builder
	for _, platform := range []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"} {
		fmt.Fprintf(&list, "%s  ianasync_1.2.3_%s.tar.gz\n", hex.EncodeToString(sum[:]), platform)
		fmt.Fprintf(&list, "%s  ianasync_1.2.3_%s.cdx.json\n", strings.Repeat("0", 64), platform)
	}
	saveFile(t, checksums, []byte(list.String()))
	saveFile(t, released, []byte(read("../../action.yml")))
	write := func(version string) (string, error) {
		out, err := exec.Command("bash", "../../.ci/release-action", version, checksums, released).CombinedOutput()
		return string(out), err
	}
	if out, err := write("v1.2.4"); err == nil || !strings.Contains(out, "lacks archives of v1.2.4") {
		t.Errorf("a release without archives: %v, %q", err, out)
	}
	if out, err := write("v1.2.3-rc1"); err == nil {
		t.Errorf("a tag that is no release's: %q", out)
	}
	for range 2 { // the second takes the place of the first
		if out, err := write("v1.2.3"); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}

	f.action = readActionFile(t, released)
	f.env = append(f.env, "IANASYNC_RELEASES="+releases.URL, "RUNNER_TOOL_CACHE="+t.TempDir())
	f.serve("plain", generate())
	cached := filepath.Join(f.env[len(f.env)-1][len("RUNNER_TOOL_CACHE="):], "ianasync", name)
	installed := filepath.Join(f.temp, "ianasync")
	run := func(with map[string]string) ran {
		t.Helper()
		if err := os.Remove(installed); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return f.run(f.checkout(), time.Date(2026, 1, 10, 5, 17, 0, 0, time.UTC), with, false)
	}
	fails := func(text string) {
		t.Helper()
		r := run(nil)
		if r.status == exitDone || !strings.HasPrefix(r.stdout, "::error title=ianasync::"+name) || !strings.Contains(r.stdout, text) || len(r.outputs) != 0 {
			t.Errorf("exit status %d, outputs %q\n%s%s", r.status, r.outputs, r.stdout, r.stderr)
		}
		if _, err := os.Stat(installed); err == nil {
			t.Error("it was installed")
		}
		if left, err := filepath.Glob(filepath.Join(filepath.Dir(cached), "part*")); err != nil || len(left) > 0 {
			t.Errorf("it left %q, %v", left, err)
		}
	}

	served = nil
	fails("of the release v1.2.3 cannot be downloaded from " + releases.URL + "%0Ahint: set build to true")
	served = append(bytes.Clone(archive), 0)
	fails("is not what was released: its SHA-256 is not " + hex.EncodeToString(sum[:]))
	if _, err := os.Stat(cached); err == nil {
		t.Error("what was not released is cached")
	}

	served, asked = archive, 0
	const begins = "our history begins with 11037 records"
	f.wants(run(nil), exitDone, "changed", begins)
	f.wants(run(nil), exitDone, "unchanged", begins)
	if asked != 1 {
		t.Errorf("it was downloaded %d times", asked)
	}
	saveFile(t, cached, []byte("something else"))
	f.wants(run(nil), exitDone, "unchanged", begins)
	if asked != 2 {
		t.Errorf("the cache was damaged, and it was downloaded %d times", asked)
	}

	// Where it is to be built, nothing is downloaded: the steps that build it run.
	run(map[string]string{"build": "true"}) // but for these, which this test leaves out
	if _, err := os.Stat(installed); err == nil || asked != 2 {
		t.Errorf("with build: true, %d downloads, %v", asked, err)
	}
}

// TestReleaseTag makes v1 two releases, one after the other: both commits stay, and have what the release has.
func TestReleaseTag(t *testing.T) {
	f := newForge(t)
	f.push("action.yml", read("../../action.yml"))
	clone := f.checkout()
	script, err := filepath.Abs("../../.ci/release-tag")
	if err != nil {
		t.Fatal(err)
	}
	release := func(version string) string {
		t.Helper()
		f.push("README.md", version+"\n")
		runGit(t, "-C", clone, "fetch", "-q", "--depth", "1", "origin", "main")
		runGit(t, "-C", clone, "checkout", "-q", "--detach", "FETCH_HEAD")
		runGit(t, "-C", clone, "tag", version)
		checksums := filepath.Join(t.TempDir(), "checksums.txt")
		var list strings.Builder
		for _, platform := range []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"} {
			fmt.Fprintf(&list, "%s  ianasync_%s_%s.tar.gz\n", strings.Repeat("a", 64), version[1:], platform)
		}
		saveFile(t, checksums, []byte(list.String()))
		cmd := exec.Command("bash", script, version, checksums)
		cmd.Dir = clone
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		runGit(t, "-C", clone, "checkout", "-q", "-f", "--detach", "HEAD")
		return strings.TrimSpace(runGit(t, "--git-dir", f.remote, "rev-parse", "v1"))
	}
	first, second := release("v1.2.3"), release("v1.2.4")
	if first == second {
		t.Error("v1 did not move")
	}
	for commit, version := range map[string]string{first: "v1.2.3", second: "v1.2.4"} {
		if got := runGit(t, "--git-dir", f.remote, "show", commit+":action.yml"); !strings.Contains(got, "IANASYNC_RELEASE: "+version+"\n") {
			t.Errorf("the action of %s does not run it", version)
		}
		if got := runGit(t, "--git-dir", f.remote, "show", commit+":README.md"); got != version+"\n" {
			t.Errorf("the source of %s is that of %s", version, got)
		}
		runGit(t, "--git-dir", f.remote, "merge-base", "--is-ancestor", commit, "releases")
	}
	if got := runGit(t, "--git-dir", f.remote, "show", "main:action.yml"); strings.Contains(got, "IANASYNC_RELEASE: v") {
		t.Error("main runs a release")
	}
}

// archived returns an archive as a release has it, with a program and something beside it.
func archived(t *testing.T, program string) []byte {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	files := tar.NewWriter(zipped)
	for name, text := range map[string]string{"README.md": "# ianasync\n", "ianasync": program} {
		if err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
