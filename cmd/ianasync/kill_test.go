package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/snapshots"
)

// defaultKills is how many processes the tests of this file kill together. `.ci/run` kills 50.
const defaultKills = 10

// share returns a percentage of the processes to kill: IANASYNC_KILLS, or [defaultKills].
func share(t *testing.T, percent int) int {
	t.Helper()
	all := defaultKills
	if text := os.Getenv("IANASYNC_KILLS"); text != "" {
		var err error
		if all, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	return max(1, all*percent/100)
}

// killing kills processes at random moments of their lives, which are about as long as that of the first one, which is not
// killed.
type killing struct {
	random  *rand.Rand
	longest time.Duration
	started int
	died    int
}

// more reports whether there are processes to kill yet.
func (k *killing) more(t *testing.T, kills int) bool {
	t.Helper()
	if k.started > 10*kills+10 {
		t.Fatalf("of %d processes only %d died in time: the moments are chosen badly", k.started, k.died)
	}
	return k.died < kills
}

// kill starts a command, kills it, and reports whether that was before it was done.
func (k *killing) kill(t *testing.T, cmd *exec.Cmd) bool {
	t.Helper()
	k.started++
	start := time.Now()
	died := killAfter(t, nil, time.Duration(k.random.Int64N(int64(k.longest))), cmd)
	if died {
		k.died++
	} else {
		k.longest = min(k.longest, time.Since(start))
	}
	return died
}

// finish runs a command that is not killed.
func (k *killing) finish(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	k.longest = max(k.longest, time.Since(start))
}

func newKilling(t *testing.T) *killing {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes a quarter of a minute")
	}
	return &killing{random: rand.New(rand.NewPCG(1, 1)), longest: time.Millisecond}
}

// mustBeWhole verifies a store, if there is one yet.
func mustBeWhole(t *testing.T, now time.Time, store string) {
	t.Helper()
	if out, err := inProcess(now, store, "verify"); err != nil && !strings.Contains(out, "there is no store") {
		t.Fatalf("the store is not whole: %v\n%s", err, out)
	}
}

