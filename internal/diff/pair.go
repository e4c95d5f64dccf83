package diff

import (
	"cmp"
	"slices"
)

// Pair is a record and the one that it became, in the form in which a registry's rules read records.
type Pair[R any] struct{ Old, New *R }

// Take is one pass of a registry's rules: it removes from both sides the records that share a key and fit, and returns them as
// [Match] pairs them, key by key in the order of gone. Both sides are in canonical order and stay so. Records without a key (ok is
// false) stay. Keys are looked up, so a pass takes linear time.
func Take[R any, K comparable](gone, came *[]*R, keyOf func(*R) (k K, ok bool), fits func(Pair[R]) bool, equal func(old, new *R) int) (pairs []Pair[R]) {
	if len(*gone) == 0 || len(*came) == 0 {
		return nil
	}
	type group struct{ gone, came []*R }
	groups := make(map[K]*group)
	for _, r := range *came {
		if k, ok := keyOf(r); ok {
			if groups[k] == nil {
				groups[k] = &group{}
			}
			groups[k].came = append(groups[k].came, r)
		}
	}
	var inOrder []*group
	for _, r := range *gone {
		if k, ok := keyOf(r); ok && groups[k] != nil {
			g := groups[k]
			if len(g.gone) == 0 {
				inOrder = append(inOrder, g)
			}
			g.gone = append(g.gone, r)
		}
	}
	taken := make(map[*R]bool)
	for _, g := range inOrder {
		for _, p := range Match(g.gone, g.came, fits, equal) {
			pairs = append(pairs, p)
			taken[p.Old], taken[p.New] = true, true
		}
	}
	*gone, *came = Without(*gone, taken), Without(*came, taken)
	return pairs
}

// Without removes from a list the records that are taken.
func Without[R any](list []*R, taken map[*R]bool) []*R {
	return slices.DeleteFunc(list, func(r *R) bool { return taken[r] })
}

// block is how many records a side are compared each with each. Larger groups are matched block by block in canonical
// order, so that time stays linear.
const block = 64

// Match pairs records that fit, given in canonical order: first those that have most in common, which equal returns, then in
// canonical order. If fits is nil, any two fit.
func Match[R any](old, new []*R, fits func(Pair[R]) bool, equal func(old, new *R) int) (pairs []Pair[R]) {
	for len(old) > 0 && len(new) > 0 {
		n, m := min(len(old), block), min(len(new), block)
		pairs = append(pairs, matchBlock(old[:n], new[:m], fits, equal)...)
		old, new = old[n:], new[m:]
	}
	return pairs
}

func matchBlock[R any](old, new []*R, fits func(Pair[R]) bool, equal func(old, new *R) int) (pairs []Pair[R]) {
	type candidate struct{ equal, i, j int }
	var list []candidate
	for i, r := range old {
		for j, a := range new {
			if fits != nil && !fits(Pair[R]{r, a}) {
				continue
			}
			c := candidate{i: i, j: j}
			if len(old)+len(new) > 2 { // else it is the only one
				c.equal = equal(r, a)
			}
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.equal, a.equal), cmp.Compare(a.i, b.i), cmp.Compare(a.j, b.j))
	})
	left, right := make([]bool, len(old)), make([]bool, len(new))
	for _, c := range list {
		if !left[c.i] && !right[c.j] {
			left[c.i], right[c.j] = true, true
			pairs = append(pairs, Pair[R]{old[c.i], new[c.j]})
		}
	}
	return pairs
}
