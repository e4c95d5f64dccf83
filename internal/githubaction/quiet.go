package githubaction

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// GitHub switches the schedules of a public repository off when nothing was committed to it for SwitchOff:
// https://docs.github.com/en/actions/how-tos/manage-workflow-runs/disable-and-enable-a-workflow.
// Once it has been quiet for quietFor, there is reason to say so.
const (
	SwitchOff = 60 * 24 * time.Hour
	quietFor  = 45 * 24 * time.Hour
)

// Quiet returns when the newest commit was made of the checkout that a folder is in, if that was long before now and
// the repository has workflows: they may soon be switched off, or have been. Otherwise it is the zero time.
func Quiet(ctx context.Context, dir string, now time.Time) time.Time {
	dir, err := filepath.Abs(dir)
	if err != nil || !hasWorkflows(dir) {
		return time.Time{}
	}
	c := Checkout{dir: dir}
	text, err := c.line(ctx, "log", "-1", "--format=%ct")
	if err != nil { // no git, no commit: nothing that could be said
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	newest := time.Unix(seconds, 0).UTC()
	if err != nil || now.Sub(newest) <= quietFor {
		return time.Time{}
	}
	return newest
}

// hasWorkflows tells whether a folder is in a checkout with workflows.
func hasWorkflows(dir string) bool {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			_, err := os.Stat(filepath.Join(at, ".github", "workflows"))
			return err == nil
		}
		if at == filepath.Dir(at) {
			return false
		}
	}
}

// SwitchedOff says what a repository comes to whose newest commit was made at a time.
func SwitchedOff(quiet time.Time) string {
	return fmt.Sprintf("nothing was committed to this repository since %s: GitHub switches the schedules of a public one off after 60 days without a commit, on %s",
		day(quiet), day(quiet.Add(SwitchOff)))
}
