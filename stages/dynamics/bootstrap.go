package dynamics

import (
	"fmt"

	"zerotohero/stages/internal/random"
)

// resample draws, for each resample, how many times each instance occurs in it: K−1
// draws from K instances. Resample b has a stream of its own, keyed by the seeds.
func resample(p Params, seeds []int64) [][]int {
	draws := make([][]int, p.Resamples)
	domain := fmt.Sprint("dynamics bootstrap ", seeds)
	for b := range draws {
		counts := make([]int, len(seeds))
		stream := random.New(domain, int64(p.Seed), int64(b))
		for range len(seeds) - 1 {
			counts[int(stream.Uniform()*float64(len(seeds)))]++
		}
		draws[b] = counts
	}
	return draws
}
