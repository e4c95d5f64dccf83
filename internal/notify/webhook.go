package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Format is what a message looks like.
type Format string

// The formats.
const (
	JSON    Format = "json"    // the change format: see docs/notify.md
	Slack   Format = "slack"   // for an incoming webhook of Slack, and of what understands those
	Discord Format = "discord" // for a webhook of Discord
)

// hosts are those whose webhooks take one format only.
var hosts = map[string]Format{
	"hooks.slack.com": Slack, "hooks.slack-gov.com": Slack,
	"discord.com": Discord, "discordapp.com": Discord, "ptb.discord.com": Discord, "canary.discord.com": Discord,
}

// Webhook is an address that is told of new versions, and how. Its String is what may be said of it.
type Webhook struct {
	format Format
	url    *url.URL
}

// ParseWebhook reads the URL of a webhook, with the format and a colon before it where that is not clear from the
// host: "slack:https://chat.example.org/hooks/…". No error of it says what stands in the URL.
func ParseWebhook(s string) (Webhook, error) {
	var w Webhook
	for _, f := range []Format{JSON, Slack, Discord} {
		if rest, found := strings.CutPrefix(s, string(f)+":"); found {
			w.format, s = f, rest
		}
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return Webhook{}, errors.New("a webhook is not the URL of one: https://example.org/hook, say") // the URL may be a secret
	case u.User != nil:
		return Webhook{}, userinfoError{u.Scheme + "://" + u.Host}
	}
	u.Fragment, u.RawFragment = "", ""
	w.url = u
	if w.format == "" {
		w.format = JSON
		if f, known := hosts[strings.ToLower(u.Hostname())]; known {
			w.format = f
		}
	}
	return w, nil
}

// userinfoError says that a URL has a user name or a password in it.
type userinfoError struct{ host string }

func (e userinfoError) Error() string {
	return fmt.Sprintf("the webhook at %s has a user name or a password in its URL", e.host)
}

// Hint says how a receiver may tell whom messages are from.
func (e userinfoError) Hint() string {
	return "messages are signed with the secret in --notify-secret-file or IANASYNC_NOTIFY_SECRET"
}

// ParseWebhooks reads the URLs of webhooks, each once, with white space between those that stand in one text.
func ParseWebhooks(texts ...string) ([]Webhook, error) {
	var list []Webhook
	for _, text := range texts {
		for s := range strings.FieldsSeq(text) {
			w, err := ParseWebhook(s)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(list, func(other Webhook) bool { return other.key() == w.key() }) {
				list = append(list, w)
			}
		}
	}
	return list, nil
}

// String names the scheme and the host: all that is no secret.
func (w Webhook) String() string { return w.url.Scheme + "://" + w.url.Host }

// key tells webhooks apart without telling their addresses.
func (w Webhook) key() string {
	sum := sha256.Sum256([]byte(string(w.format) + " " + w.url.String()))
	return hex.EncodeToString(sum[:8])
}
