// Package bootstrap has the percentiles of bootstrap resamples.
package bootstrap

import (
	"math"
	"slices"

	"zerotohero/pipeline"
)

// Validate checks the parameters confidence and resamples of a kind: the percentiles
// must be among the resamples.
func Validate(confidence float64, resamples int) error {
	if !(confidence > 0 && confidence < 1) {
		return pipeline.BadParam("confidence", "is %v; it must lie between 0 and 1", confidence)
	}
	if Rank(resamples, confidence) < 1 {
		return pipeline.BadParam("resamples", "is %d; percentiles at confidence %v need at least %.0f", resamples, confidence, math.Ceil(2/(1-confidence)))
	}
	return nil
}

// Rank is the place, counted from 1, of the lower percentile among the sorted
// resamples: (B+1)(1−confidence)/2 rounded down, and the upper one from the top.
func Rank(resamples int, confidence float64) int {
	return int((float64(resamples) + 1) * (1 - confidence) / 2)
}

// Percentiles are the ends of the interval that holds the share confidence of x, whose
// Rank is at least 1.
func Percentiles(x []float64, confidence float64) (lo, hi float64) {
	return Outermost(x, x, confidence)
}

// Outermost is the interval of resamples each of which leaves a range open: from the
// lower percentile of the lower ends to the upper one of the upper ends, as many of
// these, with a Rank of at least 1.
func Outermost(lows, highs []float64, confidence float64) (lo, hi float64) {
	k := Rank(len(lows), confidence)
	return slices.Sorted(slices.Values(lows))[k-1], slices.Sorted(slices.Values(highs))[len(highs)-k]
}
