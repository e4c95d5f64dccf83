// Package ports reads IANA's Service Name and Transport Protocol Port Number
// Registry, and defines its columns.
//
// IANA publishes the registry as one CSV file of twelve columns and some 14,500
// rows, and as XML, which [ReadEdition] reads as the same twelve columns. The CSV looks
// simple and is not: it has no primary key, single ports
// stand beside ranges and beside services without any port, its exporter wraps
// text inside quoted fields differently from one month to the next, its eleventh
// column was renamed in 2019, and a few cells are malformed. Two editions that
// mean the same are therefore rarely the same bytes, and two rows that differ in
// bytes rarely differ in meaning.
//
// So the package keeps three things apart:
//
//   - an [Edition] is the file as IANA served it, in either [Form], cut into rows. Cutting is cheap
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
package ports

// Registry describes one of IANA's registries: where it is, and within which limits an edition of it lies.
type Registry struct {
	ID    string // IANA's name for it, also the stem of its file names
	Title string // IANA's title
	URL   string // of the CSV
	Page  string // of the registry, for people
	Limits
}

// Limits are what an edition of a registry is held to before it is believed. A limit of zero is none.
type Limits struct {
	MaxBytes int // of a body
	MaxRows  int // of a body

	MinRecords    int // fewer are not all of the registry
	MaxUncovered  int // how many of the System and User ports may lack a record
	MaxRange      int // how many ports a named record may have
	MaxCell       int // bytes of a cell
	MaxProblems   int // how many more problems an edition may have than the one before it
	MaxDuplicates int // how many more records an edition may have more than once than the one before it

	// The parts of the assigned records that one edition may differ in from the one before it: 0.02 is 2 %. Where more
	// than a year lies between the two, they are as much larger.
	MaxGone    float64 // are not in the newer one; records are identified by service name, ports and transport
	MaxMore    float64 // are not in the older one
	MaxAltered float64 // are in both, with other cells
}

// ServiceNames returns the description of the Service Name and Transport Protocol Port Number Registry.
//
// Its limits stand well clear of everything seen in 387 editions of twelve years.
func ServiceNames() *Registry {
	return &Registry{
		ID:    "service-names-port-numbers",
		Title: "Service Name and Transport Protocol Port Number Registry",
		URL:   "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv",
		Page:  "https://www.iana.org/assignments/service-names-port-numbers/",

		Limits: Limits{
			MaxBytes:      16 << 20, // seen: 1.15 million
			MaxRows:       50_000,   // seen: 15,200 lines
			MinRecords:    10_000,   // seen: 13,700
			MaxUncovered:  64,       // seen: 11
			MaxRange:      1_000,    // seen: 100
			MaxCell:       64 << 10, // seen: 1,532
			MaxProblems:   5,        // seen: none in any edition
			MaxDuplicates: 5,        // seen: none in any edition
			MaxGone:       0.02,     // seen: 0.03 % within a year; 0.2 % after 3.6 years
			MaxMore:       0.02,     // seen: 0.06 % within a year; 1.4 % after 3.6 years
			MaxAltered:    0.05,     // seen: 0.09 % within a year; 1 % after 3.6 years
		},
	}
}

// FileName is the name of the registry's CSV file.
func (r *Registry) FileName() string { return r.ID + ".csv" }
