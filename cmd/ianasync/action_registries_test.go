package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// colours is a group of one registry, with a record for each name.
func colours(names ...string) string {
	text := `<registry xmlns="http://www.iana.org/assignments" id="colours"><title>Colours &amp; Shades</title><registry id="web"><title>Web</title>`
	for i, name := range names {
		text += "<record><value>" + string(rune('1'+i)) + "</value><name>" + name + "</name></record>"
	}
	return text + "</registry></registry>\n"
}

// publishGroups is a folder with the files of two groups, the service names and one other, as IANA has them.
func publishGroups(t *testing.T, table []byte, group string) string {
	t.Helper()
	folder := t.TempDir()
	for name, data := range map[string][]byte{"service-names-port-numbers.csv": table, "colours.xml": []byte(group)} {
		at := filepath.Join(folder, strings.TrimSuffix(name, filepath.Ext(name)), name)
		if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestActionRegistries runs the action for two groups: each run makes one commit at most, the worst outcome is the run's, and
// what the branch has of a group stays, whichever groups a later run is for.
func TestActionRegistries(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	run := func(day int, table []byte, group, registries, failOn string) ran {
		t.Helper()
		folder := publishGroups(t, table, group)
		if err := f.site.behave("folder", []string{folder}, nil); err != nil {
			t.Fatal(err)
		}
		with := map[string]string{"registries": registries, "fail-on": failOn, "source": strings.TrimSuffix(f.site.URL(), "ports.csv")}
		return f.run(f.checkout(), time.Date(2026, 1, day, 5, 17, 0, 0, time.UTC), with, false)
	}
	wants := func(r ran, status int, outcome, registries string, commits ...string) {
		t.Helper()
		if r.status != status || r.outputs["outcome"] != outcome || r.outputs["registries"] != registries {
			t.Fatalf("exit status %d, outputs %q; want %d, %q, %s\n%s%s", r.status, r.outputs, status, outcome, registries, r.stdout, r.stderr)
		}
		log := f.log()
		if got, want := strings.Join(log[1:], "\n"), strings.Join(commits, "\n"); got != want {
			t.Fatalf("the commits are\n%s\nwant\n%s", got, want)
		}
	}
	const both = "service-names-port-numbers\ncolours"
	r := run(10, generate(), colours("red", "green", "blue"), both, "guard")
	commits := []string{"changes in 2 registry groups: service-names-port-numbers, colours"}
	wants(r, 0, "changed", `[{"group":"service-names-port-numbers","outcome":"changed","version":"20260110T051700Z","records":11037,"summary":{}},`+
		`{"group":"colours","outcome":"changed","version":"20260110T051700Z","records":3,"summary":{}}]`, commits...)
	if got, want := runGit(t, "--git-dir", f.remote, "show", "-s", "--format=%b", "main"),
		"service-names-port-numbers: our history begins with 11037 records\ncolours: our history begins with 3 records\n\n"; got != want {
		t.Errorf("the message goes on with %q", got)
	}

	// A change of the other group alone.
	r = run(11, generate(), colours("red", "green", "blue", "pink"), both, "guard")
	commits = append(commits, "colours: pink assigned")
	wants(r, 0, "changed", `[{"group":"colours","outcome":"changed","version":"20260111T051700Z","previous":"20260110T051700Z","records":4,"summary":{"assigned":1}}]`, commits...)
	if r.outputs["assigned"] != "1" || r.outputs["records"] != "11041" || r.outputs["version"] != "20260111T051700Z" {
		t.Errorf("outputs %q", r.outputs)
	}
	if want := "## 2026-01-11 05:17 UTC, Colours \\& Shades: 1 assigned\n\nVersion `20260111T051700Z`, after `20260110T051700Z`: 4 records.\n\n### Newly assigned\n\n- Web: `pink` (4) is new\n"; r.summary != want {
		t.Errorf("summary %q", r.summary)
	}
	if want := "::notice title=ianasync::Web: pink (4) is new\n"; r.stdout != want {
		t.Errorf("stdout %q", r.stdout)
	}

	// A page in the place of one, while the other loses an assignment: nothing that was stored is lost, and the refusal is the outcome.
	r = run(12, []byte(maintenancePage), colours("red", "green"), both, "removal")
	commits = append(commits, "colours: blue and pink deassigned")
	wants(r, exitRefused, "refused", `[{"group":"service-names-port-numbers","outcome":"refused","version":"20260110T051700Z","records":11037,"summary":{}},`+
		`{"group":"colours","outcome":"changed","version":"20260112T051700Z","previous":"20260111T051700Z","records":2,"summary":{"deassigned":2}}]`, commits...)
	if !strings.Contains(r.stdout, "::error title=ianasync::service-names-port-numbers: refused ") || !strings.Contains(r.stdout, "::error title=ianasync::colours: an assignment was removed: blue and pink deassigned\n") {
		t.Errorf("stdout %q", r.stdout)
	}

	// A later run for one group, in a checkout that lacks the other.
	folder := publishGroups(t, generate("assign:2400:barge"), "")
	if err := f.site.behave("folder", []string{folder}, nil); err != nil {
		t.Fatal(err)
	}
	clone := f.checkout()
	if err := os.RemoveAll(filepath.Join(clone, "data", "colours")); err != nil {
		t.Fatal(err)
	}
	r = f.run(clone, time.Date(2026, 1, 13, 5, 17, 0, 0, time.UTC), map[string]string{"source": strings.TrimSuffix(f.site.URL(), "ports.csv") + "service-names-port-numbers/service-names-port-numbers.csv"}, false)
	commits = append(commits, "service-names-port-numbers: barge 2400 assigned")
	wants(r, 0, "changed", `[{"group":"service-names-port-numbers","outcome":"changed","version":"20260113T051700Z","previous":"20260110T051700Z","records":11040,"summary":{"assigned":1}}]`, commits...)
	if got, err := inProcess(time.Date(2026, 1, 14, 0, 0, 0, 0, time.UTC), filepath.Join(f.checkout(), "data"), "verify"); err != nil || !strings.Contains(got, "5 versions of 2 groups, whole") {
		t.Errorf("%v: %s", err, got)
	}
	if got := runGit(t, "-C", clone, "status", "--short"); got != "" {
		t.Errorf("the checkout is left as\n%s", got)
	}
}
