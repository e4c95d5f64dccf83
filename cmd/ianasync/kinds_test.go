package main

import (
	"os"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/docs"
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/notify"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/registry/ports"
)

// TestEveryKind holds whatever lists the kinds of change against [diff.Kinds]: the words, the filters, the outputs of
// the action, the schemas and the documentation.
func TestEveryKind(t *testing.T) {
	outputs := readAction(t).Outputs
	for _, k := range diff.Kinds {
		change := diff.Change{Kind: k, Name: "a", Was: "b", Extension: &portrules.Place{Ports: ports.PortRange(1, 1)}}
		var text strings.Builder
		if err := render.Text(&text, &diff.Document{Changes: []diff.Change{change}}, render.Options{All: true}); err != nil {
			t.Fatal(err)
		}
		// A line about the versions, an empty one, the heading and the sentence.
		if lines := strings.Split(text.String(), "\n"); len(lines) < 4 || strings.TrimSpace(lines[2]) == "" || strings.TrimSpace(lines[3]) == "" {
			t.Errorf("%s lacks a heading or a sentence in internal/render/kinds.go:\n%s", k, text.String())
		}
		several := &history.Event{Previous: "x", Changes: []diff.Change{change, change}}
		if headline := render.Headline(several); strings.HasSuffix(headline, " ") {
			t.Errorf("%s has no word for several changes in internal/render/kinds.go: %q", k, headline)
		}
		if _, err := notify.ParseFilter("kind=" + string(k)); err != nil {
			t.Error(err)
		}
		if _, found := outputs[string(k)]; !found {
			t.Errorf("%s is not an output in action.yml", k)
		}
		for name, mark := range map[string]string{"docs/action.md": "\n| `" + string(k) + "` |", "docs/json.md": "`" + string(k) + "`"} {
			data, err := os.ReadFile("../../" + name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(data), mark) {
				t.Errorf("%s lacks %s", name, k)
			}
		}
		if !strings.Contains(string(docs.DiffSchema), `"`+string(k)+`"`) {
			t.Errorf("docs/diff.schema.json lacks %s", k)
		}
	}
}
