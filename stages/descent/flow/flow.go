// Package flow is gradient flow, followed by a method for stiff equations.
package flow

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/instance"
)

func init() {
	pipeline.Register("flow", "gradient flow to tolerance tol", New)
}

// Params are the parameters of gradient flow.
type Params struct {
	Tol float64 `param:"tol" default:"1e-2" help:"bound of flow on the error of one step, RMS over the components of w"`
}

// Validate checks the tolerance.
func (p Params) Validate() error {
	if !(p.Tol >= 1e-8 && p.Tol <= 1) {
		return pipeline.BadParam("tol", "%v must be between 1e-8 and 1", p.Tol)
	}
	return nil
}

// New makes the method for one descent.
func New(p Params) (descent.Method, error) { return &method{tol: p.Tol, share: mostShare}, nil }

const (
	maxStages  = 100     // of one step
	firstStep  = 0.25    // times spectral radius
	safety     = 0.8     // share taken of the step that the estimate of the error allows
	leastGrow  = 0.1     // least factor from one step to the next
	mostGrow   = 5.0     // largest
	mostShare  = 0.3     // of the displacement of a step that its error may be
	leastStep  = 0x1p-20 // times spectral radius; no step as small is rejected
	leastShare = 0x1p-40 // of a step in the time, so that time goes on
)

// A method follows gradient flow dw/dt = −G(w) (physics.md 1) by the second-order
// Runge–Kutta–Chebyshev method of B. P. Sommeijer, L. F. Shampine and J. G. Verwer,
// "RKC: an explicit solver for parabolic PDEs", J. Comput. Appl. Math. 88 (1997) 315.
// A step h of s stages takes s evaluations and is stable while hλ < 0.65(s²−1) for
// all eigenvalues λ of the Hessian, where gradient descent needs hλ < 2. The error
// of each step is kept below a tolerance, and s is the smallest that is stable.
//
// The points within a step are near the sphere. The flow is continued to them by
// F(w) = −G(√N w/‖w‖), whose Jacobian on the sphere has the eigenvalues of −H and,
// along w, 0, and whose solutions from the sphere stay on it. The end of a step is
// thus off the sphere by no more than it is off the solution, O(h³), and going to
// the nearest point of the sphere at most doubles that: the order is kept.
type method struct {
	tol   float64 // for the local error, RMS over the components of w
	share float64 // of the displacement of a step that its error may be
	end   float64 // time that no step goes beyond, 0 for none

	at *descent.Evaluation // the state where the step begins
	t  float64             // its time
	h  float64             // the step
	to float64             // the time where it ends

	stages  [maxStages]stage
	s       int       // number of stages of the step, 0 before it has begun
	j       int       // the stage being evaluated, 1 to s
	d       []float64 // its displacement d_j from the state
	dBefore []float64 // d_{j−1}

	// How the last steps went, for the choice of the next.
	rejected  bool    // the last was rejected
	hBefore   float64 // the last accepted
	errBefore float64 // its error over the tolerance, 0 before there is one
	radius    radius
}

func (m *method) Start(e *descent.Evaluation, end float64) {
	m.at, m.end = e, end
	m.d, m.dBefore = make([]float64, len(e.W)), make([]float64, len(e.W))
	m.radius.start(e)
}

func (m *method) Ask(w []float64) descent.Request {
	if m.radius.estimating {
		copy(w, m.radius.direction)
		return descent.Curvature
	}
	if m.s == 0 {
		m.begin()
	}
	for k, v := range m.at.W {
		w[k] = v + m.d[k]
	}
	descent.ToSphere(w, m.at.N)
	if m.j < m.s {
		return descent.Gradient
	}
	return descent.State
}

func (m *method) Tell(e *descent.Evaluation) (t float64, reached bool) {
	switch {
	case m.radius.estimating:
		m.radius.tell(e, m.at)
		return 0, false
	case m.j < m.s:
		m.advance(e)
		return 0, false
	}
	m.s = 0
	return m.judge(e)
}

// begin makes the first stage of a step.
func (m *method) begin() {
	if m.h == 0 {
		m.h = firstStep / m.radius.value
	}
	m.h = math.Min(m.h, m.stable(maxStages))
	m.to = m.t + m.h
	if m.end > 0 && m.to >= m.end {
		m.h, m.to = m.end-m.t, m.end
	}
	m.s = 1 + int(math.Sqrt(1+float64(1.54*m.h*m.radius.value)))
	m.s = min(max(m.s, 2), maxStages)
	// Where the last stage is there for a little of the step, going less far without it
	// is cheaper.
	if s := m.s - 1; s >= 2 && m.stable(s)*float64(m.s) > m.h*float64(s) {
		m.s, m.h = s, m.stable(s)
		m.to = m.t + m.h
	}
	chebyshev(m.stages[:m.s])
	c := m.h * m.stages[0].onLast
	for k, g := range m.at.G {
		m.d[k], m.dBefore[k] = -c*g, 0
	}
	m.j = 1
}

