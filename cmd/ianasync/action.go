package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ianasync/ianasync/internal/githubaction"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// inputs are the inputs of the action in action.yml, each a flag.
var inputs = []string{"accept", "base-url", "commit", "fail-on", "notes", "publish", "source", "stale-after", "store"}

// actionFlags are the flags of action.
type actionFlags struct {
	syncFlags
	commit     string
	failOn     string
	staleAfter time.Duration
	publish    publishFlags // no output where nothing is published
	notes      string       // names of files, one a line
}

// choices are the values of --commit and --fail-on.
var (
	commitChoices = []string{"push", "none"}
	failOnChoices = []string{string(githubaction.Guard), string(githubaction.Removal), string(githubaction.Never)}
)

func (a *app) actionCommand() *cobra.Command {
	var f actionFlags
	cmd := &cobra.Command{
		Use:   "action",
		Short: "Sync and commit, as a step of a GitHub workflow",
		Long: `Do what a step of a GitHub workflow has to: sync the store, commit and push its files,
and tell the workflow what changed. This is what action.yml runs; see docs/action.md.

The inputs are read from IANASYNC_INPUTS, a JSON object whose keys are names of flags.
Outputs go to the file $GITHUB_OUTPUT, a summary to $GITHUB_STEP_SUMMARY, annotations
to standard output.

Exit status: 0 done, whether or not there was anything new, 1 an assignment is gone and
--fail-on is removal, 2 failure, 3 refused by the guard, 4 the source has been out of
reach for longer than --stale-after.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.stderr = githubaction.Inert(a.stderr)
			err := a.readInputs(cmd.Flags())
			if err == nil {
				err = a.action(cmd.Context(), &f)
			}
			if _, told := errors.AsType[toldFailure](err); err == nil || told {
				return err
			}
			text := err.Error()
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				text = errInterrupted.Error()
			}
			if hint := hintOf(err); hint != "" { // the page of a run shows nothing else
				text += "\nhint: " + hint
			}
			return errors.Join(err, a.annotate(githubaction.Error, map[githubaction.Level][]string{githubaction.Error: {text}}))
		},
	}
	a.syncFlags(cmd.Flags(), &f.syncFlags)
	cmd.Flags().StringVar(&f.commit, "commit", commitChoices[0], "what to do with the store's folder: push (a commit, to the branch that is checked out) or none")
	cmd.Flags().StringVar(&f.failOn, "fail-on", failOnChoices[0], "what makes the step fail: guard (the guard refused), removal (that, or an assignment is gone), never")
	cmd.Flags().DurationVar(&f.staleAfter, "stale-after", 72*time.Hour, "for how long the source may be out of reach before the step fails")
	cmd.Flags().StringVar(&f.publish.output, "publish", "", "folder to publish in, as 'ianasync publish' does; nothing is published if empty")
	cmd.Flags().StringVar(&f.publish.base, "base-url", "", "where that folder will be served")
	cmd.Flags().StringVar(&f.notes, "notes", "", "files of what others say of ports, one a line, which is shown apart")
	_ = cmd.RegisterFlagCompletionFunc("commit", cobra.FixedCompletions(commitChoices, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOnChoices, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// readInputs gives the flags the values of the workflow's inputs.
func (a *app) readInputs(flags *pflag.FlagSet) error {
	text := a.getenv(envPrefix + "INPUTS")
	if text == "" {
		return nil
	}
	var given map[string]string
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		return fmt.Errorf("environment variable %sINPUTS: %w", envPrefix, err)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(inputs, name) {
			return fmt.Errorf("unknown input %q: known are %s", name, strings.Join(inputs, ", "))
		}
		if v := given[name]; v != "" {
			if err := flags.Set(name, v); err != nil {
				return fmt.Errorf("input %s: %w", name, err)
			}
		}
	}
	return nil
}

// checkAction makes sense of the flags before anything is done, and returns where to publish; nil where nothing is.
func (a *app) checkAction(f *actionFlags) (*destination, error) {
	switch {
	case f.tries < 1:
		return nil, errors.New("--tries must be at least 1")
	case !slices.Contains(commitChoices, f.commit):
		return nil, fmt.Errorf("commit %q is none of %s", f.commit, strings.Join(commitChoices, ", "))
	case !slices.Contains(failOnChoices, f.failOn):
		return nil, fmt.Errorf("fail-on %q is none of %s", f.failOn, strings.Join(failOnChoices, ", "))
	case f.staleAfter < 0:
		return nil, fmt.Errorf("stale-after must not be negative: %s", f.staleAfter)
	}
	f.publish.notes = strings.FieldsFunc(f.notes, func(r rune) bool { return r == '\n' || r == '\r' })
	return a.destination(&f.publish)
}

// maxRounds is how often a run starts over because another one was faster.
const maxRounds = 5

func (a *app) action(ctx context.Context, f *actionFlags) error {
	to, err := a.checkAction(f)
	if err != nil {
		return err
	}
	found, err := a.syncAndCommit(ctx, f)
	if found == nil {
		return err
	}
	if err == nil && to != nil {
		err = a.publishFor(ctx, to)
	}
	verdict := found.Verdict(githubaction.Policy{FailOn: githubaction.FailOn(f.failOn), StaleAfter: f.staleAfter}, a.now())
	err = errors.Join(err, a.tellWorkflow(found, verdict)) // it is told what was found, whatever became of it then
	if err != nil || verdict.Level != githubaction.Error {
		return err
	}
	return toldFailure{&failure{err: errors.New(verdict.Text), status: exitOf(verdict.About)}}
}

// publishFor publishes what the store has now, whether or not it is new: the workflow begins with an empty folder. What
// could not be committed is not published, for the next run will find it under another id.
func (a *app) publishFor(ctx context.Context, to *destination) error {
	store, err := a.openStore()
	if err != nil {
		return err
	}
	if _, found := store.Latest(); !found {
		return nil
	}
	written, err := a.publishTo(ctx, store, to)
	if err == nil {
		a.say("%s in %s", count(written.Files, "file"), to.folder)
	}
	return err
}

// toldFailure is a failure that the workflow knows of already.
type toldFailure struct{ error }

func (t toldFailure) Unwrap() error { return t.error }

func exitOf(o snapshots.Outcome) int {
	switch o {
	case snapshots.Refused:
		return exitRefused
	case snapshots.Unreachable:
		return exitUnreachable
	}
	return exitDifferences
}

// syncAndCommit does both, and starts over where another run has committed the store in between. There may be a
// finding and an error.
func (a *app) syncAndCommit(ctx context.Context, f *actionFlags) (*githubaction.Finding, error) {
	if f.commit != "push" {
		found, err := a.look(ctx, f)
		if err == nil {
			found.Quiet = githubaction.Quiet(ctx, a.store, a.now())
		}
		return found, err
	}
	if err := os.MkdirAll(a.store, 0o777); err != nil {
		return nil, err
	}
	folder, err := githubaction.Open(ctx, a.store, layout.Names(a.registry)...)
	if err != nil {
		return nil, err
	}
	for round := 1; ; round++ {
		found, err := a.look(ctx, f)
		if err != nil {
			return nil, err
		}
		err = a.commit(ctx, folder, found)
		switch {
		case !errors.Is(err, githubaction.ErrOvertaken):
			return found, err
		case round == maxRounds:
			return nil, err // what was found is not in the store any more
		}
		a.say("%v: starting over from there", err)
	}
}

// commit commits and pushes the store, if that is worth it.
func (a *app) commit(ctx context.Context, folder *githubaction.Folder, found *githubaction.Finding) error {
	changes, err := folder.Changed(ctx)
	if err != nil {
		return err
	}
	if err := a.addUntold(ctx, found, changes); err != nil {
		return err
	}
	if found.WorthCommitting(changes) {
		found.Commit, err = folder.Commit(ctx, changes, found.Message(), a.now())
	}
	return err
}

// addUntold adds to what was found the versions that an earlier run stored and could not push: all that are newer than
// the committed ones. Where none is committed the record begins.
func (a *app) addUntold(ctx context.Context, found *githubaction.Finding, changes []githubaction.Change) error {
	at := slices.IndexFunc(changes, func(c githubaction.Change) bool { return c.Name == layout.Versions })
	if at < 0 {
		return nil
	}
	events := []history.Event{{Version: found.Newest}}
	if known := layout.NewestID(changes[at].Was); known != "" {
		var err error
		if events, err = a.eventsAfter(ctx, known); err != nil {
			return err
		}
	}
	if found.Newest.ID == "" || len(found.Events) >= len(events) {
		return nil
	}
	found.Events = events
	if found.Outcome == snapshots.Unchanged {
		found.Outcome = snapshots.Changed
	}
	return nil
}

// eventsAfter returns what the store's versions brought after the one of an id.
func (a *app) eventsAfter(ctx context.Context, id string) (events []history.Event, err error) {
	store, err := a.openStore()
	if err != nil {
		return nil, err
	}
	past, err := history.Open(ctx, store)
	if err != nil {
		return nil, err
	}
	for _, step := range past.Steps() {
		if step.Version.ID <= id {
			continue
		}
		event, err := step.Event()
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	return events, nil
}

// look syncs the store, and takes a refusal or silence for an answer.
func (a *app) look(ctx context.Context, f *actionFlags) (found *githubaction.Finding, err error) {
	store, err := a.openForWriting(ctx, f.wait)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	result, why := a.runSync(ctx, store, &f.syncFlags)
	found = new(githubaction.Finding)
	refused, isRefused := errors.AsType[*sync.Rejection](why)
	switch {
	case why == nil:
		found.Outcome = result.Outcome
		if result.Table != nil { // the version is new
			found.Events = []history.Event{result.Event}
			a.warn(result.Version.ID, result.Table)
		}
	case isRefused:
		found.Outcome, found.Why, found.Fix = snapshots.Refused, refused.Error(), refused.Fix
	case errors.Is(why, web.ErrUnreachable):
		found.Outcome, found.Why = snapshots.Unreachable, unreachable(why).Error()
	default:
		return nil, why
	}
	found.Newest, _ = store.Latest()
	found.Check, _, err = store.Check()
	return found, err
}

// tellWorkflow writes the outputs, the summary and the annotations.
func (a *app) tellWorkflow(f *githubaction.Finding, v githubaction.Verdict) error {
	summary := []byte(githubaction.Cut(f.Summary(v), githubaction.SummaryLimit, "The rest does not fit here: it is in the store, in "+sync.ChangelogFile+"."))
	file := filepath.Join(cmp.Or(a.getenv("RUNNER_TEMP"), os.TempDir()), "ianasync-summary.md")
	if err := os.WriteFile(file, summary, 0o666); err != nil {
		return err
	}
	var outputs bytes.Buffer
	if err := githubaction.WriteOutputs(&outputs, rand.Reader, f.Outputs(file)); err != nil {
		return err
	}
	a.say("%s", f.Headline())
	annotations := f.Annotations(v)
	return errors.Join(
		a.appendTo("GITHUB_STEP_SUMMARY", summary), a.appendTo("GITHUB_OUTPUT", outputs.Bytes()),
		a.annotate(githubaction.Error, annotations), a.annotate(githubaction.Warning, annotations), a.annotate(githubaction.Notice, annotations),
	)
}

// appendTo appends to the file that an environment variable names. Outside a workflow there
// is none.
func (a *app) appendTo(variable string, data []byte) (err error) {
	name := a.getenv(variable)
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

func (a *app) annotate(level githubaction.Level, all map[githubaction.Level][]string) error {
	return githubaction.Annotate(a.stdout, level, "ianasync", all[level])
}
