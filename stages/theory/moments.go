package theory

import (
	"runtime"
	"sync"

	"zerotohero/stages/internal/quadrature"
)

// moments are the expectations over the 1RSB law of labels that the equations of
// threshold states are made of (physics.md 2c), without their factor α.
type moments struct {
	q float64 // E[(χℓ')²]
	a float64 // E[(χℓ″/(1+χℓ″))²]
	k float64 // E[ℓ″/(1+χℓ″)]
	t float64 // E[y²ℓ″/(1+χℓ″)]
	r float64 // E[ℓ'u]
	e float64 // E[ℓ]
}

func (m *moments) add(o moments, w float64) {
	m.q += w * o.q
	m.a += w * o.a
	m.k += w * o.k
	m.t += w * o.t
	m.r += w * o.r
	m.e += w * o.e
}

// moments integrates over the law. Labels are shared among cores and summed in
// their order, so that the result does not depend on their number.
func (s *thresholdLaw) moments() moments {
	per := make([]moments, s.labels.Len())
	workers := min(runtime.GOMAXPROCS(0), 8)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			own := *s
			own.us, own.node = quadrature.Rule{}, make([]node, 0, 256)
			for i := w; i < len(per); i += workers {
				per[i] = own.momentsAt(s.labels.X[i])
			}
		})
	}
	wg.Wait()
	var sum moments
	for i, m := range per {
		sum.add(m, s.labels.W[i])
	}
	return sum
}

func (s *thresholdLaw) momentsAt(y float64) (m moments) {
	s.atLabel(y)
	for _, n := range s.node {
		over := n.d2 / n.stiffness
		m.q += n.weight * s.chi * s.chi * n.d1 * n.d1
		m.a += n.weight * s.chi * s.chi * over * over
		m.k += n.weight * over
		m.t += n.weight * y * y * over
		m.r += n.weight * n.d1 * n.u
		m.e += n.weight * n.value
	}
	return m
}
