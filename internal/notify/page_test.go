package notify

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// shown returns what docs/notify.md shows in a language.
func shown(t *testing.T, language string) []byte {
	t.Helper()
	page, err := os.ReadFile("../../docs/notify.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(page)
	if found == nil {
		t.Fatalf("nothing in %s", language)
	}
	return found[1]
}

// TestShownMessage holds the message that docs/notify.md shows against the schema.
func TestShownMessage(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(shown(t, "json")))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema(t).Validate(doc); err != nil {
		t.Error(err)
	}
}

// TestShownCheck lets the receiver that docs/notify.md shows judge messages.
func TestShownCheck(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skipf("no python3 here: %v", err)
	}
	genuine := func(sent time.Time, secret, body string) bool {
		t.Helper()
		timestamp := strconv.FormatInt(sent.Unix(), 10)
		script := string(shown(t, "python")) + `
import sys
print(genuine(sys.argv[1].encode(), {"X-Ianasync-Timestamp": sys.argv[2], "X-Ianasync-Signature": sys.argv[3]}, sys.argv[4].encode()))
`
		out, err := exec.Command("python3", "-c", script, secret, timestamp, Signature([]byte("HUSH"), timestamp, []byte(`{"a":1}`)), body).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out)) == "True"
	}
	if !genuine(time.Now(), "HUSH", `{"a":1}`) {
		t.Error("our own signature is refused")
	}
	if genuine(time.Now(), "HUSH!", `{"a":1}`) || genuine(time.Now(), "HUSH", `{"a":2}`) || genuine(time.Now().Add(-time.Hour), "HUSH", `{"a":1}`) {
		t.Error("a wrong secret, another body or an old message passes")
	}
}
