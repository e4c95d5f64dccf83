package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"go.yaml.in/yaml/v3"

	"github.com/ianasync/ianasync/registry/ports"
)

// actionFile is action.yml.
type actionFile struct {
	Inputs map[string]struct {
		Description string
		Default     *string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

// actionStep is a step of action.yml.
type actionStep struct {
	ID, Name, If, Uses, Run, Shell string
	Env                            map[string]string
}

func readAction(t testing.TB) *actionFile { return readActionFile(t, "../../action.yml") }

func readActionFile(t testing.TB, name string) *actionFile {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var file actionFile
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	return &file
}

// forge is what GitHub is to the action: a repository that others push to, and a runner
// that gives each run a checkout of its own.
type forge struct {
	t      testing.TB
	action *actionFile
	remote string // a bare repository
	temp   string // RUNNER_TEMP, with the program that the action builds
	site   site
	env    []string // of the steps, besides what the runner sets
}

func newForge(t testing.TB) *forge {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the action is for runners with Linux or macOS")
	}
	for _, program := range []string{"bash", "git"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here: %v", program, err)
		}
	}
	f := &forge{t: t, action: readAction(t), remote: filepath.Join(t.TempDir(), "remote.git"), temp: t.TempDir(), env: []string{"IANASYNC_TRIES=1"}}
	program, err := exec.LookPath("ianasync")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(f.temp, "ianasync")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	t.Cleanup(func() { _ = f.site.close() }) // it is only read from
	runGit(t, "init", "-q", "--bare", "-b", "main", f.remote)
	f.push("README.md", "Ports\n")
	return f
}

// push commits a file as a person would.
func (f *forge) push(name, text string) {
	f.t.Helper()
	clone := f.checkout()
	if err := os.WriteFile(filepath.Join(clone, name), []byte(text), 0o666); err != nil {
		f.t.Fatal(err)
	}
	runGit(f.t, "-C", clone, "add", "--", name)
	runGit(f.t, "-C", clone, "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "commit", "-q", "-m", "Change "+name)
	runGit(f.t, "-C", clone, "push", "-q", "origin", "HEAD:refs/heads/main")
}

// checkout clones the newest commit alone, as actions/checkout does.
func (f *forge) checkout() string {
	f.t.Helper()
	clone := filepath.Join(f.t.TempDir(), "clone")
	runGit(f.t, "clone", "-q", "--depth", "1", "file://"+f.remote, clone)
	runGit(f.t, "-C", clone, "symbolic-ref", "HEAD", "refs/heads/main") // also where there is nothing yet
	return clone
}

// serve makes the site behave so from now on.
func (f *forge) serve(how string, data []byte) {
	f.t.Helper()
	if err := f.site.behave(how, []string{"edition"}, func(string) []byte { return data }); err != nil {
		f.t.Fatal(err)
	}
}

// log returns the subjects of all commits, oldest first.
func (f *forge) log() []string {
	f.t.Helper()
	return strings.Split(strings.TrimSpace(runGit(f.t, "--git-dir", f.remote, "log", "--reverse", "--format=%s", "main")), "\n")
}

// ran is what became of a run.
type ran struct {
	status         int
	stdout, stderr string
	outputs        map[string]string
	summary        string
}

// run runs the action's own steps in a checkout, as the runner does. That which builds the
// program runs only where build is set.
func (f *forge) run(clone string, now time.Time, with map[string]string, build bool) ran {
	f.t.Helper()
	work := f.t.TempDir()
	var r ran
	for _, step := range f.action.Runs.Steps {
		if step.Run == "" || strings.HasPrefix(step.Run, "go build") && !build || !f.holds(step.If, work) {
			continue
		}
		if step.Shell != "bash" || strings.Contains(step.Run, "${{") {
			f.t.Fatalf("the step %s is run by %q, or written by its inputs", step.Name, step.Shell)
		}
		script := filepath.Join(work, "step.sh")
		if err := os.WriteFile(script, []byte(step.Run), 0o666); err != nil {
			f.t.Fatal(err)
		}
		cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", script)
		cmd.Dir, cmd.Env = clone, f.environment(clone, work, now, &step, with)
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = cmd.Run() // its exit status says how it went
		r.status, r.stdout, r.stderr = cmd.ProcessState.ExitCode(), r.stdout+stdout.String(), r.stderr+stderr.String()
		if r.status != 0 {
			break
		}
	}
	r.outputs, r.summary = f.outputs(filepath.Join(work, "output-sync")), read(filepath.Join(work, "summary"))
	return r
}

// holds evaluates the one condition that steps may have.
func (f *forge) holds(condition, work string) bool {
	f.t.Helper()
	if condition != "" && condition != "steps.install.outputs.build == 'true'" {
		f.t.Fatalf("a condition that this test does not know: %s", condition)
	}
	return condition == "" || f.outputs(filepath.Join(work, "output-install"))["build"] == "true"
}

func (f *forge) environment(clone, work string, now time.Time, step *actionStep, with map[string]string) []string {
	f.t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		f.t.Fatal(err)
	}
	list := []string{
		"CI=true", "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE=" + clone, "GITHUB_ACTION_PATH=" + root, "RUNNER_TEMP=" + f.temp,
		"GITHUB_OUTPUT=" + filepath.Join(work, "output-"+step.ID), "GITHUB_STEP_SUMMARY=" + filepath.Join(work, "summary"),
		"HOME=" + work, "GIT_CONFIG_NOSYSTEM=1", "PATH=" + os.Getenv("PATH"), "NOW=" + now.Format(time.RFC3339),
	}
	list = append(list, goSettings()...)
	for name, value := range step.Env {
		list = append(list, name+"="+f.evaluate(value, with))
	}
	return append(list, f.env...)
}

