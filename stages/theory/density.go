package theory

import (
	"fmt"
	"math"
)

// A Density is the spectral density of the bulk, ∫ρ plus the atoms' masses = 1.
// Its points are Gauss–Legendre nodes of panels that are bisected until the density
// integrates to the change of CDF over each, so they crowd at the edges; points of
// weight 0 bound stretches without density.
type Density struct {
	Lambda []float64 // ascending
	Rho    []float64 // density at Lambda
	Weight []float64 // ∫f(λ)ρ(λ)dλ = Σ Weight·f·Rho
	CDF    []float64 // share of eigenvalues at or below Lambda, atoms included
	Atoms  []Atom
	Mass   float64 // Σ Weight·Rho plus the atoms, 1 up to 1e-6
}

// An Atom is an eigenvalue that a finite share of a spectral measure takes.
type Atom struct{ Lambda, Mass float64 }

// densityGrid is the grid on which a law must be made for its density to be smooth
// to about 1e-4.
func densityGrid(w Weight) Grid {
	if w.YOnly {
		return GridFor(w, 6)
	}
	return GridFor(w, 2)
}

// eigenvalues is the criterion of a Density: the CDF tells all.
type eigenvalues struct{}

func (eigenvalues) empty(_, _ point) bool               { return true }
func (eigenvalues) resolved(_, _ point, _ []point) bool { return true }

const massError = 1e-6 // of the total mass of a density

// Density is the spectral density at alpha and mu (physics.md 2). Its resolution is
// that of the law's nodes. It is an error if alpha is not positive, or if the density
// found does not integrate to 1 within 1e-6.
func (sp *Spectrum) Density(alpha, mu float64) (*Density, error) {
	b, err := newBulk(sp, alpha, mu)
	if err != nil {
		return nil, err
	}
	n := b.nodes(eigenvalues{})
	out := &Density{Atoms: b.atoms()}
	out.Mass = n.right.cdf - n.left.cdf
	for _, a := range out.Atoms {
		out.Mass -= a.Mass
	}
	n.trim()
	for i, p := range n.points {
		out.Lambda = append(out.Lambda, p.zeta-mu)
		out.Rho = append(out.Rho, imag(p.g)/math.Pi)
		out.Weight = append(out.Weight, n.weight[i])
		out.CDF = append(out.CDF, p.cdf)
		out.Mass += out.Weight[i] * out.Rho[i]
	}
	for _, a := range out.Atoms {
		out.Mass += a.Mass
	}
	if !(math.Abs(out.Mass-1) <= massError) {
		return nil, fmt.Errorf("theory: density integrates to %v, not to 1 (%s, %s, alpha = %v)",
			out.Mass, sp.Weight.Name, sp.Law.Name, alpha)
	}
	return out, nil
}
