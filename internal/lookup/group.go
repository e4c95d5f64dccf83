package lookup

import (
	"iter"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
)

// Found is a record that a value or a name stands for.
type Found struct {
	Registry string
	Title    string // of the registry
	Columns  []registry.Column
	Record   registry.Record
}

// InTables returns the records of some tables of an edition whose value or name is the subject, and those whose range of
// values holds it. Values are compared by their meaning: 0x0b is 11. Facts are what is known of the registries.
func InTables(e *registry.Edition, tables []*registry.Table, facts []history.RegistryFact, subject string) (list []Found) {
	wanted := rules.Reduce(subject)
	value, isNumber := rules.ParseValue(subject)
	first, last, _ := value.Span()
	for _, t := range tables {
		columns := subjectColumns(t, facts)
		for _, r := range t.Records {
			for i, key := range columns {
				text := r.Get(key)
				if text == "" {
					continue
				}
				same := rules.Reduce(text) == wanted
				if !same && isNumber && i == 0 && len(columns) > 0 {
					if v, ok := rules.ParseValue(text); ok {
						from, to, ok := v.Span()
						same = ok && from <= first && last <= to
					}
				}
				if same {
					list = append(list, Found{t.Registry.ID, title(e, t), t.Columns, r})
					break
				}
			}
		}
	}
	return list
}

func title(e *registry.Edition, t *registry.Table) string {
	if s := e.Statement(t.Registry.ID); s != nil {
		return s.Title
	}
	return ""
}

// subjectColumns returns the columns that hold values and names: those of the key, the name's, and every column named name.
func subjectColumns(t *registry.Table, facts []history.RegistryFact) (keys []string) {
	for _, f := range facts {
		if f.ID == t.Registry.ID && !f.Whole {
			keys = append(keys, f.Key...)
			if f.Name != "" {
				keys = append(keys, f.Name)
			}
		}
	}
	for _, c := range t.Columns {
		if key := strings.ToLower(c.Key); key == "name" || key == "value" || c.Role == registry.Description {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// Subjects yields the values and names of some tables.
func Subjects(tables []*registry.Table, facts []history.RegistryFact) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, t := range tables {
			columns := subjectColumns(t, facts)
			for _, r := range t.Records {
				for _, key := range columns {
					if text := r.Get(key); text != "" && !yield(text) {
						return
					}
				}
			}
		}
	}
}
