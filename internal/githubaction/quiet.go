package githubaction

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// GitHub disables the schedules of a public repository that had no commit for SwitchOff:
// https://docs.github.com/en/actions/how-tos/manage-workflow-runs/disable-and-enable-a-workflow.
// From quietFor on, runs warn of it.
const (
	SwitchOff = 60 * 24 * time.Hour
	quietFor  = 45 * 24 * time.Hour
)

// Quiet returns the time of the newest commit of the checkout that a folder is in, if that is longer than quietFor before
// now and the repository has workflows: GitHub may soon disable their schedules, or has. Otherwise it returns the zero time.
func Quiet(ctx context.Context, dir string, now time.Time) time.Time {
	dir, err := filepath.Abs(dir)
	if err != nil || !hasWorkflows(dir) {
		return time.Time{}
	}
	c := Checkout{dir: dir}
	text, err := c.line(ctx, "log", "-1", "--format=%ct")
	if err != nil { // no git, or no commit
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	newest := time.Unix(seconds, 0).UTC()
	if err != nil || now.Sub(newest) <= quietFor {
		return time.Time{}
	}
	return newest
}

// hasWorkflows reports whether a folder is in a checkout with workflows.
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

// SwitchedOff returns the warning for a repository whose newest commit was made at a time.
func SwitchedOff(quiet time.Time) string {
	return fmt.Sprintf("no commit was made to this repository since %s: GitHub disables the schedules of a public repository after 60 days without a commit, on %s",
		day(quiet), day(quiet.Add(SwitchOff)))
}
