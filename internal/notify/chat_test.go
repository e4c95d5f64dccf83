package notify

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/yuin/goldmark"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

func event(old, now []ports.Record) *history.Event {
	changes := portrules.Compare(ports.NewTable(old).Records, ports.NewTable(now).Records)
	return &history.Event{Version: snapshots.Version{ID: at(2)}, Previous: at(1), Changes: changes}
}

func TestChat(t *testing.T) {
	e := event([]ports.Record{rec("ncl", "2397", "x")}, []ports.Record{rec("", "2397", "Reserved"), rec("new", "9", "A & B")})
	equal(t, "IANA service-names-port-numbers: ncl 2397 deassigned; new 9 assigned\n"+
		"• ncl on 2397 (tcp) is no longer assigned; the port is now Reserved on tcp\n"+
		"• new on 9 (tcp) is new: A &amp; B\n"+
		"version 20200102T000000Z", slack(ports.ServiceNames().ID, e, false).Text)
	equal(t, "IANA service-names-port-numbers: ncl 2397 deassigned; new 9 assigned\n"+
		"- ncl on 2397 (tcp) is no longer assigned; the port is now Reserved on tcp\n"+
		"- new on 9 (tcp) is new: A \\& B\n"+
		"version 20200102T000000Z", discord(ports.ServiceNames().ID, e, false).Content)
	equal(t, "IANA service-names-port-numbers: rolled back to the content of 20200101T000000Z; the changes since then are undone\nversion 20200102T000000Z",
		slack(ports.ServiceNames().ID, &history.Event{Version: snapshots.Version{ID: at(2)}, Previous: at(1), Returned: history.RolledBack}, false).Text)
}

// An update of a contact alone is only counted, but where it was asked for.
func TestChatContact(t *testing.T) {
	old, now := rec("ncl", "2397", "x"), rec("ncl", "2397", "x")
	now.Contact = "[Ann]"
	e := event([]ports.Record{old}, []ports.Record{now})
	equal(t, "IANA service-names-port-numbers: 1 update of contacts, dates or spelling alone\nversion 20200102T000000Z", slack(ports.ServiceNames().ID, e, false).Text)
	equal(t, "IANA service-names-port-numbers: 1 update of contacts, dates or spelling alone\n• ncl on 2397 (tcp): contact changed\nversion 20200102T000000Z", slack(ports.ServiceNames().ID, e, true).Text)
}

// hostile is text that acts somewhere.
var hostile = []string{
	"<!channel>", "<!everyone> &lt;", "<@U123>", "<https://evil.example|click>", "@everyone", "@here", "<@&1>", "<#1>", "<:x:1>", "<t:0:R>", "*b* _i_ ~s~ `c`", "```\ncode",
	"||spoiler||", "[a](https://evil.example)", "https://evil.example", "# head", "> quote", "- list", "\\", "\x1b[31m", "\u202e", "a\nb", ":smile:", "&amp;", "\\*b\\*", "www.evil.example",
}

func TestHostileText(t *testing.T) {
	for _, text := range hostile {
		e := event(nil, []ports.Record{rec(text, "9", text)})
		s, d := slack(ports.ServiceNames().ID, e, false), discord(ports.ServiceNames().ID, e, false)
		if left := strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "").Replace(s.Text); strings.ContainsAny(left, "<>&") || s.Markdown || s.Parse != "none" || s.LinkNames {
			t.Errorf("%q acts in Slack: %+v", text, s)
		}
		if strings.Count(s.Text, "\n") != 2 || strings.Count(d.Content, "\n") != 2 {
			t.Errorf("%q adds lines: %q, %q", text, s.Text, d.Content)
		}
		if d.AllowedMentions.Parse == nil || len(d.AllowedMentions.Parse) > 0 {
			t.Errorf("mentions act: %+v", d)
		}
		// What Discord makes of it is closest to CommonMark: a list of one item with text and code alone.
		var html strings.Builder
		if err := goldmark.Convert([]byte(strings.SplitN(d.Content, "\n", 3)[1]), &html); err != nil {
			t.Fatal(err)
		}
		rest := strings.NewReplacer("<ul>", "", "</ul>", "", "<li>", "", "</li>", "", "<code>", "", "</code>", "").Replace(html.String())
		if strings.Contains(rest, "<") {
			t.Errorf("%q acts in Markdown: %s", text, html.String())
		}
	}
}

func TestChatFits(t *testing.T) {
	var many []ports.Record
	for i := range 500 {
		many = append(many, rec("service-"+string(rune('a'+i%26)), ports.PortRange(uint16(1000+i), uint16(1000+i)).String(), strings.Repeat("*😀<", 20)))
	}
	e := event(nil, many)
	s, d := slack(ports.ServiceNames().ID, e, false).Text, discord(ports.ServiceNames().ID, e, false).Content
	if n := len(utf16.Encode([]rune(s))); n > slackLimit || n < slackLimit/2 || !strings.HasSuffix(s, " more\nversion 20200102T000000Z") {
		t.Errorf("%d: %s", n, s)
	}
	if n := len(utf16.Encode([]rune(d))); n > discordLimit || !strings.HasSuffix(d, " more\nversion 20200102T000000Z") {
		t.Errorf("%d: %s", n, d)
	}
	long := event(nil, []ports.Record{rec(strings.Repeat("<", 5000), "9", strings.Repeat("&", 5000))})
	if n := len(discord(ports.ServiceNames().ID, long, false).Content); n > discordLimit {
		t.Errorf("%d", n)
	}
	if n := len(slack(ports.ServiceNames().ID, long, false).Text); n > slackLimit {
		t.Errorf("%d", n)
	}
}

// A message in JSON is no larger than many servers take.
func TestDocumentFits(t *testing.T) {
	var many []ports.Record
	for i := range 3000 {
		r := rec("service", ports.PortRange(uint16(1000+i), uint16(1000+i)).String(), strings.Repeat("x", 500))
		r.ServiceName += r.Ports.String()
		many = append(many, r)
	}
	e := event(nil, many)
	d, err := newDocument("service-names-port-numbers", e)
	if err != nil {
		t.Fatal(err)
	}
	data, err := plainjson.Marshal(d)
	if err != nil || len(data) > 1<<20 || d.Omitted == 0 || d.Omitted+len(d.Changes) != len(e.Changes) {
		t.Errorf("%d bytes, %d changes of %d, %d omitted: %v", len(data), len(d.Changes), len(e.Changes), d.Omitted, err)
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	if err := schema(t).Validate(doc); err != nil {
		t.Error(err)
	}
}
