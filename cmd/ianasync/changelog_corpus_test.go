package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// wordless matches a bullet that gives no value: only that something is new, or which columns changed.
var wordless = regexp.MustCompile(`^- [^:]+( is new|: [a-z ]+ changed(; [a-z ]+ changed)*)( \([a-z]+ [0-9-]+\))?$`)

// assigneeOnly matches a bullet that says only that an assignee changed: values of that column are not shown.
var assigneeOnly = regexp.MustCompile(`: assignee changed( \(modified [0-9-]+\))?$`)

// TestChangelogHasValues holds the changelog of the real editions to what it must say: at most 2 % of the bullets are
// without a value, every publication names its RFC, and no bullet has the tag of a person.
func TestChangelogHasValues(t *testing.T) {
	t.Parallel()
	store := corpusFolder(t)
	rfc := regexp.MustCompile(`: reference published, now RFC[0-9]+`)
	person := regexp.MustCompile(`\[\pL+(_\pL+)+(_[0-9]+)?\]`)
	var without []string
	bullets, published, sections, heading := 0, 0, 0, ""
	for line := range strings.Lines(wholeChangelog(t, store)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "## "):
			sections++
		case strings.HasPrefix(line, "### "):
			heading = line
		case !strings.HasPrefix(line, "- "):
			continue
		}
		if !strings.HasPrefix(line, "- ") {
			continue
		}
		if person.MatchString(strings.ReplaceAll(line, `\`, "")) {
			t.Errorf("a person may be named: %s", line)
		}
		if heading == "### Published as RFC" {
			published++
			if !rfc.MatchString(line) {
				t.Errorf("a publication without its RFC: %s", line)
			}
		}
		if assigneeOnly.MatchString(line) {
			continue
		}
		bullets++
		if wordless.MatchString(line) {
			without = append(without, line)
		}
	}
	t.Logf("%d sections, %d bullets, %d without a value, %d publications", sections, bullets, len(without), published)
	if bullets < 400 || sections < 150 || published < 20 {
		t.Errorf("%d sections, %d bullets and %d publications are too few to tell", sections, bullets, published)
	}
	if len(without)*50 > bullets {
		t.Errorf("%d of %d bullets have no value:\n%s", len(without), bullets, strings.Join(without, "\n"))
	}
}

// wholeChangelog returns the changelog of a store over all years.
func wholeChangelog(t *testing.T, store string) string {
	t.Helper()
	years, err := filepath.Glob(filepath.Join(store, "changelog", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := read(filepath.Join(store, "CHANGELOG.md"))
	for _, year := range years {
		text += read(year)
	}
	return text
}