// goSettings returns the settings of Go that a step needs to build the program as this test was built.
var goSettings = sync.OnceValue(func() (list []string) {
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS"} {
		if value, err := exec.Command("go", "env", name).Output(); err == nil {
			list = append(list, name+"="+strings.TrimSpace(string(value)))
		}
	}
	return list
})

// evaluate replaces the expressions that the steps may use.
func (f *forge) evaluate(value string, with map[string]string) string {
	f.t.Helper()
	inputs := make(map[string]string)
	for name, input := range f.action.Inputs {
		inputs[name] = *input.Default
	}
	inputs["no-history"] = "true" // as in all tests
	maps.Copy(inputs, with)
	if _, given := with["source"]; !given {
		inputs["source"] = f.site.URL()
	}
	text, err := json.MarshalIndent(inputs, "", "  ")
	if err != nil {
		f.t.Fatal(err)
	}
	value = strings.NewReplacer("${{ toJSON(inputs) }}", string(text), "${{ inputs.build }}", inputs["build"]).Replace(value)
	if strings.Contains(value, "${{") {
		f.t.Fatalf("an expression that this test does not know: %s", value)
	}
	return value
}

// outputs reads a file of outputs as the runner does.
func (f *forge) outputs(file string) map[string]string {
	f.t.Helper()
	list := make(map[string]string)
	lines := strings.Split(read(file), "\n")
	for i := 0; i < len(lines)-1; i++ {
		name, end, ok := strings.Cut(lines[i], "<<")
		if key, value, simple := strings.Cut(lines[i], "="); simple && !ok {
			list[key] = value
			continue
		}
		if !ok {
			f.t.Fatalf("a line of no output: %q", lines[i])
		}
		var value []string
		for i++; lines[i] != end; i++ {
			value = append(value, lines[i])
		}
		list[name] = strings.Join(value, "\n")
	}
	return list
}

func read(name string) string {
	data, _ := os.ReadFile(name) // of what is not there nothing is read
	return string(data)
}

// titled is a headline after the name of the registry, as in the subject of a commit.
func titled(headline string) string { return ports.ServiceNames().ID + ": " + headline }

// wants checks what a run ended in, and what is committed after it.
func (f *forge) wants(r ran, status int, outcome string, commits ...string) {
	f.t.Helper()
	if r.status != status || r.outputs["outcome"] != outcome {
		f.t.Fatalf("exit status %d, outcome %q; want %d, %q\n%s%s", r.status, r.outputs["outcome"], status, outcome, r.stdout, r.stderr)
	}
	want := []string{"Change README.md"}
	for _, headline := range commits {
		if !strings.HasPrefix(headline, "Change ") { // it is not ours
			headline = titled(headline)
		}
		want = append(want, headline)
	}
	if diff := cmp.Diff(want, f.log()); diff != "" {
		f.t.Fatalf("commits (-want +got):\n%s", diff)
	}
}

const maintenancePage = "<!DOCTYPE html>\n<html><title>Maintenance</title><p>We are back soon.</p></html>\n"

