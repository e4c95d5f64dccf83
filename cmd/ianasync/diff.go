package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/registry/ports"
)

func (a *app) diffCommand() *cobra.Command {
	var format string
	var all bool
	cmd := &cobra.Command{
		Use:   "diff [OLD [NEW]]",
		Short: "Show what changed between two versions",
		Long: `Show what changed from one version to another: services that are gone, replaced,
renamed, moved, new or updated, or whose assignee changed. Minor changes (contacts, dates
or spelling alone) and ranges that IANA divided anew around other changes are counted;
--all lists them too.

OLD and NEW are versions, dates, files, URLs, or -; two files may be of any of IANA's registries,
CSV of one registry or XML of a group. With -r, one of them may be a version of that group and the
other its XML. Without NEW, OLD is compared with the
newest version; without both, the newest version with the one before it. Rows that differ only in white
space, order or quoting do not differ.

Exit status: 0 no difference, 1 differences, 2 failure, 4 a URL is unreachable.`,
		Example: `  ianasync diff
  ianasync diff 2023
  ianasync diff 2018-01-01 2020-01-01 --format markdown
  ianasync diff old.csv new.csv --format json
  ianasync diff tls-parameters.xml latest -r tls-parameters`,
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: a.completeVersions(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			sides, err := a.sides(args)
			if err != nil {
				return err
			}
			d, err := a.compareSides(cmd, sides)
			if err != nil {
				return err
			}
			o := render.Options{All: all, Color: a.colored(), From: sides.typedOld, To: sides.typedNew}
			if sides.alone && format == "text" {
				return a.write(fmt.Appendf(nil, "there is one version, %s: the next one that differs can be compared with it\n", d.To.ID))
			}
			if err := a.paged(func() error { return a.writeDiff(d, format, o) }); err != nil {
				return err
			}
			if len(d.Changes) > 0 {
				return &failure{status: exitDifferences}
			}
			return nil
		},
	}
	formatFlag(cmd, &format, "text", "markdown", "json", "jsonl")
	a.registryFlag(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "list minor changes and ranges divided anew, too (text, markdown)")
	return cmd
}

// sides are what the command line of diff names.
type sides struct {
	old, new           string
	typedOld, typedNew string // empty for a side that was not typed, and for a file or a URL
	alone              bool   // there is one version, which stands for both sides
}

// sides returns the two sides of a comparison: what is not given is the newest version, and the one before it.
func (a *app) sides(args []string) (sides, error) {
	d := sides{old: latest + "~1", new: latest}
	if len(args) == 0 {
		s, _, err := a.find(latest)
		if err != nil {
			return d, err
		}
		if d.alone = len(s.Versions()) == 1; d.alone {
			d.old = latest
		}
		return d, nil
	}
	d.old = args[0]
	if len(args) == 2 {
		d.new = args[1]
	}
	for i, spec := range args {
		if isVersion(spec) {
			*[]*string{&d.typedOld, &d.typedNew}[i] = spec
		}
	}
	return d, nil
}

// compareSides compares the two sides, of the group that --registry selects.
func (a *app) compareSides(cmd *cobra.Command, of sides) (*diff.Document, error) {
	if a.isPorts() {
		return a.compare(cmd, of.old, of.new)
	}
	return a.compareGroup(cmd.Context(), of.old, of.new)
}

// errOneStdin is the error for a comparison of standard input with itself.
var errOneStdin = errors.New("only one side can be standard input")

// compare compares two editions. It decodes only the rows in which they differ.
func (a *app) compare(cmd *cobra.Command, oldSpec, newSpec string) (*diff.Document, error) {
	if oldSpec == "-" && newSpec == "-" {
		return nil, errOneStdin
	}
	old, err := a.open(cmd.Context(), oldSpec)
	if err != nil {
		return nil, err
	}
	new, err := a.open(cmd.Context(), newSpec)
	if err != nil {
		return nil, err
	}
	if old.id == new.id && oldSpec != newSpec { // files of the same name in two folders
		old.id, new.id = oldSpec, newSpec
	}
	oldRows, err := old.rows()
	if errors.Is(err, ports.ErrNotRegistry) && new.isOther() {
		return a.compareOther(old, new)
	}
	if err != nil {
		return nil, err
	}
	newRows, err := new.rows()
	if err != nil {
		return nil, err
	}
	gone, came, err := ports.Distinct(oldRows, newRows)
	if err != nil {
		return nil, err
	}
	a.warn(old.id, gone)
	a.warn(new.id, came)
	d := diff.NewDocument(a.registry.ID, old.side(oldRows), new.side(newRows), portrules.Compare(gone.Records, came.Records))
	return &d, nil
}

// mostProblems is the number of problems of one file that are printed one by one.
const mostProblems = 10

// warn prints the problems of a table and the columns that have no meaning to this program.
func (a *app) warn(name string, t *ports.Table) {
	for i, p := range t.Problems {
		if i == mostProblems {
			a.say("%s: and %d more problems", name, len(t.Problems)-i)
			break
		}
		a.say("%s:%v", name, p)
	}
	for _, column := range t.Unknown {
		a.say("%s: unknown column %q: its values are kept and shown, but not compared", name, column)
	}
}

func (a *app) writeDiff(d *diff.Document, format string, o render.Options) error {
	w := bufio.NewWriter(a.stdout)
	if err := encodeDiff(w, d, format, o); err != nil {
		return err
	}
	return w.Flush()
}

func encodeDiff(w io.Writer, d *diff.Document, format string, o render.Options) error {
	switch format {
	case "text":
		return render.Text(w, d, o)
	case "markdown":
		return render.Markdown(w, d, o)
	}
	if format == "json" {
		_, err := w.Write(append(d.AppendJSON(nil), '\n'))
		return err
	}
	var line []byte
	for i := range d.Changes {
		line = append(d.Changes[i].AppendJSON(line[:0]), '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}
