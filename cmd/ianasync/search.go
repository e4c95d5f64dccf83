package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/search"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// searchJSON is what was found, as JSON.
type searchJSON struct {
	Query []string     `json:"query"`
	Typos bool         `json:"typos"` // nothing has the words; what was found has similar ones
	Total int          `json:"total"` // how many hits there are; -n may leave some out
	Hits  []search.Hit `json:"hits"`
}

func (a *app) searchCommand() *cobra.Command {
	var format string
	var most int
	cmd := &cobra.Command{
		Use:   "search WORD...",
		Short: "Find values, names and descriptions in all registries of the store",
		Long: `Find the records of all registries in the store, service names among them, that have
each of the words in their value, name or description, the best first: whole words before
parts, names and values before descriptions. A word may also be of the registry's title,
but not all. Where nothing has the words, records are found that have a number in another
spelling (0x1301 is 0x13,0x01), or else similar words: of four letters one may be wrong,
missing, too many or swapped with the next, of eight two.

Where there is no store, the service names of the built-in history are searched.

Exit status: 0 done, 1 nothing was found, 2 failure.`,
		Example: `  ianasync search quic
  ianasync search -r tls-parameters chacha20
  ianasync search alert certificate --format json`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("registry") {
				a.wanted = "" // all
			}
			if most < 0 {
				return fmt.Errorf("-n must not be negative: %d", most)
			}
			return a.search(strings.Fields(strings.Join(args, " ")), most, format)
		},
	}
	formatFlag(cmd, &format, "text", "json", "jsonl")
	a.registryFlag(cmd)
	defaultAll(cmd)
	cmd.Flags().IntVarP(&most, "number", "n", 20, "at most this many hits; 0 for all")
	return cmd
}

func (a *app) search(words []string, most int, format string) error {
	if len(words) == 0 {
		return errors.New("there is no word to search for")
	}
	indexes, err := a.indexes()
	if err != nil {
		return err
	}
	only := ""
	if strings.Contains(a.wanted, "/") {
		only = a.wanted
	}
	hits, typos := search.Find(indexes, only, words)
	if len(hits) == 0 {
		hint := "'ianasync registries' lists the registries that are stored"
		if _, err := snapshots.Groups(a.store); errors.Is(err, snapshots.ErrNoStore) {
			hint = "the service names alone were searched: 'ianasync pull URL' or 'ianasync sync --all' brings all registries, 'ianasync sync -r GROUP' one group"
		}
		return unknown(&failure{err: fmt.Errorf("no value, name or description has %q", strings.Join(words, " ")), hint: hint})
	}
	found := searchJSON{Query: words, Typos: typos, Total: len(hits), Hits: hits}
	if most > 0 && len(hits) > most {
		found.Hits = hits[:most]
	}
	switch format {
	case "json":
		return a.writeJSON(found)
	case "jsonl":
		for _, h := range found.Hits {
			if err := a.writeJSON(h); err != nil {
				return err
			}
		}
		return nil
	}
	return a.writeHits(&found)
}

// indexes returns the indexes of the groups that --registry selects, that of the service names first.
func (a *app) indexes() (list [][]byte, err error) {
	files, err := snapshots.ReadFiles(a.store, func(g layout.Group) string {
		if g == groups.ServiceNames {
			return g.Table(groups.ServiceNames)
		}
		return g.Search()
	})
	if err != nil && !errors.Is(err, snapshots.ErrNoStore) {
		return nil, err
	}
	if table, stored := files[groups.ServiceNames]; a.isPorts() && (stored || a.wanted != "" || len(files) == 0) {
		index, err := a.portsIndex(table)
		if err != nil {
			return nil, err
		}
		list = append(list, index)
	}
	delete(files, groups.ServiceNames)
	for _, id := range slices.Sorted(maps.Keys(files)) {
		if a.wanted != "" && id != a.groupID() {
			continue
		}
		index, whole := search.ReadFile(files[id])
		if !whole { // missing, or damaged
			if index, err = a.newIndex(id); err != nil {
				return nil, err
			}
		}
		list = append(list, index)
	}
	if len(list) == 0 {
		return nil, a.noGroup(a.groupID(), slices.Collect(maps.Keys(files)))
	}
	if known := search.Registries(list[0]); strings.Contains(a.wanted, "/") && !slices.Contains(known, a.wanted) {
		return nil, noRegistry(a.wanted, slices.Values(known))
	}
	return list, nil
}

// portsIndex returns the index of the newest version of the service names: of its table in the store, or of the built-in history
// where there is no store.
func (a *app) portsIndex(table []byte) ([]byte, error) {
	if table != nil {
		rows, err := ports.ReadEdition(table)
		if err != nil {
			return nil, err
		}
		return search.IndexPorts(a.registry, rows)
	}
	s, err := a.openToAsk()
	if err != nil {
		return nil, err
	}
	newest, found := s.Latest()
	if !found {
		return nil, a.errEmptyStore()
	}
	rows, err := porthistory.Rows(s, newest)
	if err != nil {
		return nil, err
	}
	return search.IndexPorts(a.registry, rows)
}

// newIndex makes the index of a group, of which the store has none.
func (a *app) newIndex(id string) ([]byte, error) {
	s, err := a.openGroup(id)
	if err != nil {
		return nil, err
	}
	newest, found := s.Latest()
	if !found {
		return nil, nil
	}
	e, err := a.groupEdition(s, newest)
	if err != nil {
		return nil, err
	}
	facts, err := history.RegistriesOf(s, group(id), newest, e)
	if err != nil {
		return nil, err
	}
	return search.Index(e, facts.Registries), nil
}

// The longest texts that a line of hits shows whole.
const (
	longestHitName        = 40
	longestHitDescription = 60
)

// writeHits writes hits as a table.
func (a *app) writeHits(found *searchJSON) error {
	if found.Typos {
		a.say("nothing has %q; these are similar", strings.Join(found.Query, " "))
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, h := range found.Hits {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", text.Visible(h.Registry), text.Visible(text.Cut(h.Value, longestHitName)),
			text.Visible(text.Cut(h.Name, longestHitName)), text.Visible(text.Cut(h.Description, longestHitDescription)))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(b.String()) {
		if err := a.write([]byte(strings.TrimRight(line, " \n") + "\n")); err != nil {
			return err
		}
	}
	if rest := found.Total - len(found.Hits); rest > 0 {
		a.say("and %s; -n 0 shows all", count(rest, "other hit"))
	}
	return nil
}
