package descent

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/kernel"
	"zerotohero/stages/internal/vector"
	"zerotohero/stages/loss"
)

// A Problem is an instance with a loss: the energy on the sphere ‖w‖² = N, and
// its gradient. It is not safe for concurrent use.
type Problem struct {
	loss   loss.Loss
	x      []float32 // M×N, row-major
	y      []float64 // M
	signal []float64 // N
	scale  float64   // 1/√N

	// What one call of Evaluate works on, one element an evaluation; kept between calls
	// so that these allocate next to nothing.
	at    []*Evaluation
	w, g  [][]float64
	first int // row of X that the sweep begins with
}

// NewProblem takes X (M×N, row-major), the labels y (M) and the signal w* (N).
// It keeps the slices.
func NewProblem(x []float32, y, signal []float64, l loss.Loss) (*Problem, error) {
	if len(signal) == 0 || len(x) != len(y)*len(signal) {
		return nil, fmt.Errorf("a matrix of %d entries does not go with %d labels and a signal of %d components",
			len(x), len(y), len(signal))
	}
	return &Problem{loss: l, x: x, y: y, signal: signal, scale: 1 / math.Sqrt(float64(len(signal)))}, nil
}

// An Evaluation is a point on the sphere and what Problem.Evaluate finds there.
type Evaluation struct {
	W []float64 // the point, N components, ‖w‖² = N
	G []float64 // the spherical gradient, N components

	// M is how many of the measurements count, the first of them; 0 is for all. An
	// instance at smaller alpha has the first measurements of one at larger.
	M int

	// Inner is set for a point that will not be a state, where the gradient alone is
	// wanted: Energy and Overlap stay 0. A third of what a row costs is saved.
	Inner bool

	Energy   float64 // L/N
	Mu       float64 // the radial multiplier μ
	Overlap  float64 // m = |w·w*|/N
	Gradient float64 // ‖G‖²/N
}

// NewEvaluation makes room for one of n components.
func NewEvaluation(n int) *Evaluation {
	return &Evaluation{W: make([]float64, n), G: make([]float64, n)}
}

// Finite says whether the loss and its gradient are finite numbers.
func (e *Evaluation) Finite() bool {
	// x−x is NaN for NaN and for infinities, and 0 for all else.
	return e.Energy-e.Energy == 0 && e.Mu-e.Mu == 0 && e.Gradient-e.Gradient == 0
}

// Evaluate completes evaluations, of which W and M are given, in one pass over X for
// all of them (physics.md 1):
//
//	μ = (1/N) Σ_i ℓ'_i ŷ_i,   G = (1/√N) Σ_i ℓ'_i x_i − μ w
//
// Each has the same bits as if it were evaluated alone.
func (p *Problem) Evaluate(at ...*Evaluation) error {
	for _, e := range at {
		if e.M < 0 || e.M > len(p.y) {
			return fmt.Errorf("a point is to have %d measurements of %d", e.M, len(p.y))
		}
		e.Energy, e.Mu = 0, 0
		clear(e.G)
	}
	// Sweep by sweep, each up to the row where the measurements of some points end.
	for p.first = 0; p.first < len(p.y); {
		p.at, p.w, p.g = p.at[:0], p.w[:0], p.g[:0]
		end := len(p.y)
		for _, e := range at {
			m := e.M
			if m == 0 {
				m = len(p.y)
			}
			if m > p.first {
				p.at, p.w, p.g = append(p.at, e), append(p.w, e.W), append(p.g, e.G)
				end = min(end, m)
			}
		}
		n := len(p.signal)
		if err := kernel.Sweep(p.x[p.first*n:end*n], p.w, p.g, p.coefficients); err != nil {
			return err
		}
		p.first = end
	}
	for _, e := range at {
		p.project(e)
	}
	return nil
}

// coefficients replaces the products h_i = x_i·w of a block of rows, for each
// evaluation, by ℓ'_i, and adds the block to μ and, where it is wanted, to the energy.
func (p *Problem) coefficients(first int, h [][]float64) {
	for k, e := range p.at {
		h := h[k]
		y := p.y[p.first+first:][:len(h)]
		if !e.Inner {
			energy := e.Energy
			for i, product := range h {
				energy += p.loss.Value(y[i], product*p.scale)
			}
			e.Energy = energy
		}
		mu := e.Mu
		for i, product := range h {
			yhat := product * p.scale
			d1 := p.loss.D1(y[i], yhat)
			mu += float64(d1 * yhat)
			h[i] = d1
		}
		e.Mu = mu
	}
}

// project turns the sums over rows into the spherical gradient and its norm.
func (p *Problem) project(e *Evaluation) {
	n := float64(len(e.W))
	e.Energy /= n
	e.Mu /= n
	square := 0.0
	for j, w := range e.W {
		g := float64(e.G[j]*p.scale) - float64(e.Mu*w)
		e.G[j] = g
		square += float64(g * g)
	}
	e.Gradient = square / n
	e.Overlap = 0
	if e.Inner {
		return
	}
	e.Overlap = math.Abs(vector.Dot(e.W, p.signal)) / n
}

// ToSphere scales w to ‖w‖² = N. A point without a direction, or so far out that
// its norm overflows, becomes NaN: nothing on the sphere stands for it.
func ToSphere(w []float64) {
	scale := math.Sqrt(float64(len(w)) / vector.Dot(w, w))
	if scale == 0 || math.IsInf(scale, 1) {
		scale = math.NaN()
	}
	vector.Scale(scale, w)
}
