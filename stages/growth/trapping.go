package growth

import (
	"math"

	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/portable"
	"zerotohero/stages/outcome"
)

// A Trapping is when those runs are trapped that are.
type Trapping struct {
	Median    float64   `arrow:"median" doc:"median time of trapped runs; NaN if there are none"`
	Lo        float64   `arrow:"lo" doc:"lower end of its interval; 0 if too few runs bound it, NaN without trapped runs"`
	Hi        float64   `arrow:"hi" doc:"upper end of its interval, were all unresolved runs trapped later; +Inf if too few runs bound it"`
	Effective float64   `arrow:"effective" doc:"trapped runs as independent ones, n of the interval"`
	Drawn     []float64 `arrow:"drawn" doc:"ln median in each bootstrap resample; NaN for one without trapped runs"`
}

// trapping finds the median trapping time.
func trapping(s *sample, runs []descent, p Params) Trapping {
	times := ends(runs, outcome.Trapped)
	n := len(times)
	out := Trapping{Median: median(times), Lo: math.NaN(), Hi: math.NaN()}
	if n == 0 {
		return out
	}
	var clusters []confidence.Cluster
	for _, u := range s.instances {
		var c confidence.Cluster
		for _, i := range u.runs {
			if d := runs[i]; d.Outcome == outcome.Trapped {
				c.Trials++
				if d.T <= out.Median {
					c.Successes++
				}
			}
		}
		if c.Trials > 0 {
			clusters = append(clusters, c)
		}
	}
	out.Effective = confidence.Effective(clusters)
	out.Lo, out.Hi = 0, math.Inf(1)
	m := int(out.Effective)
	// The rank among n that is the same share as the rank k among m, 1 being the first.
	if k := rank(m, p.Level); k > 0 {
		out.Lo = times[max(k*n/m, 1)-1]
		all := n + len(ends(runs, outcome.Unresolved))
		if up := all - max(k*all/m, 1); up < n {
			out.Hi = times[up]
		}
	}
	for _, counts := range s.draws {
		out.Drawn = append(out.Drawn, drawnMedian(s, runs, counts))
	}
	return out
}

// rank is the largest k such that the k-th smallest of n independent numbers lies above
// their median with a probability of (1−confidence)/2 at most: 0 if there is none.
func rank(n int, level confidence.Level) int {
	// Binomial weights relative to the largest, so that none is too large.
	weight := make([]float64, n+1)
	total := 0.0
	for k, w := n/2, 1.0; k >= 0; k-- {
		weight[k] = w
		w *= float64(k) / float64(n-k+1)
	}
	for k := range weight {
		weight[k] = weight[min(k, n-k)]
		total += weight[k]
	}
	below := 0.0 // of fewer than k successes
	for k := 0; ; k++ {
		if below += weight[k]; below > total*(1-level.Confidence)/2 {
			return k
		}
	}
}

// drawnMedian is ln of the median in a resample.
func drawnMedian(s *sample, runs []descent, counts []int) float64 {
	var drawn []descent
	for k, u := range s.instances {
		for range counts[k] {
			for _, i := range u.runs {
				drawn = append(drawn, runs[i])
			}
		}
	}
	return portable.Log(median(ends(drawn, outcome.Trapped)))
}
