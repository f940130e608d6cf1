package theory

import (
	"fmt"
	"math"
)

// A Signal is the spectral measure of the signal, Σ_i (v_i·w_⊥)²/N δ(λ−λ_i) over the
// eigenpairs of the matrix (physics.md 2e): a density where the bulk has one, and atoms, of
// which the one below the bulk is the [Outlier]. A peak where there are next to no
// eigenvalues, 5e-12 of all or fewer, counts as an atom too, as below a smooth edge just
// before the transition. Points are as those of a [Density]. Make it with
// [Spectrum.Signal].
type Signal struct {
	Lambda []float64    // ascending
	Rho    []float64    // density of the measure at Lambda
	Bulk   []float64    // spectral density of the bulk there
	Weight []float64    // ∫f dν but for the atoms is Σ Weight·f·Rho
	Atoms  []SignalAtom // ascending
	Mass   float64      // Σ Weight·Rho plus the atoms, 1 up to 1e-6
	Mean   float64      // of the measure: α E[y_⊥² s] − μ, the curvature along the signal

	bulk   *bulk
	perp   *segments // of the law of s weighted with y_⊥²
	coarse *Signal   // the same for a coarser law; nil if there is none
}

// A SignalAtom is an eigenvalue that holds a finite weight.
type SignalAtom struct {
	Lambda Estimate `arrow:"lambda" doc:"eigenvalue"`
	Weight Estimate `arrow:"weight" doc:"weight (v·w*)²/N of its eigenvectors"`
}

// An Estimate is a number with its numerical error.
type Estimate struct {
	Value float64 `arrow:"value" unit:"1" doc:"the number"`
	Error float64 `arrow:"error" unit:"1" doc:"its change when the quadrature is refined; NaN if unknown"`
}

// Signal is the spectral measure of the signal at alpha and mu. Its resolution is that of
// the law's nodes; the errors of its numbers, which that makes, are unknown. It is an error
// if alpha is not positive, or if the measure found does not have mass 1 within 1e-6.
func (sp *Spectrum) Signal(alpha, mu float64) (*Signal, error) {
	m, err := newSignal(sp, alpha, mu)
	if err != nil {
		return nil, err
	}
	n := m.bulk.nodes(m)
	m.addAtoms(n)
	n.trim()
	for i, p := range n.points {
		rho := imag(1/m.inverse(p)) / math.Pi
		m.Lambda, m.Weight = append(m.Lambda, p.zeta-mu), append(m.Weight, n.weight[i])
		m.Rho, m.Bulk = append(m.Rho, rho), append(m.Bulk, imag(p.g)/math.Pi)
		m.Mass += n.weight[i] * rho
	}
	if !(math.Abs(m.Mass-1) <= massError) {
		return nil, fmt.Errorf("theory: the signal's measure has mass %v, not 1 (%s, %s, alpha = %v)",
			m.Mass, sp.Weight.Name, sp.Law.Name, alpha)
	}
	return m, nil
}

// newSignal has what tells the weight below an eigenvalue, but neither density nor atoms.
func newSignal(sp *Spectrum, alpha, mu float64) (*Signal, error) {
	b, err := newBulk(sp, alpha, mu)
	if err != nil {
		return nil, err
	}
	m := &Signal{Mean: -mu, bulk: b}
	weighted, law := *sp, *sp.Law
	weighted.Law, law.P = &law, make([]float64, len(law.P))
	for k, p := range sp.Law.P {
		law.P[k] = p * law.Perp2[k]
		m.Mean += alpha * law.P[k] * sp.s[k]
	}
	m.perp = newSegments(&weighted)
	return m, nil
}

// inverseAt is 1/S(z) = α E[y_⊥² s/(1+gs)] − ζ at g = g(z), ζ = z+μ: the D of physics.md 2,
// whatever z.
func (m *Signal) inverseAt(zeta, g complex128) complex128 {
	s1, _ := m.perp.stieltjes(g)
	return complex(m.bulk.alpha, 0)*s1 - zeta
}

func (m *Signal) inverse(p point) complex128 { return m.inverseAt(complex(p.zeta, 0), p.g) }

// empty reports whether next to no weight lies between l and r, or a peak so narrow that D,
// which passes 0 in it, is almost real at both: an atom.
func (m *Signal) empty(l, r point) bool {
	const almost = 1e-3
	dl, dr := m.inverse(l), m.inverse(r)
	atom := real(dl) > 0 && real(dr) < 0 &&
		math.Abs(imag(dl)) < almost*real(dl) && math.Abs(imag(dr)) < -almost*real(dr)
	return atom || m.light(l, r)
}

// light reports whether the density at both ends makes next to no weight of what is between
// l and r, or these are next to each other.
func (m *Signal) light(l, r point) bool {
	const (
		nextToNo = 1e-8
		narrow   = 1e-14
	)
	width := r.zeta - l.zeta
	return width*(imag(1/m.inverse(l))+imag(1/m.inverse(r))) < nextToNo ||
		width < narrow*(math.Abs(l.zeta)+m.bulk.scale)
}

