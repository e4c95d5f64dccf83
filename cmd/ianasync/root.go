package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry/ports"
)

// envPrefix is how the names of environment variables for flags begin: --store is
// IANASYNC_STORE.
const envPrefix = "IANASYNC_"

// app is what all commands share: the world, the registry, and the flags that every
// command has.
type app struct {
	*world
	registry *ports.Registry
	wanted   string // the group or registry that --registry selects; empty for the service names
	store    string // folder
	color    string // auto, always or never

	noPager    bool
	noHistory  bool // whether the built-in history is not to be used
	storeGiven bool // whether --store was given
	announced  bool // whether it was said that the built-in history answers

	talk func(text string) // prints a line of talk
}

// commands returns the commands that a command line may need: the one that its first argument names, or all. To build all takes
// 0.4 ms.
func (a *app) commands(args []string) []*cobra.Command {
	if slices.Equal(args, []string{"--version"}) {
		return nil
	}
	all := []struct {
		name  string
		build func(*app) *cobra.Command
	}{
		{"sync", (*app).syncCommand},
		{"watch", (*app).watchCommand},
		{"registries", (*app).registriesCommand},
		{"search", (*app).searchCommand},
		{"versions", (*app).versionsCommand},
		{"status", (*app).statusCommand},
		{"diff", (*app).diffCommand},
		{"log", (*app).logCommand},
		{"blame", (*app).blameCommand},
		{"lookup", (*app).lookupCommand},
		{"export", (*app).exportCommand},
		{"audit", (*app).auditCommand},
		{"import", (*app).importCommand},
		{"publish", (*app).publishCommand},
		{"pull", (*app).pullCommand},
		{"verify", (*app).verifyCommand},
		{"action", (*app).actionCommand},
		{"demo", (*app).demoCommand},
		{"man", (*app).manCommand},
		{"version", (*app).versionCommand},
	}
	for i, c := range all {
		if len(args) > 0 && c.name == args[0] {
			all = all[i : i+1]
			break
		}
	}
	built := make([]*cobra.Command, len(all))
	for i, c := range all {
		built[i] = c.build(a)
	}
	return built
}

// newRoot returns the root command for a command line, with all commands if that is empty.
func newRoot(w *world, args ...string) *cobra.Command {
	a := &app{world: w, registry: ports.ServiceNames(), wanted: groups.ServiceNames, talk: func(text string) { talk(w.stderr, text) }}
	root := &cobra.Command{
		Use:   "ianasync",
		Short: "Keep a versioned copy of IANA's registries, and say what changed in them",
		Long: `ianasync keeps a versioned copy of IANA's registries in a folder of plain files, and says
what changed in them, in their own terms: what was assigned, what was published as an
RFC, what is gone, what now means something else.

Every command is about the Service Name and Transport Protocol Port Number Registry, or,
with -r, about any other group of registries: 'sync -r tls-parameters' fetches it,
'import git' takes its past from a mirror, and 'registries' lists what the store has.

Where a command asks for a VERSION, write an id as 'ianasync versions' lists them or
the beginning of one, a date, a month or a year (2020-01-31, 2020-01, 2020: the last
version seen by its end, UTC), 'latest', 'latest~2' for the second before it, the path
of a CSV file, a URL, or - for standard input.

The program carries the history of the service names from 2015 on. Without --store, and
where there is no store in ./data, commands that read answer from it and report its date;
the first 'sync' or 'import' starts a store from it, 'import git' an empty one.
--no-history does neither.

Results go to standard output, all talk to standard error. Every flag --some-name may
also be given as the environment variable IANASYNC_SOME_NAME.

On a terminal, long output goes through $IANASYNC_PAGER, $PAGER or less, as git's does;
--no-pager, or the value cat, prevents it. With TERM=dumb there is no colour, no pager and
no progress bar.

Exit status: 0 done (for diff: no difference), 1 differences, 2 usage or failure,
3 refused by the guard, 4 the source is out of reach (try later).`,
		Version:       version(),
		SilenceErrors: true, SilenceUsage: true,
		SuggestionsMinimumDistance: 2, DisableFlagsInUseLine: true,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			err := a.readEnvironment(cmd.Flags())
			a.storeGiven = cmd.Flags().Changed("store")
			if f := cmd.Flags().Lookup("registry"); err == nil && f != nil && f.Changed && strings.Trim(f.Value.String(), "[]") == "" {
				err = errors.New("--registry is empty")
			}
			if err == nil && a.store == "" {
				err = errors.New("--store is empty")
			}
			return err
		},
	}
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	root.SetIn(w.stdin)
	root.PersistentFlags().StringVar(&a.store, "store", "data", "folder that the versions are kept in")
	root.PersistentFlags().StringVar(&a.color, "color", "auto", "colour the output: auto, always or never")
	root.PersistentFlags().BoolVar(&a.noHistory, "no-history", false, "do not use the built-in history")
	root.PersistentFlags().BoolVar(&a.noPager, "no-pager", false, "do not show long output with a pager")
	_ = root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp))
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if unknown, is := errors.AsType[*pflag.NotExistError](err); is && strings.ContainsAny(unknown.GetSpecifiedName(), "0123456789") {
			return withHint(err, "write -- before a value that begins with -: '%s -r cose -- -7'", cmd.CommandPath())
		}
		return withHint(err, "'%s --help' lists the flags", cmd.CommandPath())
	})
	root.AddCommand(a.commands(args)...)
	for _, cmd := range root.Commands() {
		hintUsage(cmd)
	}
	root.InitDefaultVersionFlag() // cobra itself adds it only after it took "--version --store x" for the command x
	return root
}