// TestKillImport kills imports of the same history, each of which goes on where the one before died.
func TestKillImport(t *testing.T) {
	t.Parallel()
	k := newKilling(t)
	now := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	args := []string{"import", "files"}
	folder := t.TempDir()
	for i := range 6 {
		file := filepath.Join(folder, fmt.Sprintf("2025-03-%02d.csv", i+1))
		if err := os.WriteFile(file, generate(fmt.Sprintf("rename:relay-15:ferry-%d", i)), 0o666); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	calm := filepath.Join(t.TempDir(), "calm")
	k.finish(t, process(now, calm, args...))
	for kills := share(t, 20); k.more(t, kills); {
		killed := filepath.Join(t.TempDir(), "killed")
		for range 5 {
			if k.kill(t, process(now, killed, args...)) {
				mustBeWhole(t, now, killed)
			}
		}
		k.finish(t, process(now, killed, args...))
		sameFiles(t, killed, calm)
	}
}

// TestKillPublishAndPull kills publications, each into the folder of the one before, and followers of what is published.
func TestKillPublishAndPull(t *testing.T) {
	t.Parallel()
	k := newKilling(t)
	store, _ := newStore(t)
	now := time.Date(2026, 1, 12, 6, 0, 0, 0, time.UTC)
	calm, killed := filepath.Join(t.TempDir(), "calm"), filepath.Join(t.TempDir(), "killed")
	publish := func(folder string) *exec.Cmd {
		return process(now, store, "publish", "--base-url", "https://example.org/", "--output", folder)
	}
	k.finish(t, publish(calm))
	for kills := share(t, 8); k.more(t, kills); {
		k.kill(t, publish(killed))
	}
	k.finish(t, publish(killed))
	sameFiles(t, killed, calm)
	mustBeWhole(t, now, store)

	var s site
	defer func() { _ = s.close() }() // it is only read from
	if err := s.behave("folder", []string{calm}, nil); err != nil {
		t.Fatal(err)
	}
	pull := func(store string) *exec.Cmd {
		return process(now, store, "pull", strings.TrimSuffix(s.URL(), "ports.csv"))
	}
	k = newKilling(t)
	follower := filepath.Join(t.TempDir(), "calm")
	k.finish(t, pull(follower))
	for kills := share(t, 16); k.more(t, kills); {
		store := filepath.Join(t.TempDir(), "killed")
		if k.kill(t, pull(store)) {
			mustBeWhole(t, now, store)
		}
		k.finish(t, pull(store))
		sameFiles(t, store, follower)
	}
}

// TestKillAction kills runs of the action. The branch is whole after each, and in the end has what it
// has of someone who was never killed.
func TestKillAction(t *testing.T) {
	t.Parallel()
	k, f := newKilling(t), newForge(t)
	calm, now := filepath.Join(t.TempDir(), "calm"), time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	clone, work := f.checkout(), t.TempDir()
	step := func() *exec.Cmd {
		cmd := exec.Command("ianasync", "action")
		action := &actionStep{ID: "sync", Env: map[string]string{"IANASYNC_INPUTS": "${{ toJSON(inputs) }}"}}
		cmd.Dir, cmd.Env = clone, f.environment(clone, work, now, action, nil)
		ownGroup(cmd)
		return cmd
	}
	next := func() {
		now = now.Add(time.Hour)
		f.serve("plain", generate(fmt.Sprintf("rename:relay-15:ferry-%d", k.started)))
	}
	next()
	k.finish(t, step())
	sync := func() {
		if out, err := inProcess(now, calm, "sync", "--source", f.site.URL()); err != nil {
			t.Fatalf("undisturbed: %v\n%s", err, out)
		}
	}
	sync()
	for kills := share(t, 16); k.more(t, kills); {
		next()
		if k.kill(t, step()) {
			mustBeWhole(t, now, filepath.Join(f.checkout(), "data"))
		}
		k.finish(t, step())
		sync()
	}
	sameFiles(t, filepath.Join(f.checkout(), "data"), calm)
}

// TestKill kills a real process at random moments of a sync, again and again. After each
// kill the store must be whole and the next sync must succeed; in the end the store must
// be that of someone who was never killed.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a quarter of a minute")
	}
	const perStore = 5 // large stores would only make verify slower
	for seed := range uint64(max(1, share(t, 40)/perStore)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			k := killer{
				random: rand.New(rand.NewPCG(seed, 0)), longest: 100 * time.Millisecond,
				now:    time.Date(2026, time.January, 10, 6, 0, 0, 0, time.UTC),
				killed: filepath.Join(t.TempDir(), "killed"), calm: filepath.Join(t.TempDir(), "calm"),
			}
			defer func() { _ = k.site.close() }() // it is only read from
			for k.died < perStore {
				if k.editions == 5*perStore {
					t.Fatalf("of %d processes only %d died in time: the moments are chosen badly", k.editions, k.died)
				}
				k.next(t)
			}
			t.Logf("%d of %d processes were killed, %d of them with the version stored", k.died, k.editions, k.stored)
			sameFiles(t, k.killed, k.calm)
		})
	}
}

// killer syncs one edition after another into two stores, into one of them with processes
// that are killed.
type killer struct {
	random       *rand.Rand
	site         site
	now          time.Time
	killed, calm string        // the stores
	longest      time.Duration // that a process may live

	editions, died int
	stored         int // how many died after their version was stored
}

func (k *killer) next(t *testing.T) {
	k.editions++
	k.now = k.now.Add(time.Hour)
	data := generate(fmt.Sprintf("notes:relay-29:Edition %d", k.editions), fmt.Sprintf("rename:relay-15:ferry-%d", k.editions))
	if err := k.site.behave("plain", []string{"edition"}, func(string) []byte { return data }); err != nil {
		t.Fatal(err)
	}
	sync := []string{"sync", "--source", k.site.URL()}

	after := time.Duration(k.random.Int64N(int64(k.longest)))
	var from func() bool
	switch k.random.IntN(3) { // where syncs spend little time they must be killed often, too
	case 1:
		from = k.site.asked()
	case 2:
		from, after = altered(filepath.Join(k.killed, "service-names-port-numbers", "versions.jsonl")), after/8
	}
	if killAfter(t, from, after, process(k.now, k.killed, sync...)) {
		k.died++
		if list, _ := inProcess(k.now, k.killed, "versions"); strings.Contains(list, snapshots.FormatID(k.now)) {
			k.stored++
		}
		if out, err := inProcess(k.now, k.killed, "verify"); err != nil && !strings.Contains(out, "there is no store") {
			t.Fatalf("edition %d: killed after %s, the store is not whole: %v\n%s", k.editions, after, err, out)
		}
	}
	start := time.Now()
	if out, err := process(k.now, k.killed, sync...).CombinedOutput(); err != nil {
		t.Fatalf("edition %d: killed after %s, the next sync fails: %v\n%s", k.editions, after, err, out)
	}
	k.longest = max(k.longest*3/4, time.Since(start)/2)
	if out, err := inProcess(k.now, k.calm, sync...); err != nil {
		t.Fatalf("undisturbed: %v\n%s", err, out)
	}
}

