package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/contrib"
	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/registry/ports"
)

// export is what the flags of export ask for.
type export struct {
	format, at   string
	output, loss string // files
	ranges       string
	list         string   // a file
	ports        []string // ports and ranges of ports
	add          string   // a file
	conflicts    bool
	frequencies  string // a file
	all          bool   // all groups of the store
}

func (a *app) exportCommand() *cobra.Command {
	var x export
	names, long, withOptions := exportFormats()
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write a version as a dataset for other programs",
		Long: `Write a version in a format that other programs read:

` + long + `
With --registry: csv (of one registry), json, jsonl and raw; sqlite and the Parquet forms of
the group's history; tar of it all. With --all, sqlite and the Parquet forms hold the history
of all groups of the store, each up to its version of the time --at.

Equal tables give equal bytes. Most formats cannot hold every record: a line on standard
error counts what is omitted or shortened, by rule, and --loss lists it.
docs/datasets.md explains the formats and the rules.`,
		Example: `  ianasync export -o ports.csv
  ianasync export --format raw --at 2019-01-01 | sha256sum
  ianasync export --format sqlite -r tls-parameters -o tls.db
  ianasync export --format sqlite --all -o registries.db
  ianasync export --format services --loss loss.json -o services
  ianasync export --format services --add local.services --ports 0-1023
  ianasync export --format nmap --list names.txt -o nmap-services
  ianasync export --format nmap --frequencies /usr/share/nmap/nmap-services -o nmap-services`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.export(cmd.Context(), &x) },
	}
	formatFlag(cmd, &x.format, names...)
	a.registryFlag(cmd)
	cmd.Flags().StringVar(&x.at, "at", latest, "the version to write")
	_ = cmd.RegisterFlagCompletionFunc("at", a.completeVersions(math.MaxInt))
	cmd.Flags().BoolVar(&x.all, "all", false, "write the history of all registry groups of the store; for sqlite and the Parquet forms")
	cmd.Flags().StringVarP(&x.output, "output", "o", "", "the file to write, in one go; - for standard output")
	cmd.Flags().StringVar(&x.loss, "loss", "", "a file for the JSON list of what the format cannot hold")
	cmd.Flags().StringVar(&x.ranges, "ranges", "", "which ports of a range to write: all (if not given), first or none; for "+withOptions)
	cmd.Flags().StringVar(&x.list, "list", "", "file with the service names to keep, one a line; for the same formats as --ranges")
	cmd.Flags().StringSliceVar(&x.ports, "ports", nil, "ports or ranges to write, such as 0-1023; for the same formats as --ranges")
	cmd.Flags().StringVar(&x.add, "add", "", "overlay whose lines come first: a file in the form of services(5), or netbase, which the program carries: names that Debian has and IANA has not; for services")
	cmd.Flags().BoolVar(&x.conflicts, "conflicts", false, "list the lines of --add that contradict the registry")
	cmd.Flags().StringVar(&x.frequencies, "frequencies", "", "nmap-services file to take the frequencies of ports from; for nmap")
	return cmd
}

// The formats that are no form of a table, nor of its history.
const (
	raw       = "raw"
	protocols = "protocols" // of another registry
)

// exportFormats returns the names of the formats, their description for people, and
// the names of those that have options.
func exportFormats() (names []string, long, withOptions string) {
	var text strings.Builder
	var options []string
	for _, f := range dataset.Formats {
		names = append(names, f.Name)
		fmt.Fprintf(&text, "  %-16s %s\n", f.Name, f.Summary)
		if f.Options {
			options = append(options, f.Name)
		}
	}
	for _, h := range dataset.Histories {
		names = append(names, h.Name)
		fmt.Fprintf(&text, "  %-16s %s\n", h.Name, h.Summary)
	}
	fmt.Fprintf(&text, "  %-16s %s\n", protocols, "/etc/protocols, of the CSV of IANA's protocol numbers, which --at names")
	fmt.Fprintf(&text, "  %-16s %s\n", raw, "the bytes exactly as they were served")
	return append(names, protocols, raw), text.String(), strings.Join(options, ", ")
}

