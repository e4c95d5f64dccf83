package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man FOLDER",
		Short:   "Write the manual pages of all commands into a folder",
		Example: "  ianasync man /usr/local/share/man/man1",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			return writeManPages(cmd.Root(), args[0])
		},
	}
}

// writeManPages writes the pages of a command and of all below it into a folder.
func writeManPages(cmd *cobra.Command, folder string) error {
	for _, below := range documented(cmd) {
		if err := writeManPages(below, folder); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, manName(cmd)+".1"), []byte(manPage(cmd)), 0o644)
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
func manPage(cmd *cobra.Command) string {
	cmd.InitDefaultHelpFlag()
	var b strings.Builder
	// No date: the same program writes the same pages.
	fmt.Fprintf(&b, ".nh\n.TH \"%s\" \"1\" \"\" \"ianasync %s\" \"\"\n", roff(strings.ToUpper(manName(cmd))), roff(version()))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(manName(cmd)), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n\\fB%s\\fP\n", roff(cmd.UseLine()))
	description := cmd.Long
	if description == "" {
		description = cmd.Short
	}
	b.WriteString(".SH DESCRIPTION\n")
	manText(&b, description)
	manFlags(&b, "OPTIONS", cmd.NonInheritedFlags())
	manFlags(&b, "OPTIONS OF ALL COMMANDS", cmd.InheritedFlags())
	if cmd.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.EX\n%s\n.EE\n", roff(cmd.Example))
	}
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
