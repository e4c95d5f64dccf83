package notify

import (
	"bytes"
	"encoding/json"
	"maps"
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

// signed are the headers of a message that was sent at a time.
func signed(sent time.Time, body string) map[string]string {
	const id = "20200102T000000Z-0123456789abcdef"
	timestamp := strconv.FormatInt(sent.Unix(), 10)
	return map[string]string{
		"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": Signature([]byte("HUSH"), id, timestamp, []byte(body)),
	}
}

// judge lets a program judge messages: it gets headers, a secret and a body as JSON, and prints whether the message is genuine.
func judge(t *testing.T, program ...string) {
	genuine := func(headers map[string]string, secret, body string) bool {
		t.Helper()
		in, err := json.Marshal(map[string]any{"headers": headers, "secret": secret, "body": body})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program[0], program[1:]...)
		var stderr bytes.Buffer
		cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, &stderr)
		}
		return strings.EqualFold(strings.TrimSpace(string(out)), "true")
	}
	const body, secret = `{"a":1}`, "whsec_SFVTSA==" // HUSH
	now := signed(time.Now(), body)
	if !genuine(now, secret, body) {
		t.Error("our own signature is refused")
	}
	other := maps.Clone(now)
	other["webhook-id"] = "20200103T000000Z-0123456789abcdef"
	if genuine(now, "whsec_SFVTSCE=", body) || genuine(now, secret, `{"a":2}`) || genuine(signed(time.Now().Add(-time.Hour), body), secret, body) || genuine(other, secret, body) {
		t.Error("a wrong secret, another body, an old message or another id passes")
	}
}

// TestShownCheck lets the receiver that docs/notify.md shows judge messages.
func TestShownCheck(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skipf("no python3 here: %v", err)
	}
	judge(t, "python3", "-c", string(shown(t, "python"))+`
import json, sys
m = json.load(sys.stdin)
print(genuine(base64.b64decode(m["secret"].removeprefix("whsec_")), m["headers"], m["body"].encode()))
`)
}

// TestStandardVerifier lets the library of Standard Webhooks judge messages.
func TestStandardVerifier(t *testing.T) {
	const load = `require("standardwebhooks")`
	if err := exec.Command("node", "-e", load).Run(); err != nil {
		t.Skipf("no node with standardwebhooks here (NODE_PATH names its folder): %v", err)
	}
	judge(t, "node", "-e", "const { Webhook } = "+load+`
const m = JSON.parse(require("fs").readFileSync(0))
try { new Webhook(m.secret).verify(m.body, m.headers); console.log(true) } catch { console.log(false) }
`)
}
