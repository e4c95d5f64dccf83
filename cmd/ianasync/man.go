package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write the manual pages of all commands into a folder",
		Long: `Write the manual pages of all commands into a folder. Their date is $SOURCE_DATE_EPOCH, a
number of seconds, or else that of the source that the program was built from, if known.`,
		Example: "  ianasync man /usr/local/share/man/man1",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root := newRoot(a.world)
			root.InitDefaultCompletionCmd()
			return writeManPages(root, args[0], a.sourceDate())
		},
	}
}

// sourceDate returns the date of the program's source as SOURCE_DATE_EPOCH (reproducible-builds.org) or the build states it; it is
// empty where neither does. So the same program writes the same pages.
func (a *app) sourceDate() string {
	if seconds, err := strconv.ParseInt(a.getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC().Format(time.DateOnly)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" {
				date, _, _ := strings.Cut(s.Value, "T")
				return date
			}
		}
	}
	return ""
}

// writeManPages writes the pages of a command and of all below it into a folder.
func writeManPages(cmd *cobra.Command, folder, date string) error {
	for _, below := range documented(cmd) {
		if err := writeManPages(below, folder, date); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, manName(cmd)+".1"), []byte(manPage(cmd, date)), 0o644)
}

// documented returns the commands directly below a command that have a page.
func documented(cmd *cobra.Command) []*cobra.Command {
	var list []*cobra.Command
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() && !below.IsAdditionalHelpTopicCommand() {
			list = append(list, below)
		}
	}
	return list
}

// manName returns the name of a command's page: "ianasync-import-git".
func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage returns the page of a command in the macros of man(7). It is written here rather than with cobra/doc: the
// Markdown parser of that package takes 1 ms to initialise, at every start of every command.
func manPage(cmd *cobra.Command, date string) string {
	cmd.InitDefaultHelpFlag()
	var b strings.Builder
	fmt.Fprintf(&b, ".nh\n.TH \"%s\" \"1\" \"%s\" \"ianasync %s\" \"\"\n", roff(strings.ToUpper(manName(cmd))), roff(date), roff(version()))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(manName(cmd)), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n\\fB%s\\fP\n", roff(cmd.UseLine()))
	description := cmd.Long
	if description == "" {
		description = cmd.Short
	}
	description, status := cutStatus(description)
	b.WriteString(".SH DESCRIPTION\n")
	manText(&b, description)
	manFlags(&b, "OPTIONS", cmd.NonInheritedFlags())
	manFlags(&b, "OPTIONS OF ALL COMMANDS", cmd.InheritedFlags())
	if cmd.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.EX\n%s\n.EE\n", roff(cmd.Example))
	}
	b.WriteString(".SH EXIT STATUS\n")
	manText(&b, status)
	manItems(&b, "ENVIRONMENT", environment())
	manItems(&b, "FILES", storeFiles())
	var others []string
	if cmd.HasParent() {
		others = append(others, manName(cmd.Parent()))
	}
	for _, below := range documented(cmd) {
		others = append(others, manName(below))
	}
	if len(others) > 0 {
		b.WriteString(".SH SEE ALSO\n")
		for i, name := range others {
			others[i] = `\fB` + roff(name) + `\fP(1)`
		}
		b.WriteString(strings.Join(others, ",\n") + "\n")
	}
	return b.String()
}

// statusMark begins the paragraph of a help text about exit statuses.
const statusMark = "\n\nExit status: "

// cutStatus cuts a help text into the paragraphs about other things and the one about exit statuses.
func cutStatus(help string) (rest, status string) {
	rest, status, found := strings.Cut(help, statusMark)
	if !found {
		return help, "0 done, 2 usage or failure."
	}
	status, more, _ := strings.Cut(status, "\n\n")
	if more != "" {
		rest += "\n\n" + more
	}
	return rest, status
}

// item is an entry of a list in a manual page.
type item struct{ name, text string }

// environment returns the environment variables that matter to every command.
func environment() []item {
	return []item{
		{envPrefix + "SOME_NAME", "the value of the flag --some-name, of any command that has it, where the flag is not given: " + envPrefix + "STORE is --store."},
		{envPrefix + "PAGER, PAGER", "the pager for long output on a terminal; cat for none. The default is less."},
		{"LESS", "the options of less; FRX if it is not set."},
		{"NO_COLOR", "no colour, if it is not empty."},
		{"TERM", "if it is dumb: no colour, no pager, no progress bar."},
		{"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "the proxy for requests."},
	}
}

// storeFiles returns the files that matter to every command.
func storeFiles() []item {
	return []item{
		{"data/", "the store, unless --store names another folder."},
		{"data/CHANGELOG.md", "what changed from version to version, in the two newest years."},
		{"data/changelog/", "a file like it for each earlier year."},
		{"data/service-names-port-numbers/", "the versions of the service names registry, the newest table as CSV, and the lists of changes."},
		{"data/checks.jsonl", "when the registry was last checked."},
	}
}

// manItems writes a section that is a list.
func manItems(b *strings.Builder, heading string, items []item) {
	fmt.Fprintf(b, ".SH %s\n", heading)
	for _, i := range items {
		fmt.Fprintf(b, ".TP\n\\fB%s\\fP\n%s\n", roff(i.name), roff(i.text))
	}
}

// manText writes the text of a help: paragraphs, items that begin with "  - ", and other indented lines, which stay
// as they are.
func manText(b *strings.Builder, text string) {
	const item = "  - "
	verbatim, first := false, true
	for paragraph := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		if !first && !strings.HasPrefix(paragraph, item) {
			b.WriteString(".PP\n")
		}
		first = false
		inItem := false
		for line := range strings.SplitSeq(paragraph, "\n") {
			content, isItem := strings.CutPrefix(line, item)
			inItem = isItem || inItem && strings.HasPrefix(line, "    ")
			indented := strings.HasPrefix(line, " ") && !inItem
			if indented != verbatim {
				b.WriteString(map[bool]string{true: ".EX\n", false: ".EE\n"}[indented])
				verbatim = indented
			}
			if isItem {
				b.WriteString(".IP \\(bu 2\n")
			}
			if !indented {
				content = strings.TrimSpace(content)
			}
			b.WriteString(roff(content) + "\n")
		}
		if verbatim {
			b.WriteString(".EE\n")
			verbatim = false
		}
	}
}

// manFlags writes a section of flags.
func manFlags(b *strings.Builder, heading string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", heading)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		b.WriteString(".TP\n")
		if f.Shorthand != "" {
			fmt.Fprintf(b, "\\fB\\-%s\\fP, ", roff(f.Shorthand))
		}
		fmt.Fprintf(b, "\\fB\\-\\-%s\\fP", roff(f.Name))
		kind, usage := pflag.UnquoteUsage(f)
		if kind != "" {
			fmt.Fprintf(b, " \\fI%s\\fP", roff(kind))
		}
		b.WriteString("\n" + roff(usage))
		if shown := f.DefValue; shown != "" && shown != "false" && shown != "[]" && shown != "0" && shown != "0s" {
			fmt.Fprintf(b, " (default %s)", roff(shown))
		}
		b.WriteString("\n")
	})
}

// roff escapes text for a line, or for whole lines, of a manual page.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
