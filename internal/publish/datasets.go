package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/dataset"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
)

// dataFolder is where datasets are published.
const dataFolder = "data/"

// datasetFile is how a dataset is published.
type datasetFile struct {
	name      string
	mediaType string
}

// datasetFiles are the files of the datasets by format. The canonical CSV is that of the whole folder.
var datasetFiles = map[string]datasetFile{
	"json":          {dataFolder + "registry.json", "application/json"},
	"jsonl":         {dataFolder + "registry.jsonl", "application/jsonl"},
	"services":      {dataFolder + "services", "text/plain"},
	"protocols-map": {dataFolder + "protocols-map.json", "application/json"},
	"nmap":          {dataFolder + "nmap-services", "text/plain"},
	"wireshark":     {dataFolder + "wireshark-services", "text/plain"},
	"go":            {dataFolder + "services.go", "text/plain"},
	"sqlite":        {dataFolder + "history.sqlite", "application/vnd.sqlite3"},
	"parquet":       {dataFolder + "history.parquet", "application/vnd.apache.parquet"},
}

// datasets are the newest table and the history in all forms, what each of these leaves out, a description of them
// for programs, and their digests.
func (e *edition) datasets(ctx context.Context) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		p := newPackage(e)
		p.add("csv", datasetFile{e.Store.TableFile(), "text/csv"}, e.table.CSV())
		for file, err := range e.eachDataset(ctx, p) {
			if !yield(file, err) || err != nil {
				return
			}
		}
		description, err := p.json()
		if yield(history.File{Name: "datapackage.json", Data: description}, err) {
			yield(history.File{Name: "SHA256SUMS", Data: p.sums()}, nil)
		}
	}
}

func (e *edition) eachDataset(ctx context.Context, p *dataPackage) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		newest := e.steps[len(e.steps)-1].Version.ID
		source := &dataset.Source{Registry: e.Registry, Version: newest, Table: e.table}
		for i := range dataset.Formats {
			f := &dataset.Formats[i]
			file, published := datasetFiles[f.Name]
			if !published {
				continue
			}
			data, losses, err := f.Write(source, dataset.Options{})
			if !yield(p.add(f.Name, file, data), err) {
				return
			}
			told, err := f.LossJSON(source, losses)
			if !yield(history.File{Name: file.name + ".loss.json", Data: told}, err) {
				return
			}
		}
		for _, h := range dataset.Histories {
			data, err := h.Write(ctx, e.Registry, e.Store, newest)
			if !yield(p.add(h.Name, datasetFiles[h.Name], data), err) {
				return
			}
		}
	}
}

// dataPackage is a Data Package, version 2 (https://datapackage.org/standard/data-package/).
type dataPackage struct {
	Schema    string            `json:"$schema"`
	Name      string            `json:"name"`
	Title     string            `json:"title"`
	Version   string            `json:"version"`
	Homepage  string            `json:"homepage,omitempty"`
	Licenses  []packageLicense  `json:"licenses"`
	Sources   []packageSource   `json:"sources"`
	Resources []packageResource `json:"resources"`
}

type packageLicense struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

type packageSource struct {
	Title string `json:"title"`
	Path  string `json:"path"`
}

type packageResource struct {
	Name      string       `json:"name"`
	Path      string       `json:"path"`
	Profile   string       `json:"$schema"`
	MediaType string       `json:"mediatype"`
	Bytes     int          `json:"bytes"`
	Hash      string       `json:"hash"`
	Encoding  string       `json:"encoding,omitempty"`
	Type      string       `json:"type,omitempty"`
	Table     *tableSchema `json:"schema,omitempty"`
}

// tableSchema is a Table Schema. All columns are text: a port number may be a range, and a date a month.
type tableSchema struct {
	Fields []tableField `json:"fields"`
}

type tableField struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func newPackage(e *edition) *dataPackage {
	newest := e.steps[len(e.steps)-1].Version
	return &dataPackage{
		Schema: "https://datapackage.org/profiles/2.0/datapackage.json",
		Name:   e.Registry.ID, Title: e.Registry.Title, Version: newest.ID, Homepage: e.Base,
		Licenses:  []packageLicense{{dataset.Licence, "https://creativecommons.org/publicdomain/zero/1.0/"}},
		Sources:   []packageSource{{"IANA", e.Registry.Page}},
		Resources: []packageResource{},
	}
}

// add describes a file, and returns it.
func (p *dataPackage) add(format string, file datasetFile, data []byte) history.File {
	sum := sha256.Sum256(data)
	r := packageResource{
		Name: format, Path: file.name, Profile: "https://datapackage.org/profiles/2.0/dataresource.json", MediaType: file.mediaType,
		Bytes: len(data), Hash: "sha256:" + hex.EncodeToString(sum[:]),
	}
	if format == "csv" {
		r.Encoding, r.Type, r.Table = "utf-8", "table", &tableSchema{}
		for i := range registry.Columns {
			r.Table.Fields = append(r.Table.Fields, tableField{registry.Columns[i].Name, "string"})
		}
	}
	p.Resources = append(p.Resources, r)
	return history.File{Name: file.name, Data: data}
}

func (p *dataPackage) json() ([]byte, error) {
	data, err := json.MarshalIndent(p, "", " ")
	return append(data, '\n'), err
}

// sums are the files' digests as sha256sum reads them.
func (p *dataPackage) sums() []byte {
	var lines []string
	for _, r := range p.Resources {
		lines = append(lines, fmt.Sprintf("%s  %s\n", strings.TrimPrefix(r.Hash, "sha256:"), r.Path))
	}
	slices.Sort(lines)
	return []byte(strings.Join(lines, ""))
}
