package dataset

import (
	"context"
	"slices"

	"github.com/ianasync/ianasync/internal/porthistory"
)

// History is a format for the history of a store: all twelve columns of each record, and the
// period in which the record existed.
type History struct {
	Name    string
	Summary string      // one line for people, lower case
	File    PackageFile // its place in a [Package]; none for the tar archive of one

	// Write returns the history up to and with the source's version.
	Write func(ctx context.Context, s *Source, past *porthistory.Past) ([]byte, error)
}

// databases are the forms of a history that a package has.
var databases = []History{
	{"sqlite", "the store's history up to the version, as an SQLite database", PackageFile{dataFolder + "history.sqlite", "application/vnd.sqlite3"}, SQLite},
	{"parquet", "the same, as a Parquet file: a row a record a period", PackageFile{dataFolder + "history.parquet", "application/vnd.apache.parquet"}, Parquet},
	{"parquet-versions", "its versions, as a Parquet file", PackageFile{dataFolder + "versions.parquet", "application/vnd.apache.parquet"}, ParquetVersions},
	{"parquet-changes", "its changes with old and new values, as a Parquet file", PackageFile{dataFolder + "changes.parquet", "application/vnd.apache.parquet"}, ParquetChanges},
}

// Histories are all forms of a history.
var Histories = append(slices.Clone(databases), History{"tar", "all of these in a tar archive, with digests and what each leaves out", PackageFile{}, Tar})

// FindHistory returns the form of that name, or nil.
func FindHistory(name string) *History {
	i := slices.IndexFunc(Histories, func(h History) bool { return h.Name == name })
	if i < 0 {
		return nil
	}
	return &Histories[i]
}

// provenance returns the origin of a history, as keys and values.
func provenance(s *Source) [][2]string {
	r := s.Registry
	return [][2]string{{"registry", r.ID}, {"title", r.Title}, {"source", r.Page}, {"licence", Licence}, {"version", s.Version}}
}
