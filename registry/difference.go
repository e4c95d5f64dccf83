package registry

import (
	"slices"
)

// Difference returns what is left of two lists once equal elements have cancelled each other out, as multisets: an
// element that stands twice in one list and once in the other is left once. The order of what is left is kept: of equal
// elements the first ones are left in old, the last ones in new.
func Difference[E comparable](old, new []E) (restOld, restNew []E) {
	return DifferenceBy(old, new, func(e E) E { return e })
}

// DifferenceBy is [Difference] where elements are equal if their keys are.
func DifferenceBy[E any, K comparable](old, new []E, key func(E) K) (restOld, restNew []E) {
	if len(old) == 0 || len(new) == 0 {
		return slices.Clone(old), slices.Clone(new)
	}
	count := make(map[K]int, len(old))
	for _, e := range old {
		count[key(e)]++
	}
	for _, e := range new {
		if k := key(e); count[k] > 0 {
			count[k]--
		} else {
			restNew = append(restNew, e)
		}
	}
	for _, e := range old {
		if k := key(e); count[k] > 0 {
			count[k]--
			restOld = append(restOld, e)
		}
	}
	return restOld, restNew
}
