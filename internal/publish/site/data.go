package site

import "iter"

// dataPages yields the page for developers.
func (s *site) dataPages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		p := s.newPage("data", "data/", "Data for programs")
		p.Summary = "Every file that programs can read here: what it has, its form and its schema."
		yield(p)
	}
}
