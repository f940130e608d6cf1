package dynamics

import (
	"context"
	"math"

	"zerotohero/stages/labels"
	"zerotohero/stages/loss"
	"zerotohero/stages/theory"
)

// spectrum is the spectrum of the Hessian for these labels, and μ. The law's nodes
// have s in the place of ŷ. The lowest s among them is where the branch of g ends.
func spectrum(k labels.Sketch, l loss.Loss) (*theory.Spectrum, float64, error) {
	size := len(k.Nodes)
	law := &theory.Law{
		Name: "labels of the null model",
		Y:    make([]float64, size), Yhat: make([]float64, size),
		P: make([]float64, size), Perp2: make([]float64, size),
	}
	for i, n := range k.Nodes {
		y2 := n.Y2 / n.P
		law.Y[i], law.Yhat[i] = math.Sqrt(y2), n.S/n.P
		law.P[i], law.Perp2[i] = n.P/k.Runs, y2
	}
	sp, err := theory.NewSpectrum(law, theory.Weight{
		Name: "curvature of " + l.Name,
		S:    func(_, s float64) float64 { return s },
		Inf:  math.Inf(-1), Sup: math.Inf(1),
	})
	return sp, k.Mu / k.Runs, err
}

// replicates are results of the resamples.
type replicates struct{ edge, d, lambda, q2 []float64 }

// state is the spectrum for the labels of all descents together at one time, with
// intervals; T is left for the caller.
func state(ctx context.Context, p Params, l loss.Loss, alpha float64, units []labels.Sketch,
	draws [][]int) (State, replicates, error) {
	together := labels.NewUnion(units...)
	all := together.All()
	sp, mu, err := spectrum(all, l)
	if err != nil {
		return State{}, replicates{}, err
	}
	o, err := sp.Outlier(alpha, mu)
	if err != nil {
		return State{}, replicates{}, err
	}
	s := State{
		Energy: all.Energy / all.Runs, Mu: mu,
		Edge: o.Edge.Lambda, EdgeKind: string(o.Edge.Kind), Tail: tail(all, sp, o.Edge.G),
		D: o.DEdge, Outlier: o.Exists, LambdaStar: lambdaStar(o), Q2: o.Overlap,
	}
	var r replicates
	for _, counts := range draws {
		if err := ctx.Err(); err != nil {
			return State{}, r, err
		}
		sp, mu, err := spectrum(together.Sum(counts), l)
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
	s.DResampled = r.d
	s.LambdaStarLo, s.LambdaStarHi = p.Percentiles(r.lambda)
	s.Q2Lo, s.Q2Hi = p.Percentiles(r.q2)
	return s, r, s.locate(p, sp, alpha, units, all, draws)
}

// lambdaStar is continuous where the outlier goes into the bulk.
func lambdaStar(o theory.Outlier) float64 {
	if o.Exists {
		return o.Lambda
	}
	return o.Edge.Lambda
}

// tail is the share of A(g) that the node of lowest s holds.
func tail(k labels.Sketch, sp *theory.Spectrum, g float64) float64 {
	if math.IsInf(g, 0) {
		return 0
	}
	n := k.Nodes[0]
	x := g * n.S / n.P
	x /= 1 + x
	return n.P / k.Runs * x * x / sp.A(g, 1)
}
