package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/history"
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
had another status before. A range that was only divided anew counts as unchanged.`,
		Example: `  ianasync blame 4420
  ianasync blame 1278/tcp --at 2016-08-25`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeSubjects(1, false),
		RunE: func(cmd *cobra.Command, args []string) error {
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
	cmd.Flags().StringVar(&at, "at", latest, "the version whose records are shown")
	_ = cmd.RegisterFlagCompletionFunc("at", a.completeVersions(math.MaxInt))
	return cmd
}

// blameJSON is an answer as JSON.
type blameJSON struct {
	Version string          `json:"version"` // id
	Query   string          `json:"query"`
	Begins  string          `json:"begins"` // id of the oldest version: what it holds may be older
	Records []history.Blame `json:"records"`
}

func (a *app) blame(cmd *cobra.Command, query history.Query, at string) (*blameJSON, error) {
	s, v, err := a.find(at)
	if err != nil {
		return nil, err
	}
	rows, err := s.Rows(v)
	if err != nil {
		return nil, err
	}
	table, err := rows.Holding(query.Port)
	if err != nil {
		return nil, err
	}
	past, err := history.OpenToAsk(cmd.Context(), s)
	if err != nil {
		return nil, err
	}
	past = past.UpTo(v.ID)
	begins, _ := past.Begins()
	blames, err := past.Blame(query, history.Holds(table, query))
	return &blameJSON{Version: v.ID, Query: query.String(), Begins: begins.ID, Records: blames}, err
}
