package comparison

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"zerotohero/stages/finitesize"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/outcome"
)

// compare makes the row of a method beside the reference at the same N.
func (c contender) compare(p Params, reference contender, lost map[nullRow]float64) Row {
	own := make([]finitesize.Trial, len(c.descents))
	for i, d := range c.descents {
		own[i] = d.trial()
	}
	r := finitesize.Reduce(finitesize.Params{Bootstrap: p.Bootstrap}, own)
	nan := math.NaN()
	out := Row{
		N: r.N, Loss: r.Loss, A: r.A, From: r.From, Method: c.Method, Reference: c.MethodParams == reference.MethodParams,
		Eta: c.Eta, Momentum: c.Momentum, Fraction: c.Fraction, Temperature: c.Temperature, Decay: c.Decay,
		Until: c.Until, TKick: c.TKick, Length: c.Length,
		Identified: r.Identified, Reason: r.Reason, Alpha50: r.Alpha50, Alpha50Lo: r.Alpha50Lo, Alpha50Hi: r.Alpha50Hi,
		Width: r.Width, WidthLo: r.WidthLo, WidthHi: r.WidthHi,
		Shift: nan, ShiftLo: nan, ShiftHi: nan, Gain: nan, GainLo: nan, GainHi: nan,
		PassesRecovered: c.spent(outcome.Recovered), PassesTrapped: c.spent(outcome.Trapped),
	}
	for _, q := range r.Points {
		out.Points = append(out.Points, c.at(p, q, lost))
	}
	if !out.Reference {
		out.pair(p, c, reference)
	}
	return out
}

// spent is the passes of the descents that end so.
func (c contender) spent(end string) Passes {
	var x []float64
	for _, d := range c.descents {
		if d.Outcome == end {
			x = append(x, c.passes(d))
		}
	}
	if len(x) == 0 {
		return Passes{0, math.NaN(), math.NaN(), math.NaN()}
	}
	slices.Sort(x)
	rank := func(share float64) float64 { return x[min(len(x)-1, int(share*float64(len(x))))] }
	return Passes{int64(len(x)), rank(0.5), rank(0.1), rank(0.9)}
}

// at is one α, with the overlap when the null model loses the outlier.
func (c contender) at(p Params, q finitesize.Point, lost map[nullRow]float64) Point {
	out := Point{Alpha: q.Alpha, AlphaAsked: q.AlphaAsked, Trials: q.Trials, Recovered: q.Recovered,
		Unresolved: q.Unresolved, P: q.P, Lo: q.Lo, Hi: q.Hi,
		TBBP: math.NaN(), Overlap: math.NaN(), OverlapLo: math.NaN(), OverlapHi: math.NaN()}
	first := c.descents[0]
	t, known := lost[nullRow{AlphaAsked: q.AlphaAsked, Loss: first.Loss, A: first.A}]
	if !known {
		return out
	}
	if out.TBBP = t; math.IsInf(t, 1) {
		return out
	}
	// Sums over the descents of each instance, which stand together.
	var squares, counts []float64
	var seed int64
	for _, d := range c.descents {
		if d.Alpha != q.Alpha {
			continue
		}
		if len(squares) == 0 || d.Seed != seed {
			squares, counts, seed = append(squares, 0), append(counts, 0), d.Seed
		}
		m := d.overlapAt(t)
		squares[len(squares)-1] += float64(m * m)
		counts[len(counts)-1]++
	}
	rms := func(weight func(i int) float64) float64 {
		var sum, n float64
		for i := range squares {
			sum += float64(weight(i) * squares[i])
			n += float64(weight(i) * counts[i])
		}
		return math.Sqrt(sum / n)
	}
	out.Overlap = rms(func(int) float64 { return 1 })
	if len(squares) < 2 {
		return out
	}
	var resampled []float64
	for _, draw := range p.Resample(fmt.Sprintf("comparison overlap N=%d alpha=%v", first.N, q.Alpha), len(squares)) {
		resampled = append(resampled, rms(func(i int) float64 { return float64(draw[i]) }))
	}
	out.OverlapLo, out.OverlapHi = p.Percentiles(resampled)
	return out
}

// overlapAt is the overlap at a time, that of the end after it.
func (d descent) overlapAt(t float64) float64 {
	i := slices.IndexFunc(d.Trace, func(r record) bool { return r.T >= t })
	switch {
	case len(d.Trace) == 0:
		return math.NaN()
	case i < 0:
		return d.Trace[len(d.Trace)-1].Overlap
	case i == 0:
		return d.Trace[0].Overlap
	}
	a, b := d.Trace[i-1], d.Trace[i]
	return a.Overlap + float64((t-a.T)/(b.T-a.T)*(b.Overlap-a.Overlap))
}