// check returns an error for flags that the format does not support.
func (x *export) check() error {
	f := dataset.Find(x.format)
	ranges := []string{"", string(dataset.AllPorts), string(dataset.FirstPort), string(dataset.NoPorts)}
	switch {
	case !slices.Contains(ranges, x.ranges):
		return fmt.Errorf("--ranges %q is none of %s", x.ranges, strings.Join(ranges[1:], ", "))
	case x.ranges != "" && (f == nil || !f.Options):
		return fmt.Errorf("--ranges is not for --format %s, which has ranges as they are", x.format)
	case x.list != "" && (f == nil || !f.Options):
		return fmt.Errorf("--list is not for --format %s, which has all records", x.format)
	case len(x.ports) > 0 && (f == nil || !f.Options):
		return fmt.Errorf("--ports is not for --format %s, which has all records", x.format)
	case x.add != "" && x.format != "services":
		return fmt.Errorf("--add is not for --format %s, but for services", x.format)
	case x.conflicts && x.add == "":
		return errors.New("--conflicts lists lines of an overlay, which --add names")
	case x.frequencies != "" && x.format != "nmap":
		return fmt.Errorf("--frequencies is not for --format %s, but for nmap", x.format)
	case x.loss != "" && f == nil:
		return fmt.Errorf("--loss is not for --format %s, which loses nothing", x.format)
	case x.loss != "" && sameTarget(x.output, x.loss):
		return fmt.Errorf("-o and --loss both write to %s", target(x.loss))
	}
	return nil
}

// target returns the name of an output file in messages.
func target(file string) string {
	if file == "" || file == "-" {
		return "standard output"
	}
	return file
}

// sameTarget reports whether two names stand for the same file, or both for standard output.
func sameTarget(a, b string) bool {
	if target(a) == target(b) {
		return true
	}
	one, err := os.Stat(a)
	other, otherErr := os.Stat(b)
	if err == nil && otherErr == nil {
		return os.SameFile(one, other)
	}
	a, aErr := filepath.Abs(a)
	b, bErr := filepath.Abs(b)
	return aErr == nil && bErr == nil && a == b
}

func (a *app) export(ctx context.Context, x *export) error {
	if err := x.check(); err != nil {
		return err
	}
	if x.all {
		return a.exportAll(ctx, x)
	}
	if !a.isPorts() {
		return a.exportGroup(ctx, x)
	}
	if h := dataset.FindHistory(x.format); h != nil {
		return a.exportHistory(ctx, x, h)
	}
	e, err := a.open(ctx, x.at)
	if err != nil {
		return err
	}
	switch x.format {
	case raw:
		return a.put(x.output, e.data)
	case protocols:
		data, err := dataset.EtcProtocols(e.id, e.data)
		if err != nil {
			return withHint(fmt.Errorf("%s: %w", e.id, err), "--at %s, or a file that was downloaded from there", dataset.ProtocolNumbers)
		}
		return a.put(x.output, data)
	}
	if read, isOther := e.asOther(); isOther && !isVersion(x.at) {
		return a.exportOther(x, e, read)
	}
	rows, err := e.rows()
	if err != nil {
		return err
	}
	table, err := rows.Table()
	if err != nil {
		return err
	}
	a.warn(e.id, table)
	return a.exportTable(x, e, table)
}

// noHistory returns the error for a history of what is not in the store.
func (x *export) noHistory() error {
	return withHint(fmt.Errorf("--format %s exports the store's history, and %s is not a version in the store", x.format, x.at), "'ianasync versions' lists what the store has")
}

// exportHistory writes the history of the store up to a version.
func (a *app) exportHistory(ctx context.Context, x *export, h *dataset.History) error {
	if !isVersion(x.at) {
		return x.noHistory()
	}
	s, v, err := a.find(x.at)
	if err != nil {
		return err
	}
	table, err := porthistory.Table(s, v)
	if err != nil {
		return err
	}
	past, err := porthistory.Open(ctx, s)
	if err != nil {
		return err
	}
	data, err := h.Write(ctx, &dataset.Source{Registry: a.registry, Version: v.ID, Table: table}, past)
	if err != nil {
		return err
	}
	return a.put(x.output, data)
}

