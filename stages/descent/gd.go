//pipeline:variant method=gd

package descent

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
)

func init() {
	register("gd", family{
		check: func(p Params) error {
			if !(p.Eta > 0) {
				return pipeline.BadParam("eta", "%v must be positive", p.Eta)
			}
			return nil
		},
		new:         func(p Params) method { return &gd{eta: p.Eta} },
		evaluations: gdEvaluations,
	})
}

// gd is gradient descent with a fixed step, w ← √N·(w − ηG)/‖w − ηG‖; time is η
// times the number of steps (physics.md 1).
type gd struct {
	eta   float64
	steps int64
	at    *Evaluation
}

func (m *gd) start(e *Evaluation) { m.at = e }

func (m *gd) ask(w []float64) (state bool) {
	for j, v := range m.at.W {
		w[j] = v - float64(m.eta*m.at.G[j])
	}
	toSphere(w)
	return true
}

func (m *gd) tell(e *Evaluation) (t float64, reached bool) {
	m.at = e
	m.steps++
	return float64(float64(m.steps) * m.eta), true
}

// gdEvaluations follows what was measured for ℓ_1 at η = 0.02, α from 2 to 5 and N
// from 64 to 512, within a factor of 3: a trapped student takes a time of
// 10·N^0.6, and recovery, which is fast, takes over around α = 1.2 + 0.35·ln N.
func gdEvaluations(p Params, q instance.Params) float64 {
	n := float64(q.N)
	time := 10 * math.Pow(n, 0.6)
	if !q.Null {
		time /= 1 + math.Pow(q.Alpha/(1.2+0.35*math.Log(n)), 5)
	}
	return math.Min(float64(p.Budget), time/p.Eta)
}
