package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/registry/ports"
)

// dataFolder is where the datasets are in a package, all but the canonical CSV.
const dataFolder = "data/"

// Package is a version's table, and the history up to it, in all forms: a file each, what each of these leaves
// out, descriptions of them for programs (datapackage.json; for Datasette metadata.json), and the digests of all these
// (SHA256SUMS), which come last. The homepage is where they will be, if that is known.
func Package(ctx context.Context, s *Source, past *porthistory.Past, homepage string) iter.Seq2[history.File, error] {
	p := newPackage(s, homepage)
	return p.withSums(p.files(ctx, s, past))
}

// withSums yields the files of the package, and then their digests.
func (p *dataPackage) withSums(files iter.Seq2[history.File, error]) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		var sums []string
		for file, err := range files {
			if !yield(file, err) || err != nil {
				return
			}
			sums = append(sums, p.digest(file)+"  "+file.Name+"\n")
		}
		slices.Sort(sums)
		yield(history.File{Name: "SHA256SUMS", Data: []byte(strings.Join(sums, ""))}, nil)
	}
}

// digest returns the SHA-256 of a file. That of a dataset is in its description already.
func (p *dataPackage) digest(file history.File) string {
	for i := range p.Resources {
		if p.Resources[i].Path == file.Name {
			return strings.TrimPrefix(p.Resources[i].Hash, hashPrefix)
		}
	}
	return fmt.Sprintf("%x", sha256.Sum256(file.Data))
}

// hashPrefix stands before a digest in a description.
const hashPrefix = "sha256:"

// files are those of the package but for their digests.
func (p *dataPackage) files(ctx context.Context, s *Source, past *porthistory.Past) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for _, files := range []iter.Seq2[history.File, error]{p.tables(s), p.histories(ctx, s, past)} {
			for file, err := range files {
				if !yield(file, err) || err != nil {
					return
				}
			}
		}
		metadata, err := datasette(s)
		if !yield(history.File{Name: dataFolder + "metadata.json", Data: metadata}, err) {
			return
		}
		description, err := p.json()
		yield(history.File{Name: "datapackage.json", Data: description}, err)
	}
}

// tables are the table in all forms, each followed by what it leaves out, if anything.
func (p *dataPackage) tables(s *Source) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for i := range Formats {
			f := &Formats[i]
			data, losses, err := f.Write(s, Options{})
			file := p.add(f.Name, f.File, data)
			if !yield(file, err) {
				return
			}
			if len(losses) == 0 {
				continue
			}
			list, err := f.LossJSON(s, losses)
			if !yield(history.File{Name: file.Name + ".loss.json", Data: list}, err) {
				return
			}
		}
	}
}

func (p *dataPackage) histories(ctx context.Context, s *Source, past *porthistory.Past) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for _, h := range databases {
			data, err := h.Write(ctx, s, past)
			if !yield(p.add(h.Name, h.File, data), err) {
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

func newPackage(s *Source, homepage string) *dataPackage {
	p := describe(s.Registry.ID, s.Registry.Title, s.Registry.Page, s.Version)
	p.Homepage = homepage
	return p
}

// describe returns the description of a package without datasets.
func describe(id, title, page, version string) *dataPackage {
	return &dataPackage{
		Schema: "https://datapackage.org/profiles/2.0/datapackage.json",
		Name:   id, Title: title, Version: version,
		Licenses:  []packageLicense{{Licence, "https://creativecommons.org/publicdomain/zero/1.0/"}},
		Sources:   []packageSource{{"IANA", page}},
		Resources: []packageResource{},
	}
}

// add describes a dataset, and returns its file.
func (p *dataPackage) add(format string, file PackageFile, data []byte) history.File {
	var labels []string
	if format == "csv" {
		for i := range ports.Columns() {
			labels = append(labels, ports.Columns()[i].Name)
		}
	}
	return p.addTable(format, file, data, labels)
}

// addTable describes a dataset which is CSV if it has labels of columns, and returns its file.
func (p *dataPackage) addTable(name string, file PackageFile, data []byte, labels []string) history.File {
	r := packageResource{
		Name: name, Path: file.Name, Profile: "https://datapackage.org/profiles/2.0/dataresource.json", MediaType: file.MediaType,
		Bytes: len(data), Hash: fmt.Sprintf(hashPrefix+"%x", sha256.Sum256(data)),
	}
	if len(labels) > 0 {
		r.Encoding, r.Type, r.Table = "utf-8", "table", &tableSchema{}
		for _, label := range labels {
			r.Table.Fields = append(r.Table.Fields, tableField{label, "string"})
		}
	}
	p.Resources = append(p.Resources, r)
	return history.File{Name: r.Path, Data: data}
}

func (p *dataPackage) json() ([]byte, error) {
	data, err := json.MarshalIndent(p, "", " ")
	return append(data, '\n'), err
}
