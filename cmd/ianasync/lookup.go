package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/sockets"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

func (a *app) lookupCommand() *cobra.Command {
	var format, at string
	var local bool
	cmd := &cobra.Command{
		Use:   "lookup SERVICE | PORT | PORT/TRANSPORT | PORT-PORT ...",
		Short: "Show all that a version says about ports or services, or values and names of any registry",
		Long: `Show all that a version says about a port or a service name: who holds it and since
when, what is not recorded, the range of the port, whether it is free, the nearest
services and the nearest free ports. For a range of ports, list what stands on it.

A port may also be written as :443 or tcp/443, and a service as DNS-SD has it,
_http._tcp. Of several, the answers follow each other; as JSON, one on each line.

With -r, it looks up values or names of a registry group, or of one registry: the records
that they stand for, and what happened to them. A name may have its registry before it,
application/json for example. Before a value that begins with -, write --.

--local adds what listens on the port on this machine now, with the name of its process
if this user may see it.

Exit status: 0 done, 1 a name is unknown, 2 failure.`,
		Example: `  ianasync lookup 2397
  ianasync lookup 443 80/tcp http
  ianasync lookup 6000-6063
  ianasync lookup ncl --at 2019-01-01
  ianasync lookup 8080 --local
  ianasync lookup -r tls-parameters 0x1301
  ianasync lookup -r media-types application/json
  ianasync lookup -r cose -- -7`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: a.completeSubjects(math.MaxInt, true),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !a.isPorts() {
				if local {
					return withHint(errors.New("--local takes a port of the service names"), "usage: %s", cmd.UseLine())
				}
				return a.paged(func() error { return a.lookupInGroup(cmd.Context(), args, at, format) })
			}
			return a.paged(func() error { return a.lookupAll(cmd, args, at, format, local) })
		},
	}
	formatFlag(cmd, &format, "text", "json")
	a.registryFlag(cmd)
	cmd.Flags().StringVar(&at, "at", latest, "the version to look it up in")
	_ = cmd.RegisterFlagCompletionFunc("at", a.completeVersions(math.MaxInt))
	cmd.Flags().BoolVar(&local, "local", false, "also show what listens on the port on this machine now")
	return cmd
}

// lookupAll looks up ports and services, or values and names of a file of another registry.
func (a *app) lookupAll(cmd *cobra.Command, subjects []string, at, format string, local bool) error {
	e, read, err := a.openOther(cmd.Context(), at)
	if err != nil {
		return err
	}
	if read != nil && local {
		return errLocalOther
	}
	return a.lookupEach(subjects, format, func(subject, before string) error {
		if read != nil {
			return a.lookupOther(e, read, subject, format, before)
		}
		answer, err := a.lookupOne(cmd, subject, at, local)
		if err != nil {
			return err
		}
		if err := a.write([]byte(before)); err != nil {
			return err
		}
		return a.writeLookup(*answer, format)
	})
}

// lookupEach looks up one subject after the other. An answer as text is written after what is to stand before it. Where one of several is
// unknown, the rest is looked up, too.
func (a *app) lookupEach(subjects []string, format string, look func(subject, before string) error) error {
	before, unknown := "", false
	for _, subject := range subjects {
		err := look(subject, before)
		f, is := errors.AsType[*failure](err)
		switch {
		case is && f.status == exitUnknown && len(subjects) > 1:
			a.sayUnknown(err)
			unknown = true
		case err != nil:
			return err
		case format == "text":
			before = "\n"
		}
	}
	if unknown {
		return &failure{status: exitUnknown}
	}
	return nil
}

// sayUnknown reports one of several subjects that is unknown.
func (a *app) sayUnknown(err error) {
	talk(a.stderr, err.Error())
	if hint := hintOf(err); hint != "" {
		talk(a.stderr, "hint: "+hint)
	}
}

// lookupOne returns the answer about one subject.
func (a *app) lookupOne(cmd *cobra.Command, subject, at string, local bool) (*localAnswer, error) {
	if subject == "" {
		return nil, withHint(errors.New("nothing to look up"), "usage: %s", cmd.UseLine())
	}
	if within, only, is := portRange(subject); is {
		if local {
			return nil, withHint(fmt.Errorf("--local takes a port, and %s is a range", subject), "'ianasync audit --local' lists what listens on this machine")
		}
		answer, err := a.lookupRange(cmd.Context(), within, only, at)
		return &localAnswer{Answer: answer}, err
	}
	query, err := parseQuery("lookup", subject)
	if err != nil {
		return nil, err
	}
	if query.Assignee != "" {
		return nil, withHint(errors.New("lookup takes a port or a service, not an assignee"), "'ianasync log %s' shows what happened to what the assignee holds", subject)
	}
	if local && !query.IsPort() {
		return nil, withHint(fmt.Errorf("--local takes a port, and %s is a service", query), "'ianasync lookup %s' lists its ports", subject)
	}
	answer, err := a.lookup(cmd.Context(), query, at)
	if err != nil {
		return nil, err
	}
	full := &localAnswer{Answer: answer}
	if local {
		full.Local, err = listening(cmd.Context(), query)
	}
	return full, err
}

