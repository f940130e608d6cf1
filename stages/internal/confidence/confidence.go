// Package confidence has the intervals of estimates: percentiles of a bootstrap, and
// Wilson's of a proportion. Its types are parameters that kinds have in common.
package confidence

import (
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/internal/portable"
)

// A Level is how much of its distribution an interval holds.
type Level struct {
	Confidence float64 `param:"confidence" default:"0.95" help:"level of all intervals"`
}

// Validate checks 0 < Confidence < 1.
func (l Level) Validate() error {
	if !(l.Confidence > 0 && l.Confidence < 1) {
		return pipeline.BadParam("confidence", "is %v; it must lie between 0 and 1", l.Confidence)
	}
	return nil
}

// A Bootstrap says how many resamples are drawn, and for which intervals.
type Bootstrap struct {
	Level
	Resamples int `param:"resamples" default:"1000" help:"bootstrap resamples"`
	Seed      int `param:"seed" default:"1" help:"seed of the bootstrap"`
}

// Validate checks the level, and that its percentiles are among the resamples.
func (b Bootstrap) Validate() error {
	if err := b.Level.Validate(); err != nil {
		return err
	}
	if b.Rank(b.Resamples) < 1 {
		return pipeline.BadParam("resamples", "is %d; percentiles at confidence %v need at least %.0f",
			b.Resamples, b.Confidence, math.Ceil(2/(1-b.Confidence)))
	}
	return nil
}

// Rank is the number, counted from 1, of the lower percentile among the sorted
// resamples: (B+1)(1−confidence)/2 rounded down, and the upper one from the top.
func (l Level) Rank(resamples int) int {
	return int((float64(resamples) + 1) * (1 - l.Confidence) / 2)
}

// Percentiles are the ends of the interval of resamples x, whose Rank is at least 1.
func (l Level) Percentiles(x []float64) (lo, hi float64) {
	return l.Outermost(x, x)
}

// Outermost is the interval of resamples each of which leaves a range open: from the
// lower percentile of the lower ends to the upper one of the upper ends, as many of
// these, with a Rank of at least 1.
func (l Level) Outermost(lows, highs []float64) (lo, hi float64) {
	k := l.Rank(len(lows))
	return slices.Sorted(slices.Values(lows))[k-1], slices.Sorted(slices.Values(highs))[len(highs)-k]
}

// Z is z with P(|normal| < z) = confidence.
func (l Level) Z() float64 { return portable.NormalQuantile((1 + l.Confidence) / 2) }

// Wilson is the score interval of a proportion p in n independent trials (Wilson
// 1927), n > 0 and not necessarily whole.
func (l Level) Wilson(p, n float64) (lo, hi float64) {
	z := l.Z()
	k := z * z / n
	centre := (p + k/2) / (1 + k)
	half := math.Sqrt(float64(p*(1-p)*k)+float64(k*k/4)) / (1 + k)
	lo, hi = centre-half, centre+half
	// At these p an end equals p but for rounding.
	if p == 0 {
		lo = 0
	}
	if p == 1 {
		hi = 1
	}
	return lo, hi
}