// TestAction runs the action day by day, each time in a new shallow checkout.
func TestAction(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	at := func(day, hour int) time.Time { return time.Date(2026, 1, day, hour, 17, 0, 0, time.UTC) }
	run := func(day, hour int, with map[string]string) ran {
		t.Helper()
		return f.run(f.checkout(), at(day, hour), with, false)
	}

	f.serve("plain", generate())
	first := f.run(f.checkout(), at(10, 5), nil, false)
	log := []string{"our history begins with 11037 records"}
	f.wants(first, 0, "changed", log...)
	if first.outputs["version"] != "20260110T051700Z" || first.outputs["changed"] != "true" || first.outputs["records"] != "11037" || len(first.outputs["commit"]) != 40 {
		t.Errorf("outputs %q", first.outputs)
	}
	if want := "## 2026-01-10 05:17 UTC: our history begins\n\nVersion `20260110T051700Z`: 11037 records.\n"; first.summary != want || read(first.outputs["summary-file"]) != want {
		t.Errorf("summary %q", first.summary)
	}
	if want := "::notice title=ianasync::our history begins with 11037 records\n"; first.stdout != want {
		t.Errorf("stdout %q", first.stdout)
	}
	if got, want := runGit(t, "--git-dir", f.remote, "show", "-s", "--format=%an <%ae> %at %cn %ct", "main"),
		"github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com> 1768022220 github-actions[bot] 1768022220\n"; got != want {
		t.Errorf("committed by %q", got)
	}

	// Twice on a day, nothing is committed; on the next day, that somebody looked.
	f.wants(run(10, 17, nil), 0, "unchanged", log...)
	log = append(log, "unchanged; the newest version is 20260110T051700Z")
	f.wants(run(11, 5, nil), 0, "unchanged", log...)
	if got := runGit(t, "--git-dir", f.remote, "show", "--format=", "--name-only", "main"); got != "data/checks.jsonl\n" {
		t.Errorf("an unchanged run committed %q", got)
	}

	f.serve("plain", generate("rename:relay-15:ferry", "assign:2400:barge", "deassign:relay-2395", "contact:relay-57:[New_Contact]"))
	r := run(12, 5, nil)
	log = append(log, "relay-2395 2395 deassigned; ferry 15 renamed from relay-15; barge 2400 assigned")
	f.wants(r, 0, "changed", log...)
	for name, want := range map[string]string{"renamed": "1", "assigned": "1", "deassigned": "1", "updated": "1", "recut": "0", "moved": "0", "previous": "20260110T051700Z", "headline": titled(log[2])} {
		if r.outputs[name] != want {
			t.Errorf("output %s is %q, want %q", name, r.outputs[name], want)
		}
	}
	if want := "::warning title=ianasync::relay-2395 on 2395 (tcp, udp) is no longer assigned; the port is now Reserved\n" +
		"::notice title=ianasync::relay-15 on 15 (tcp, udp) is now named ferry\n::notice title=ianasync::barge on 2400 (tcp) is new: The service barge\n"; r.stdout != want {
		t.Errorf("stdout %q", r.stdout)
	}
	if !strings.Contains(read(filepath.Join(f.checkout(), "data", "CHANGELOG.md")), strings.TrimSpace(r.summary)) {
		t.Errorf("the summary is not the changelog's section: %s", r.summary)
	}

	// A page that is not the registry is red, says why, and is committed once.
	f.serve("plain", []byte(maintenancePage))
	r = run(13, 5, nil)
	log = append(log, "what the source serves was refused; the newest version is 20260112T051700Z")
	f.wants(r, exitRefused, "refused", log...)
	if !strings.HasPrefix(r.stdout, "::error title=ianasync::refused "+f.site.URL()) || !strings.Contains(r.stdout, "HTML") || strings.Count(r.stdout, "\n") != 1 || !strings.Contains(r.summary, "HTML") {
		t.Errorf("stdout %q, summary %q", r.stdout, r.summary)
	}
	f.wants(run(13, 17, map[string]string{"fail-on": "never"}), 0, "refused", log...)

	// No answer is a warning until three days after the last good one.
	f.serve("refused", nil)
	log = append(log, "the source is unreachable; the newest version is 20260112T051700Z")
	r = run(14, 5, nil)
	f.wants(r, 0, "unreachable", log...)
	if !strings.HasPrefix(r.stdout, "::warning title=ianasync::GET ") || !strings.Contains(r.stdout, "last successful check was at 2026-01-12T05:17:00Z") {
		t.Errorf("stdout %q", r.stdout)
	}
	log = append(log, log[4])
	r = run(15, 6, nil)
	f.wants(r, exitUnreachable, "unreachable", log...)
	if !strings.HasPrefix(r.stdout, "::error title=ianasync::GET ") {
		t.Errorf("stdout %q", r.stdout)
	}
	f.wants(run(15, 7, map[string]string{"stale-after": "100h"}), 0, "unreachable", log...)

	// It comes back, as it was, with one service less.
	f.serve("plain", generate("rename:relay-15:ferry", "assign:2400:barge", "deassign:relay-2395", "deassign:relay-43"))
	r = run(16, 5, map[string]string{"fail-on": "removal"})
	log = append(log, "relay-43 43 deassigned")
	f.wants(r, exitDifferences, "changed", log...)
	if strings.Count(r.stdout, "::error ") != 1 || strings.Count(r.stdout, "::warning ") != 1 {
		t.Errorf("stdout %q", r.stdout)
	}
	if got, err := inProcess(at(17, 5), filepath.Join(f.checkout(), "data"), "verify"); err != nil {
		t.Error(got)
	}
	if got := runGit(t, "--git-dir", f.remote, "ls-tree", "-r", "--name-only", "main"); strings.Contains(got, ".lock") || !strings.Contains(got, "data/service-names-port-numbers/quarantine/20260113T051700Z.body") {
		t.Errorf("committed files:\n%s", got)
	}
}