// TestInterruptedInput interrupts a sync that waits for its standard input.
func TestInterruptedInput(t *testing.T) {
	t.Parallel()
	endsAtOnce(t, "-")
}

// TestInterruptedPipe interrupts a sync that waits for somebody to write to a named pipe.
func TestInterruptedPipe(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := exec.Command("mkfifo", pipe).Run(); err != nil {
		t.Skipf("no pipes with names here: %v", err)
	}
	endsAtOnce(t, pipe)
}

// endsAtOnce interrupts a sync that waits for its source, once.
func endsAtOnce(t *testing.T, source string) {
	t.Helper()
	cmd, out := waiting(t, source)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its exit status is what counts
	if got := cmd.ProcessState.ExitCode(); got != exitFailure || !strings.Contains(out.String(), "ianasync: interrupted;") {
		t.Errorf("exit status %d, want %d: %s", got, exitFailure, out)
	}
}

// waiting starts a sync from a source that says nothing, and returns when it asks it.
func waiting(t *testing.T, source string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there is no such signal")
	}
	store := filepath.Join(t.TempDir(), "data")
	cmd := process(time.Now(), store, "sync", "--source", source)
	var out bytes.Buffer
	cmd.Stderr = &out
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killing := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() {
		killing.Stop()
		_ = cmd.Process.Kill() // it may be gone
		_ = input.Close()
	})
	for started := altered(filepath.Join(store, "service-names-port-numbers", "versions.jsonl")); !started(); {
		time.Sleep(10 * time.Millisecond)
	}
	return cmd, &out
}

// process is ianasync at a time, on a store, in a process of its own.
func process(now time.Time, store string, args ...string) *exec.Cmd {
	cmd := exec.Command("ianasync", append(args, "--store", store)...)
	cmd.Env = append(os.Environ(), "NOW="+now.Format(time.RFC3339))
	return cmd
}

// killAfter starts a process, kills it a time after something happened (from its start if
// that is nil), and tells whether that was before it was done.
func killAfter(t *testing.T, happened func() bool, after time.Duration, cmd *exec.Cmd) bool {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for happened != nil && !happened() && len(done) == 0 {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-done:
		done <- err
	case <-time.After(after):
		_ = cmd.Process.Kill() // it may be done
	}
	err := <-done
	if cmd.SysProcAttr != nil {
		waitGroup(cmd)
	}
	if err != nil && cmd.ProcessState.Exited() {
		t.Fatalf("not killed, and yet: %v\n%s", err, &out)
	}
	return err != nil
}

// asked returns a function that reports whether there was another request since.
func (s *site) asked() func() bool {
	count := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.requests
	}
	before := count()
	return func() bool { return count() > before }
}

// altered returns a function that reports whether a file was replaced or has grown since.
func altered(file string) func() bool {
	before, _ := os.Stat(file)
	return func() bool {
		now, err := os.Stat(file)
		return err == nil && (before == nil || !os.SameFile(before, now) || now.Size() != before.Size())
	}
}

// inProcess is process without one.
func inProcess(now time.Time, store string, args ...string) (string, error) {
	var out bytes.Buffer
	status := run(context.Background(), append(args, "--store", store), &world{
		stdin: strings.NewReader(""), stdout: &out, stderr: &out,
		getenv: emptyStart, now: func() time.Time { return now },
	})
	if status != exitDone {
		return out.String(), fmt.Errorf("exit status %d", status)
	}
	return out.String(), nil
}

// sameFiles compares two stores file by file.
func sameFiles(t *testing.T, got, want string) {
	t.Helper()
	have, expected := contents(t, got), contents(t, want)
	for name, data := range expected {
		if have[name] != data {
			t.Errorf("%s is not what it is in an undisturbed store", name)
		}
		delete(have, name)
	}
	for name := range have {
		t.Errorf("%s is left over", name)
	}
}

// contents returns all files of a store but the last check.
func contents(t *testing.T, store string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(store, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "checks.jsonl" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(store, path)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
