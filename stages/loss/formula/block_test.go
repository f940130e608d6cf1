package formula_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"zerotohero/stages/descent"
	"zerotohero/stages/loss"
	"zerotohero/stages/loss/losstest"
)

// An evaluation by blocks has the bits of one point by point, whatever is asked for, for formulas of few
// registers and of many, and numbers of rows that no block divides.
func TestBlocksInDescents(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 5))
	const n, m = 24, 131
	x, y, signal := make([]float32, n*m), make([]float64, m), make([]float64, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range y {
		y[i] = r.NormFloat64()
	}
	w, along := make([]float64, n), make([]float64, n)
	for j := range w {
		signal[j], w[j], along[j] = r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
	}
	descent.ToSphere(w, n)
	many := "(u^2-y^2)^2/(1+y^2)"
	for _, c := range []string{"2", "3", "4", "5", "6", "7"} {
		many += " + log1p((u^2-y^2)^2/(" + c + "+y^2)/" + c + ".5)/" + c + ".25"
	}
	for _, in := range []table{same["ell"], cauchy, {"formula": many}} {
		blocks := losstest.New(t, "mine", read(t, "mine", in))
		points := blocks
		points.Blocks = loss.Blocks{}
		var of [2][]*descent.Evaluation
		for k, l := range []loss.Loss{blocks, points} {
			p, err := descent.NewProblem(x, y, signal, l)
			if err != nil {
				t.Fatal(err)
			}
			at := func(change func(e *descent.Evaluation)) {
				e := descent.NewEvaluation(n)
				copy(e.W, w)
				change(e)
				if err := p.Evaluate(e); err != nil {
					t.Fatal(err)
				}
				of[k] = append(of[k], e)
			}
			at(func(*descent.Evaluation) {})
			at(func(e *descent.Evaluation) { e.M = 70 })
			at(func(e *descent.Evaluation) { e.Request = descent.Gradient })
			state := of[k][0]
			at(func(e *descent.Evaluation) {
				copy(e.W, along)
				e.Request, e.State = descent.Curvature, state
			})
		}
		for i, a := range of[0] {
			b := of[1][i]
			same := slices.EqualFunc(append(a.G, a.Energy, a.Mu, a.Overlap, a.Gradient),
				append(b.G, b.Energy, b.Mu, b.Overlap, b.Gradient),
				func(v, w float64) bool { return math.Float64bits(v) == math.Float64bits(w) })
			if !same || !a.Finite() {
				t.Errorf("%.40v, evaluation %d: by blocks %v, and point by point %v", in["formula"], i, a, b)
			}
		}
	}
}
