package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ianasync/ianasync/internal/githubaction"
)

// workflowFile is a workflow, as far as the documentation shows one.
type workflowFile struct {
	On          map[string]any
	Concurrency string
	Jobs        map[string]struct {
		If          string
		Permissions map[string]string
		Steps       []struct {
			ID, If, Uses, Run string
			With              map[string]string
		}
	}
}

// shownWorkflows returns the workflows that a page shows, as text and read.
func shownWorkflows(t *testing.T, page string) (texts []string, files []workflowFile) {
	t.Helper()
	for _, found := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(read(page), -1) {
		if !strings.Contains(found[1], "\njobs:\n") {
			continue
		}
		var file workflowFile
		if err := yaml.Unmarshal([]byte(found[1]), &file); err != nil {
			t.Errorf("%s: %v in\n%s", page, err, found[1])
		}
		texts, files = append(texts, found[1]), append(files, file)
	}
	if len(files) == 0 {
		t.Fatalf("%s shows no workflow", page)
	}
	return texts, files
}

// TestShownWorkflows runs what the README and docs/action.md show to copy: the steps are those of
// action.yml with the inputs that are written there.
func TestShownWorkflows(t *testing.T) {
	t.Parallel()
	readme, files := shownWorkflows(t, "../../README.md")
	docs, more := shownWorkflows(t, "../../docs/action.md")
	if readme[0] != docs[0] || strings.Count(readme[0], "\n") > 10 {
		t.Errorf("the README shows\n%sand docs/action.md\n%s", readme[0], docs[0])
	}
	for _, w := range append(files, more...) {
		job := w.Jobs["sync"]
		if w.On["schedule"] == nil || w.Concurrency == "" || job.Permissions["contents"] != "write" || len(job.Steps) < 2 || !strings.HasPrefix(job.Steps[0].Uses, "actions/checkout@") {
			t.Fatalf("the workflow is %+v", w)
		}
		f := newForge(t)
		f.serve("plain", generate())
		with := job.Steps[1].With
		if with["publish"] != "" && testing.Short() {
			continue // it publishes a whole site
		}
		for name, value := range with {
			if _, known := f.action.Inputs[name]; !known {
				t.Errorf("there is no input %s", name)
			}
			if strings.Contains(value, "${{") {
				with[name] = "" // what GitHub makes of an input that a schedule does not have
			}
		}
		clone := f.checkout()
		if with["registries"] != "" {
			continue // TestActionRegistries runs it
		}
		commits, committed := []string{"our history begins with 11037 records"}, "README.md\ndata\n"
		if with["commit"] == "pull-request" {
			commits, committed = nil, "README.md\n"
			if pull := job.Steps[2]; !strings.HasPrefix(pull.Uses, "peter-evans/create-pull-request@") || pull.With["branch"] != githubaction.Proposal {
				t.Errorf("the pull request is made by %+v, and the branch is %s", pull, githubaction.Proposal)
			}
		}
		f.wants(f.run(clone, time.Now(), with, false), 0, "changed", commits...)
		if folder := with["publish"]; folder != "" && !strings.Contains(read(filepath.Join(clone, folder, "index.html")), "<h1") {
			t.Errorf("nothing is published in %s", folder)
		}
		if files := runGit(t, "--git-dir", f.remote, "ls-tree", "--name-only", "main"); files != committed {
			t.Errorf("committed %q", files)
		}
		if with["commit"] == "pull-request" {
			f.wantsProposed(clone)
		}
	}
}

