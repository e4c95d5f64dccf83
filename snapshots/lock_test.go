package snapshots

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/layout"
)

// The test binary is its own victim: with this in its environment it is a writer that
// puts until it is killed.
const childVariable = "SNAPSHOTS_TEST_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		if err := putForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// putForever puts one edition after the other, now and then one of the past, and prints
// the id of each once it is stored.
func putForever(dir string) error {
	s, err := OpenForWriting(context.Background(), dir, testRegistry, 5*time.Second)
	if err != nil {
		return err
	}
	fmt.Println("open")
	for n := len(s.history.lines); ; n++ {
		e := Edition{Bytes: csvOf(200, n%200, n/200), Seen: at(n)}
		if n%3 == 0 {
			e.Seen = at(-n)
		}
		if _, _, err := s.Import(e); err != nil {
			return err
		}
		fmt.Println(FormatID(e.Seen))
		if _, err := s.WriteDerived("CHANGELOG.md", e.Bytes); err != nil {
			return err
		}
		if _, err := s.Quarantine(e.Bytes[:n+100], Rejection{Seen: e.Seen}); err != nil {
			return err
		}
		if err := s.SetCheck(Check{Checked: e.Seen, Outcome: Changed}); err != nil {
			return err
		}
	}
}

// Real processes are killed at random instants.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills 40 processes")
	}
	dir := filepath.Join(t.TempDir(), "data")
	r := rand.New(rand.NewPCG(5, 6))
	stored := make(map[string]bool)
	for range 40 {
		for _, id := range killOne(t, dir, r.IntN(4), time.Duration(r.IntN(20_000))*time.Microsecond) {
			stored[id] = true
		}
		s, err := Open(dir, testRegistry)
		if errors.Is(err, ErrNoStore) && len(stored) == 0 {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		wantSound(t, s)
		for id := range stored {
			if _, found := s.history.find(id); !found {
				t.Fatalf("%s was stored, and is not there", id)
			}
		}
	}
	s, err := OpenForWriting(context.Background(), dir, testRegistry, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	wantSound(t, s)
	if len(stored) < 10 {
		t.Errorf("only %d were stored", len(stored))
	}
}

// killOne starts a writer, kills it that long after it has printed so many lines, and
// returns the ids that it said it had stored.
func killOne(t *testing.T, dir string, lines int, after time.Duration) (ids []string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childVariable+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	read := func() bool {
		more := said.Scan()
		if _, err := ParseID(said.Text()); more && err == nil {
			ids = append(ids, said.Text())
		}
		return more
	}
	for range lines {
		if !read() {
			t.Error("the writer ended by itself")
		}
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	for read() {
	}
	_ = cmd.Wait() // it was killed
	return ids
}

func TestLocked(t *testing.T) {
	dir := t.TempDir()
	first, err := OpenForWriting(context.Background(), dir, testRegistry, 0)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	_, err = OpenForWriting(context.Background(), dir, testRegistry, 100*time.Millisecond)
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("%v; want ErrLocked with the process", err)
	}
	if waited := time.Since(begin); waited < 100*time.Millisecond {
		t.Errorf("waited %v only", waited)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := OpenForWriting(ctx, dir, testRegistry, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("%v; want context.Canceled", err)
	}
	go func() {
		time.Sleep(50 * time.Millisecond)
		first.Close()
	}()
	second, err := OpenForWriting(context.Background(), dir, testRegistry, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, layout.Lock)); err != nil || len(data) != 0 {
		t.Errorf("the lock that nobody holds says %q, %v", data, err)
	}
}

// What the lock file says is not believed to hold the lock.
func TestStaleLock(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, layout.Lock), []byte("\x00process 1 on elsewhere, and much more than that\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := OpenForWriting(context.Background(), dir, testRegistry, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, layout.Lock), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenForWriting(context.Background(), dir, testRegistry, 0); !errors.Is(err, ErrLocked) {
		t.Errorf("%v; want ErrLocked from an empty lock file", err)
	}
	s.Close()
}
