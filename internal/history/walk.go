package history

import (
	"iter"
	"slices"
)

// Walk yields the steps that lead from one version to another in the tree of versions, by index, each with a sign:
// first those to undo (-1), latest first, then those to do (1), oldest first.
func (p *Past) Walk(from, to int) iter.Seq2[int, int] {
	return func(yield func(step, sign int) bool) {
		var ahead []int
		for from != to { // a step has a higher index than the one that it follows
			if from < to {
				ahead = append(ahead, to)
				to = p.parents[to]
				continue
			}
			if !yield(from, -1) {
				return
			}
			from = p.parents[from]
		}
		for _, step := range slices.Backward(ahead) {
			if !yield(step, 1) {
				return
			}
		}
	}
}

// Between returns the steps of a walk from one version to another, in order of time.
func (p *Past) Between(from, to int) []int {
	var list []int
	for step := range p.Walk(from, to) {
		list = append(list, step)
	}
	slices.Sort(list)
	return list
}
