package prediction

import "zerotohero/stages/internal/vector"

// A predictor is a number that the student and its Hessian have.
type predictor struct {
	name  string
	blind bool // can be known without the signal
	of    func(spectrum) float64
}

// predictors are all of them. The soft ones are the share of the signal, of its part
// orthogonal to the student, in the space of the lowest eigenvectors.
var predictors = []predictor{
	{"overlap", false, func(s spectrum) float64 { return s.Overlap }},
	{"soft-1", false, func(s spectrum) float64 { return s.soft(1) }},
	{"soft-2", false, func(s spectrum) float64 { return s.soft(2) }},
	{"soft-4", false, func(s spectrum) float64 { return s.soft(4) }},
	{"soft-8", false, func(s spectrum) float64 { return s.soft(8) }},
	{"curvature", true, func(s spectrum) float64 { return s.Eigenvalues[0] }},
	{"gap", true, func(s spectrum) float64 { return s.Eigenvalues[1] - s.Eigenvalues[0] }},
	{"index", true, spectrum.index},
	{"trace", true, spectrum.trace},
	{"energy", true, func(s spectrum) float64 { return s.Energy }},
}

// A combination is several predictors together.
type combination struct {
	name  string
	blind bool
	names []string
}

// together are the combinations: all that can be known without the signal, and that with
// what the softest eigenvectors have of it.
var together = []combination{
	{"blind", true, []string{"curvature", "gap", "index", "trace", "energy"}},
	{"hessian", false, []string{"soft-1", "soft-8", "curvature", "gap", "index", "trace", "energy"}},
	{"all", false, []string{"overlap", "soft-1", "soft-8", "curvature", "gap", "index", "trace", "energy"}},
}

func (c combination) of() (out []predictor) {
	for _, name := range c.names {
		for _, p := range predictors {
			if p.name == name {
				out = append(out, p)
			}
		}
	}
	return out
}

// soft is the share of the signal in the lowest k eigenvectors: all that there are, if fewer.
func (s spectrum) soft(k int) float64 {
	sum := 0.0
	for _, pair := range s.Lowest[:min(k, len(s.Lowest))] {
		sum += pair.Overlap
	}
	return sum
}

// index is the share of negative eigenvalues.
func (s spectrum) index() float64 {
	n := 0
	for _, v := range s.Eigenvalues {
		if v < 0 {
			n++
		}
	}
	return float64(n) / float64(len(s.Eigenvalues))
}

// trace is the mean eigenvalue.
func (s spectrum) trace() float64 {
	ones := make([]float64, len(s.Eigenvalues))
	for i := range ones {
		ones[i] = 1
	}
	return vector.Dot(s.Eigenvalues, ones) / float64(len(ones))
}