// A unit is what one instance adds: at each α the pairs, and how many of them the method and
// the reference recover.
type unit struct {
	seed                     int64
	pairs, recovered, beside []float64
}

// pair compares with the reference the descents from starts that both have, and resolve.
func (out *Row) pair(p Params, c, reference contender) {
	alpha, units := pairs(c, reference)
	own, other, n := sums(units, len(alpha))
	for _, v := range n {
		out.Pairs += int64(v)
	}
	if out.Pairs == 0 {
		return
	}
	only, onlyReference := discordant(c, reference)
	out.Only, out.OnlyReference = only, onlyReference
	out.Gain = float64(only-onlyReference) / float64(out.Pairs)
	var shift [2][]float64
	var gains []float64
	domain := fmt.Sprintf("comparison bootstrap N=%d", out.N)
	strata := stratify(units)
	for k := range p.Resamples {
		stream := random.New(domain, int64(p.Seed), int64(k))
		var drawn []unit
		for _, of := range strata {
			for range of {
				drawn = append(drawn, of[int(stream.Uniform()*float64(len(of)))])
			}
		}
		x, y, n := sums(drawn, len(alpha))
		f, g := finitesize.Fit(alpha, n, x), finitesize.Fit(alpha, n, y)
		shift[0] = append(shift[0], difference(f.Lo, g.Hi, -1))
		shift[1] = append(shift[1], difference(f.Hi, g.Lo, 1))
		gains = append(gains, (floats.Sum(x)-floats.Sum(y))/floats.Sum(n))
	}
	out.GainLo, out.GainHi = p.Percentiles(gains)
	if f, g := finitesize.Fit(alpha, n, own), finitesize.Fit(alpha, n, other); f.Reason == "" && g.Reason == "" {
		out.Shift = f.Lo - g.Lo
		out.ShiftLo, out.ShiftHi = p.Outermost(shift[0], shift[1])
	}
}

// matched calls visit for each start from which both were resolved, by seed.
func matched(c, reference contender, visit func(d, r descent)) {
	j := 0
	for _, d := range c.descents {
		for j < len(reference.descents) && reference.descents[j].order(d) < 0 {
			j++
		}
		if j == len(reference.descents) || reference.descents[j].order(d) != 0 {
			continue
		}
		if r := reference.descents[j]; d.Outcome != outcome.Unresolved && r.Outcome != outcome.Unresolved {
			visit(d, r)
		}
	}
}

// discordant counts the starts from which one of the two recovers and the other does not.
func discordant(c, reference contender) (only, onlyReference int64) {
	matched(c, reference, func(d, r descent) {
		switch a, b := d.Outcome == outcome.Recovered, r.Outcome == outcome.Recovered; {
		case a && !b:
			only++
		case b && !a:
			onlyReference++
		}
	})
	return only, onlyReference
}

// pairs are the α at which there are any, ascending, and what each instance has there.
func pairs(c, reference contender) (alpha []float64, units []unit) {
	matched(c, reference, func(d, _ descent) { alpha = append(alpha, d.Alpha) })
	slices.Sort(alpha)
	alpha = slices.Compact(alpha)
	matched(c, reference, func(d, r descent) {
		if len(units) == 0 || units[len(units)-1].seed != d.Seed {
			k := len(alpha)
			units = append(units, unit{d.Seed, make([]float64, k), make([]float64, k), make([]float64, k)})
		}
		u := units[len(units)-1]
		at, _ := slices.BinarySearch(alpha, d.Alpha)
		u.pairs[at]++
		if d.Outcome == outcome.Recovered {
			u.recovered[at]++
		}
		if r.Outcome == outcome.Recovered {
			u.beside[at]++
		}
	})
	return alpha, units
}

// sums are those over units.
func sums(units []unit, alphas int) (recovered, beside, pairs []float64) {
	recovered, beside, pairs = make([]float64, alphas), make([]float64, alphas), make([]float64, alphas)
	for _, u := range units {
		floats.Add(recovered, u.recovered)
		floats.Add(beside, u.beside)
		floats.Add(pairs, u.pairs)
	}
	return recovered, beside, pairs
}

// stratify puts together the units that have as many pairs at each α, which are resampled among
// themselves, so that each α keeps its number of pairs.
func stratify(units []unit) (out [][]unit) {
	for _, u := range units {
		i := slices.IndexFunc(out, func(of []unit) bool { return slices.Equal(of[0].pairs, u.pairs) })
		if i < 0 {
			i, out = len(out), append(out, nil)
		}
		out[i] = append(out[i], u)
	}
	return out
}

// difference is a − b, and infinite on the given side where both are open there.
func difference(a, b float64, side int) float64 {
	if d := a - b; !math.IsNaN(d) {
		return d
	}
	return math.Inf(side)
}
