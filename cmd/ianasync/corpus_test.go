package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// corpus is a git bundle of real editions, kept beside the checkout where there is
// one.
const corpus = "../../../shared/corpus/service-names.bundle"

// seenEdition is what the registry's URL answered at a time.
type seenEdition struct {
	seen time.Time
	data []byte
}

// realEditions returns the corpus, oldest first, and the git repository it was read
// from.
func realEditions(t testing.TB) (editions []seenEdition, repo string) {
	t.Helper()
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("no real editions here: %v", err)
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skipf("no git here: %v", err)
	}
	repo = filepath.Join(t.TempDir(), "repo.git")
	runGit(t, "clone", "-q", "--bare", corpus, repo)
	var wanted strings.Builder
	for line := range strings.Lines(runGit(t, "--git-dir", repo, "log", "--reverse", "--all", "--format=%H %ct")) {
		commit, stamp, _ := strings.Cut(strings.TrimSpace(line), " ")
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		editions = append(editions, seenEdition{seen: time.Unix(seconds, 0).UTC()})
		fmt.Fprintf(&wanted, "%s:service-names-port-numbers.csv\n", commit)
	}
	cmd := exec.Command("git", "--git-dir", repo, "cat-file", "--batch=%(objectsize)")
	cmd.Stdin = strings.NewReader(wanted.String())
	all, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for i := range editions {
		line, rest, _ := bytes.Cut(all, []byte("\n"))
		size, err := strconv.Atoi(string(line))
		if err != nil {
			t.Fatal(err)
		}
		editions[i].data, all = rest[:size:size], rest[size+1:]
	}
	if len(editions) < 200 {
		t.Fatalf("the corpus has %d editions, want at least 200", len(editions))
	}
	return editions, repo
}

func runGit(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}

// TestCorpus syncs the real editions one after another from a server, at the times at
// which they were seen, and holds the store that results against what is known of them.
func TestCorpus(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	editions, repo := realEditions(t)
	var now *seenEdition
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", now.seen, bytes.NewReader(now.data))
	}))
	defer server.Close()
	store := filepath.Join(t.TempDir(), "data")
	ianasync := func(want int, args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		got := run(context.Background(), append(args, "--store", store), &world{
			stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr,
			getenv: emptyStart, now: func() time.Time { return now.seen },
		})
		if got != want {
			t.Fatalf("ianasync %s at %s: exit status %d, want %d: %s", strings.Join(args, " "), now.seen, got, want, &stderr)
		}
		return stdout.String()
	}
	garbage := 0
	for i := range editions {
		now = &editions[i]
		want := exitDone
		if !bytes.HasPrefix(now.data, []byte("Service Name,")) {
			want = exitRefused
			garbage++
		}
		ianasync(want, "sync", "--source", server.URL)
	}
	if garbage != 2 {
		t.Errorf("%d editions were refused, want the 2 error pages", garbage)
	}

	var list struct{ Versions []struct{ ID string } }
	if err := json.Unmarshal([]byte(ianasync(exitDone, "versions", "--format", "json")), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Versions) != 286 {
		t.Errorf("the store has %d versions, want 286", len(list.Versions))
	}
	ianasync(exitDone, "verify")
	for i := 0; i < len(editions); i += 17 {
		id := editions[i].seen.Format("20060102T150405Z")
		if raw := ianasync(exitDone, "export", "--format", "raw", "--at", id); raw != string(editions[i].data) {
			t.Errorf("version %s is not what was served", id)
		}
	}

	runGit(t, "--git-dir", repo, "gc", "-q", "--aggressive", "--prune=now")
	stored, packed := sizeOf(t, store, ".zst")+sizeOf(t, store, "versions.jsonl"), sizeOf(t, repo, ".pack")+sizeOf(t, repo, ".idx")
	t.Logf("stored bytes and versions.jsonl %d, git's aggressive pack and index %d: %.3f; the whole store %d", stored, packed,
		float64(stored)/float64(packed), sizeOf(t, store, ""))
	if stored > packed {
		t.Errorf("the stored bytes and versions.jsonl take %d, more than git's %d", stored, packed)
	}
	if keep := os.Getenv("IANASYNC_TEST_KEEP"); keep != "" {
		if err := os.CopyFS(keep, os.DirFS(store)); err != nil {
			t.Fatal(err)
		}
	}
}

// sizeOf returns the bytes that the files below a folder take whose names end so.
func sizeOf(t *testing.T, folder, suffix string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, suffix) {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("walking %s: %w", folder, err))
	}
	return n
}

// shell runs command lines of the documentation in a folder, with stores that start empty, and returns what a terminal would show.
func shell(t *testing.T, now time.Time, line string) string {
	t.Helper()
	var out bytes.Buffer
	run(t.Context(), words(line)[1:], &world{
		stdin: strings.NewReader(""), stdout: &out, stderr: &out, getenv: emptyStart, now: func() time.Time { return now },
	})
	return out.String()
}

// words cuts a command line, of which one argument may be in single quotes.
func words(line string) []string {
	before, quoted, found := strings.Cut(line, " '")
	if !found {
		return strings.Fields(line)
	}
	inside, after, _ := strings.Cut(quoted, "'")
	return append(append(strings.Fields(before), inside), strings.Fields(after)...)
}

// TestAnyOrderOfImport imports the real editions in one go, and in four parts one of which lies
// between, before and after the others, and wants the same from both.
func TestAnyOrderOfImport(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	editions, _ := realEditions(t)
	now := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	t.Chdir(t.TempDir())
	var names []string
	for _, e := range editions {
		name := e.seen.Format("20060102T150405Z") + ".csv"
		if err := os.WriteFile(name, e.data, 0o666); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	imported := func(store string, names ...string) {
		if got := shell(t, now, "ianasync import files --store "+store+" "+strings.Join(names, " ")); !strings.Contains(got, " editions: ") {
			t.Fatal(got)
		}
	}
	imported("ordered", names...)
	random := rand.New(rand.NewPCG(3, 4))
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for part := range slices.Chunk(names, len(names)/4+1) {
		imported("shuffled", part...)
	}
	for _, line := range []string{"versions --format json", "log --format jsonl", "log --format markdown", "export", "verify"} {
		ordered, shuffled := shell(t, now, "ianasync "+line+" --store ordered"), shell(t, now, "ianasync "+line+" --store shuffled")
		if ordered != shuffled || ordered == "" {
			t.Errorf("%s differs: %s", line, cmp.Diff(ordered, shuffled))
		}
	}
	published := 0
	for _, part := range []string{"service-names-port-numbers/derived/changes", "service-names-port-numbers", "changelog", "."} {
		list, err := os.ReadDir(filepath.Join("ordered", part))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range list {
			name := filepath.Join(part, file.Name())
			if file.IsDir() || !slices.Contains([]string{".md", ".csv", ".jsonl"}, filepath.Ext(name)) || file.Name() == "versions.jsonl" {
				continue
			}
			published++
			if want, got := readString(t, "ordered/"+name), readString(t, "shuffled/"+name); want != got {
				t.Errorf("%s differs: %s", name, cmp.Diff(want, got))
			}
		}
	}
	if published < 8 {
		t.Errorf("%d published files were compared, want those of six years at least", published)
	}
}

func readString(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
