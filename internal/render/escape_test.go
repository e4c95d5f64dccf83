package render

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// hostile is text that would act if it were not kept from it.
var hostile = []string{
	`<script>alert(1)</script>`, `<!-- hidden`, `-->`, `<img src=x onerror=y>`, `</li></ul>`, `&lt;b&gt; &#64; &copy`,
	"`", "``", "```", "a`b``c```d", "`code`", "` `", "\\`", `\`, `\\`, "a`@b", "`@", "@`",
	`](javascript:x)`, `[x](javascript:x)`, `![x](http://example.com/x.png)`, `[x]: http://example.com`, `[x][y]`, `[ ] task`, `[^1]`,
	`*bold*`, `**bold**`, `_em_`, `__em__`, `~~gone~~`, `~sub~`, `a|b`, `|---|`, `| a | b |`,
	"\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x00", "\x7f", "\u009b31m", "\u202eright to left", "\u2066isolate", "\u200b", "\ufeff", "\u2028", "\xff\xfe",
	"two\nlines", "two\r\n\r\nparagraphs", "tab\tstop", "trailing  \nbreak",
	`@user`, `mail@example.com`, `#1`, `GH-1`, `owner/repo#1`, `:smile:`, `:+1:`, `$x^2$`, "$`x`$",
	`http://example.com`, `https://example.com/?a=b&c=d`, `www.example.com`, `WWW.example.com`, `ftp://example.com`, `mailto:a@example.com`, `xmpp:a@example.com`, `<http://example.com>`,
	`- item`, `* item`, `+ item`, `1. item`, `1) item`, `> quote`, `# heading`, `closed #`, `=====`, `-----`, `***`, "```go", `~~~`, `: definition`, `    indented`,
	strings.Repeat("long ", 400), strings.Repeat("`", 300), strings.Repeat("*_[", 100), "ﷺ ё 日本 é ß €",
	`C:\dir\file`, `a:b`, `Flight & Flow`, `C&C`, `50%`, `{{ .X }}`, `${{ x }}`, `::error::x`,
}

// normal is text as the registry package leaves it.
func normal(s string) string {
	return strings.Join(strings.Fields(string([]rune(s))), " ")
}

// withText are two tables that hold text wherever text can stand.
func withText(s string) (old, new *ports.Table) {
	s = normal(s)
	full := func(name, numbers, transport, suffix string) ports.Record {
		return rec(name, numbers, transport, s+suffix, assignee(s+suffix), contact(s+suffix), reference(s+suffix), unauthorized(s+suffix))
	}
	old = table(
		full("gone"+s, "1", "tcp", ""), full("a"+s, "2", "tcp", ""), full("b"+s, "3", "tcp", ""), full("c"+s, "4", "tcp", "1"),
		full("d"+s, "5", "tcp", ""), full("e"+s, "p"+s, "tcp", ""), full("f"+s, "7", "q"+s, ""), rec("", "8", "", "mail"+s), rec("", "9", "", "Reserved "+s),
		rec("", "x"+s, "", "Unassigned"), full("g"+s, "", "", ""), full(s, "11", "tcp", ""), full("h"+s, "12", "tcp", ""),
	)
	new = table(
		rec("", "1", "tcp", "mail"+s), full("z"+s, "2", "tcp", "1"), full("z"+s, "3", "tcp", ""), full("c"+s, "4", "tcp", "2"),
		full("d"+s, "6", "tcp", ""), full("e"+s, "r"+s, "tcp", ""), full("f"+s, "7", "q"+s, "1"), rec("", "8", "", "post"+s), rec("", "10", "", "Reserved "+s),
		rec("", "y"+s, "", "Unassigned"), full("i"+s, "", "", ""), full(s, "11", "tcp", "1"), full(s, "13", "q"+s, ""),
	)
	return old, new
}

var (
	page   = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList))
	anyTag = regexp.MustCompile(`<[^>]*>`)
	acts   = regexp.MustCompile(`(?i)[@$]|://|www\.|#\d|\bGH-\d|:[a-z0-9_+-]+:`) // on GitHub, whatever Markdown says
	inCode = regexp.MustCompile(`<code>[^<]*</code>`)
)

