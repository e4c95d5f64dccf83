package notify

import (
	"strings"
	"testing"
)

func TestParseWebhook(t *testing.T) {
	for text, want := range map[string]string{
		"https://example.org/hook?x=1#y":               "json https://example.org/hook?x=1",
		"http://127.0.0.1:8080/":                       "json http://127.0.0.1:8080/",
		"https://hooks.slack.com/services/T/B/x":       "slack https://hooks.slack.com/services/T/B/x",
		"https://Discord.com/api/webhooks/1/x":         "discord https://Discord.com/api/webhooks/1/x",
		"slack:https://chat.example.org/hooks/x":       "slack https://chat.example.org/hooks/x",
		"json:https://hooks.slack.com/services/T/B/x":  "json https://hooks.slack.com/services/T/B/x",
		"discord:http://[::1]:80/x":                    "discord http://[::1]:80/x",
		"https://hooks.slack.com.example.org/services": "json https://hooks.slack.com.example.org/services",
	} {
		w, err := ParseWebhook(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		equal(t, want, string(w.format)+" "+w.url.String())
	}
}

// No error says more of an address than its host.
func TestParseWebhookRefuses(t *testing.T) {
	for _, text := range []string{
		"", "SECRET", "example.org/SECRET", "ftp://example.org/SECRET", "https:///SECRET", "https://user:SECRET@example.org/SECRET",
		"https://SECRET@example.org", "https://example.org/%zzSECRET", "http://[SECRET", "slack:SECRET", "file:///SECRET", "https://a b/SECRET\x00",
	} {
		_, err := ParseWebhook(text)
		if err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParseWebhooks(t *testing.T) {
	list, err := ParseWebhooks("https://a.example/1 https://b.example/2\nhttps://a.example/1", "https://a.example/3")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, w := range list {
		said = append(said, w.String())
	}
	equal(t, []string{"https://a.example", "https://b.example", "https://a.example"}, said)
}
