package theory

import "math"

// An Outlier says whether an eigenvalue leaves the bulk along the signal
// (physics.md 2).
type Outlier struct {
	Exists  bool
	Lambda  float64 // λ*; NaN if there is none
	Overlap float64 // q² = (v·w_⊥)²/N of its eigenvector with the signal; 0 if there is none
	G       float64 // Stieltjes transform at λ*; NaN if there is none
	DEdge   float64 // D(g_edge), negative if one exists; 0 at an atom
	Edge    Edge    // the left edge, which it leaves
}

// Outlier is the outlier below the bulk. Errors are those of [Spectrum.Edge].
func (sp *Spectrum) Outlier(alpha, mu float64) (Outlier, error) {
	e, err := sp.Edge(alpha, mu)
	if err != nil {
		return Outlier{}, err
	}
	o := Outlier{Lambda: math.NaN(), G: math.NaN(), Edge: e}
	if e.Kind == AtAtom {
		return o, nil
	}
	o.DEdge = sp.D(e.G, alpha)
	if !(o.DEdge < 0) {
		return o, nil
	}
	// g·D(g) decreases from 1 at g = 0 and is smoother there than D.
	f := func(g float64) float64 {
		m := sp.sums(g)
		return 1 + g*alpha*(m.t1-m.s1)
	}
	g := findRoot(f, 0, e.G, 1, e.G*o.DEdge)
	m := sp.sums(g)
	o.Exists, o.G = true, g
	o.Lambda = -1/g + alpha*m.s1 - mu
	o.Overlap = (1 - alpha*m.a1) / (1 - alpha*m.a1 + alpha*m.b1)
	return o, nil
}
