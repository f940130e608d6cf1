package finitesize

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/outcome"
)

// A cell is what one seed did at one α.
type cell struct {
	at                                       int // index of α
	recovered, trapped, unresolved, diverged int64
}

// trials is the number of resolved descents.
func (c cell) trials() int64 { return c.recovered + c.trapped + c.diverged }

// A unit is one seed with its cells, α ascending.
type unit struct {
	seed  int64
	cells []cell
}

// A sample is all descents of one N.
type sample struct {
	n     int64
	alpha []float64 // ascending
	asked []float64 // of each, before rounding
	units []unit    // sorted by the set of their α, then by seed

	trials, recovered []float64 // for each α
}

// newSample arranges descents of one N that are sorted by (seed, α, start).
func newSample(descents []descent) *sample {
	s := &sample{n: descents[0].N}
	for _, d := range descents {
		s.alpha = append(s.alpha, d.Alpha)
	}
	slices.Sort(s.alpha)
	s.alpha = slices.Compact(s.alpha)
	s.asked = slices.Repeat([]float64{math.Inf(1)}, len(s.alpha))
	for _, d := range descents {
		at, _ := slices.BinarySearch(s.alpha, d.Alpha)
		s.asked[at] = min(s.asked[at], d.AlphaAsked)
		if k := len(s.units); k == 0 || s.units[k-1].seed != d.Seed {
			s.units = append(s.units, unit{seed: d.Seed})
		}
		u := &s.units[len(s.units)-1]
		if k := len(u.cells); k == 0 || u.cells[k-1].at != at {
			u.cells = append(u.cells, cell{at: at})
		}
		c := &u.cells[len(u.cells)-1]
		switch d.Outcome {
		case outcome.Recovered:
			c.recovered++
		case outcome.Trapped:
			c.trapped++
		case outcome.Unresolved:
			c.unresolved++
		case outcome.Diverged:
			c.diverged++
		}
	}
	slices.SortFunc(s.units, func(a, b unit) int { return cmp.Or(compareAlphas(a, b), cmp.Compare(a.seed, b.seed)) })
	s.trials, s.recovered = make([]float64, len(s.alpha)), make([]float64, len(s.alpha))
	for _, u := range s.units {
		u.count(s.trials, s.recovered)
	}
	return s
}

// compareAlphas orders units by the set of α that they occur at.
func compareAlphas(a, b unit) int {
	return slices.CompareFunc(a.cells, b.cells, func(a, b cell) int { return cmp.Compare(a.at, b.at) })
}

// count adds a unit to the numbers of trials and successes at each α.
func (u unit) count(trials, recovered []float64) {
	for _, c := range u.cells {
		trials[c.at] += float64(c.trials())
		recovered[c.at] += float64(c.recovered)
	}
}

// span is the range of α with trials.
func (s *sample) span() (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for j, a := range s.alpha {
		if s.trials[j] > 0 {
			lo, hi = min(lo, a), max(hi, a)
		}
	}
	return lo, hi
}

// points tabulates the outcomes and rates at each α.
func (s *sample) points(level confidence.Level) []Point {
	out := make([]Point, len(s.alpha))
	clusters := make([][]confidence.Cluster, len(s.alpha))
	for j := range out {
		out[j].Alpha, out[j].AlphaAsked = s.alpha[j], s.asked[j]
	}
	for _, u := range s.units {
		for _, c := range u.cells {
			pt := &out[c.at]
			pt.Trials += c.trials()
			pt.Recovered += c.recovered
			pt.Trapped += c.trapped
			pt.Unresolved += c.unresolved
			pt.Diverged += c.diverged
			if c.trials() > 0 {
				pt.Instances++
				clusters[c.at] = append(clusters[c.at],
					confidence.Cluster{Trials: float64(c.trials()), Successes: float64(c.recovered)})
			}
		}
	}
	for j := range out {
		pt := &out[j]
		pt.P, pt.Lo, pt.Hi = math.NaN(), 0, 1
		if pt.Trials > 0 {
			pt.P = float64(pt.Recovered) / float64(pt.Trials)
			pt.Effective = confidence.Effective(clusters[j])
			pt.Lo, pt.Hi = level.Wilson(pt.P, pt.Effective)
		}
	}
	return out
}

// percentiles are bootstrap intervals.
type percentiles struct {
	alpha50, width interval
	unidentified   int64
}

// bootstrap resamples the units of each stratum and refits. Resample b has a
// random stream of its own, so that the result is the same in any order.
func (s *sample) bootstrap(p Params) percentiles {
	var strata [][]unit
	for i, u := range s.units {
		if i == 0 || compareAlphas(s.units[i-1], u) != 0 {
			strata = append(strata, nil)
		}
		k := len(strata) - 1
		strata[k] = append(strata[k], u)
	}
	var out percentiles
	trials, recovered := make([]float64, len(s.alpha)), make([]float64, len(s.alpha))
	var alpha50, width [2][]float64 // lower and upper ends
	domain := fmt.Sprintf("finitesize bootstrap N=%d", s.n)
	for b := range p.Resamples {
		clear(trials)
		clear(recovered)
		stream := random.New(domain, int64(p.Seed), int64(b))
		for _, units := range strata {
			for range units {
				units[int(stream.Uniform()*float64(len(units)))].count(trials, recovered)
			}
		}
		f := fitLogistic(s.alpha, trials, recovered)
		if f.reason != "" {
			out.unidentified++
		}
		alpha50[0], alpha50[1] = append(alpha50[0], f.alpha50.lo), append(alpha50[1], f.alpha50.hi)
		width[0], width[1] = append(width[0], f.width.lo), append(width[1], f.width.hi)
	}
	out.alpha50.lo, out.alpha50.hi = p.Outermost(alpha50[0], alpha50[1])
	out.width.lo, out.width.hi = p.Outermost(width[0], width[1])
	return out
}
