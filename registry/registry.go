// Package registry reads IANA's Service Name and Transport Protocol Port Number
// Registry and knows all that there is to know about its columns.
//
// IANA publishes the registry as one CSV file of twelve columns and some 14,500
// rows. The file looks simple and is not: it has no primary key, single ports
// stand beside ranges and beside services without any port, its exporter wraps
// text inside quoted fields differently from one month to the next, its eleventh
// column was renamed in 2019, and a few cells are malformed. Two editions that
// mean the same are therefore rarely the same bytes, and two rows that differ in
// bytes rarely differ in meaning.
//
// So the package keeps three things apart:
//
//   - an [Edition] is the file as IANA served it, cut into rows. Cutting is cheap
//     and decodes nothing; [Distinct] uses it to find the few rows of two editions
//     that are worth decoding.
//   - a [Record] is one row in normal form: white space folded, transports in
//     lower case, nothing else altered. Two records mean the same exactly where
//     they are equal with ==.
//   - a [Table] is all records of one edition in canonical order. Its canonical
//     CSV ([Table.CSV]) and the digest of that ([Table.Digest]) are equal for two
//     editions exactly where their records are.
//
// What could not be taken at its word is a [Problem] with its true line and
// column. Problems are values, not errors: the record is kept as far as it can be.
// Only a file that is not the registry at all is an error ([ErrNotRegistry]).
//
// Terms are those of RFC 6335 and column names those of IANA's file:
// https://www.iana.org/assignments/service-names-port-numbers/
package registry

// Registry describes one of IANA's registries: where it is, and the floors below
// which a file cannot be all of it.
type Registry struct {
	ID    string // IANA's name for it, also the stem of its file names
	Title string // IANA's title
	URL   string // of the CSV
	Page  string // of the registry, for people

	MinRecords   int     // a table with fewer records is refused
	MaxUncovered int     // how many of the System and User ports may lack a record
	MaxGone      float64 // the part of the assigned records that may go at once: 0.02 is 2 %
}

// ServiceNames returns the description of the Service Name and Transport Protocol Port Number Registry.
//
// Its floors stand well clear of everything seen in twelve years of editions: they
// had at least 13,700 records, at most 11 ports uncovered, and lost at most 0.2 %
// of their assigned records at once.
func ServiceNames() *Registry {
	return &Registry{
		ID:    "service-names-port-numbers",
		Title: "Service Name and Transport Protocol Port Number Registry",
		URL:   "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv",
		Page:  "https://www.iana.org/assignments/service-names-port-numbers/",

		MinRecords:   10_000,
		MaxUncovered: 64,
		MaxGone:      0.02,
	}
}

// FileName is the name of the registry's CSV file.
func (r *Registry) FileName() string { return r.ID + ".csv" }
