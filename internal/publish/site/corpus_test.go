package site

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/registry/ports"
)

// corpus is a git bundle of real editions, kept beside the checkout where there is one.
const corpus = "../../../../shared/corpus/service-names.bundle"

// groupsCorpus is one of other groups.
const groupsCorpus = "../../../../shared/corpus/groups-xml.bundle"

// cloned clones a bundle, and returns a function that runs git in it.
func cloned(t testing.TB, bundle string) (git func(args ...string) []byte) {
	t.Helper()
	repo := filepath.Join(t.TempDir(), "repo.git")
	git = func(args ...string) []byte {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"--git-dir", repo}, args...)...).Output()
		if err != nil {
			t.Fatalf("git %s: %v", strings.Join(args, " "), err)
		}
		return out
	}
	if err := exec.CommandContext(t.Context(), "git", "clone", "-q", "--bare", bundle, repo).Run(); err != nil {
		t.Fatal(err)
	}
	return git
}

// realGroups returns some groups with one edition each.
func realGroups(t testing.TB) (list []Group) {
	t.Helper()
	if _, err := os.Stat(groupsCorpus); err != nil {
		t.Skipf("no real editions here: %v", err)
	}
	git := cloned(t, groupsCorpus)
	for _, id := range []string{
		"cbor-tags", "character-sets", "core-parameters", "dns-parameters", "http-methods", "http-status-codes", "ipfix", "kerberos-parameters", "link-relations", "media-types", "oauth-parameters",
		"protocol-numbers", "provisional-standard-media-types", "sip-parameters", "ssh-parameters", "tcp-parameters", "tls-extensiontype-values", "tls-parameters", "trip-parameters", "uri-schemes", "well-known-uris",
	} {
		list = append(list, groupOf(t, id, string(git("show", "HEAD:"+id+"/"+id+".xml"))))
	}
	return list
}

// realTables returns some of the real editions, oldest first.
func realTables(t testing.TB) (tables []*ports.Table) {
	t.Helper()
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("no real editions here: %v", err)
	}
	git := cloned(t, corpus)
	commits := strings.Fields(string(git("log", "--reverse", "--all", "--format=%H")))
	for i := 0; i < len(commits); i += len(commits) / 6 {
		table, err := ports.Parse(git("show", commits[i]+":service-names-port-numbers.csv"))
		if err != nil {
			continue // an error page stood in its place
		}
		tables = append(tables, table)
	}
	if len(tables) < 4 {
		t.Fatalf("the corpus has %d tables, want at least 4", len(tables))
	}
	return tables
}

// TestCorpus makes the site of real editions, and holds it to its limits of size.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	in := input(t, realTables(t)...)
	files := made(t, in)
	numbers, services, total := 0, 0, 0
	for name, data := range files {
		total += len(data)
		switch {
		case strings.HasPrefix(name, "port/") && strings.HasSuffix(name, ".html") && name != "port/index.html":
			numbers++
			if len(data) > 30_000 {
				t.Errorf("%s has %d bytes", name, len(data))
			}
		case strings.HasPrefix(name, "service/"):
			services++
		}
	}
	if numbers < 6_000 || services < 7_000 {
		t.Errorf("there are pages of %d ports and %d services", numbers, services)
	}
	if total > 100_000_000 {
		t.Errorf("the site has %d bytes", total)
	}
	if front := len(files["index.html"]) + len(files["style.css"]) + len(files["site.js"]) + len(files["map-status.png"]); front > 200_000 {
		t.Errorf("the front page has %d bytes", front)
	}
	crawl(t, files, "https://example.org/")
}
