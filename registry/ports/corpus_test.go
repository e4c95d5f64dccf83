package ports

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// corpus is a git bundle of 288 editions as IANA served them, beside the checkout of
// those who have it.
const corpus = "../../../shared/corpus/service-names.bundle"

// corpusEditions returns every step-th edition and the one after it, oldest first.
func corpusEditions(t *testing.T, step int) [][2][]byte {
	t.Helper()
	if testing.Short() {
		t.Skip("the real editions take a while")
	}
	bundle, err := filepath.Abs(corpus)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bundle); err != nil {
		t.Skipf("the real editions are not here: %v", err)
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skipf("git is needed to read the real editions: %v", err)
	}
	repo := filepath.Join(t.TempDir(), "editions.git")
	git(t, nil, "clone", "--quiet", "--bare", bundle, repo)
	commits := strings.Fields(string(git(t, nil, "--git-dir", repo, "log", "--reverse", "--format=%H")))
	if len(commits) < 280 {
		t.Fatalf("the corpus has %d editions, want at least 280", len(commits))
	}
	var ask bytes.Buffer
	for i := 0; i+1 < len(commits); i += step {
		fmt.Fprintf(&ask, "%s:%s\n%s:%[2]s\n", commits[i], ServiceNames().FileName(), commits[i+1])
	}
	answer := bufio.NewReader(bytes.NewReader(git(t, &ask, "--git-dir", repo, "cat-file", "--batch")))
	next := func() []byte {
		var object, kind string
		var size int
		if _, err := fmt.Fscanf(answer, "%s %s %d\n", &object, &kind, &size); err != nil {
			t.Fatal(err)
		}
		data := make([]byte, size+1) // and a line end
		if _, err := io.ReadFull(answer, data); err != nil {
			t.Fatal(err)
		}
		return data[:size]
	}
	var editions [][2][]byte
	for i := 0; i+1 < len(commits); i += step {
		editions = append(editions, [2][]byte{next(), next()})
	}
	return editions
}

func git(t *testing.T, in io.Reader, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Stdin = in
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", args[0], err, stderr.Bytes())
	}
	return out
}

// Real editions are read whole and without a problem, and Distinct finds of neighbours
// what reading both of them whole finds.
func TestCorpus(t *testing.T) {
	editions := corpusEditions(t, 15)
	if len(editions) < 19 {
		t.Fatalf("%d pairs of editions, want at least 19", len(editions))
	}
	refused := 0
	for _, pair := range editions {
		old, oldErr := ReadEdition(pair[0])
		next, nextErr := ReadEdition(pair[1])
		if err := errors.Join(oldErr, nextErr); err != nil {
			if refused++; !strings.Contains(err.Error(), "HTML") {
				t.Error(err)
			}
			continue
		}
		newTable, decoded := checkDistinct(t, old, next)
		if decoded > 400 { // 250 at most, when the exporter changed
			t.Errorf("%d rows of an edition are not in the next", decoded)
		}
		checkReal(t, newTable)
		if d, ok, err := DecodeAs(pair[1], newTable.CSV(), newTable.Digest()); err != nil || !ok || !slices.Equal(d.Table.Records, newTable.Records) {
			t.Errorf("the table as CSV is not read as it was: %t, %v", ok, err)
		}
		if d, err := Decode(pair[0]); err != nil {
			t.Error(err)
		} else if d, err = d.Next(pair[1]); err != nil || !slices.Equal(d.Table.Records, newTable.Records) || !bytes.Equal(d.Table.CSV(), newTable.CSV()) {
			t.Errorf("the table after the one before is not that of its file: %v", err)
		}
	}
	if refused > 2 {
		t.Errorf("%d pairs refused, want at most 2: the corpus has two pages of HTML", refused)
	}
}

// checkReal holds a table to what every edition of the registry has.
func checkReal(t *testing.T, tab *Table) {
	t.Helper()
	if len(tab.Problems) > 0 || len(tab.Unknown) > 0 {
		t.Errorf("problems %v, unknown columns %q", tab.Problems, tab.Unknown)
	}
	text := tab.CSV()
	if back := mustParse(t, string(text)); !bytes.Equal(back.CSV(), text) || !slices.Equal(back.Records, tab.Records) {
		t.Error("the canonical CSV is no fixed point")
	}
	if got := names(tab.Port(443, TCP)); got != "https" {
		t.Errorf("443/tcp is %q", got)
	}
	for _, r := range tab.Port(0) {
		if r.Status() != Reserved {
			t.Errorf("port 0 is %s", r.Status())
		}
	}
	if got := names(tab.Port(6010, TCP)); got != "x11" {
		t.Errorf("6010/tcp is %q, want x11, which has 6000 to 6063", got)
	}
	if got := tab.Service("RDP"); len(got) < 2 {
		t.Errorf("%d services named rdp, want both at least", len(got))
	}
}
