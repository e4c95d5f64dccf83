package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
)

// Format is the form of a webhook's messages.
type Format string

// The formats.
const (
	JSON    Format = "json"    // the change format: see docs/notify.md
	Slack   Format = "slack"   // for incoming webhooks of Slack and compatible servers
	Discord Format = "discord" // for a webhook of Discord
)

// format is a format of messages.
type format struct {
	name  Format
	hosts []string // whose webhooks accept this format only
	// body returns a message about what a version brought of the registry with an id, with minor changes too if all is set.
	body func(id string, e *history.Event, all bool) (any, error)
}

// formats has a row for each format. To add one, add its constant, a row, and its escaper in package text.
var formats = []format{
	{JSON, nil, func(id string, e *history.Event, _ bool) (any, error) { return newDocument(id, e) }},
	{
		Slack,
		[]string{"hooks.slack.com", "hooks.slack-gov.com"},
		func(id string, e *history.Event, all bool) (any, error) { return slack(id, e, all), nil },
	},
	{
		Discord,
		[]string{"discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"},
		func(id string, e *history.Event, all bool) (any, error) { return discord(id, e, all), nil },
	},
}

// Webhook is a URL that receives messages, and their format. Its String is safe to log.
type Webhook struct {
	format Format
	url    *url.URL
}

// ParseWebhook parses the URL of a webhook. The format and a colon precede it where the format does not follow from the
// host: "slack:https://chat.example.org/hooks/…". Its errors do not contain the URL.
func ParseWebhook(s string) (Webhook, error) {
	var w Webhook
	for _, f := range formats {
		if rest, found := strings.CutPrefix(s, string(f.name)+":"); found {
			w.format, s = f.name, rest
		}
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return Webhook{}, errors.New("not a webhook URL; write for example https://example.org/hook") // without the URL, which may be a secret
	case u.User != nil:
		return Webhook{}, userinfoError{u.Scheme + "://" + u.Host}
	}
	u.Fragment, u.RawFragment = "", ""
	w.url = u
	if w.format == "" {
		w.format = JSON
		for _, f := range formats {
			if slices.Contains(f.hosts, strings.ToLower(u.Hostname())) {
				w.format = f.name
			}
		}
	}
	return w, nil
}

// userinfoError is the error for a URL with a user name or password.
type userinfoError struct{ host string }

func (e userinfoError) Error() string {
	return fmt.Sprintf("the webhook at %s has a user name or a password in its URL", e.host)
}

// Hint returns how a receiver can authenticate messages.
func (e userinfoError) Hint() string {
	return "messages are signed with the secret in --notify-secret-file or IANASYNC_NOTIFY_SECRET"
}

// ParseWebhooks parses texts of URLs separated by white space. Duplicates are dropped.
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

// String returns the scheme and the host: the rest may be a secret.
func (w Webhook) String() string { return w.url.Scheme + "://" + w.url.Host }

// key returns a digest that identifies the webhook without disclosing its URL.
func (w Webhook) key() string {
	sum := sha256.Sum256([]byte(string(w.format) + " " + w.url.String()))
	return hex.EncodeToString(sum[:8])
}
