package cli

import "strings"

// groupBy splits items by a key, in the order in which the keys first occur.
func groupBy[T any, K comparable](items []T, key func(T) K) [][]T {
	var groups [][]T
	at := make(map[K]int)
	for _, item := range items {
		k := key(item)
		if _, ok := at[k]; !ok {
			at[k] = len(groups)
			groups = append(groups, nil)
		}
		groups[at[k]] = append(groups[at[k]], item)
	}
	return groups
}

// family is the part of a stage's name before its axes.
func family(stage string) string {
	name, _, _ := strings.Cut(stage, "/")
	return name
}
