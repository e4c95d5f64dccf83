package main

import (
	"bufio"
	"errors"
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
		Use:   "diff OLD NEW",
		Short: "Show what changed between two versions",
		Long: `Show what changed from one version to another: services that are gone, replaced,
renamed, moved, new or updated, or whose assignee changed. Minor changes (contacts, dates
or spelling alone) and ranges that IANA divided anew around other changes are counted;
--all lists them too.

OLD and NEW are versions, dates, files, URLs, or -. Rows that differ only in white
space, order or quoting do not differ.

Exit status: 0 no difference, 1 differences, 2 failure, 4 a URL is unreachable.`,
		Example: `  ianasync diff latest~1 latest
  ianasync diff 2018-01-01 2020-01-01 --format markdown
  ianasync diff old.csv new.csv --format json`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := a.compare(cmd, args[0], args[1])
			if err != nil {
				return err
			}
			o := render.Options{All: all, Color: a.colored()}
			if err := a.writeDiff(d, format, o); err != nil {
				return err
			}
			if len(d.Changes) > 0 {
				return &failure{status: exitDifferences}
			}
			return nil
		},
	}
	formatFlag(cmd, &format, "text", "markdown", "json", "jsonl")
	cmd.Flags().BoolVar(&all, "all", false, "list minor changes and ranges divided anew, too (text, markdown)")
	return cmd
}

// compare compares two editions. It decodes only the rows in which they differ.
func (a *app) compare(cmd *cobra.Command, oldSpec, newSpec string) (*diff.Document, error) {
	if oldSpec == "-" && newSpec == "-" {
		return nil, errors.New("only one side can be standard input")
	}
	old, err := a.open(cmd.Context(), oldSpec)
	if err != nil {
		return nil, err
	}
	new, err := a.open(cmd.Context(), newSpec)
	if err != nil {
		return nil, err
	}
	oldRows, err := old.rows()
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
	if old.id == new.id && oldSpec != newSpec { // files of the same name in two folders
		old.id, new.id = oldSpec, newSpec
	}
	a.warn(old.id, gone)
	a.warn(new.id, came)
	d := diff.NewDocument(a.registry.ID, old.side(oldRows), new.side(newRows), portrules.Compare(gone.Records, came.Records))
	return &d, nil
}

// mostProblems is the number of problems of one file that are printed one by one.
const mostProblems = 10

// warn prints the problems of a table and the columns that this program does not know.
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
