package ianaxml

// Table is the decoded table of a registry.
type Table struct {
	Keys    []string // the columns, by first appearance; those of the package's constants last
	Records [][]Cell // in the order of the document
}

// Table decodes all records.
func (r *Registry) Table() Table {
	var d Decoder
	var keys Keys
	var own []string
	t := Table{Records: make([][]Cell, len(r.Records))}
	for i := range r.Records {
		t.Records[i] = d.Append(nil, &r.Records[i])
		own = own[:0]
		for _, c := range t.Records[i] {
			own = append(own, c.Key)
		}
		keys.Add(own)
	}
	t.Keys = keys.All()
	return t
}

// Keys collects the columns of a table from the keys of its records' cells. The zero value is ready for use.
type Keys struct {
	list  []string
	seen  map[string]bool
	found [len(tail)]bool
}

// Add adds the keys of a record's cells.
func (k *Keys) Add(keys []string) {
	for _, key := range keys {
		if last := tailIndex(key); last >= 0 {
			k.found[last] = true
		} else if !k.seen[key] {
			if k.seen == nil {
				k.seen = make(map[string]bool)
			}
			k.seen[key] = true
			k.list = append(k.list, key)
		}
	}
}

// All returns the columns: by first appearance, those of the package's constants last.
func (k *Keys) All() []string {
	list := k.list
	for i, key := range tail {
		if k.found[i] {
			list = append(list, key)
		}
	}
	return list
}
