package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/audit"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/sockets"
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
		Short: "Report what is out of date in a file derived from the registry",
		Long: `Compare a file that was derived from the registry with the newest version and the
history of the store. FILE may be - for standard input. Its format is recognised by its
contents:

` + auditForms() + `
docs/audit.md has an example of each. An entry without a protocol is about tcp and udp.
Unnamed ports and names without a port are counted, other than service types.

Findings are entries whose name the registry has since changed (renamed), whose port now
belongs to another service (reused), whose service left the port (moved) or is gone
(deassigned), each with the changes and the day on which they were first seen; entries
that contradict the registry, which never had them (conflict); and lines that cannot be
read (unreadable). Entries where the registry has no name are the file's own: no findings,
as are those named "unknown". What the registry has and the file lacks is counted; with
--missing, each is a finding.

With --registry, the file is a table of values and names of any registry: constants of source
code, what a TLS library prints, mime.types:

` + vendoredForms() + `
Of a group with several registries, the one counts with which most entries agree. Names may be
spelled as code does. Findings are entries that the registry has since renamed, moved, given
another name (reused), dropped (deassigned) or deprecated, and conflicts.

As a gate: --allow names a file of deliberate differences, each line with a name, a port
with its protocol, and a reason. --since leaves out changes first seen before, and
conflicts, which have no date. --budget allows a number of findings.

--local audits this machine instead of a file: it lists the ports on which a process
listens and the registry has another service. A process matches a service if the name of
one is in the other's name or description, whatever the letter case. Where this user may
not see the process, its port is listed too.

Exit status: 0 no finding, or no more than the budget; 1 findings, unreadable lines
included; 2 failure, such as a file most of whose lines cannot be read.`,
		Example: `  ianasync audit /etc/services
  ianasync audit nmap-services --since 2023-01-01 --format markdown
  ianasync audit services --allow deliberate.txt --budget 10
  tshark -G services | ianasync audit -
  ianasync audit --local
  ianasync audit net/http/status.go -r http-status-codes
  openssl ciphers -V -stdname | ianasync audit - -r tls-parameters`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.local == (len(args) > 0):
				return withHint(errors.New("give either a FILE or --local"), "usage: %s", cmd.UseLine())
			case f.budget < 0:
				return fmt.Errorf("--budget must not be negative: %d", f.budget)
			case f.local && !a.isPorts():
				return errors.New("--local audits ports, which are of the service names")
			case f.local:
				return a.auditLocal(cmd, &f)
			case !a.isPorts():
				return a.auditGroup(cmd.Context(), args[0], &f)
			}
			return a.audit(cmd.Context(), args[0], &f)
		},
	}
	formatFlag(cmd, &f.format, "text", "markdown", "json")
	a.registryFlag(cmd)
	cmd.Flags().StringVar(&f.allow, "allow", "", "file of deliberate differences")
	cmd.Flags().StringVar(&f.since, "since", "", "only findings whose change was first seen since: "+instantHelp)
	cmd.Flags().IntVar(&f.budget, "budget", 0, "number of findings to tolerate")
	cmd.Flags().BoolVar(&f.local, "local", false, "audit what listens on this machine now")
	cmd.Flags().BoolVar(&f.missing, "missing", false, "report what the registry has and the file lacks")
	return cmd
}

// auditForms returns the description of the forms for people, one on each line.
func auditForms() string {
	var b strings.Builder
	for _, f := range audit.Forms {
		fmt.Fprintf(&b, "  %-14s %s\n", f.Form, f.Summary)
	}
	return b.String()
}

func (a *app) audit(ctx context.Context, name string, f *auditFlags) error {
	allowances, err := readAllowances(f.allow)
	if err != nil {
		return err
	}
	file, err := a.readList(ctx, name)
	if err != nil {
		return err
	}
	s, v, err := a.find(latest)
	if err != nil {
		return err
	}
	since, err := a.instant(s, f.since, false)
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
		a.say("%s: line %d allows %s on %s, which is not a finding", f.allow, u.Line, u.Name, u.Place)
	}
	report := audit.Report{File: filepath.ToSlash(name), Form: file.Form, Entries: len(file.Entries), Unplaced: file.Unplaced, Unnamed: file.Unnamed, Version: v.ID, Allowed: allowed, Result: result}
	return f.end(len(result.Findings), writeReport(a, f.format, &report, report.JSON(a.registry.ID), render.AuditText, render.AuditMarkdown))
}

// end returns the exit status of an audit with a number of findings, given the error of writing its report.
func (f *auditFlags) end(findings int, err error) error {
	if err == nil && findings > f.budget {
		return &failure{status: exitDifferences}
	}
	return err
}

// writeReport writes a report in a format: document is what it is as JSON.
func writeReport[R any](a *app, format string, report R, document any, text func(io.Writer, R, render.Options) error, markdown func(io.Writer, R) error) error {
	var b bytes.Buffer
	var err error
	switch format {
	case "text":
		err = text(&b, report, render.Options{Color: a.colored()})
	case "markdown":
		err = markdown(&b, report)
	default:
		return a.writeJSON(document)
	}
	return errors.Join(err, a.write(b.Bytes()))
}

func auditFile(ctx context.Context, s *snapshots.Store, v snapshots.Version, file *audit.List, missing bool) (*audit.Result, error) {
	table, err := porthistory.Table(s, v)
	if err != nil {
		return nil, err
	}
	past, err := porthistory.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	return audit.Compare(file, table, past, missing)
}

func (a *app) readList(ctx context.Context, name string) (*audit.List, error) {
	data, err := a.readSource(ctx, name)
	if err != nil {
		return nil, err
	}
	file, err := audit.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
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
		return nil, withHint(fmt.Errorf("%s: %w", name, err), "write lines such as: nvm-express 4420/tcp the old name, for old scripts")
	}
	return list, nil
}

// auditLocal compares the sockets of this machine with the registry.
func (a *app) auditLocal(cmd *cobra.Command, f *auditFlags) error {
	for _, name := range []string{"allow", "since", "missing"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s does not go with --local", name)
		}
	}
	if f.format == "markdown" {
		return errors.New("--format markdown does not go with --local")
	}
	s, v, err := a.find(latest)
	if err != nil {
		return err
	}
	table, err := porthistory.Table(s, v)
	if err != nil {
		return err
	}
	listening, err := sockets.On(cmd.Context())
	if err != nil {
		return err
	}
	found := sockets.Mismatches(table, listening)
	if f.format == "json" {
		err = a.writeJSON(sockets.Document{Version: v.ID, Findings: found})
	} else {
		err = sockets.WriteMismatches(a.stdout, found, v.ID)
	}
	return f.end(len(found), err)
}
