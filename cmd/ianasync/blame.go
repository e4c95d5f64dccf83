package main

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/render"
)

func (a *app) blameCommand() *cobra.Command {
	var format, at string
	cmd := &cobra.Command{
		Use:   "blame PORT | PORT/TRANSPORT",
		Short: "Show when each column of a port's records last changed, and its previous value",
		Long: `Show, for each column of each record on a port, since which version it has its value,
and the value before. Records are followed through renames and moves; where a port was
assigned or reused, the record begins. A row without a service name begins where the port
had another status before. A range that was only divided anew counts as unchanged.

With -r, the records are those that a value or a name of the group or the registry
stands for, as in lookup.

Exit status: 0 done, 1 -r has no such value or name, 2 failure.`,
		Example: `  ianasync blame 4420
  ianasync blame 1278/tcp --at 2016-08-25
  ianasync blame -r tls-parameters/tls-signaturescheme ecdsa_sha1`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeSubjects(1, false),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !a.isPorts() {
				return a.withinRegistry(args[0], func(a *app, subject string) error { return a.blameInGroup(cmd.Context(), subject, at, format) })
			}
			query, err := parseQuery("blame", args[0])
			if err != nil {
				return err
			}
			if !query.IsPort() {
				return withHint(fmt.Errorf("%q is not a port", args[0]), "'ianasync lookup %s' lists the ports of a service", args[0])
			}
			b, err := a.blame(cmd, query, at)
			if err != nil {
				return err
			}
			if format == "json" {
				return a.writeJSON(b)
			}
			var text strings.Builder
			_ = render.Blame(&text, b.Query, b.Begins, b.Records, render.Options{Color: a.colored()}) // a Builder takes everything
			return a.paged(func() error { return a.write([]byte(text.String())) })
		},
	}
	formatFlag(cmd, &format, "text", "json")
	a.registryFlag(cmd)
	cmd.Flags().StringVar(&at, "at", latest, "the version whose records are shown")
	_ = cmd.RegisterFlagCompletionFunc("at", a.completeVersions(math.MaxInt))
	return cmd
}

// blameJSON is an answer as JSON.
type blameJSON struct {
	Version string              `json:"version"` // id
	Query   string              `json:"query"`
	Begins  string              `json:"begins"` // id of the oldest version: what it holds may be older
	Records []porthistory.Blame `json:"records"`
}

func (a *app) blame(cmd *cobra.Command, query porthistory.Query, at string) (*blameJSON, error) {
	s, v, err := a.find(at)
	if err != nil {
		return nil, err
	}
	rows, err := porthistory.Rows(s, v)
	if err != nil {
		return nil, err
	}
	table, err := rows.Holding(query.Port)
	if err != nil {
		return nil, err
	}
	past, err := porthistory.OpenToAsk(cmd.Context(), s)
	if err != nil {
		return nil, err
	}
	past = past.UpTo(v.ID)
	begins, _ := past.Begins()
	blames, err := past.Blame(query.Port, porthistory.Holds(table, query))
	return &blameJSON{Version: v.ID, Query: query.String(), Begins: begins.ID, Records: blames}, err
}

// groupBlameJSON is an answer about a group other than that of the service names as JSON.
type groupBlameJSON struct {
	Registry string            `json:"registry"` // what was asked: a group, or one registry
	Version  string            `json:"version"`  // id
	Query    string            `json:"query"`
	Begins   string            `json:"begins"` // id of the oldest version: what it holds may be older
	Records  []recordBlameJSON `json:"records"`
}

// recordBlameJSON is a record with the version since which each of its columns has its value.
type recordBlameJSON struct {
	groupRecordJSON
	Fields []history.Since `json:"fields"` // all columns, in the registry's order
}

// blameInGroup shows since when each column has its value, in the records of a group that a value or a name stands for.
func (a *app) blameInGroup(ctx context.Context, subject, at, format string) error {
	g, err := a.askVersion(ctx, subject, at)
	if err != nil {
		return err
	}
	begins, _ := g.past.Begins()
	answer := groupBlameJSON{Registry: a.wanted, Version: g.version.ID, Query: subject, Begins: begins.ID, Records: []recordBlameJSON{}}
	var text strings.Builder
	if len(g.found) == 0 {
		text.WriteString(a.isGone(subject))
	}
	for i := range g.found {
		f := &g.found[i]
		fields, err := g.past.Blame(f.Registry, subject, f.Record, f.Columns)
		if err != nil {
			return err
		}
		answer.Records = append(answer.Records, recordBlameJSON{groupRecordJSON{f.Registry, f.Title, f.Record.AppendJSON(nil, f.Columns)}, fields})
		if i > 0 {
			text.WriteString("\n")
		}
		_ = render.BlameRecord(&text, f, fields, begins.ID, render.Options{Color: a.colored()}) // a Builder takes everything
	}
	if format == "json" {
		return a.writeJSON(answer)
	}
	return a.paged(func() error { return a.write([]byte(text.String())) })
}
