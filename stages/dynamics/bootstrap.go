package dynamics

import "fmt"

// resample draws, for each resample, how many times each instance occurs in it, from
// streams keyed by the seeds.
func resample(p Params, seeds []int64) [][]int {
	return p.Resample(fmt.Sprint("dynamics bootstrap ", seeds), len(seeds))
}
