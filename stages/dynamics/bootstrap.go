package dynamics

import (
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/internal/random"
)

func validateBootstrap(confidence float64, resamples int) error {
	if !(confidence > 0 && confidence < 1) {
		return pipeline.BadParam("confidence", "is %v; it must lie between 0 and 1", confidence)
	}
	if rank(resamples, confidence) < 1 {
		return pipeline.BadParam("resamples", "is %d; percentiles at confidence %v need at least %.0f", resamples, confidence, math.Ceil(2/(1-confidence)))
	}
	return nil
}

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

// rank is the place, counted from 1, of the lower percentile among the sorted
// resamples: (B+1)(1−confidence)/2 rounded down, and the upper one from the top.
func rank(resamples int, confidence float64) int {
	return int((float64(resamples) + 1) * (1 - confidence) / 2)
}

// percentiles are the ends of the interval that holds the share confidence.
func percentiles(x []float64, confidence float64) (lo, hi float64) {
	x = slices.Clone(x)
	slices.Sort(x)
	k := rank(len(x), confidence)
	return x[k-1], x[len(x)-k]
}
