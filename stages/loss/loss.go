// Package loss says what a loss of phase retrieval is. A loss is one value; descent,
// Hessian and theory take any of them.
//
// To add one, copy ell/ell.go, a package that registers a loss, and import yours in main.go.
// Package losstest checks it; the example is a whole one.
package loss

import "zerotohero/pipeline"

// A Loss is the cost ℓ(y, ŷ) of one measurement, y the teacher's and ŷ the
// student's pre-activation (physics.md 1). It depends on y through y² alone, so
// it is even in y; derivatives are in ŷ.
//
// The functions give the same bits on every platform: no product is added to
// anything except as float64(x*y), which keeps compilers from fusing the two, and of
// what is transcendental only package portable is called, whose test finds what breaks
// this. Evenness in y, and that Value and D2 are even and D1 is odd in ŷ, hold to the bit.
type Loss struct {
	Name  string
	Value func(y, yhat float64) float64 // ℓ
	D1    func(y, yhat float64) float64 // ℓ'
	D2    func(y, yhat float64) float64 // ℓ''

	// InfD2 is the infimum of ℓ'' over all y and ŷ, -Inf if it has none. It is
	// where the Stieltjes transform of the Hessian's bulk stops (physics.md 2).
	InfD2 float64

	// Blocks compute the functions at many points, to the same bits, faster than one by one.
	// A loss need not have them.
	Blocks Blocks
}

// Blocks are ℓ, ℓ' and ℓ” of many points, each nil if it is computed one by one.
type Blocks struct{ Value, D1, D2 Block }

// A Block puts a function at the points (y[i], yhat[i]) in out[i]. The three are of one length, and out
// may be yhat.
type Block func(y, yhat, out []float64)

// Values puts ℓ at many points, as a Block does.
func (l Loss) Values(y, yhat, out []float64) { each(l.Blocks.Value, l.Value, y, yhat, out) }

// D1s puts ℓ' at many points, as a Block does.
func (l Loss) D1s(y, yhat, out []float64) { each(l.Blocks.D1, l.D1, y, yhat, out) }

// D2s puts ℓ” at many points, as a Block does.
func (l Loss) D2s(y, yhat, out []float64) { each(l.Blocks.D2, l.D2, y, yhat, out) }

func each(block Block, one func(y, yhat float64) float64, y, yhat, out []float64) {
	if block != nil {
		block(y, yhat, out)
		return
	}
	for i, u := range yhat {
		out[i] = one(y[i], u)
	}
}

// A Choice is the choice of a loss with its parameters, as kinds have it among theirs.
type Choice = pipeline.Chosen[Loss]

// Parameters of a formula that say of its functions what is checked, and make no other loss.
const (
	ClaimInfD2 = "inf_d2" // the infimum of ℓ''
	ClaimKink  = "kink"   // that ℓ' may jump at ŷ = ±y
)

// A is the loss's parameter a (dimensionless), and 0 for a loss without it: what
// artifacts have in their column a.
func A(c Choice) float64 {
	v, _ := c.Param("a")
	a, _ := v.(float64)
	return a
}

// Label is the loss without the parameter a: what artifacts have in their column loss. Label and A together
// tell losses apart by all their parameters.
func Label(c Choice) string { return c.Except("a", ClaimInfD2, ClaimKink) }

// Of finds the loss that the parameters of a stage choose, themselves or by another of
// their choices; ok is false if they choose none.
func Of(s *pipeline.Stage) (c Choice, ok bool) {
	c, ok = pipeline.ChoiceOf(s, "loss").(Choice)
	return c, ok
}
