package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/snapshots"
)

// registryJSON is a registry as JSON has it.
type registryJSON struct {
	ID       string   `json:"id"`
	Group    string   `json:"group"`
	Title    string   `json:"title"`
	Records  int      `json:"records"`
	Newest   string   `json:"newest"`              // id of the group's newest version
	Key      []string `json:"key"`                 // the columns that identify a record; empty where there is none
	Whole    bool     `json:"whole,omitempty"`     // no columns do: Key has all of them
	KeyFound string   `json:"key_found,omitempty"` // id of the newest version from which the key was learned
	Hidden   bool     `json:"hidden,omitempty"`    // it is not in IANA's index
}

func (a *app) registriesCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "registries [GROUP]",
		Short: "List the registries in the store, by group",
		Long: `List the registries in the store, by group: the title, the number of records in the
newest version, and the columns by which a record is identified from one version to the
next. These are found from the history, and need not be unique.

Exit status: 0 done, 1 the store has no such group, 2 failure.`,
		Example: `  ianasync registries
  ianasync registries tls-parameters --format json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := a.registries(strings.Join(args, ""))
			if err != nil {
				return err
			}
			if format == "json" {
				return a.writeJSON(map[string][]registryJSON{"registries": list})
			}
			return a.listRegistries(list)
		},
	}
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

// registries returns the registries of one group of the store, or of all.
func (a *app) registries(only string) ([]registryJSON, error) {
	ids, err := snapshots.Groups(a.store)
	if err != nil {
		return nil, err
	}
	if only != "" {
		a.wanted = only
		if _, err := a.openSelected(); err != nil {
			return nil, err
		}
		ids = []string{only}
	}
	list := []registryJSON{}
	for _, id := range ids {
		a.wanted = id
		s, err := a.openSelected()
		if err != nil {
			return nil, err
		}
		newest, found := s.Latest()
		if !found {
			continue
		}
		if id == groups.ServiceNames {
			list = append(list, registryJSON{
				ID: id + "/" + id, Group: id, Title: a.registry.Title, Records: newest.Records, Newest: newest.ID,
				Key: []string{"service_name", "port_number", "transport_protocol"},
			})
			continue
		}
		facts, err := history.RegistriesOf(s, group(id), newest, nil)
		if err != nil {
			return nil, err
		}
		for _, f := range facts.Registries {
			list = append(list, registryJSON{f.ID, id, f.Title, f.Records, newest.ID, f.Key, f.Whole, f.Found, f.Hidden})
		}
	}
	return list, nil
}

func (a *app) listRegistries(list []registryJSON) error {
	w := bufio.NewWriter(a.stdout)
	last := ""
	for _, r := range list {
		if r.Group != last {
			fmt.Fprintf(w, "%s, version %s\n", r.Group, r.Newest)
			last = r.Group
		}
		key := strings.Join(r.Key, ", ")
		switch {
		case r.Whole:
			key = "by all columns"
		case key != "":
			key = "by " + key
		}
		fmt.Fprintf(w, "  %s: %s, %s\n", text.Visible(r.ID), text.Visible(r.Title), text.Visible(strings.TrimSuffix(count(r.Records, "record")+" "+key, " ")))
	}
	return w.Flush()
}
