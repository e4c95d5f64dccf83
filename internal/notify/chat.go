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
	Markdown    bool   `json:"mrkdwn"`     // false: * and _ in the registry's text are not formatting
	Parse       string `json:"parse"`      // "none": @ and # are not mentions
	LinkNames   bool   `json:"link_names"` // false, for the same reason
	UnfurlLinks bool   `json:"unfurl_links"`
	UnfurlMedia bool   `json:"unfurl_media"`
}

// slackLimit is the recommended length of a text; the maximum is 40,000 characters.
const slackLimit = 4000

func slack(id string, e *history.Event, all bool) slackBody {
	return slackBody{Text: chat(id, e, all, slackLimit, "• ", text.Slack), Parse: "none"}
}

// discordBody is a message for a webhook of Discord: https://docs.discord.com/developers/resources/webhook.
type discordBody struct {
	Content         string   `json:"content"`
	Flags           int      `json:"flags"`
	AllowedMentions mentions `json:"allowed_mentions"`
}

// mentions are the kinds of mentions in a text that take effect.
type mentions struct {
	Parse []string `json:"parse"`
}

const (
	discordLimit   = 2000
	suppressEmbeds = 1 << 2 // no previews of links
)

func discord(id string, e *history.Event, all bool) discordBody {
	return discordBody{
		Content: chat(id, e, all, discordLimit, "- ", text.Markdown),
		Flags:   suppressEmbeds, AllowedMentions: mentions{Parse: []string{}},
	}
}

// longestSentence is the length in characters to which a sentence is cut.
const longestSentence = 400

// chat returns a version's message: the headline, then a line for each change as long as there is room, then the version's
// id. Changes that a changelog only counts are included if all is set. Inert escapes text for the medium. The limit is in
// bytes, so that it holds however the medium counts characters.
func chat(id string, e *history.Event, all bool, limit int, bullet string, inert func(string) string) string {
	message := inert("IANA "+render.Title(id, e)) + "\n"
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

// sentences returns the lines below the headline.
func sentences(e *history.Event, all bool) []string {
	switch {
	case e.Returned != history.Not: // the headline says it
		return nil
	case all:
		return render.Sentences(e)
	}
	return render.Highlights(e)
}