// TestActionAtOnce runs the action in checkouts that others have overtaken.
func TestActionAtOnce(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	at := func(hour int) time.Time { return time.Date(2026, 1, 10, hour, 17, 0, 0, time.UTC) }

	// Two begin at once and find the same: there is one version, and one commit.
	f.serve("plain", generate())
	f.overtaken(func(clone string) { f.run(clone, at(5), nil, false) })
	log := []string{"our history begins with 11037 records"}
	r := f.run(f.checkout(), at(5).Add(time.Minute), nil, false)
	f.wants(r, 0, "unchanged", log...)
	if r.outputs["version"] != "20260110T051700Z" || !strings.Contains(r.stderr, "another run has committed the store: starting over from there") {
		t.Errorf("outputs %q\n%s", r.outputs, r.stderr)
	}

	// Two find two editions: there are both.
	f.serve("plain", generate("rename:relay-15:ferry"))
	two := f.checkout()
	f.overtaken(func(clone string) { f.run(clone, at(6), nil, false) })
	if err := os.WriteFile(filepath.Join(two, "README.md"), []byte("Not committed\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	f.serve("plain", generate("rename:relay-15:canal"))
	log = append(log, "ferry 15 renamed from relay-15", "canal 15 renamed from ferry")
	r = f.run(two, at(7), nil, false)
	f.wants(r, 0, "changed", log...)
	if r.outputs["previous"] != "20260110T061700Z" {
		t.Errorf("outputs %q", r.outputs)
	}
	if got := read(filepath.Join(two, "README.md")); got != "Not committed\n" {
		t.Errorf("what was not committed is %q", got)
	}

	// Somebody changes another file meanwhile: both commits stand.
	clone := f.checkout()
	f.overtaken(func(string) { f.push("README.md", "Ports and more\n") })
	log = append(log, "Change README.md", "relay-29 29 deassigned")
	f.serve("plain", generate("rename:relay-15:canal", "deassign:relay-29"))
	r = f.run(clone, at(8), nil, false)
	f.wants(r, 0, "changed", log...)
	if r.outputs["commit"] != strings.TrimSpace(runGit(t, "--git-dir", f.remote, "rev-parse", "main")) {
		t.Errorf("the commit is not %s", r.outputs["commit"])
	}
	if got, err := inProcess(at(9), filepath.Join(f.checkout(), "data"), "verify"); err != nil {
		t.Error(got)
	}
	if got := runGit(t, "--git-dir", f.remote, "show", "main:README.md"); got != "Ports and more\n" {
		t.Errorf("their change is lost: %q", got)
	}
}

// overtaken makes the remote take, right before the next push to it, what a run pushes that began at the same time.
func (f *forge) overtaken(run func(clone string)) {
	f.t.Helper()
	ours := f.remote
	f.remote = filepath.Join(f.t.TempDir(), "theirs.git")
	if err := os.CopyFS(f.remote, os.DirFS(ours)); err != nil {
		f.t.Fatal(err)
	}
	run(f.checkout())
	theirs := f.remote
	f.remote = ours
	f.hook("")
	runGit(f.t, "--git-dir", ours, "fetch", "-q", "-f", theirs, "main:refs/theirs/main")
	came := filepath.Join(f.t.TempDir(), "came")
	f.hook("[ -e '" + came + "' ] && exit; touch '" + came + "'; env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main refs/theirs/main; exit 1")
}

// hook makes the remote run a script before it takes a push; none where it is empty.
func (f *forge) hook(script string) {
	f.t.Helper()
	name := filepath.Join(f.remote, "hooks", "pre-receive")
	if err := os.RemoveAll(name); err != nil {
		f.t.Fatal(err)
	}
	if script == "" {
		return
	}
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script+"\n"), 0o777); err != nil {
		f.t.Fatal(err)
	}
}

