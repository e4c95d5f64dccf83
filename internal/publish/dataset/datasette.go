package dataset

import "encoding/json"

// datasetteMetadata is what Datasette shows of the SQLite file, and of the tables in it:
// https://docs.datasette.io/en/stable/metadata.html
type datasetteMetadata struct {
	Title      string                       `json:"title"`
	License    string                       `json:"license"`
	LicenseURL string                       `json:"license_url"`
	Source     string                       `json:"source"`
	SourceURL  string                       `json:"source_url"`
	Databases  map[string]datasetteDatabase `json:"databases"`
}

type datasetteDatabase struct {
	Tables map[string]datasetteTable `json:"tables"`
}

type datasetteTable struct {
	Description string            `json:"description"`
	Columns     map[string]string `json:"columns,omitempty"`
	SortDesc    string            `json:"sort_desc,omitempty"`
	Search      string            `json:"fts_table,omitempty"`
	SearchKey   string            `json:"fts_pk,omitempty"`
}

// datasette describes history.sqlite.
func datasette(s *Source) ([]byte, error) {
	m := datasetteMetadata{
		Title: s.Registry.Title, License: "CC0 1.0", LicenseURL: "https://creativecommons.org/publicdomain/zero/1.0/", Source: "IANA", SourceURL: s.Registry.Page,
		Databases: map[string]datasetteDatabase{"history": {map[string]datasetteTable{
			"about": {Description: "Where the data is from, of which version, and under which terms."},
			"versions": {Description: "The editions of the registry, each when it was first seen.", SortDesc: "id", Columns: map[string]string{
				"id": "when it was seen, UTC", "table_sha256": "SHA-256 of its canonical CSV", "previous": "the version that it follows: its table and this one's changes make this one's table",
				"returned": "rolled back or restored: it has the table of an older version again, its previous, and no changes",
			}},
			"records": {
				Description: "The registry's records, each with the versions through which it stood.", Search: "search", SearchKey: "rowid",
				Columns: map[string]string{"from_version": "the first version that has it", "to_version": "the last; none where the newest has it", "first_port": "of its port or range", "last_port": "likewise"},
			},
			"changes":    {Description: "What happened from version to version.", SortDesc: "id", Columns: map[string]string{"kind": "assigned, renamed, …", "was": "the service name before"}},
			"changed":    {Description: "The columns that each change is about.", Columns: map[string]string{"change": "its id", "old": "the value before; none where there was no record", "new": "the value after; none where there is none"}},
			"current":    {Description: "The records of the newest version."},
			"periods":    {Description: "The records, each with the times through which it was seen.", Columns: map[string]string{"from_seen": "when it was first seen, UTC", "to_seen": "when it was last seen; none where the newest version has it"}},
			"change_log": {Description: "The changes, with times, old and new values.", SortDesc: "seen"},
			"as_of":      {Description: "The records of each version: filter by version.", Columns: map[string]string{"version": "the version asked for"}},
		}}},
	}
	data, err := json.MarshalIndent(m, "", " ")
	return append(data, '\n'), err
}
