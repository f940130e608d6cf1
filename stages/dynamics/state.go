package dynamics

import (
	"cmp"
	"context"
	"math"
	"slices"

	"zerotohero/stages/loss"
	"zerotohero/stages/theory"
)

// A sketch is what the spectrum needs of the labels of one or several descents: sums
// of the energy and of μ, and the law of (s, y²), s = ℓ″, with neighbouring values of
// s merged. That is some 1000 nodes for any number of labels, so that a bootstrap costs
// little.
type sketch struct {
	runs       float64
	energy, mu float64 // sums over the descents
	nodes      []node  // ascending in bin, which no two share
}

// A node has the labels of one bin: their share, summed over descents, and their sums
// of s and y² times it.
type node struct {
	bin      int64
	p, s, y2 float64
}

func (n *node) add(o node, times float64) {
	n.p += float64(times * o.p)
	n.s += float64(times * o.s)
	n.y2 += float64(times * o.y2)
}

// binOf numbers the bins of s in its order: they are at most 1/32 of |s| wide, and
// 1/128 where s is negative and a pole of 1/(1+gs) near. A node keeps the means of s
// and of y². What merging does to λ and D is a hundredth of the error of sampling:
// errors are of second order in the width, and of the chance covariance of s and y²
// within nodes.
func binOf(s float64) int64 {
	if s < 0 {
		return -int64(math.Float64bits(-s) >> (52 - 7))
	}
	return int64(math.Float64bits(s) >> (52 - 5))
}

// newSketch is that of one descent in dimension n.
func newSketch(l loss.Loss, y, yhat []float64, n int) sketch {
	k := sketch{runs: 1}
	labels := make([]node, len(y))
	one := 1 / float64(len(y))
	for i := range y {
		k.energy += l.Value(y[i], yhat[i])
		k.mu += float64(l.D1(y[i], yhat[i]) * yhat[i])
		s := l.D2(y[i], yhat[i])
		labels[i] = node{binOf(s), one, one * s, one * y[i] * y[i]}
	}
	k.energy /= float64(n)
	k.mu /= float64(n)
	slices.SortStableFunc(labels, func(a, b node) int { return cmp.Compare(a.bin, b.bin) })
	for _, o := range labels {
		if j := len(k.nodes); j == 0 || k.nodes[j-1].bin != o.bin {
			k.nodes = append(k.nodes, node{bin: o.bin})
		}
		k.nodes[len(k.nodes)-1].add(o, 1)
	}
	return k
}

// A union is several sketches with the bins that any of them has.
type union struct {
	from  []sketch
	bins  []int64
	index [][]int // of each node of each sketch in bins
}

func newUnion(from ...sketch) *union {
	u := &union{from: from, index: make([][]int, len(from))}
	for _, k := range from {
		for _, n := range k.nodes {
			u.bins = append(u.bins, n.bin)
		}
	}
	slices.Sort(u.bins)
	u.bins = slices.Compact(u.bins)
	for i, k := range from {
		for _, n := range k.nodes {
			j, _ := slices.BinarySearch(u.bins, n.bin)
			u.index[i] = append(u.index[i], j)
		}
	}
	return u
}

// sum adds up the sketches, each as many times as counts says.
func (u *union) sum(counts []int) sketch {
	out := sketch{nodes: make([]node, 0, len(u.bins))}
	all := make([]node, len(u.bins))
	for i, k := range u.from {
		if counts[i] == 0 {
			continue
		}
		times := float64(counts[i])
		out.runs += times * k.runs
		out.energy += float64(times * k.energy)
		out.mu += float64(times * k.mu)
		for j, n := range k.nodes {
			all[u.index[i][j]].add(n, times)
		}
	}
	for j, n := range all {
		if n.p > 0 {
			n.bin = u.bins[j]
			out.nodes = append(out.nodes, n)
		}
	}
	return out
}

// all adds up the sketches, each once.
func (u *union) all() sketch { return u.sum(slices.Repeat([]int{1}, len(u.from))) }

// spectrum is the spectrum of the Hessian for these labels, and μ. The law's nodes
// have s in the place of ŷ. The lowest s among them is where the branch of g ends.
func (k sketch) spectrum(l loss.Loss) (*theory.Spectrum, float64, error) {
	size := len(k.nodes)
	law := &theory.Law{
		Name: "labels of the null model",
		Y:    make([]float64, size), Yhat: make([]float64, size),
		P: make([]float64, size), Perp2: make([]float64, size),
	}
	for i, n := range k.nodes {
		y2 := n.y2 / n.p
		law.Y[i], law.Yhat[i] = math.Sqrt(y2), n.s/n.p
		law.P[i], law.Perp2[i] = n.p/k.runs, y2
	}
	sp, err := theory.NewSpectrum(law, theory.Weight{
		Name: "curvature of " + l.Name,
		S:    func(_, s float64) float64 { return s },
		Inf:  math.Inf(-1), Sup: math.Inf(1),
	})
	return sp, k.mu / k.runs, err
}

// replicates are results of the resamples.
type replicates struct{ edge, d, lambda, q2 []float64 }

// state is the spectrum for the labels of all descents together at one time, with
// intervals; T is left for the caller.
func state(ctx context.Context, p Params, l loss.Loss, alpha float64, units []sketch,
	draws [][]int) (State, replicates, error) {
	together := newUnion(units...)
	all := together.all()
	sp, mu, err := all.spectrum(l)
	if err != nil {
		return State{}, replicates{}, err
	}
	o, err := sp.Outlier(alpha, mu)
	if err != nil {
		return State{}, replicates{}, err
	}
	s := State{
		Energy: all.energy / all.runs, Mu: mu,
		Edge: o.Edge.Lambda, EdgeKind: string(o.Edge.Kind), Tail: tail(all, sp, o.Edge.G),
		D: o.DEdge, Outlier: o.Exists, LambdaStar: lambdaStar(o), Q2: o.Overlap,
	}
	var r replicates
	for _, counts := range draws {
		if err := ctx.Err(); err != nil {
			return State{}, r, err
		}
		sp, mu, err := together.sum(counts).spectrum(l)
		if err != nil {
			return State{}, r, err
		}
		o, err := sp.Outlier(alpha, mu)
		if err != nil {
			return State{}, r, err
		}
		r.edge, r.d = append(r.edge, o.Edge.Lambda), append(r.d, o.DEdge)
		r.lambda, r.q2 = append(r.lambda, lambdaStar(o)), append(r.q2, o.Overlap)
	}
	s.EdgeLo, s.EdgeHi = p.Percentiles(r.edge)
	s.DLo, s.DHi = p.Percentiles(r.d)
	s.LambdaStarLo, s.LambdaStarHi = p.Percentiles(r.lambda)
	s.Q2Lo, s.Q2Hi = p.Percentiles(r.q2)
	return s, r, nil
}

// lambdaStar is continuous where the outlier goes into the bulk.
func lambdaStar(o theory.Outlier) float64 {
	if o.Exists {
		return o.Lambda
	}
	return o.Edge.Lambda
}

// tail is the share of A(g) that the node of lowest s holds.
func tail(k sketch, sp *theory.Spectrum, g float64) float64 {
	if math.IsInf(g, 0) {
		return 0
	}
	n := k.nodes[0]
	x := g * n.s / n.p
	x /= 1 + x
	return n.p / k.runs * x * x / sp.A(g, 1)
}