// TestActionTellsAnyway sees that news is told whatever becomes of it: where the push fails, the next run tells it
// again, even one that finds nothing new, or no source.
func TestActionTellsAnyway(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	at := func(hour int) time.Time { return time.Date(2026, 1, 10, hour, 17, 0, 0, time.UTC) }
	clone := f.checkout()
	tells := func(r ran, status int, outcome, headline, stdout string, commits ...string) {
		t.Helper()
		f.wants(r, status, outcome, commits...)
		if r.outputs["changed"] != "true" || r.outputs["headline"] != titled(headline) || !strings.Contains(r.stdout, stdout) || r.summary == "" || r.summary != read(r.outputs["summary-file"]) {
			t.Errorf("outputs %q, summary %q\n%s", r.outputs, r.summary, r.stdout)
		}
	}

	const begins = "our history begins with 11037 records"
	f.serve("plain", generate())
	f.hook("echo no pushes to main >&2; exit 1")
	r := f.run(clone, at(5), map[string]string{"publish": "_site"}, false)
	tells(r, exitFailure, "changed", begins, "::error title=ianasync::git push: remote: no pushes to main; ! [remote rejected]")
	if !strings.Contains(r.stdout, "%0Ahint: may the job write? it needs 'permissions: contents: write'") || r.outputs["commit"] != "" {
		t.Errorf("outputs %q\n%s", r.outputs, r.stdout)
	}
	if _, err := os.Stat(filepath.Join(clone, "_site")); err == nil {
		t.Error("what is not committed is published")
	}
	f.hook("")
	log := []string{begins}
	tells(f.run(clone, at(6), nil, false), 0, "changed", begins, "::notice title=ianasync::our history begins", log...)

	// One run finds a version and another the next one, and neither commits; the third tells both.
	f.serve("plain", generate("deassign:relay-29"))
	tells(f.run(clone, at(7), map[string]string{"commit": "none"}, false), 0, "changed", "relay-29 29 deassigned", "::warning ", log...)
	f.serve("plain", generate("deassign:relay-29", "rename:relay-15:ferry"))
	tells(f.run(clone, at(8), map[string]string{"commit": "none"}, false), 0, "changed", "ferry 15 renamed from relay-15", "::notice ", log...)
	f.serve("refused", nil)
	const both = "ferry 15 renamed from relay-15; versions before it: 1"
	log = append(log, both)
	r = f.run(clone, at(9), map[string]string{"fail-on": "removal"}, false)
	tells(r, exitDifferences, "unreachable", both, "::error title=ianasync::an assignment was removed: ", log...)
	if r.outputs["deassigned"] != "1" || r.outputs["renamed"] != "1" || r.outputs["previous"] != "20260110T051700Z" || r.outputs["version"] != "20260110T081700Z" {
		t.Errorf("outputs %q", r.outputs)
	}
	if got, err := inProcess(at(9), filepath.Join(f.checkout(), "data"), "verify"); err != nil {
		t.Error(got)
	}
	if got := runGit(t, "-C", clone, "status", "--short"); got != "" {
		t.Errorf("the checkout is left as\n%s", got)
	}

	// What cannot be published is committed and told, and so is that an assignment is gone.
	f.serve("plain", generate("deassign:relay-29", "rename:relay-15:ferry", "deassign:relay-43"))
	if err := os.MkdirAll(filepath.Join(clone, "site", "theirs"), 0o777); err != nil {
		t.Fatal(err)
	}
	log = append(log, "relay-43 43 deassigned")
	r = f.run(clone, at(10), map[string]string{"publish": "site", "fail-on": "removal"}, false)
	tells(r, exitFailure, "changed", "relay-43 43 deassigned", "::error title=ianasync::an assignment was removed: relay-43 43 deassigned\n", log...)
	if len(r.outputs["commit"]) != 40 || !strings.Contains(r.stdout, "\n::error title=ianasync::site: the folder is not empty, and nothing was published in it before%0Ahint: publish in an empty folder") {
		t.Errorf("outputs %q\n%s", r.outputs, r.stdout)
	}
}

// TestActionStopped stops a run while it pushes.
func TestActionStopped(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	f.serve("plain", generate())
	clone, began := f.checkout(), filepath.Join(t.TempDir(), "began")
	head := runGit(t, "-C", clone, "rev-parse", "main")
	f.hook("touch '" + began + "'; while [ -e '" + began + "' ]; do sleep 0.1; done; exit 1")
	cmd := process(time.Date(2026, 1, 10, 5, 17, 0, 0, time.UTC), filepath.Join(clone, "data"), "action", "--source", f.site.URL())
	var stdout strings.Builder
	cmd.Stdout = &stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 6000 {
		if _, err := os.Stat(began); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()                           // its exit status says how it went
	if err := os.Remove(began); err != nil { // the hook ends
		t.Error(err)
	}
	if cmd.ProcessState.ExitCode() != exitFailure || stdout.String() != "::notice title=ianasync::our history begins with 11037 records\n::error title=ianasync::interrupted; nothing that was stored is lost\n" {
		t.Errorf("exit status %d: %s", cmd.ProcessState.ExitCode(), &stdout)
	}
	if got := runGit(t, "-C", clone, "rev-parse", "main"); got != head {
		t.Error("a commit that was not pushed is the checkout's")
	}
	f.hook("")
	const begins = "our history begins with 11037 records"
	r := f.run(clone, time.Date(2026, 1, 10, 6, 17, 0, 0, time.UTC), nil, false)
	f.wants(r, 0, "changed", begins)
	if r.outputs["headline"] != titled(begins) {
		t.Errorf("outputs %q", r.outputs)
	}
}

// TestActionBuilds runs all steps as they are, with that which builds the program.
func TestActionBuilds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds the program")
	}
	f := newForge(t)
	if err := os.Remove(filepath.Join(f.temp, "ianasync")); err != nil {
		t.Fatal(err)
	}
	f.serve("plain", generate())
	f.wants(f.run(f.checkout(), time.Now(), nil, true), 0, "changed", "our history begins with 11037 records")
}