// portRange reads "6000-6063", "6000-6063/tcp" or "tcp/6000-6063". Of one port it is none.
func portRange(subject string) (within ports.Ports, only []ports.Transport, is bool) {
	numbers, transport, both := strings.Cut(strings.TrimPrefix(subject, ":"), "/")
	if ports.Transport(strings.ToLower(numbers)).Known() {
		numbers, transport = transport, numbers
	}
	if both {
		only = []ports.Transport{ports.Transport(strings.ToLower(transport))}
		if !only[0].Known() {
			return within, nil, false
		}
	}
	within, err := ports.ParsePorts(numbers)
	return within, only, err == nil && strings.Contains(numbers, "-") && within.String() != ""
}

// lookupRange returns what stands on a range of ports in the edition that at names.
func (a *app) lookupRange(ctx context.Context, within ports.Ports, only []ports.Transport, at string) (*lookup.Answer, error) {
	e, rows, err := a.openRows(ctx, at)
	if err != nil {
		return nil, err
	}
	answer := lookup.NewAnswer(a.registry, e.id, e.sha256)
	answer.Within, err = lookup.OfRange(rows, within, only...)
	return answer, err
}

// openRows returns the edition that at names, cut into rows.
func (a *app) openRows(ctx context.Context, at string) (*edition, *ports.Edition, error) {
	if !isVersion(at) {
		e, err := a.open(ctx, at)
		if err != nil {
			return nil, nil, err
		}
		rows, err := e.rows()
		return e, rows, err
	}
	s, v, err := a.find(at)
	if err != nil {
		return nil, nil, err
	}
	rows, err := porthistory.Rows(s, v)
	return &edition{id: v.ID, sha256: v.SHA256}, rows, err
}

// listening returns the sockets of this machine on the port of a query.
func listening(ctx context.Context, q porthistory.Query) ([]sockets.Socket, error) {
	list, err := sockets.On(ctx, q.Port)
	return slices.DeleteFunc(list, func(l sockets.Socket) bool { return q.Transport != "" && l.Transport != q.Transport }), err
}

// localAnswer is an answer with the sockets on the port on this machine, if --local is given.
type localAnswer struct {
	*lookup.Answer
	Local []sockets.Socket `json:"local,omitzero"`
}

// lookup looks a query up in the edition that at names. Where that is a version of the store, the answer
// has its past, too.
func (a *app) lookup(ctx context.Context, q porthistory.Query, at string) (*lookup.Answer, error) {
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
// nil for a file or a URL.
func (a *app) openToLookUp(ctx context.Context, q porthistory.Query, at string) (*edition, *ports.Edition, *lookup.Past, error) {
	if !isVersion(at) {
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
	rows, err := porthistory.Rows(s, v)
	if err != nil {
		return nil, nil, nil, err
	}
	past, err := porthistory.OpenToAsk(ctx, s)
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
	switch { // a Builder takes everything
	case answer.Port != nil:
		_ = render.Port(&b, answer.Port, o)
	case answer.Within != nil:
		_ = render.Within(&b, answer.Within, o)
	default:
		_ = render.Service(&b, answer.Service, o)
	}
	if answer.Local != nil {
		_ = sockets.WriteText(&b, answer.Local)
	}
	fmt.Fprintf(&b, "\nVersion %s. Data: IANA, %s, CC0 1.0.\n", text.Visible(answer.Version), a.registry.Page)
	return a.write([]byte(b.String()))
}

// parseQuery reads the subject of a command.
func parseQuery(command, subject string) (porthistory.Query, error) {
	query, err := porthistory.ParseQuery(subject)
	if form := (*porthistory.FormError)(nil); errors.As(err, &form) {
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
	default:
		f.hint = "for another registry give its group with -r; 'ianasync registries' lists those in the store"
	}
	return f
}

// unknown gives an error the exit status of a subject that the registry has never had.
func unknown(f *failure) error {
	f.status = exitUnknown
	return f
}
