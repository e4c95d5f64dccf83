package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ianasync/ianasync/internal/githubaction"
	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// inputs lists the inputs of the action in action.yml. Each is a flag, except buildInput, which only the step that installs
// the program uses.
var inputs = []string{"accept", "base-url", buildInput, "commit", "fail-on", "no-history", "notes", "publish", "publish-if", "registries", "source", "stale-after", "store"}

const buildInput = "build"

// actionFlags holds the flags of action.
type actionFlags struct {
	syncFlags
	commit     string
	failOn     string
	staleAfter time.Duration
	publish    publishFlags // no output where nothing is published
	publishIf  string
	notes      string // names of files, one a line
	registries string
}

// The values of --commit, --publish-if and --fail-on.
var (
	commitChoices    = []string{"push", "pull-request", "none"}
	publishIfChoices = []string{"changed", "always"}
	failOnChoices    = []string{string(githubaction.Guard), string(githubaction.Removal), string(githubaction.Never)}
)

func (a *app) actionCommand() *cobra.Command {
	var f actionFlags
	cmd := &cobra.Command{
		Use:   "action",
		Short: "Sync and commit, as a step of a GitHub workflow",
		Long: `Sync the store, commit and push its files, and report to the workflow what changed.
This is what action.yml runs; see docs/action.md.

The store of the branch is fetched first: what it has is never removed from it.

The inputs are read from IANASYNC_INPUTS, a JSON object whose keys are names of flags.
Outputs are written to the file $GITHUB_OUTPUT, a summary to $GITHUB_STEP_SUMMARY,
annotations to standard output.

Exit status: 0 done, with or without a new version, 1 an assignment was removed and
--fail-on is removal, 2 failure, 3 refused by the guard, 4 the source has been
unreachable for longer than --stale-after. With several registry groups it is 3 where any
was refused, else 4 where any has been unreachable for too long, else 1.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.stderr = githubaction.Inert(a.stderr)
			err := a.readInputs(cmd.Flags())
			if err == nil {
				err = a.action(cmd.Context(), &f, cmd.Flags().Changed("source"))
			}
			if _, reported := errors.AsType[reportedFailure](err); err == nil || reported {
				return err
			}
			text := err.Error()
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				text = errInterrupted.Error()
			}
			if hint := hintOf(err); hint != "" { // the page of a run shows annotations only
				text += "\nhint: " + hint
			}
			return errors.Join(err, a.runner().Annotate(githubaction.Error, []string{text}))
		},
	}
	a.syncFlags(cmd.Flags(), &f.syncFlags)
	cmd.Flags().StringVar(&f.registries, "registries", groups.ServiceNames, "the registry groups to sync, with commas or a line each, or all")
	cmd.Flags().StringVar(&f.commit, "commit", commitChoices[0], "what to do with the store's files: push (commit them, and push to the branch that is checked out), pull-request (push them to the branch ianasync, for a pull request), none")
	cmd.Flags().StringVar(&f.failOn, "fail-on", failOnChoices[0], "what fails the step: guard (the guard refused what is served), removal (that, or a removed assignment), never")
	cmd.Flags().DurationVar(&f.staleAfter, "stale-after", 72*time.Hour, "tolerate an unreachable source for this long after the last successful check")
	cmd.Flags().StringVar(&f.publish.output, "publish", "", "folder to publish in, as 'ianasync publish' does; nothing is published if empty")
	cmd.Flags().StringVar(&f.publishIf, "publish-if", publishIfChoices[0], "when to publish: changed (if there is a new version), always")
	cmd.Flags().StringVar(&f.publish.base, "base-url", "", "URL at which that folder will be served")
	cmd.Flags().StringVar(&f.notes, "notes", "", "names of files with others' notes on ports, one a line; the pages show them apart")
	_ = cmd.RegisterFlagCompletionFunc("commit", cobra.FixedCompletions(commitChoices, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("publish-if", cobra.FixedCompletions(publishIfChoices, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOnChoices, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// readInputs sets the flags to the values of the workflow's inputs.
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
		if v := given[name]; v != "" && name != buildInput {
			if err := flags.Set(name, v); err != nil {
				return fmt.Errorf("input %s: %w", name, err)
			}
		}
	}
	return nil
}

// checkAction checks the flags and returns where to publish: nil if nothing is to be published.
func (a *app) checkAction(f *actionFlags) (*destination, error) {
	switch {
	case f.tries < 1:
		return nil, errors.New("--tries must be at least 1")
	case !slices.Contains(commitChoices, f.commit):
		return nil, fmt.Errorf("commit %q is none of %s", f.commit, strings.Join(commitChoices, ", "))
	case !slices.Contains(publishIfChoices, f.publishIf):
		return nil, fmt.Errorf("publish-if %q is none of %s", f.publishIf, strings.Join(publishIfChoices, ", "))
	case !slices.Contains(failOnChoices, f.failOn):
		return nil, fmt.Errorf("fail-on %q is none of %s", f.failOn, strings.Join(failOnChoices, ", "))
	case f.staleAfter < 0:
		return nil, fmt.Errorf("stale-after must not be negative: %s", f.staleAfter)
	}
	f.publish.notes = strings.FieldsFunc(f.notes, func(r rune) bool { return r == '\n' || r == '\r' })
	if err := f.chooseGroups(); err != nil {
		return nil, err
	}
	return a.destination(&f.publish)
}

// allGroups is the value of --registries for every group that IANA publishes as XML.
const allGroups = "all"

// chooseGroups makes a choice of groups of --registries.
func (f *actionFlags) chooseGroups() error {
	f.groups.rate = defaultRate
	f.groups.registries = strings.FieldsFunc(f.registries, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	f.groups.all = slices.Contains(f.groups.registries, allGroups)
	if f.groups.all && len(f.groups.registries) > 1 {
		return errors.New("registries: all stands alone")
	}
	return f.groups.check()
}

func (a *app) action(ctx context.Context, f *actionFlags, sourceGiven bool) error {
	to, err := a.checkAction(f)
	if err != nil {
		return err
	}
	ids, err := a.groupsOf(&f.groups)
	if err != nil {
		return err
	}
	step := githubaction.Step{
		Group: a.anyGroup, Groups: ids, Store: a.store, Push: f.commit != "none", Propose: f.commit == "pull-request", Wait: f.wait, Runner: a.runner(), Now: a.now, Say: a.say,
		PublishAlways: f.publishIf == "always",
		Policy:        githubaction.Policy{FailOn: githubaction.FailOn(f.failOn), StaleAfter: f.staleAfter},
		Sync: func(ctx context.Context) iter.Seq2[sync.Checked, error] {
			return a.checks(ctx, &f.syncFlags, sourceGiven)
		},
	}
	if to != nil {
		step.Publish = func(ctx context.Context) error {
			written, err := a.publishNow(ctx, to)
			if err == nil {
				a.say("%s in %s", count(written.Files, "file"), to.folder)
			}
			return err
		}
	}
	conclusion, err := step.Run(ctx)
	if err != nil || conclusion.Level != githubaction.Error {
		return err
	}
	return reportedFailure{&failure{err: errors.New(conclusion.Text), status: exitOf(conclusion.About)}}
}

func (a *app) runner() *githubaction.Runner {
	return &githubaction.Runner{Stdout: a.stdout, Getenv: a.getenv}
}

// reportedFailure is a failure that was reported to the workflow already.
type reportedFailure struct{ error }

func (f reportedFailure) Unwrap() error { return f.error }

// exitOf returns the exit status of a run that fails because of an outcome.
func exitOf(o snapshots.Outcome) int {
	switch o {
	case snapshots.Refused:
		return exitRefused
	case snapshots.Unreachable:
		return exitUnreachable
	case sync.Failed:
		return exitFailure
	}
	return exitDifferences
}