// TestActionInQuietRepository sees GitHub's switching-off of schedules come.
func TestActionInQuietRepository(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	f.serve("plain", generate())
	f.push("README.md", "Data\n")
	clone := f.checkout()
	store := filepath.Join(clone, "data")
	pushed, err := time.Parse(time.RFC3339, strings.TrimSpace(runGit(t, "-C", clone, "show", "-s", "--format=%cI")))
	if err != nil {
		t.Fatal(err)
	}
	pushed = pushed.UTC()
	run := func(days int) (annotations, status string) {
		t.Helper()
		at := pushed.AddDate(0, 0, days)
		r := f.run(clone, at, map[string]string{"commit": "none"}, false)
		if r.status != exitDone {
			t.Fatalf("exit status %d: %s%s", r.status, r.stdout, r.stderr)
		}
		cmd := process(at, store, "status")
		var said strings.Builder
		cmd.Stderr = &said
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		return r.stdout, said.String()
	}
	const word = "GitHub disables the schedules of a public repository after 60 days without a commit, on "
	if err := os.MkdirAll(filepath.Join(clone, ".github", "workflows"), 0o777); err != nil {
		t.Fatal(err)
	}
	if a, s := run(40); strings.Contains(a, word) || strings.Contains(s, word) {
		t.Errorf("after 40 days: %s%s", a, s)
	}
	off := pushed.AddDate(0, 0, 60).Format(time.DateOnly)
	if a, s := run(50); !strings.Contains(a, "::warning title=ianasync::no commit was made to this repository since ") || !strings.Contains(a, word+off) || !strings.Contains(s, word+off) {
		t.Errorf("after 50 days: %s%s", a, s)
	}
	if err := os.RemoveAll(filepath.Join(clone, ".github")); err != nil {
		t.Fatal(err)
	}
	if a, s := run(51); strings.Contains(a, word) || strings.Contains(s, word) {
		t.Errorf("there is no workflow any more, and yet: %s%s", a, s)
	}
}

// TestActionHistory starts a store from the built-in history: it is committed with the first version after it, and what
// changed in between is no finding.
func TestActionHistory(t *testing.T) {
	f := newForge(t)
	export := exec.Command("ianasync", "export")
	export.Dir, export.Env = t.TempDir(), append(os.Environ(), "IANASYNC_NO_HISTORY=")
	table, err := export.Output()
	if err != nil {
		t.Fatal(err)
	}
	f.serve("plain", bytes.Replace(table, []byte("\nncl,2397,tcp,"), []byte("\nnclx,2397,tcp,"), 1))
	clone, now := f.checkout(), time.Now() // for both runs: one that begins on a day of its own commits that it looked
	r := f.run(clone, now, map[string]string{"no-history": "false", "fail-on": "removal"}, true)
	headline := fmt.Sprintf("our history begins with %s records", r.outputs["records"])
	f.wants(r, 0, "changed", headline)
	if text := wholeChangelog(t, filepath.Join(clone, "data")); !strings.Contains(text, "nclx") || !strings.Contains(text, "nvm-express") {
		t.Error("the changelog has not the changes of the history and those since")
	}
	f.wants(f.run(clone, now, map[string]string{"no-history": "false"}, false), 0, "unchanged", headline)
}

