package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/facts"
	"github.com/ianasync/ianasync/internal/report"
	"github.com/ianasync/ianasync/registry"
)

func (a *app) lookupCommand() *cobra.Command {
	var format, at string
	cmd := &cobra.Command{
		Use:   "lookup SERVICE | PORT | PORT/TRANSPORT",
		Short: "Say all that a version holds about a port or a service",
		Long: `Say all that a version holds about a port or a service name: who holds it and since
when, what the record does not say, which range the port is in and what that means,
whether it is free, and what stands beside it.`,
		Example: `  ianasync lookup 2397
  ianasync lookup 2397/udp
  ianasync lookup ncl --at 2019-01-01`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "" {
				return withHint(errors.New("nothing to look up"), "usage: %s", cmd.UseLine())
			}
			query, err := facts.ParseQuery(args[0])
			if err != nil {
				return err
			}
			e, err := a.open(cmd.Context(), at)
			if err != nil {
				return err
			}
			rows, err := e.rows()
			if err != nil {
				return err
			}
			table, err := rows.Table()
			if err != nil {
				return err
			}
			return a.lookup(e, table, query, format)
		},
	}
	formatFlag(cmd, &format, "text", "json")
	cmd.Flags().StringVar(&at, "at", "latest", "the version to look it up in")
	return cmd
}

// lookupJSON is an answer as JSON: one of port and service is not null.
type lookupJSON struct {
	Version string         `json:"version"` // id, or the name of the file
	SHA256  string         `json:"sha256"`  // of its bytes
	Source  string         `json:"source"`  // of the data
	Licence string         `json:"licence"`
	Port    *facts.Port    `json:"port"`
	Service *facts.Service `json:"service"`
}

func (a *app) lookup(e *edition, t *registry.Table, q facts.Query, format string) error {
	answer := lookupJSON{Version: e.id, SHA256: e.sha256, Source: a.registry.Page, Licence: "CC0-1.0"}
	if q.Service == "" {
		var only []registry.Transport
		if q.Transport != "" {
			only = append(only, q.Transport)
		}
		answer.Port = facts.OfPort(t, q.Port, only...)
	} else if answer.Service = facts.OfService(t, q.Service); answer.Service == nil {
		return noService(e, t, q.Service)
	}
	if format == "json" {
		return a.writeJSON(answer)
	}
	var b strings.Builder
	o := report.Options{Color: a.colored()}
	if answer.Port != nil {
		_ = report.Port(&b, answer.Port, o) // a Builder takes everything
	} else {
		_ = report.Service(&b, answer.Service, o)
	}
	fmt.Fprintf(&b, "\nVersion %s. Data: IANA, %s, CC0 1.0.\n", report.Visible(e.id), a.registry.Page)
	return a.write([]byte(b.String()))
}

func noService(e *edition, t *registry.Table, name string) error {
	err := fmt.Errorf("%s has no service named %q", e.id, name)
	if before, transport, both := strings.Cut(name, "/"); both && len(t.Service(before)) > 0 {
		return withHint(err, "for %s on %s and all else, 'ianasync lookup %s'", before, transport, before)
	}
	if similar := facts.Similar(t, name); len(similar) > 0 {
		return withHint(err, "did you mean %s?", strings.Join(similar, ", "))
	}
	return err
}
