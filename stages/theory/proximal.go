package theory

import (
	"math"

	"zerotohero/stages/loss"
)

// A branch is an interval of u on which t = u + χℓ'(y,u) increases and u is the
// proximal point of t. Between branches u jumps at fixed t.
type branch struct{ lo, hi float64 }

// A proximal is the proximal map of a loss at one χ, seen from u.
type proximal struct {
	l    loss.Loss
	chi  float64
	even bool // ℓ is even in ŷ, so that u > 0 suffices
}

func newProximal(l loss.Loss, chi float64) proximal {
	return proximal{l, chi, isEven(l.Value)}
}

// field is t(u) and stiffness is dt/du = 1 + χℓ″.
func (p proximal) field(y, u float64) float64     { return u + p.chi*p.l.D1(y, u) }
func (p proximal) stiffness(y, u float64) float64 { return 1 + p.chi*p.l.D2(y, u) }

// maxU is a u beyond which only fields beyond reach lie, on either side.
func (p proximal) maxU(y float64) float64 {
	u := math.Max(1, y)
	for range 60 {
		if p.field(y, u) >= reach && p.field(y, -u) <= -reach {
			break
		}
		u *= 1.25
	}
	return u
}

// branches returns the branches that fields |t| ≤ reach select, ascending; for an
// even loss those at u > 0 only.
func (p proximal) branches(y float64) []branch {
	end := p.maxU(y)
	if p.even {
		if lo, ok := p.closed(y, end); ok {
			return []branch{{lo, end}}
		}
	}
	return p.hull(y, end)
}

const branchPoints = 48

// closed is the case of an even loss whose t(u) rises for good from its largest
// root u₀ ≥ 0: there is one branch, u > u₀, by symmetry of the two wells. It
// reports whether that is the case.
func (p proximal) closed(y, end float64) (u0 float64, ok bool) {
	if p.stiffness(y, 0) < 0 {
		b, fb := end, p.field(y, end)
		for i := branchPoints - 1; i > 0; i-- {
			// Denser towards 0, where u₀ starts.
			x := float64(i) / branchPoints
			a := end * x * x
			fa := p.field(y, a)
			if fa <= 0 {
				u0 = findRoot(func(u float64) float64 { return p.field(y, u) }, a, b, fa, fb)
				break
			}
			b, fb = a, fa
		}
		if u0 == 0 {
			// u₀ lies below the grid; t is cubic there.
			a := b
			for range 200 {
				a *= 0.5
				if fa := p.field(y, a); fa < 0 {
					u0 = findRoot(func(u float64) float64 { return p.field(y, u) }, a, 2*a, fa, p.field(y, 2*a))
					break
				}
			}
		}
	}
	for i := 0; i <= branchPoints; i++ {
		if p.stiffness(y, u0+(end-u0)*float64(i)/branchPoints) < 0 {
			return 0, false
		}
	}
	return u0, true
}

// hull finds the branches of any loss: u is a proximal point where
// φ(u) = ℓ + u²/(2χ) touches its convex envelope.
func (p proximal) hull(y, end float64) []branch {
	const half = 1000
	phi := func(u float64) float64 { return p.l.Value(y, u) + u*u/(2*p.chi) }
	at := func(i int) float64 { return end * float64(i-half) / half }
	var kept []int
	vals := make([]float64, 2*half+1)
	for i := range vals {
		vals[i] = phi(at(i))
		for n := len(kept); n >= 2; n = len(kept) {
			a, b := kept[n-2], kept[n-1]
			if (vals[b]-vals[a])*float64(i-a) < (vals[i]-vals[a])*float64(b-a) {
				break
			}
			kept = kept[:n-1]
		}
		kept = append(kept, i)
	}
	lo := -end
	if p.even {
		lo = 0
	}
	var out []branch
	for k := 1; k < len(kept); k++ {
		if kept[k]-kept[k-1] == 1 {
			continue
		}
		left, right := p.bitangent(y, at(kept[k-1]), at(kept[k]), end/half)
		if left > lo {
			out = append(out, branch{lo, left})
		}
		lo = math.Max(lo, right)
	}
	return append(out, branch{lo, end})
}

// bitangent polishes the ends of a jump: equal slope of φ, and the chord with that
// slope. It keeps what it was given if Newton leaves the neighbourhood.
func (p proximal) bitangent(y, left, right, cell float64) (float64, float64) {
	a, b := left, right
	for range 30 {
		fa, fb := p.field(y, a), p.field(y, b) // χφ'
		ka, kb := p.stiffness(y, a), p.stiffness(y, b)
		chord := p.chi*(p.l.Value(y, b)-p.l.Value(y, a)) + 0.5*(b*b-a*a)
		g1, g2 := fa-fb, chord-fa*(b-a)
		// Jacobian rows: (ka, −kb) and (−ka(b−a), fb−fa).
		det := ka*(fb-fa) - kb*ka*(b-a)
		da := (g1*(fb-fa) + kb*g2) / det
		db := (ka*g2 + ka*(b-a)*g1) / det
		if math.IsNaN(da+db) || math.IsInf(da+db, 0) {
			return left, right
		}
		a, b = a-da, b-db
		if math.Abs(a-left) > 2*cell || math.Abs(b-right) > 2*cell || a >= b {
			return left, right
		}
		if math.Abs(da)+math.Abs(db) < 1e-15*(1+math.Abs(a)+math.Abs(b)) {
			break
		}
	}
	return a, b
}

// minStiffness returns the smallest dt/du at y: where it passes 0 a jump opens.
func (p proximal) minStiffness(y float64) float64 {
	if p.even && p.evenMinimum(y) {
		return p.stiffness(y, 0)
	}
	const half = 200
	end := p.maxU(y)
	best, at := math.Inf(1), 0.0
	for i := -half; i <= half; i++ {
		u := end * float64(i) / half
		if k := p.stiffness(y, u); k < best {
			best, at = k, u
		}
	}
	for h := end / half; h > 1e-9*end; h /= 2 {
		for _, u := range []float64{at - h, at + h} {
			if k := p.stiffness(y, u); k < best {
				best, at = k, u
			}
		}
	}
	return best
}

// evenMinimum reports whether ℓ″ is smallest at u = 0.
func (p proximal) evenMinimum(y float64) bool {
	k0, end := p.stiffness(y, 0), p.maxU(y)
	for i := 1; i <= branchPoints; i++ {
		if p.stiffness(y, end*float64(i)/branchPoints) < k0 {
			return false
		}
	}
	return true
}
