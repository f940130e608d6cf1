package dynamics

import (
	"fmt"

	"zerotohero/stages/internal/bootstrap"
)

// resample draws, for each resample, how many times each instance occurs in it, from
// streams keyed by the seeds.
func resample(p Params, seeds []int64) [][]int {
	return bootstrap.Resample(fmt.Sprint("dynamics bootstrap ", seeds), int64(p.Seed), p.Resamples, len(seeds))
}
