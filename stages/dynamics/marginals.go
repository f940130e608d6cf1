package dynamics

import (
	"math"
	"slices"

	"zerotohero/stages/loss"
	"zerotohero/stages/theory"
)

// A Threshold is the 1RSB threshold state at the α of a stage (physics.md 2c), an
// approximation to the trapped state.
type Threshold struct {
	Found  bool    `arrow:"found" doc:"whether there is one"`
	Reason string  `arrow:"reason" doc:"why not; empty if there is"`
	Chi    float64 `arrow:"chi" doc:"χ"`
	Z      float64 `arrow:"z" doc:"z"`
	Energy float64 `arrow:"energy" doc:"L/N"`
	Mu     float64 `arrow:"mu" doc:"radial multiplier μ"`
	D      float64 `arrow:"d" doc:"D at the edge, negative with an outlier along the signal"`
}

// A Marginal is the law of |ŷ| or of s = ℓ″ in the trapped runs, for |y| in a range,
// beside that of 1RSB.
type Marginal struct {
	Of         string    `arrow:"of" doc:"yhat for |ŷ|, s for ℓ″"`
	YLo        float64   `arrow:"y_lo" doc:"least |y|"`
	YHi        float64   `arrow:"y_hi" doc:"largest |y|, +Inf for no limit"`
	Edges      []float64 `arrow:"edges" doc:"of the bins, ascending; what lies beyond them counts in the normalisation"`
	Simulation []float64 `arrow:"simulation" doc:"density in each bin, of the trapped runs together"`
	Theory     []float64 `arrow:"theory" doc:"density in each bin, of 1RSB"`
	Distance   float64   `arrow:"distance" doc:"Kolmogorov distance of the two, at the edges"`
	Noise      float64   `arrow:"noise" doc:"upper bootstrap percentile of the distance between a resample and all runs: what sampling alone makes of two equal laws"`
}

// classes are ranges of |y| for which the law of |ŷ| is shown.
var classes = [][2]float64{{0, math.Inf(1)}, {0, 0.5}, {0.5, 1.5}, {1.5, math.Inf(1)}}

const (
	bins   = 80    // the last one closed above, all closed below
	beyond = 0.005 // share of the labels above the last bin
	spread = 64    // points at which a node of the theory is spread over its cell
)

// compare puts the labels of trapped descents beside those of the threshold state.
func compare(p Params, l loss.Loss, alpha float64, units []unit, draws [][]int) (Threshold, []Marginal, error) {
	states, err := theory.ThresholdStates(l, alpha)
	if err != nil {
		// Below some α, and for some losses, there is none.
		return Threshold{Reason: err.Error()}, nil, nil
	}
	t := states[0]
	law, err := t.Law(l, 1)
	if err != nil {
		return Threshold{}, nil, err
	}
	found := Threshold{Found: true, Chi: t.Chi, Z: t.Z, Energy: t.Energy, Mu: t.Mu, D: t.D}
	if len(units[0].y) == 0 {
		return found, nil, nil
	}
	var out []Marginal
	size := func(_, u float64) float64 { return math.Abs(u) }
	for _, c := range classes {
		out = append(out, marginal(p, "yhat", size, c, units, law, draws))
	}
	out = append(out, marginal(p, "s", l.D2, classes[0], units, law, draws))
	return found, out, nil
}

// marginal compares the law of f, called of, in the trapped runs with that of theory.
func marginal(p Params, of string, f func(y, u float64) float64, class [2]float64, units []unit, law *theory.Law,
	draws [][]int) Marginal {
	m := Marginal{Of: of, YLo: class[0], YHi: class[1]}
	values := make([][]float64, len(units))
	var all []float64
	for i, u := range units {
		for j, y := range u.y {
			if y = math.Abs(y); y >= class[0] && y < class[1] {
				values[i] = append(values[i], f(y, u.yhat[j]))
			}
		}
		all = append(all, values[i]...)
	}
	if len(all) == 0 {
		return m
	}
	slices.Sort(all)
	lo, hi := all[0], all[int((1-beyond)*float64(len(all)-1))]
	if of == "yhat" {
		lo = 0
	}
	for k := range bins + 1 {
		m.Edges = append(m.Edges, lo+(hi-lo)*float64(k)/bins)
	}
	counts := make([]histogram, len(units))
	total := newHistogram()
	for i, v := range values {
		counts[i] = newHistogram()
		for _, x := range v {
			counts[i].add(m.Edges, x, 1)
		}
		total.addAll(counts[i], 1)
	}
	exact := expected(law, f, class, m.Edges)
	m.Simulation, m.Theory = total.density(m.Edges), exact.density(m.Edges)
	m.Distance = total.distance(exact)
	var noise []float64
	for _, d := range draws {
		h := newHistogram()
		for i, c := range d {
			h.addAll(counts[i], float64(c))
		}
		noise = append(noise, h.distance(total))
	}
	slices.Sort(noise)
	m.Noise = noise[len(noise)-int((float64(len(noise))+1)*(1-p.Confidence))]
	return m
}

// expected is the histogram of f over the part of a law that lies in a class.
func expected(law *theory.Law, f func(y, u float64) float64, class [2]float64, edges []float64) histogram {
	h := newHistogram()
	for k, y := range law.Y {
		// A node stands for a cell in y, which the class may cut.
		within := math.Min(class[1], law.YHi[k]) - math.Max(class[0], law.YLo[k])
		if within <= 0 {
			continue
		}
		weight := law.P[k] * within / (law.YHi[k] - law.YLo[k]) / spread
		for j := range spread {
			share := (float64(j) + 0.5) / spread
			u := law.ULo[k] + share*(law.UHi[k]-law.ULo[k])
			h.add(edges, f(y, u), weight)
		}
	}
	return h
}

// A histogram is the weight below the first edge, in each bin, and above the last.
type histogram []float64

func newHistogram() histogram { return make(histogram, bins+2) }

func (h histogram) add(edges []float64, x, weight float64) {
	k, found := slices.BinarySearch(edges, x)
	if found && k < bins {
		k++
	}
	h[k] += weight
}

func (h histogram) addAll(o histogram, times float64) {
	for k, w := range o {
		h[k] += times * w
	}
}

func (h histogram) total() float64 {
	var sum float64
	for _, w := range h {
		sum += w
	}
	return sum
}

func (h histogram) density(edges []float64) []float64 {
	total := h.total()
	out := make([]float64, bins)
	for k := range out {
		out[k] = h[k+1] / (total * (edges[k+1] - edges[k]))
	}
	return out
}

// distance is the largest difference of two cumulative distributions at the edges.
func (h histogram) distance(o histogram) float64 {
	th, to := h.total(), o.total()
	if th == 0 || to == 0 {
		return 1
	}
	var ch, co, most float64
	for k := range h {
		ch += h[k] / th
		co += o[k] / to
		most = math.Max(most, math.Abs(ch-co))
	}
	return most
}
