package notify

import (
	"fmt"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
)

// slackBody is a message for an incoming webhook of Slack:
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
type slackBody struct {
	Text        string `json:"text"`
	Markdown    bool   `json:"mrkdwn"`     // never: the registry's * and _ are no formatting
	Parse       string `json:"parse"`      // none: its @ and # are no mentions
	LinkNames   bool   `json:"link_names"` // never, likewise
	UnfurlLinks bool   `json:"unfurl_links"`
	UnfurlMedia bool   `json:"unfurl_media"`
}

// slackLimit is how long a text should be at most, of the 40,000 characters that it may have.
const slackLimit = 4000

func slack(e *history.Event, all bool) slackBody {
	return slackBody{Text: chat(e, all, slackLimit, "• ", text.Slack), Parse: "none"}
}

// discordBody is a message for a webhook of Discord: https://docs.discord.com/developers/resources/webhook.
type discordBody struct {
	Content         string   `json:"content"`
	Flags           int      `json:"flags"`
	AllowedMentions mentions `json:"allowed_mentions"`
}

// mentions says which mentions in a text act.
type mentions struct {
	Parse []string `json:"parse"`
}

const (
	discordLimit   = 2000
	suppressEmbeds = 1 << 2 // no previews of what looks like a link
)

func discord(e *history.Event, all bool) discordBody {
	return discordBody{
		Content: chat(e, all, discordLimit, "- ", text.Markdown),
		Flags:   suppressEmbeds, AllowedMentions: mentions{Parse: []string{}},
	}
}

// longestSentence is how many characters of a sentence are told.
const longestSentence = 400

// chat says in a few lines what a version brought: the headline, then as many sentences as there is room for,
// those that a changelog only counts among them where all is set. Inert makes a text that shows itself and does nothing
// else. The limit is in bytes, of which a text has no fewer than characters, however these are counted.
func chat(e *history.Event, all bool, limit int, bullet string, inert func(string) string) string {
	message := inert("IANA's ports: "+render.Headline(e)) + "\n"
	sentences := sentences(e, all)
	for i, s := range sentences {
		line := bullet + inert(text.Cut(s, longestSentence)) + "\n"
		rest := fmt.Sprintf("%sand %d more\n", bullet, len(sentences)-i)
		if len(message)+len(line)+len(rest) > limit-len(e.Version.ID)-len("version ") {
			message += rest
			break
		}
		message += line
	}
	return message + "version " + e.Version.ID
}

// sentences are those below the headline.
func sentences(e *history.Event, all bool) []string {
	switch {
	case e.Returned != history.Not: // the headline says it
		return nil
	case all:
		return render.Sentences(e)
	}
	return render.Highlights(e)
}
