package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/githubaction"
)

// proposal returns the commit that the proposal's branch is at.
func (f *forge) proposal() string {
	f.t.Helper()
	return strings.TrimSpace(runGit(f.t, "--git-dir", f.remote, "rev-parse", githubaction.Proposal))
}

// wantsProposed checks that the proposal is one commit on top of main, with what is in a checkout: that is what an action
// that makes a pull request of the checkout's files finds there.
func (f *forge) wantsProposed(clone string) {
	f.t.Helper()
	git := func(args ...string) string { return strings.TrimSpace(runGit(f.t, args...)) }
	if got, want := git("--git-dir", f.remote, "rev-parse", githubaction.Proposal+"^"), git("--git-dir", f.remote, "rev-parse", "main"); got != want {
		f.t.Errorf("the proposal follows %s, want %s", got, want)
	}
	runGit(f.t, "-C", clone, "add", "--", "data")
	if got, want := git("-C", clone, "write-tree"), git("--git-dir", f.remote, "rev-parse", githubaction.Proposal+"^{tree}"); got != want {
		f.t.Errorf("the checkout has other files than the proposal:\n%s", runGit(f.t, "-C", clone, "diff", "--stat", "--cached", "HEAD"))
	}
}

// TestActionProposes runs the action day by day with a pull request that is merged late, and squashed.
func TestActionProposes(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	with := map[string]string{"commit": "pull-request"}
	clone := ""
	run := func(day int) ran {
		t.Helper()
		clone = f.checkout()
		return f.run(clone, time.Date(2026, 1, day, 5, 17, 0, 0, time.UTC), with, false)
	}
	f.serve("plain", generate())
	with["commit"] = "push"
	begun := "our history begins with 11037 records"
	f.wants(run(10), 0, "changed", begun)
	with["commit"] = "pull-request"
	f.wants(run(11), 0, "unchanged", begun) // nothing to propose
	if got := runGit(t, "--git-dir", f.remote, "branch", "--list", githubaction.Proposal); got != "" {
		t.Fatalf("an unchanged registry is proposed: %s", got)
	}

	f.serve("plain", generate("rename:relay-15:ferry"))
	r := run(12)
	f.wants(r, 0, "changed", begun)
	first := f.proposal()
	if r.outputs["version"] != "20260112T051700Z" || r.outputs["commit"] != first {
		t.Errorf("outputs %q, proposed is %s", r.outputs, first)
	}
	f.wantsProposed(clone)

	// Until the merge the version is the same, and new.
	r = run(13)
	f.wants(r, 0, "changed", begun)
	if r.outputs["version"] != "20260112T051700Z" || r.outputs["renamed"] != "1" || r.outputs["commit"] != "" || f.proposal() != first {
		t.Errorf("outputs %q, proposed is %s, was %s", r.outputs, f.proposal(), first)
	}

	// One more takes the place of the proposal, which stays one commit; so it does after a push to the branch.
	f.serve("plain", generate("rename:relay-15:ferry", "deassign:relay-29"))
	r = run(14)
	f.wants(r, 0, "changed", begun)
	if r.outputs["version"] != "20260114T051700Z" || r.outputs["deassigned"] != "1" || r.outputs["renamed"] != "1" {
		t.Errorf("outputs %q", r.outputs)
	}
	f.wantsProposed(clone)
	f.push("README.md", "Ports and more\n")
	f.wants(run(15), 0, "changed", begun, "Change README.md")
	f.wantsProposed(clone)

	// It is merged as a commit of somebody else's.
	tree := strings.TrimSpace(runGit(t, "--git-dir", f.remote, "rev-parse", githubaction.Proposal+"^{tree}"))
	merged := runGit(t, "--git-dir", f.remote, "-c", "user.name=S", "-c", "user.email=s@example.com", "commit-tree", "-p", "main", "-m", "Change all", tree)
	runGit(t, "--git-dir", f.remote, "update-ref", "refs/heads/main", strings.TrimSpace(merged))
	last := f.proposal()
	log := []string{begun, "Change README.md", "Change all"}
	r = run(16)
	f.wants(r, 0, "unchanged", log...)
	if r.outputs["changed"] != "false" || r.outputs["version"] != "20260114T051700Z" || f.proposal() != last {
		t.Errorf("outputs %q", r.outputs)
	}
	f.serve("plain", generate("rename:relay-15:canal", "deassign:relay-29"))
	r = run(17)
	f.wants(r, 0, "changed", log...)
	if r.outputs["previous"] != "20260114T051700Z" || r.outputs["renamed"] != "1" || r.outputs["deassigned"] != "0" {
		t.Errorf("outputs %q", r.outputs)
	}
	f.wantsProposed(clone)
}