// stable is the longest step of so many stages: for s stages the paper takes it that
// hλ ≤ (s²−1)/1.54 is stable.
func (m *method) stable(s int) float64 { return float64(s*s-1) / (1.54 * m.radius.value) }

// advance goes from the evaluation at one stage to the point of the next.
func (m *method) advance(e *descent.Evaluation) {
	c := &m.stages[m.j]
	onLast, onFirst := m.h*c.onLast, m.h*c.onFirst
	for k, d := range m.d {
		m.dBefore[k] = float64(c.last*d) + float64(c.beforeLast*m.dBefore[k]) -
			float64(onLast*e.G[k]) - float64(onFirst*m.at.G[k])
	}
	m.d, m.dBefore = m.dBefore, m.d
	m.j++
}

// judge accepts or rejects the step that ends at e, and chooses the next.
//
// It cannot reject for ever: a rejection at least halves the step, and the least
// step is accepted with any error. If the loss is not finite even there, that point
// becomes the next state, and the descent has diverged.
func (m *method) judge(e *descent.Evaluation) (t float64, reached bool) {
	least := math.Max(leastStep/m.radius.value, leastShare*m.t)
	err := m.err(e)
	if !e.Finite() {
		err = math.Inf(1)
	}
	if !(err <= 1) && m.h > least {
		factor := math.Min(0.5, growth(safety*safety*safety/err))
		m.h = math.Max(factor*m.h, least)
		m.rejected = true
		m.radius.refresh()
		return 0, false
	}

	// The error goes with the cube of the step. Its change over the last two steps,
	// if it was for the worse, is expected to go on (Watts; as in the authors' code).
	cube := safety * safety * safety / err
	if m.errBefore > 0 {
		r := m.h / m.hBefore
		cube = math.Min(cube, cube*(r*r*r)*(m.errBefore/err))
	}
	factor := growth(cube)
	if m.rejected {
		factor = math.Min(factor, 1)
	}
	m.hBefore, m.errBefore, m.rejected = m.h, err, false
	m.h = math.Max(factor*m.h, least)
	m.at, m.t = e, m.to
	if m.radius.age++; m.radius.age >= refreshAge {
		m.radius.refresh()
	}
	return m.t, true
}

// err is the paper's estimate of the local error, the RMS of
// 0.8(w_n − w_{n+1}) − 0.4h(G_n + G_{n+1}), over what is tolerated: tol, or a share of
// the displacement where that is less. Near a trap all that is left to go is shorter
// than tol, and steps of any length would pass; but stretched beyond what the softest
// modes take to relax they only cost stages, as each damps the others by a factor that
// does not improve with its length.
func (m *method) err(e *descent.Evaluation) float64 {
	var error2, moved2 float64
	for k, w := range m.at.W {
		moved := w - e.W[k]
		d := float64(0.8*moved) - float64(0.4*m.h*(m.at.G[k]+e.G[k]))
		error2 += float64(d * d)
		moved2 += float64(moved * moved)
	}
	n := float64(m.at.N)
	return math.Sqrt(error2/n) / math.Min(m.tol, m.share*math.Sqrt(moved2/n))
}

// growth is the cube root of x, within the bounds for the factor of a step, by
// Newton's iteration from above, which descends until rounding stops it.
// (math.Cbrt does not give the same bits on all platforms.)
func growth(x float64) float64 {
	if !(x > leastGrow*leastGrow*leastGrow) {
		return leastGrow
	}
	for r := mostGrow; ; {
		next := r - (r-x/(r*r))/3
		if next >= r {
			return r
		}
		r = next
	}
}

// Cost is evaluations of a descent. It follows what was measured for ℓ_1 at tolerances from 1e-4 to 1e-2,
// α from 1.5 to 5 and N from 64 to 2048, within a factor of 2; steps grow with time, so that
// evaluations go like its root.
func (p Params) Cost(q instance.Params, maxTime float64) float64 {
	n := float64(q.N)
	evaluations := 42 * math.Sqrt(n)
	if !q.Null {
		evaluations /= 1 + math.Pow(q.Alpha/(1.2+0.35*math.Log(n)), 4)
	}
	if maxTime > 0 {
		evaluations = math.Min(evaluations, 45*math.Sqrt(maxTime))
	}
	return (80 + evaluations) * math.Max(1, math.Pow(1e-2/p.Tol, 1./8))
}
