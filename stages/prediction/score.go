package prediction

import (
	"cmp"
	"math"
	"slices"

	"zerotohero/stages/internal/portable"
)

// A forecast is what is said of a run before it ends: the probability that it recovers, the
// rate of those that this was learnt from, and by how much its log odds are above the odds of
// a run with their means. Runs of several folds are put in order by this: the rate is lower
// where more runs of the fold itself recover, which would put them in the wrong order.
type forecast struct{ p, rate, above float64 }

// forecasts gives that of each run from the other folds.
func (p Params) forecasts(g group, of []predictor) []forecast {
	x := make([][]float64, len(g.runs))
	for i, r := range g.runs {
		for _, q := range of {
			x[i] = append(x[i], q.of(r.at))
		}
	}
	out := make([]forecast, len(g.runs))
	for fold := range p.Folds {
		var known [][]float64
		var ends []bool
		recovered := 0
		for i, r := range g.runs {
			if r.instance%p.Folds != fold {
				known, ends = append(known, x[i]), append(ends, r.recovered)
				if r.recovered {
					recovered++
				}
			}
		}
		// Half a descent of either outcome more, so that no rate is 0 or 1.
		rate := (float64(recovered) + 0.5) / (float64(len(known)) + 1)
		both := recovered > 0 && recovered < len(known)
		var fit regression
		if both {
			fit = regress(known, ends)
		}
		for i, r := range g.runs {
			if r.instance%p.Folds != fold {
				continue
			}
			out[i] = forecast{p: rate, rate: rate}
			if both {
				out[i].p, out[i].above = fit.p(x[i]), fit.above(x[i])
			}
		}
	}
	return out
}

// scores are those of predictors together, with the intervals of resamples, which say how
// often each instance occurs.
func (p Params) scores(g group, of []predictor, draws [][]int) (score, auc Estimate) {
	f := p.forecasts(g, of)
	gains := make([]float64, len(f))
	for i, r := range g.runs {
		gains[i] = log2(r.recovered, f[i].p) - log2(r.recovered, f[i].rate)
	}
	order := make([]int, len(f))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(f[a].above, f[b].above) })
	once := make([]int, g.instances())
	for i := range once {
		once[i] = 1
	}
	score = p.estimate(draws, func(counts []int) float64 { return g.mean(gains, counts, every) }, once)
	auc = p.estimate(draws, func(counts []int) float64 { return g.ordered(f, order, counts) }, once)
	return score, auc
}

// means are those of a predictor over the runs, and over those of either outcome.
func (p Params) means(g group, of predictor, draws [][]int) (all, recovered, trapped Estimate) {
	values := make([]float64, len(g.runs))
	once := make([]int, g.instances())
	for i, r := range g.runs {
		values[i] = of.of(r.at)
		once[r.instance] = 1
	}
	over := func(which func(trial) bool) Estimate {
		return p.estimate(draws, func(counts []int) float64 { return g.mean(values, counts, which) }, once)
	}
	return over(every), over(func(r trial) bool { return r.recovered }), over(func(r trial) bool { return !r.recovered })
}

func every(trial) bool { return true }

// estimate is a statistic of the instances, each once, with the percentiles of resamples.
// Resamples in which it does not exist are left out; if too few remain there is no interval.
func (p Params) estimate(draws [][]int, statistic func(counts []int) float64, once []int) Estimate {
	e := Estimate{statistic(once), math.NaN(), math.NaN()}
	var values []float64
	for _, counts := range draws {
		if v := statistic(counts); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	if p.Rank(len(values)) >= 1 && !math.IsNaN(e.Value) {
		e.Lo, e.Hi = p.Percentiles(values)
	}
	return e
}

// mean is the mean of what runs have, each as often as its instance occurs; NaN if none does.
func (g group) mean(values []float64, counts []int, which func(trial) bool) float64 {
	sum, n := 0.0, 0.0
	for i, r := range g.runs {
		if which(r) {
			w := float64(counts[r.instance])
			sum += float64(w * values[i])
			n += w
		}
	}
	return sum / n
}

// ordered is the share of pairs of a recovered and a trapped run that the forecast puts in
// order, equal ones counting half; order sorts the runs by it.
func (g group) ordered(f []forecast, order, counts []int) float64 {
	var below, right, recovered, trapped float64 // below: trapped runs before these
	for i := 0; i < len(order); {
		j := i
		var r, t float64
		for ; j < len(order) && f[order[j]].above == f[order[i]].above; j++ {
			w := float64(counts[g.runs[order[j]].instance])
			if g.runs[order[j]].recovered {
				r += w
			} else {
				t += w
			}
		}
		right += float64(r * (below + t/2))
		below += t
		recovered, trapped = recovered+r, trapped+t
		i = j
	}
	return right / (recovered * trapped)
}

// log2 is the logarithm of the probability that was given to what happened.
func log2(recovered bool, p float64) float64 {
	if !recovered {
		p = 1 - p
	}
	return portable.Log(p) / math.Ln2
}

// entropy is that of an event of probability 0 < p < 1, in bits.
func entropy(p float64) float64 {
	return -float64(p*log2(true, p)) - float64((1-p)*log2(false, p))
}
