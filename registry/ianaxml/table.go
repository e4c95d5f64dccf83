package ianaxml

// Table is the decoded table of a registry.
type Table struct {
	Keys    []string // the columns, by first appearance; those of the package's constants last
	Records [][]Cell // in the order of the document
}

// Table decodes all records.
func (r *Registry) Table() Table {
	var (
		d     Decoder
		t     = Table{Records: make([][]Cell, len(r.Records))}
		seen  = make(map[string]bool)
		found [len(tail)]bool
	)
	for i := range r.Records {
		t.Records[i] = d.Append(nil, &r.Records[i])
		for _, c := range t.Records[i] {
			if last := tailIndex(c.Key); last >= 0 {
				found[last] = true
			} else if !seen[c.Key] {
				seen[c.Key] = true
				t.Keys = append(t.Keys, c.Key)
			}
		}
	}
	for i, key := range tail {
		if found[i] {
			t.Keys = append(t.Keys, key)
		}
	}
	return t
}
