package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/sockets"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

func (a *app) lookupCommand() *cobra.Command {
	var format, at string
	var local bool
	cmd := &cobra.Command{
		Use:   "lookup SERVICE | PORT | PORT/TRANSPORT",
		Short: "Show all that a version says about a port or a service",
		Long: `Show all that a version says about a port or a service name: who holds it and since
when, what is not recorded, the range of the port, whether it is free, the nearest
services and the nearest free ports.

A port may also be written as :443, and a service as DNS-SD has it, _http._tcp.

--local adds what listens on the port on this machine now, with the name of its process
if this user may see it.

Exit status: 0 done, 1 the name is unknown, 2 failure.`,
		Example: `  ianasync lookup 2397
  ianasync lookup 2397/udp
  ianasync lookup ncl --at 2019-01-01
  ianasync lookup 8080 --local`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "" {
				return withHint(errors.New("nothing to look up"), "usage: %s", cmd.UseLine())
			}
			query, err := parseQuery("lookup", args[0])
			if err != nil {
				return err
			}
			if query.Assignee != "" {
				return withHint(errors.New("lookup takes a port or a service, not an assignee"), "'ianasync log %s' shows what happened to what the assignee holds", args[0])
			}
			if local && !query.IsPort() {
				return withHint(fmt.Errorf("--local takes a port, and %s is a service", query), "'ianasync lookup %s' lists its ports", args[0])
			}
			answer, err := a.lookup(cmd.Context(), query, at)
			if err != nil {
				return err
			}
			full := localAnswer{Answer: answer}
			if local {
				if full.Local, err = listening(cmd.Context(), query); err != nil {
					return err
				}
			}
			return a.writeLookup(full, format)
		},
	}
	formatFlag(cmd, &format, "text", "json")
	cmd.Flags().StringVar(&at, "at", "latest", "the version to look it up in")
	cmd.Flags().BoolVar(&local, "local", false, "also show what listens on the port on this machine now")
	return cmd
}

// listening returns the sockets of this machine on the port of a query.
func listening(ctx context.Context, q history.Query) ([]sockets.Socket, error) {
	list, err := sockets.On(ctx, q.Port)
	return slices.DeleteFunc(list, func(l sockets.Socket) bool { return q.Transport != "" && l.Transport != q.Transport }), err
}

// localAnswer is an answer with the sockets on the port on this machine, if --local is given.
type localAnswer struct {
	*lookup.Answer
	Local []sockets.Socket `json:"local,omitzero"`
}

// lookup looks a query up in the edition that at names. Where that is a version of the store, the answer
// tells its past, too.
func (a *app) lookup(ctx context.Context, q history.Query, at string) (*lookup.Answer, error) {
	e, rows, past, err := a.openToLookUp(ctx, q, at)
	if err != nil {
		return nil, err
	}
	answer := lookup.NewAnswer(a.registry, e.id, e.sha256)
	if !q.IsPort() {
		answer.Service, err = lookupService(e, rows, past, q.Service)
		return answer, err
	}
	var only []ports.Transport
	if q.Transport != "" {
		only = append(only, q.Transport)
	}
	if answer.Port, err = lookup.InEdition(rows, q.Port, only...); err == nil {
		answer.Port.Past = past
	}
	return answer, err
}

// openToLookUp returns what at names, and what happened to what a query asks for up to then; that is
// nil for what is no version of the store.
func (a *app) openToLookUp(ctx context.Context, q history.Query, at string) (*edition, *ports.Edition, *lookup.Past, error) {
	if !versionSpec().MatchString(at) {
		e, err := a.open(ctx, at)
		if err != nil {
			return nil, nil, nil, err
		}
		rows, err := e.rows()
		return e, rows, nil, err
	}
	s, v, err := a.find(at)
	if err != nil {
		return nil, nil, nil, err
	}
	rows, err := s.Rows(v)
	if err != nil {
		return nil, nil, nil, err
	}
	past, err := history.Open(ctx, s)
	if err != nil {
		return nil, nil, nil, err
	}
	upTo, err := lookup.OfPast(past.UpTo(v.ID), q)
	return &edition{id: v.ID, sha256: v.SHA256}, rows, upTo, err
}

// lookupService looks a service name up. One that is gone, but has a past, is known.
func lookupService(e *edition, rows *ports.Edition, past *lookup.Past, name string) (*lookup.Service, error) {
	table, err := rows.Where(func(o *ports.Outline) bool { return strings.EqualFold(o.ServiceName, name) })
	if err != nil {
		return nil, err
	}
	found := lookup.OfService(table, name)
	if found == nil && past != nil && !past.Unchanged {
		found = &lookup.Service{Name: name, Records: []lookup.Entry{}}
	}
	if found != nil {
		found.Past = past
		return found, nil
	}
	if table, err = rows.Table(); err != nil {
		return nil, err
	}
	return nil, unknown(noService(e.id, name, table.Names()))
}

func (a *app) writeLookup(answer localAnswer, format string) error {
	if format == "json" {
		return a.writeJSON(answer)
	}
	var b strings.Builder
	o := render.Options{Color: a.colored()}
	if answer.Port != nil {
		_ = render.Port(&b, answer.Port, o) // a Builder takes everything
	} else {
		_ = render.Service(&b, answer.Service, o)
	}
	if answer.Local != nil {
		_ = sockets.WriteText(&b, answer.Local)
	}
	fmt.Fprintf(&b, "\nVersion %s. Data: IANA, %s, CC0 1.0.\n", text.Visible(answer.Version), a.registry.Page)
	return a.write([]byte(b.String()))
}

// parseQuery reads the subject of a command.
func parseQuery(command, subject string) (history.Query, error) {
	query, err := history.ParseQuery(subject)
	if form := (*history.FormError)(nil); errors.As(err, &form) {
		return query, withHint(err, "'ianasync %s %s'", command, form.Instead)
	}
	return query, err
}

// noService returns the error for a name that is none of the known ones.
func noService(where, name string, known iter.Seq[string]) *failure {
	f := &failure{err: fmt.Errorf("%s has no service named %q", where, name)}
	before, transport, both := strings.Cut(name, "/")
	similar := lookup.Similar(name, known)
	switch {
	case both && slices.Contains(slices.Collect(known), before):
		f.hint = fmt.Sprintf("for %s on %s and all else, 'ianasync lookup %s'", before, transport, before)
	case len(similar) > 0:
		f.hint = fmt.Sprintf("did you mean %s?", strings.Join(similar, ", "))
	}
	return f
}

// unknown gives an error the exit status of a subject that the registry has never had.
func unknown(f *failure) error {
	f.status = exitUnknown
	return f
}