// rendered returns the text of Markdown line by line, and its tags but those of code.
func rendered(t *testing.T, markdown []byte) (text, tags []string) {
	var b strings.Builder
	if err := page.Convert(markdown, &b); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if s := strings.TrimSuffix(anyTag.ReplaceAllString(line, ""), "\n"); s != "" {
			text = append(text, html.UnescapeString(s))
		}
	}
	for _, s := range anyTag.FindAllString(b.String(), -1) {
		if s != "<code>" && s != "</code>" {
			tags = append(tags, s)
		}
	}
	if s := acts.FindString(anyTag.ReplaceAllString(inCode.ReplaceAllString(strings.ReplaceAll(b.String(), ports.ServiceNames().Page, ""), ""), "")); s != "" {
		t.Errorf("%q stands outside code in %s", s, b.String())
	}
	return text, tags
}

var allowed = regexp.MustCompile(`^</?(h1|h2|h3|ul|li|p)( id="[^"]*")?>$`)

// checkMarkdown holds Markdown to show what is expected, line by line, and nothing
// else: no link, no HTML, no emphasis, no block that is not ours.
func checkMarkdown(t *testing.T, markdown []byte, want []string) {
	t.Helper()
	text, tags := rendered(t, markdown)
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("the text that is shown (-want +got):\n%s\nof\n%s", diff, markdown)
	}
	for _, s := range tags {
		if !allowed.MatchString(s) && s != `<a href="`+ports.ServiceNames().Page+`">` && s != "</a>" {
			t.Errorf("it has a %s:\n%s", s, markdown)
		}
	}
}

// checkText holds all formats to what text in the registry must not do.
func checkText(t *testing.T, s string) {
	t.Helper()
	d := document(withText(s))
	d.From.ID, d.To.ID = "old"+normal(s), "new"+normal(s)

	shown := func(withDetails bool) (lines []string) {
		for _, s := range sections(d.Changes, all).list {
			lines = append(lines, kinds[s.kind].heading)
			for _, c := range s.changes {
				lines = append(lines, plain.sentence(c))
				if withDetails {
					lines = append(lines, details(c)...)
				}
			}
		}
		return lines
	}

	var md strings.Builder
	if err := Markdown(&md, d, Options{All: true}); err != nil {
		t.Fatal(err)
	}
	checkMarkdown(t, []byte(md.String()), append([]string{
		text.Visible(d.From.ID) + " to " + text.Visible(d.To.ID), "13 to 13 records: " + Counts(d.Changes) + ".",
	}, shown(true)...))

	d.Changes = listed(d.Changes)
	log := changelog([]history.Event{
		{Version: snapshots.Version{ID: march(1), Records: 13}}, {Version: snapshots.Version{ID: march(2), Records: 13}, Previous: d.From.ID, Changes: d.Changes},
	})
	checkMarkdown(t, log, slices.Concat(
		[]string{"Changes in IANA's Service Name and Transport Protocol Port Number Registry", "Newest first. Data: IANA, " + ports.ServiceNames().Page + ", CC0 1.0."},
		strings.Split(legend, "\n"),
		[]string{"2018-03-02 22:56 UTC: " + headline(d.Changes), "Version " + march(2) + ", after " + text.Visible(d.From.ID) + ": 13 records."},
		shown(false),
		[]string{"2018-03-01 22:56 UTC: our history begins", "Version " + march(1) + ": 13 records."},
	))

	var text strings.Builder
	if err := Text(&text, d, Options{All: true}); err != nil {
		t.Fatal(err)
	}
	for _, r := range text.String() {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%U reaches the terminal:\n%q", r, text.String())
			break
		}
	}
	if got, want := strings.Count(text.String(), "\n"), 1+2*len(d.Summary)+len(shown(true))-len(d.Summary); got > want {
		t.Errorf("%d lines, want no more than %d:\n%s", got, want, text.String())
	}
}

// listed are the changes that are not only counted.
func listed(changes []diff.Change) (out []diff.Change) {
	for _, c := range changes {
		if !c.Minor && c.Kind != diff.Recut {
			out = append(out, c)
		}
	}
	return out
}

func TestRegistryTextDoesNotAct(t *testing.T) {
	for _, s := range hostile {
		checkText(t, s)
		checkText(t, "x "+s+" y")
	}
	checkText(t, strings.Join(hostile, " "))
}

func TestLookupsDoNotActOnATerminal(t *testing.T) {
	for _, s := range hostile {
		tab, _ := withText(s)
		var b strings.Builder
		for port := range uint16(15) {
			if err := Port(&b, lookup.Survey(tab).OfPort(port), Options{}); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range tab.Records {
			if r.ServiceName != "" {
				if err := Service(&b, lookup.OfService(tab, r.ServiceName), Options{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q reaches the terminal", b.String()[i:min(i+10, b.Len())])
		}
	}
}

func FuzzRegistryText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) < 2000 {
			checkText(t, s)
		}
	})
}