// knownCommand rejects arguments of the root command: no command has that name.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("unknown command %q", args[0])
	if similar := root.SuggestionsFor(args[0]); len(similar) > 0 {
		return withHint(err, "did you mean %s? 'ianasync --help' lists the commands", strings.Join(similar, " or "))
	}
	return withHint(err, "'ianasync --help' lists the commands")
}

// hintUsage adds the usage line to the error for wrong arguments.
func hintUsage(cmd *cobra.Command) {
	check := cmd.Args
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return withHint(fmt.Errorf("wrong arguments for %s", cmd.Name()), "usage: %s", cmd.UseLine())
		}
		return nil
	}
}

// readEnvironment sets the flags that were not given from their environment
// variables, if there are any.
func (a *app) readEnvironment(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if v := a.getenv(name); v != "" && !f.Changed && err == nil && f.Name != "help" {
			if e := flags.Set(f.Name, v); e != nil {
				err = fmt.Errorf("environment variable %s: %w", name, e)
			}
		}
	})
	if err == nil && !slices.Contains([]string{"auto", "always", "never"}, a.color) {
		err = fmt.Errorf("--color is auto, always or never, not %q", a.color)
	}
	return err
}

// release is the version of a released binary, which the linker sets: see .goreleaser.yaml.
var release string

// version returns which build this is: the release, the module's version, or the revision.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (v == "" || v == "(devel)") {
			v = s.Value
		}
	}
	return v
}

// program identifies this build: what another one publishes may differ. It is empty if the program's own file cannot be
// read. A checksum is enough to tell one build from another, and takes a sixth of the time of a digest.
var program = sync.OnceValue(func() string {
	if release != "" {
		return release
	}
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	if _, err := io.Copy(sum, f); err != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
})

func (a *app) colored() bool {
	return a.color == "always" || a.color == "auto" && a.terminal && a.getenv("NO_COLOR") == "" && !a.dumb()
}

// dumb reports whether the terminal shows lines of text and nothing else.
func (a *app) dumb() bool { return a.getenv("TERM") == "dumb" }

// say reports progress, warnings and other messages for people.
func (a *app) say(format string, args ...any) {
	a.talk(fmt.Sprintf(format, args...))
}

// formatFlag adds --format, whose first choice is the default.
func formatFlag(cmd *cobra.Command, into *string, choices ...string) {
	cmd.Flags().StringVar(into, "format", choices[0], "format of the output: "+strings.Join(choices, ", "))
	check := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(choices, *into) {
			return fmt.Errorf("--format %q is none of %s", *into, strings.Join(choices, ", "))
		}
		return check(cmd, args)
	}
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp))
}

// patience is how long something may take before a terminal shows its progress.
const patience = 500 * time.Millisecond

// progress returns a function that shows a progress bar on a terminal, once an
// operation has taken longer than patience, and one that removes the bar.
func (a *app) progress(what string) (show func(done, total int64), clear func()) {
	if !a.talkTerminal || a.dumb() {
		return func(int64, int64) {}, func() {}
	}
	var bar *progressbar.ProgressBar
	start := time.Now()
	show = func(done, total int64) {
		if bar == nil && time.Since(start) < patience {
			return
		}
		if bar == nil {
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(a.stderr), progressbar.OptionSetDescription(what),
				progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionSetSpinnerChangeInterval(0)) // else it goes on drawing when it was cleared
		}
		bar.ChangeMax64(total)
		_ = bar.Set64(done) // a bar that cannot be drawn is no reason to stop
	}
	return show, func() {
		if bar != nil {
			_ = bar.Clear()
		}
	}
}

// writeJSON writes a result as JSON, one line.
func (a *app) writeJSON(result any) error {
	data, err := plainjson.Marshal(result)
	if err != nil {
		return err
	}
	return a.write(append(data, '\n'))
}

// write copies a whole result to standard output.
func (a *app) write(data []byte) error {
	_, err := a.stdout.Write(data)
	return err
}
