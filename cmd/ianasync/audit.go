package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/audit"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/sockets"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// auditFlags are the flags of audit.
type auditFlags struct {
	format, allow, since string
	budget               int
	missing, local       bool
}

func (a *app) auditCommand() *cobra.Command {
	var f auditFlags
	cmd := &cobra.Command{
		Use:   "audit FILE | --local",
		Short: "Hold a file that others made of the registry against it, and say what is out of date",
		Long: `Hold a file that others made of the registry against the newest version and the history
of the store. FILE is of the form of /etc/services, nmap-services, Wireshark's services,
IANA's own CSV of any age, or a JSON map such as {"6379/tcp": ["redis"]}; which, is seen
from its contents; - is standard input.

Findings are entries whose name the registry has since given another name (renamed),
whose port it has given to another service (reused), which left the port (moved) or are
gone (deassigned), each with the changes and the day on which they were first seen; and
entries that the registry contradicts without ever having had them (conflict). Entries
where the registry has no name are the file's own, which is no finding, and so is what is
named "unknown". What the registry has and the file lacks is counted, and is a finding
with --missing.

As a gate: --allow names a file of deliberate differences, a line each with a name, a
port with its protocol, and a reason. --since leaves out what was seen to be out of date
before, and conflicts, which have no date. --budget allows a number of findings.

--local looks at this machine instead of a file: what listens on its ports now, and on
which of these the registry has another service. A process is taken for the service when
the name of one is in the other's name or description, whatever the letter case. Where
this user may not know the process, its port is listed too.

Exit status: 0 no finding, or no more than the budget, 1 findings, 2 trouble.`,
		Example: `  ianasync audit /etc/services
  ianasync audit nmap-services --since 2023-01-01 --format markdown
  ianasync audit services --allow deliberate.txt --budget 10
  ianasync audit --local`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.local == (len(args) > 0):
				return withHint(errors.New("an audit is of a FILE, or --local"), "usage: %s", cmd.UseLine())
			case f.budget < 0:
				return fmt.Errorf("--budget %d is below 0: it is how many findings are no failure", f.budget)
			case f.local:
				return a.auditLocal(cmd, &f)
			}
			return a.audit(cmd.Context(), args[0], &f)
		},
	}
	formatFlag(cmd, &f.format, "text", "markdown", "json")
	cmd.Flags().StringVar(&f.allow, "allow", "", "a file of deliberate differences")
	cmd.Flags().StringVar(&f.since, "since", "", "only findings whose change was seen since this date, time or version")
	cmd.Flags().IntVar(&f.budget, "budget", 0, "how many findings are no failure")
	cmd.Flags().BoolVar(&f.local, "local", false, "audit what listens on this machine now")
	cmd.Flags().BoolVar(&f.missing, "missing", false, "what the registry has and the file lacks is a finding, too")
	return cmd
}

func (a *app) audit(ctx context.Context, name string, f *auditFlags) error {
	allowances, err := readAllowances(f.allow)
	if err != nil {
		return err
	}
	file, err := a.readDownstream(ctx, name)
	if err != nil {
		return err
	}
	s, v, err := a.find("latest")
	if err != nil {
		return err
	}
	since, err := instant(s, f.since, false)
	if err != nil {
		return err
	}
	result, err := auditFile(ctx, s, v, file, f.missing)
	if err != nil {
		return err
	}
	allowed, unused := result.Allow(allowances)
	result.Since(since)
	for _, u := range unused {
		a.say("%s: line %d allows %s on %s, which is no finding", f.allow, u.Line, u.Name, u.Place)
	}
	told := audit.Report{File: filepath.ToSlash(name), Form: file.Form, Entries: len(file.Entries), Unplaced: file.Unplaced, Version: v.ID, Allowed: allowed, Result: result}
	if err := a.writeAudit(&told, f.format); err != nil {
		return err
	}
	if len(result.Findings) > f.budget {
		return &failure{status: exitDifferences}
	}
	return nil
}

func auditFile(ctx context.Context, s *snapshots.Store, v snapshots.Version, file *audit.List, missing bool) (*audit.Result, error) {
	table, err := tableOf(s, v)
	if err != nil {
		return nil, err
	}
	past, err := history.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	return audit.Compare(file, table, past, missing)
}

func (a *app) readDownstream(ctx context.Context, name string) (*audit.List, error) {
	data, err := a.readSource(ctx, name)
	if err != nil {
		return nil, err
	}
	file, err := audit.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if file.Table != nil {
		a.warn(name, file.Table)
	}
	return file, nil
}

func readAllowances(name string) ([]audit.Allowance, error) {
	if name == "" {
		return nil, nil
	}
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	list, err := audit.ParseAllowances(data)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", name, err), "a line is like: nvm-express 4420/tcp the old name, for old scripts")
	}
	return list, nil
}

func (a *app) writeAudit(told *audit.Report, format string) error {
	var b bytes.Buffer
	var err error
	switch format {
	case "text":
		err = render.AuditText(&b, told, render.Options{Color: a.colored()})
	case "markdown":
		err = render.AuditMarkdown(&b, told)
	default:
		return a.writeJSON(told.JSON(a.registry.ID))
	}
	return errors.Join(err, a.write(b.Bytes()))
}

// auditLocal audits what listens on this machine.
func (a *app) auditLocal(cmd *cobra.Command, f *auditFlags) error {
	for _, name := range []string{"allow", "since", "missing"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s is for an audit of a file, not for --local", name)
		}
	}
	if f.format == "markdown" {
		return errors.New("--local has the formats text and json")
	}
	s, v, err := a.find("latest")
	if err != nil {
		return err
	}
	table, err := tableOf(s, v)
	if err != nil {
		return err
	}
	listeners, err := sockets.On(cmd.Context())
	if err != nil {
		return err
	}
	found := audit.Local(table, listeners)
	if f.format == "json" {
		err = a.writeJSON(audit.LocalReport{Version: v.ID, Findings: found})
	} else {
		err = render.LocalAudit(a.stdout, found, v.ID)
	}
	if err == nil && len(found) > f.budget {
		err = &failure{status: exitDifferences}
	}
	return err
}

func tableOf(s *snapshots.Store, v snapshots.Version) (*registry.Table, error) {
	rows, err := s.Rows(v)
	if err != nil {
		return nil, err
	}
	return rows.Table()
}