// exportTable writes a table, and what its form cannot carry.
func (a *app) exportTable(x *export, e *edition, table *ports.Table) error {
	options, err := x.options(e, table)
	if err != nil {
		return err
	}
	f := dataset.Find(x.format)
	source := &dataset.Source{Registry: a.registry, Version: e.id, Table: table}
	data, losses, err := f.Write(source, options)
	if err != nil {
		return err
	}
	if err := a.put(x.output, data); err != nil {
		return err
	}
	a.sayConflicts(x, dataset.Conflicts(table, options))
	if len(losses) > 0 {
		a.say("%s: not all is in the output (%s)", f.Name, dataset.Summary(losses))
	}
	if x.loss == "" {
		return nil
	}
	if data, err = f.LossJSON(source, losses); err != nil {
		return err
	}
	return a.put(x.loss, data)
}

// sayConflicts counts the lines of the overlay that contradict the registry, or lists them with --conflicts. They are written
// as they are, on purpose in an overlay such as netbase, so that a list of them in every run would hide all else.
func (a *app) sayConflicts(x *export, conflicts []dataset.Conflict) {
	switch {
	case x.conflicts:
		for _, c := range conflicts {
			a.say("%s: %s", x.add, c.String())
		}
	case len(conflicts) > 0:
		a.say("%s: lines that contradict the registry: %d; --conflicts lists them", x.add, len(conflicts))
	}
}

// options returns what the flags ask of the format, with the files that they name.
func (x *export) options(e *edition, table *ports.Table) (o dataset.Options, err error) {
	o.Ranges = dataset.Ranges(x.ranges)
	for _, s := range x.ports {
		p, err := ports.ParsePorts(s)
		if _, _, ok := p.Bounds(); err != nil || !ok {
			return o, withHint(fmt.Errorf("--ports %q is not a port, nor a range of ports", s), "write 443 or 0-1023; several are separated by commas")
		}
		o.Ports = append(o.Ports, p)
	}
	if x.list != "" {
		if o.Names, err = readList(x.list, e, table); err != nil {
			return o, err
		}
	}
	if x.add != "" {
		if o.Added, err = readOverlay(x.add); err != nil {
			return o, withHint(err, "a line is a name, a port with its protocol, aliases and a comment: http 80/tcp www # web")
		}
	}
	if x.frequencies != "" {
		if o.Frequencies, err = readWith(x.frequencies, dataset.ParseFrequencies); err != nil {
			return o, withHint(err, "a line is a name, a port with its protocol and a frequency: http 80/tcp 0.48")
		}
	}
	return o, nil
}

// builtInOverlay is the name of the overlay that the program carries.
const builtInOverlay = "netbase"

// readOverlay reads a file of added lines, or the overlay that the program carries.
func readOverlay(name string) ([]dataset.Added, error) {
	if name == builtInOverlay {
		return dataset.ParseOverlay(contrib.Netbase)
	}
	return readWith(name, dataset.ParseOverlay)
}

// readWith reads a file and parses it. Its errors name the file.
func readWith[T any](file string, parse func([]byte) (T, error)) (T, error) {
	data, err := readFile(file)
	if err != nil {
		var none T
		return none, err
	}
	parsed, err := parse(data)
	if err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return parsed, err
}

// readList reads the service names to keep. It returns an error for one that the table does not have.
func readList(file string, e *edition, table *ports.Table) (names []string, err error) {
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	names = dataset.ParseList(data)
	for _, name := range names {
		if len(table.Service(name)) == 0 {
			return nil, noService(e.id, name, table.Names())
		}
	}
	if len(names) == 0 {
		return nil, withHint(fmt.Errorf("%s has no service name in it", file), "write one service name a line")
	}
	return names, nil
}

// put writes a whole result to a file, or to standard output.
func (a *app) put(file string, data []byte) error {
	if file == "" || file == "-" {
		return a.write(data)
	}
	return writeFile(file, data)
}

// writeFile writes a file in one go, through links. What is there and is no file, a
// device or a pipe, is written to and not replaced.
func writeFile(name string, data []byte) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(name, data, 0o644) // it exists; the mode is of no use
	}
	if dir := filepath.Dir(name); dir != "." {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) { // a mistyped name must not leave folders behind
			return withHint(fmt.Errorf("writing %s: folder %s does not exist", name, dir), "mkdir -p makes it")
		}
	}
	return atomicfile.Write(name, data)
}