// resolved reports whether the last two terms of the density's Legendre series over the
// panel, of those that its points tell, weigh little, and neither an edge, where the density
// may diverge at the transition, nor a peak hides between two points.
func (m *Signal) resolved(l, r point, panel []point) bool {
	const (
		tolerance = 1e-7
		visible   = 0.2
	)
	if (imag(l.g) == 0) != (imag(r.g) == 0) && !m.light(l, r) {
		return false
	}
	var last [2]float64
	var before complex128
	for i, p := range panel {
		d := m.inverse(p)
		if fall := real(before) - real(d); i > 0 && real(before) > 0 && real(d) < 0 &&
			math.Max(math.Abs(imag(before)), math.Abs(imag(d))) < visible*fall {
			return false
		}
		before = d
		// The Legendre polynomials, of which the coefficients of a function are (k+½)∫fP_k.
		k, pk, x := 1, [2]float64{1, panelRule.X[i]}, panelRule.X[i]
		for ; k < len(panel)-1; k++ {
			pk[0], pk[1] = pk[1], (float64(2*k+1)*x*pk[1]-float64(k)*pk[0])/float64(k+1)
		}
		rho := panelRule.W[i] * imag(1/d) / math.Pi
		last[0] += (float64(k) - 0.5) * rho * pk[0]
		last[1] += (float64(k) + 0.5) * rho * pk[1]
	}
	return 0.5*(r.zeta-l.zeta)*(math.Abs(last[0])+math.Abs(last[1])) < tolerance
}

// addAtoms finds the atoms and sets the mass to theirs. Outside the bulk D decreases with
// λ, and there is an atom where it passes 0. The mass next to ζ = 0, where there are no
// points, is that of the signal in the kernel of a matrix of rank below N.
func (m *Signal) addAtoms(n *nodes) {
	singular := len(m.bulk.atoms()) > 0
	for i := 1; i < len(n.points); i++ {
		l, r := n.points[i-1], n.points[i]
		if l.zeta < 0 && r.zeta > 0 {
			mass := m.below(n.right.zeta) - m.below(n.left.zeta)
			m.Mass += mass
			if singular {
				m.addAtom(0, mass)
			}
			continue
		}
		if n.weight[i-1] != 0 || n.weight[i] != 0 {
			continue
		}
		dl, dr := real(m.inverse(l)), real(m.inverse(r))
		if !(dl > 0 && dr < 0) {
			continue
		}
		zeta := findRoot(func(zeta float64) float64 {
			return real(m.inverse(m.bulk.between(zeta, &l, l.cdf, r.cdf)))
		}, l.zeta, r.zeta, dl, dr)
		mass := m.below(r.zeta) - m.below(l.zeta)
		m.Mass += mass
		m.addAtom(zeta, mass)
	}
}

func (m *Signal) addAtom(zeta, mass float64) {
	m.Atoms = append(m.Atoms, SignalAtom{Estimate{zeta - m.bulk.mu, math.NaN()}, Estimate{mass, math.NaN()}})
}

// compare sets the errors of the atoms to the differences from those for a coarser law, and
// those of what is asked later.
func (m *Signal) compare(coarse *Signal) {
	m.coarse = coarse
	if len(coarse.Atoms) != len(m.Atoms) {
		return
	}
	for i, c := range coarse.Atoms {
		a := &m.Atoms[i]
		a.Lambda.Error = math.Abs(a.Lambda.Value - c.Lambda.Value)
		a.Weight.Error = math.Abs(a.Weight.Value - c.Weight.Value)
	}
}

// Below is the weight of the measure at eigenvalues below lambda.
func (m *Signal) Below(lambda float64) Estimate {
	weight := Estimate{m.below(lambda + m.bulk.mu), math.NaN()}
	for _, a := range m.Atoms {
		if a.Lambda.Value == lambda {
			weight.Value -= a.Weight.Value / 2
		}
	}
	if m.coarse != nil {
		weight.Error = math.Abs(weight.Value - m.coarse.Below(lambda).Value)
	}
	return weight
}

// Lowest is the weight of the measure at the lowest share of all eigenvalues, 0 < share < 1,
// and the eigenvalue that they reach up to.
func (m *Signal) Lowest(share float64) (upTo, weight Estimate, err error) {
	if err := checkShare(share); err != nil {
		return upTo, weight, err
	}
	upTo.Value, weight.Value = m.lowest(share)
	upTo.Error, weight.Error = math.NaN(), math.NaN()
	if m.coarse != nil {
		lambda, other := m.coarse.lowest(share)
		upTo.Error, weight.Error = math.Abs(upTo.Value-lambda), math.Abs(weight.Value-other)
	}
	return upTo, weight, nil
}

func checkShare(share float64) error {
	if !(share > 0 && share < 1) {
		return fmt.Errorf("theory: share of the eigenvalues = %v must be between 0 and 1", share)
	}
	return nil
}
