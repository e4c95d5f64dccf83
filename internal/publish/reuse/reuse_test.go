package reuse

import (
	"html/template"
	"testing"
	"time"
)

type model struct {
	Name   string
	hidden int
	List   []string
	Next   *model
	Any    any
	ByName map[string]int
	HTML   template.HTML
	At     [2]uint16
}

// TestDigest alters each part of a model: the digest is another one each time, and the same for an equal model.
func TestDigest(t *testing.T) {
	make := func(alter func(m *model)) string {
		m := model{Name: "a", List: []string{"b", "c"}, Next: &model{Name: "d"}, Any: 1, ByName: map[string]int{"e": 1, "f": 2}, HTML: "<b>"}
		alter(&m)
		return Digest(&m, "x")
	}
	seen := map[string]string{make(func(*model) {}): "nothing"}
	if len(seen) != 1 || seen[make(func(*model) {})] == "" || make(func(*model) {}) == "" {
		t.Error("equal models have different digests, or none")
	}
	for what, alter := range map[string]func(m *model){
		"string":       func(m *model) { m.Name = "b" },
		"hidden field": func(m *model) { m.hidden = 1 },
		"division":     func(m *model) { m.List = []string{"bc", ""} },
		"nil":          func(m *model) { m.List = nil },
		"empty":        func(m *model) { m.List = []string{} },
		"pointed to":   func(m *model) { m.Next.Name = "e" },
		"no pointer":   func(m *model) { m.Next = nil },
		"type":         func(m *model) { m.Any = uint(1) },
		"value":        func(m *model) { m.Any = 2 },
		"key":          func(m *model) { m.ByName = map[string]int{"e": 2, "f": 1} },
		"HTML":         func(m *model) { m.HTML = "<i>" },
		"element":      func(m *model) { m.At[1] = 1 },
	} {
		of := make(alter)
		if of == "" || seen[of] != "" {
			t.Errorf("altering the %s gives the digest %q, that of altering %s", what, of, seen[of])
		}
		seen[of] = what
	}
	own := func(m *model) { m.Next = m }
	if of := make(own); of == "" || of != make(own) || seen[of] != "" {
		t.Errorf("a model that refers to itself has the digest %q", of)
	}
	if of := make(func(m *model) { m.Any = time.Now }); of != "" {
		t.Errorf("a function has the digest %q, want none", of)
	}
}
