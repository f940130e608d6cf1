package descent

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/deferred"
	"zerotohero/stages/internal/kernel"
	"zerotohero/stages/internal/vector"
	"zerotohero/stages/loss"
)

// A Problem is an instance with a loss: the energy on the sphere ‖w‖² = N, and
// its gradient. It is not safe for concurrent use.
type Problem struct {
	loss   loss.Loss
	n      int              // dimension
	x      []float32        // M×N, row-major
	drawn  *deferred.Matrix // instead of x, X that is drawn as it is asked for
	y      []float64        // M
	signal []float64        // as many components as a point
	scale  float64          // 1/√N

	// What one call of Evaluate works on, one element an evaluation; kept between calls
	// so that these allocate next to nothing.
	at    []*Evaluation
	w, g  [][]float64
	first int // row of X that the sweep begins with

	yhat, ell []float64 // pre-activations of a block of rows, and ℓ or ℓ' there
}

// NewProblem takes X (M×N, row-major), the labels y (M) and the signal w* (N).
// It keeps the slices.
func NewProblem(x []float32, y, signal []float64, l loss.Loss) (*Problem, error) {
	if len(signal) == 0 || len(x) != len(y)*len(signal) {
		return nil, fmt.Errorf("a matrix of %d entries does not go with %d labels and a signal of %d components",
			len(x), len(y), len(signal))
	}
	n := len(signal)
	return &Problem{loss: l, n: n, x: x, y: y, signal: signal, scale: 1 / math.Sqrt(float64(n))}, nil
}

// An Evaluation is a point on the sphere and what Problem.Evaluate finds there.
type Evaluation struct {
	N int       // dimension
	W []float64 // the point, ‖w‖² = N; N components, or fewer where X is deferred
	G []float64 // the spherical gradient, as many components

	// M is how many of the measurements count, the first of them; 0 is for all. An
	// instance at smaller alpha has the first measurements of one at larger.
	M int

	// Request is what is wanted: unless it is State, Energy and Overlap stay 0, which
	// saves a third of what a row costs. For Curvature W is a direction, tangent to the
	// sphere at State, and is lost; G becomes the derivative of the gradient along it.
	Request Request
	State   *Evaluation

	Energy   float64 // L/N
	Mu       float64 // the radial multiplier μ
	Overlap  float64 // m = |w·w*|/N
	Gradient float64 // ‖G‖²/N
}

// NewEvaluation makes room for one of n components.
func NewEvaluation(n int) *Evaluation {
	return &Evaluation{N: n, W: make([]float64, n), G: make([]float64, n)}
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
		if p.drawn == nil && e.Request == Curvature {
			p.displace(e)
		}
	}
	if p.drawn != nil {
		return p.evaluateDrawn(at)
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
		if e.Request == Curvature {
			difference(e)
		}
	}
	return nil
}

// coefficients replaces the products h_i = x_i·w of a block of rows, for each
// evaluation, by ℓ'_i, and adds the block to μ and, where it is wanted, to the energy.
func (p *Problem) coefficients(first int, h [][]float64) {
	for k, e := range p.at {
		y := p.y[p.first+first:][:len(h[k])]
		if p.loss.Blocks.D1 == nil {
			p.eachSlope(e, y, h[k])
		} else {
			p.slopes(e, y, h[k])
		}
	}
}

// eachSlope is coefficients row by row, for a loss that has nothing better. Products are multiplied
// by the scale where they are used: to put them by first takes a fortieth of an evaluation.
func (p *Problem) eachSlope(e *Evaluation, y, h []float64) {
	if e.Request == State {
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

// slopes is coefficients of a whole block, with the same bits.
func (p *Problem) slopes(e *Evaluation, y, h []float64) {
	yhat, ell := p.block(h)
	if e.Request == State {
		p.loss.Values(y, yhat, ell)
		energy := e.Energy
		for _, v := range ell {
			energy += v
		}
		e.Energy = energy
	}
	p.loss.D1s(y, yhat, h)
	mu := e.Mu
	for i, d1 := range h {
		mu += float64(d1 * yhat[i])
	}
	e.Mu = mu
}

// block is the pre-activations of rows with the products h, and room for as many numbers.
func (p *Problem) block(h []float64) (yhat, room []float64) {
	if len(p.yhat) < len(h) {
		p.yhat, p.ell = make([]float64, len(h)), make([]float64, len(h))
	}
	yhat = p.yhat[:len(h)]
	for i, product := range h {
		yhat[i] = product * p.scale
	}
	return yhat, p.ell[:len(h)]
}

// project turns the sums over rows into the spherical gradient and its norm.
func (p *Problem) project(e *Evaluation) {
	n := float64(p.n)
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
	if e.Request != State {
		return
	}
	e.Overlap = math.Abs(vector.Dot(e.W, p.signal)) / n
}

// probeSize is the RMS of a displacement that a derivative is taken over, of a direction
// of RMS 1.
const probeSize = 0x1p-22

// displace puts a point near its state in place of a direction.
func (p *Problem) displace(e *Evaluation) {
	for j, v := range e.State.W {
		e.W[j] = v + float64(probeSize*e.W[j])
	}
	ToSphere(e.W, p.n)
}

// difference puts the derivative of the gradient in place of the gradient there. It costs
// one product with X less than a Hessian-vector product.
func difference(e *Evaluation) {
	for j, v := range e.State.G {
		e.G[j] = (e.G[j] - v) / probeSize
	}
}

// ToSphere scales w to ‖w‖² = n. A point without a direction, or so far out that
// its norm overflows, becomes NaN: nothing on the sphere stands for it.
func ToSphere(w []float64, n int) {
	scale := math.Sqrt(float64(n) / vector.Dot(w, w))
	if scale == 0 || math.IsInf(scale, 1) {
		scale = math.NaN()
	}
	vector.Scale(scale, w)
}