// TestActionNotes publishes with files of notes.
func TestActionNotes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it publishes a whole site")
	}
	f := newForge(t)
	f.serve("plain", generate())
	clone := f.checkout()
	for name, numbers := range map[string]string{"one.csv": "15", "more notes.csv": "29"} {
		if err := os.WriteFile(filepath.Join(clone, name), []byte("ports,note,source\n"+numbers+",A game borrows "+numbers+",me\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	with := map[string]string{"publish": "_site", "notes": "one.csv\nmore notes.csv\n", "commit": "none"}
	f.wants(f.run(clone, time.Now(), with, false), 0, "changed")
	for _, port := range []string{"15", "29"} {
		if page := read(filepath.Join(clone, "_site", "port", port, "index.html")); !strings.Contains(page, "A game borrows "+port) {
			t.Errorf("the page of %s has no note", port)
		}
	}

	// A run that finds nothing new publishes nothing, unless it is told to.
	with["publish"] = "_quiet"
	f.wants(f.run(clone, time.Now(), with, false), 0, "unchanged")
	if _, err := os.Stat(filepath.Join(clone, "_quiet")); err == nil {
		t.Error("a run that found nothing new published")
	}
	with["publish-if"] = "always"
	f.wants(f.run(clone, time.Now(), with, false), 0, "unchanged")
	if read(filepath.Join(clone, "_quiet", "index.html")) == "" {
		t.Error("a run that always publishes did not")
	}
	with["notes"], with["commit"] = "nosuch.csv", "push"
	if r := f.run(clone, time.Now(), with, false); r.status != exitFailure || !strings.Contains(r.stdout, "nosuch.csv") || len(f.log()) != 1 {
		t.Errorf("exit status %d, commits %q: %s", r.status, f.log(), r.stdout)
	}
}

// TestActionInputs holds what a workflow may get wrong against what it is told.
func TestActionInputs(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	f.serve("plain", generate())
	for _, test := range []struct {
		name, value, want string
	}{
		{"stale_after", "1h", `unknown input "stale_after": known are accept, base-url, build, commit, fail-on, no-history, notes, publish, publish-if, registries, source, stale-after, store`},
		{"fail-on", "changes", `fail-on "changes" is none of guard, removal, never`},
		{"commit", "yes", `commit "yes" is none of push, pull-request, none`},
		{"publish-if", "new", `publish-if "new" is none of changed, always`},
		{"stale-after", "3 days", "input stale-after: "},
		{"stale-after", "-1h", "stale-after must not be negative: -1h0m0s"},
		{"accept", "$(touch pwned)", "input accept: "},
		{"source", "`touch pwned`", "`touch pwned`"},
		{"registries", "all, jwt", "registries: all stands alone"},
		{"registries", "tls-parameters/x", `"tls-parameters/x" is a registry, not a group`},
		{"publish", "data/service-names-port-numbers/quarantine/site", "cannot publish in data/service-names-port-numbers/quarantine/site: service-names-port-numbers belongs to the store%0Ahint: publish in a folder of its own"},
		{"publish", ".", "cannot publish in .: it contains the store"},
	} {
		clone := f.checkout()
		r := f.run(clone, time.Now(), map[string]string{test.name: test.value}, false)
		if r.status != exitFailure || !strings.HasPrefix(r.stdout, "::error title=ianasync::") || !strings.Contains(r.stdout, test.want) || strings.Count(r.stdout, "\n") != 1 {
			t.Errorf("%s: %s: exit status %d, %q", test.name, test.value, r.status, r.stdout)
		}
		if _, err := os.Stat(filepath.Join(clone, "pwned")); err == nil {
			t.Errorf("%s: %s was run", test.name, test.value)
		}
	}
	f.wants(f.run(f.checkout(), time.Now(), map[string]string{"commit": "none", "accept": ""}, false), 0, "changed")
	f.wants(f.run(t.TempDir(), time.Now(), map[string]string{"commit": "none"}, false), 0, "changed")
	clone := f.checkout()
	for _, name := range []string{".env", "gha-creds-1.json", "README.md"} {
		if err := os.WriteFile(filepath.Join(clone, name), []byte("secret\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	f.wants(f.run(clone, now, map[string]string{"store": "."}, false), 0, "changed", "our history begins with 11037 records")
	if got := runGit(t, "--git-dir", f.remote, "ls-tree", "--name-only", "main"); got != ".gitattributes\n.gitignore\nCHANGELOG.md\nREADME.md\nchecks.jsonl\nservice-names-port-numbers\nstore.json\n" {
		t.Errorf("a checkout that is the store has %q", got)
	}
	if got := runGit(t, "-C", clone, "status", "--short"); got != " M README.md\n?? .env\n?? gha-creds-1.json\n" {
		t.Errorf("the checkout is left as\n%s", got)
	}
	f.wants(f.run(f.checkout(), now, map[string]string{"store": "."}, false), 0, "unchanged", "our history begins with 11037 records")
	if r := f.run(t.TempDir(), time.Now(), nil, false); r.status != exitFailure || !strings.Contains(r.stdout, "is in no git checkout") {
		t.Errorf("outside a checkout: exit status %d, %q", r.status, r.stdout)
	}
}

// TestActionHostile serves a registry whose text wants to be more than text.
func TestActionHostile(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	f.serve("plain", generate())
	f.run(f.checkout(), time.Date(2026, 1, 10, 5, 17, 0, 0, time.UTC), nil, false)
	hostile := []string{
		"::set-output name=changed::false", "##[set-env name=PATH]/tmp", "a##[error]b", "%0A::error::x", "EOF", "ghadelimiter_0", "changed=false",
		"changed<<EOF", "`touch pwned`", "$(touch pwned)", `"; touch pwned; "`, "<script>alert(1)</script>", "[click](javascript:alert(1))",
		"@everyone", "fixes #1", "[skip ci]", "--amend", "::stop-commands::x", "a\x1b[31mb", "</details><img src=x onerror=alert(1)>",
	}
	b := newBook()
	for i, text := range hostile {
		name := fmt.Sprintf("relay-%d", firstRelay+i*relayStep)
		for _, row := range b.of(name) {
			row[colName], row[colDescription] = text, text
		}
	}
	b.deassign(fmt.Sprintf("relay-%d", firstRelay+len(hostile)*relayStep))
	b.add(hostile[0]+" @alone", "", "tcp", hostile[0]) // the one that is assigned, so that a headline would name it
	f.serve("plain", b.bytes())
	clone := f.checkout()
	r := f.run(clone, time.Date(2026, 1, 11, 5, 17, 0, 0, time.UTC), nil, false)
	if r.status != 0 || r.outputs["changed"] != "true" {
		t.Fatalf("exit status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	if got, want := len(r.outputs), len(f.action.Outputs); got != want {
		t.Errorf("%d outputs, want %d: %q", got, want, r.outputs)
	}
	for line := range strings.Lines(r.stdout) {
		if !strings.HasPrefix(line, "::notice title=ianasync::") && !strings.HasPrefix(line, "::warning title=ianasync::") || strings.Contains(line, "%0A") {
			t.Errorf("an order of the registry's: %q", line)
		}
	}
	for _, level := range []string{"notice", "warning"} {
		if n := strings.Count(r.stdout, "::"+level+" title"); n < 1 || n > 10 {
			t.Errorf("%d annotations of level %s", n, level)
		}
	}
	if strings.Contains(r.stderr, "##[") || strings.Contains("\n"+r.stderr, "\n::") {
		t.Errorf("stderr has orders: %q", r.stderr)
	}
	var html bytes.Buffer
	if err := goldmark.Convert([]byte(r.summary), &html); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", "<a ", "\x1b", "<!-- raw"} {
		if strings.Contains(html.String(), bad) {
			t.Errorf("the summary has %s:\n%s", bad, html.String())
		}
	}
	if message := strings.TrimPrefix(runGit(t, "--git-dir", f.remote, "show", "-s", "--format=%B", "main"), titled("")); strings.ContainsAny(message, "@#[]<>`$%:\x1b") || strings.Count(strings.TrimSpace(message), "\n") > 0 {
		t.Errorf("the message of the commit is %q", message)
	}
	for _, folder := range []string{clone, f.temp, "."} {
		if _, err := os.Stat(filepath.Join(folder, "pwned")); err == nil {
			t.Errorf("something was run in %s", folder)
		}
	}

	// A refusal quotes what was served.
	f.serve("plain", []byte("::error::x ##[set-output name=a]b [x](javascript:y) <script>\n@everyone\n"))
	r = f.run(f.checkout(), time.Date(2026, 1, 12, 5, 17, 0, 0, time.UTC), nil, false)
	if r.status != exitRefused || strings.Count(r.stdout, "\n") != 1 || strings.Contains(r.stderr, "##[") || strings.Contains(r.summary, "<script>") {
		t.Errorf("exit status %d: %q %q %q", r.status, r.stdout, r.stderr, r.summary)
	}
}

// TestActionFile holds action.yml against the program.
func TestActionFile(t *testing.T) {
	file := readAction(t)
	if file.Runs.Using != "composite" {
		t.Errorf("it runs using %q", file.Runs.Using)
	}
	cmd, _, err := newRoot(quiet(time.Now)).Find([]string{"action"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, input := range file.Inputs {
		names = append(names, name)
		if name == buildInput {
			continue
		}
		flag := cmd.Flag(name)
		if flag == nil {
			t.Errorf("input %s is no flag", name)
			continue
		}
		if err := flag.Value.Set(*input.Default); name != "source" && (err != nil || flag.Value.String() != flag.DefValue) {
			t.Errorf("the default of input %s is %q, that of the flag %q: %v", name, *input.Default, flag.DefValue, err)
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff(inputs, names); diff != "" {
		t.Errorf("inputs (-program +action.yml):\n%s", diff)
	}
	for name, output := range file.Outputs {
		if want := "${{ steps.sync.outputs." + name + " }}"; output.Value != want {
			t.Errorf("output %s is %s, want %s", name, output.Value, want)
		}
	}
	pinned := 0
	for _, step := range file.Runs.Steps {
		if step.Uses != "" {
			pinned++
			if _, sha, _ := strings.Cut(step.Uses, "@"); len(sha) != 40 {
				t.Errorf("%s is not pinned", step.Uses)
			}
		}
	}
	if pinned == 0 {
		t.Error("no step uses an action: who installs Go?")
	}
}
