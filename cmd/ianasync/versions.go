package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// versionJSON is a version as JSON has it.
type versionJSON struct {
	ID          string    `json:"id"`
	Seen        time.Time `json:"seen"`
	Source      string    `json:"source"`
	SHA256      string    `json:"sha256"`
	Size        int       `json:"size"`
	TableSHA256 string    `json:"table_sha256"`
	Records     int       `json:"records"`
	Note        string    `json:"note,omitempty"`
}

func newVersionJSON(v snapshots.Version) versionJSON {
	return versionJSON{v.ID, v.Seen(), v.Source, v.SHA256, v.Size, v.TableSHA256, v.Records, v.Note}
}

func (a *app) versionsCommand() *cobra.Command {
	var format, where string
	var most int
	cmd := &cobra.Command{
		Use:   "versions",
		Short: "List the versions in the store, newest first, or the periods in which a record existed",
		Long: `List the versions in the store, newest first. As JSON they are listed oldest first.

With --where, list the periods in which records with the given values existed: columns by
their names in JSON, or service, port and transport for short, each with its value.

Exit status: 0 done, 1 no version has such a record (--where), 2 failure.`,
		Example: `  ianasync versions
  ianasync versions -n 10
  ianasync versions --where 'service=compressnet port=2'
  ianasync versions --where 'assignee="[NetApp]"'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.openToAsk()
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("where") {
				if !a.isPorts() {
					return withHint(errors.New("--where is for the service names"), "'ianasync log -r %s SUBJECT' shows what happened to a value or a name", a.wanted)
				}
				return a.periods(cmd.Context(), s, where, format)
			}
			versions := s.Versions()
			shown := versions
			if most > 0 {
				shown = versions[max(0, len(versions)-most):]
			}
			if format == "json" {
				list := []versionJSON{}
				for _, v := range shown {
					list = append(list, newVersionJSON(v))
				}
				return a.writeJSON(map[string][]versionJSON{"versions": list})
			}
			return a.paged(func() error { return a.listVersions(versions, len(shown)) })
		},
	}
	formatFlag(cmd, &format, "text", "json")
	a.groupFlag(cmd)
	maxCountFlag(cmd, &most, "versions")
	cmd.Flags().StringVar(&where, "where", "", "list the periods in which records with these values existed")
	cmd.MarkFlagsMutuallyExclusive("where", "max-count")
	return cmd
}

// periods writes the periods in which records that meet a condition existed.
func (a *app) periods(ctx context.Context, s *snapshots.Store, where, format string) error {
	condition, err := porthistory.ParseCondition(where)
	if err != nil {
		return withHint(fmt.Errorf("--where: %w", err), "--where 'service=compressnet port=2', say")
	}
	all := s.Versions()
	if len(all) == 0 {
		return a.errEmptyStore()
	}
	newest, err := porthistory.Table(s, all[len(all)-1])
	if err != nil {
		return err
	}
	past, err := porthistory.OpenToAsk(ctx, s)
	if err != nil {
		return err
	}
	list, err := past.Presences(newest.Records, condition)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return noPeriod(past, newest, where, condition)
	}
	if format == "json" {
		return a.writeJSON(map[string][]porthistory.Presence{"periods": append([]porthistory.Presence{}, list...)})
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SERVICE\tPORT\tTRANSPORT\tFROM\tTO")
	for _, p := range list {
		from, to := p.From, p.To
		if !p.Begun {
			from += " or before"
		}
		if !p.Ended {
			to = "now"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", text.Visible(p.Service), text.Visible(p.Ports), text.Visible(string(p.Transport)), from, to)
	}
	return w.Flush()
}

// noPeriod returns the error for a condition that no record of any version meets.
func noPeriod(past *porthistory.Past, newest *ports.Table, where string, c porthistory.Condition) error {
	f := &failure{err: fmt.Errorf("no version has a record with %s", where)}
	if name := c["service_name"]; name != "" {
		index, err := past.Index()
		if err != nil {
			return err
		}
		if len(newest.Service(name)) == 0 && len(index.Service(name)) == 0 {
			f.hint = noService("our history", name, chain(newest.Names(), slices.Values(index.Services()))).hint
		}
	}
	if _, err := ports.ParsePorts(c["port_number"]); err != nil {
		f.hint = fmt.Sprintf("%v: a port is written as 2397, a range as 6000-6063", err)
	}
	return unknown(f)
}

// listVersions writes the last n of a store's versions, newest first.
func (a *app) listVersions(versions []snapshots.Version, n int) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VERSION\tSEEN (UTC)\tRECORDS\tBYTES\tTABLE\tSOURCE")
	for i := len(versions) - 1; i >= len(versions)-n; i-- {
		v := versions[i]
		note := v.Note
		if i > 0 && versions[i-1].TableSHA256 == v.TableSHA256 {
			note = "exported anew, nothing changed"
		}
		if note != "" {
			note = "  (" + note + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%.12s\t%s\n", v.ID, v.Seen().Format("2006-01-02 15:04"), v.Records, v.Size, v.TableSHA256, text.Visible(v.Source+note))
	}
	return w.Flush()
}

// age is a length of time in its largest unit.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
	return count(max(0, int(d.Seconds())), "second")
}

// count is a number of things: "1 fault", "2 faults".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
