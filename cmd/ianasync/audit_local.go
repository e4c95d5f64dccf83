package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/sockets"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
)

// localFinding is something that listens on a port that the registry has another service on.
type localFinding struct {
	sockets.Listener
	Registered []string `json:"registered"` // the service names on the port
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
	table, version, err := a.newest()
	if err != nil {
		return err
	}
	found, err := strangers(cmd.Context(), table)
	if err != nil {
		return err
	}
	if f.format == "json" {
		err = a.writeJSON(struct {
			Version  string         `json:"version"`
			Findings []localFinding `json:"findings"`
		}{version, found})
	} else {
		err = a.write([]byte(localText(found, version)))
	}
	if err == nil && len(found) > f.budget {
		err = &failure{status: exitDifferences}
	}
	return err
}

// newest returns the newest table, and the id of its version.
func (a *app) newest() (*registry.Table, string, error) {
	s, v, err := a.find("latest")
	if err != nil {
		return nil, "", err
	}
	rows, err := s.Rows(v)
	if err != nil {
		return nil, "", err
	}
	table, err := rows.Table()
	return table, v.ID, err
}

// strangers are the listeners on ports of services that they do not seem to be.
func strangers(ctx context.Context, table *registry.Table) ([]localFinding, error) {
	list, err := sockets.On(ctx)
	if err != nil {
		return nil, err
	}
	found := []localFinding{}
	for _, l := range list {
		records := table.Port(l.Port, l.Transport)
		names := registered(records)
		if len(names) > 0 && !slices.ContainsFunc(records, func(r registry.Record) bool { return seemsToBe(l.Process, &r) }) {
			found = append(found, localFinding{l, names})
		}
	}
	return found, nil
}

func registered(records []registry.Record) (names []string) {
	for i := range records {
		if n := records[i].ServiceName; n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// seemsToBe tells whether a process may be the service of a record, by its name: sshd is ssh.
func seemsToBe(process string, r *registry.Record) bool {
	name := strings.ToLower(process)
	if name == "" || r.ServiceName == "" {
		return false
	}
	service := strings.ToLower(r.ServiceName)
	return strings.Contains(name, service) || strings.Contains(service, name) || strings.Contains(strings.ToLower(r.Description), name)
}

func localText(found []localFinding, version string) string {
	var b strings.Builder
	for i := range found {
		f := &found[i]
		fmt.Fprintf(&b, "%d/%s on %s: %s; the registry has %s there\n", f.Port, f.Transport, text.Visible(f.Address), render.Process(&f.Listener), text.Visible(strings.Join(f.Registered, ", ")))
	}
	if len(found) == 0 {
		b.WriteString("Nothing listens on a port that the registry has another service on.\n")
	}
	fmt.Fprintf(&b, "Version %s. A registration is advisory: it is no fault to use another's port.\n", version)
	return b.String()
}