// TestShownWorkflowsRest wants a run that finds nothing new to upload and deploy nothing, but for one a week, and every
// action to be named by a commit, with the tag that it is.
func TestShownWorkflowsRest(t *testing.T) {
	texts, files := shownWorkflows(t, "../../docs/action.md")
	ours := read("../../.github/workflows/sync.yml")
	var file workflowFile
	if err := yaml.Unmarshal([]byte(ours), &file); err != nil {
		t.Fatal(err)
	}
	const changed = "steps.sync.outputs.changed == 'true'"
	pinned := regexp.MustCompile(`^ *(- )?uses: (\./|[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d.*)$`)
	after := 0
	for i, w := range append(files, file) {
		text := append(texts, ours)[i]
		for line := range strings.Lines(text) {
			if strings.Contains(line, "uses: ") && !pinned.MatchString(strings.TrimRight(line, "\n")) {
				t.Errorf("not named by a commit with its tag: %s", line)
			}
		}
		synced := false
		for _, step := range w.Jobs["sync"].Steps {
			if synced {
				after++
				if !strings.HasPrefix(step.If, changed) {
					t.Errorf("%s runs if %q", step.Uses, step.If)
				}
			}
			synced = synced || step.ID == "sync"
		}
		if pages, found := w.Jobs["pages"]; found && (pages.If != "needs.sync.outputs.publish == 'true'" || !strings.Contains(text, "publish: ${{ "+changed+" || github.event.schedule != ") || strings.Count(text, "cron:") != 2) {
			t.Errorf("it deploys if %q:\n%s", pages.If, text)
		}
	}
	if after < 3 {
		t.Errorf("only %d steps follow a sync", after)
	}
}

// TestReleaseJobs sees that nothing of a release is run where it can be signed, and nothing but our scripts where it can be written.
func TestReleaseJobs(t *testing.T) {
	var file workflowFile
	if err := yaml.Unmarshal([]byte(read("../../.github/workflows/release.yml")), &file); err != nil {
		t.Fatal(err)
	}
	signs, writes := 0, 0
	for name, job := range file.Jobs {
		for _, step := range job.Steps {
			if job.Permissions["id-token"] != "" {
				signs++
				if step.Run != "" || strings.HasPrefix(step.Uses, "actions/checkout@") || strings.HasPrefix(step.Uses, "actions/setup-go@") {
					t.Errorf("the job %s, which may sign, runs %s%s", name, step.Uses, step.Run)
				}
			}
			if job.Permissions["contents"] == "write" {
				writes++
				if strings.Contains(step.Run, "go ") || strings.Contains(step.Run, "goreleaser") {
					t.Errorf("the job %s, which may write, runs %s", name, step.Run)
				}
			}
		}
	}
	if signs == 0 || writes == 0 {
		t.Errorf("%d steps may sign, %d may write", signs, writes)
	}
}

// TestActionTables holds the tables in docs/action.md against action.yml.
func TestActionTables(t *testing.T) {
	page, file := read("../../docs/action.md"), readAction(t)
	for name, input := range file.Inputs {
		value := "`" + *input.Default + "`"
		if *input.Default == "" {
			value = ""
		}
		if row := strings.Replace(fmt.Sprintf("\n| `%s` | %s | %s |\n", name, value, input.Description), "|  |", "| |", 1); !strings.Contains(page, row) {
			t.Errorf("docs/action.md lacks the row%s", row)
		}
	}
	for name, output := range file.Outputs {
		if row := fmt.Sprintf("\n| `%s` | %s |\n", name, output.Description); !strings.Contains(page, row) {
			t.Errorf("docs/action.md lacks the row%s", row)
		}
	}
	if rows := strings.Count(page, "\n| `"); rows != len(file.Inputs)+len(file.Outputs) {
		t.Errorf("docs/action.md has %d rows, want %d and %d", rows, len(file.Inputs), len(file.Outputs))
	}
}

// TestWorkflowsArePinned looks at our own workflows: what they use has a commit's id, what
// they may do is granted job by job, and nothing from outside is part of a script.
func TestWorkflowsArePinned(t *testing.T) {
	const folder = "../../.github/workflows/"
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`uses: *(\S+)`)
	pinned := regexp.MustCompile(`^(\./|[\w-]+/[\w/-]+@[0-9a-f]{40}$)`)
	var names []string
	for _, file := range list {
		names = append(names, file.Name())
		text := read(folder + file.Name())
		for _, found := range used.FindAllStringSubmatch(text, -1) {
			if !pinned.MatchString(found[1]) {
				t.Errorf("%s uses %s, which may be another tomorrow", file.Name(), found[1])
			}
		}
		if !strings.Contains(text, "\npermissions: {}\n") {
			t.Errorf("%s grants permissions to all of its jobs", file.Name())
		}
		for line := range strings.Lines(text) {
			if strings.Contains(line, "run:") && strings.Contains(line, "${{") {
				t.Errorf("%s: %s", file.Name(), line)
			}
		}
	}
	if !slices.Contains(names, "sync.yml") {
		t.Errorf("there are %q, and no schedule", names)
	}
}
