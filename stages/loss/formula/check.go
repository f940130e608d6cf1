package formula

import (
	"fmt"
	"math"
	"slices"
)

// What is checked of a loss is checked at these points, of every size and with u = ±y among them:
// a mistake is seldom confined to less.
var (
	coarse = []float64{0, 1e-3, 0.03, 0.2, 0.45, 0.7, 1, 1.3, 1.7, 2, 2.45, 3, 3.7, 5, 8, 20, 100, 1e3}
	levels = []float64{0.3, 1, 1.9, 3.1} // of y, at which ℓ' is followed along u
)

const (
	reach    = 6.0 // of u, along which ℓ' is followed
	steps    = 240
	rounding = 1e-9 // relative to what the loss is nearby
)

// check says what keeps the function from being a loss, "" if nothing does.
func (f *function) check(kink bool) string {
	for _, check := range []func() string{f.finite, f.symmetric, f.continuous(kink), f.least} {
		if msg := check(); msg != "" {
			return msg
		}
	}
	return ""
}

// plane visits points with y ≥ 0 and u of both signs.
func plane(visit func(y, u float64) string) string {
	for _, y := range coarse {
		for _, u := range coarse {
			for _, s := range []float64{1, -1} {
				if msg := visit(y, s*u); msg != "" {
					return msg
				}
			}
		}
	}
	return ""
}

func (f *function) finite() string {
	return plane(func(y, u float64) string {
		for i, p := range []*program{f.value, f.d1, f.d2} {
			if v := p.at(y, u); math.IsNaN(v) || math.IsInf(v, 0) {
				name := []string{"ℓ", "ℓ'", "ℓ''"}[i]
				return fmt.Sprintf("the loss is not finite: at y = %v, u = %v %s is %v; a loss and its two derivatives "+
					"are finite for all y and u", y, u, name, v)
			}
		}
		return ""
	})
}

func (f *function) symmetric() string {
	return plane(func(y, u float64) string {
		v := f.value.at(y, u)
		for _, at := range [][2]float64{{y, -u}, {-y, u}} {
			w := f.value.at(at[0], at[1])
			if !(math.Abs(v-w) <= float64(rounding*math.Max(math.Abs(v), math.Abs(w)))+1e-12) {
				name := "u"
				if at[0] != y {
					name = "y"
				}
				return fmt.Sprintf("the loss is not even in %s: it is %.6g at y = %v, u = %v and %.6g at y = %v, u = %v; "+
					"measurements are known up to their sign alone", name, v, y, u, w, at[0], at[1])
			}
		}
		return ""
	})
}

// continuous follows ℓ and ℓ' along u to where a condition, a sign or the lesser of two changes.
func (f *function) continuous(kink bool) func() string {
	return func() string {
		switches := f.switches()
		if len(switches) == 0 {
			return ""
		}
		for _, y := range levels {
			for k := range steps {
				lo := -reach + 2*reach*float64(k)/steps + 1e-5*math.Sqrt2
				hi := lo + 2*reach/steps
				for _, s := range switches {
					if msg := f.across(s, y, lo, hi, kink); msg != "" {
						return msg
					}
				}
			}
		}
		return ""
	}
}

// switches compute what has a few values only, at the changes of which ℓ or ℓ' may jump.
func (f *function) switches() []*program {
	var out []*program
	for i, n := range f.graph.nodes {
		switch {
		case n.op == opAbs:
			out = append(out, f.graph.compile(f.graph.apply(opSign, n.a)))
		case n.op == opSign, n.op.compares():
			out = append(out, f.graph.compile(i))
		}
	}
	return out
}

// across looks at ℓ and ℓ' at both sides of where a switch changes between lo and hi.
func (f *function) across(s *program, y, lo, hi float64, kink bool) string {
	from := s.at(y, lo)
	if from == s.at(y, hi) {
		return ""
	}
	for range 80 {
		mid := lo + float64(0.5*(hi-lo))
		if mid <= lo || mid >= hi {
			break
		}
		if s.at(y, mid) == from {
			lo = mid
		} else {
			hi = mid
		}
	}
	const aside = 1e-7
	lo, hi = lo-aside, hi+aside
	scale := func(p *program) float64 {
		return math.Max(1, math.Max(math.Abs(p.at(y, lo)), math.Abs(p.at(y, hi))))
	}
	u := 0.5 * (lo + hi)
	if a, b := f.value.at(y, lo), f.value.at(y, hi); math.Abs(a-b) > float64(1e-5*scale(f.value))+float64(4*aside*scale(f.d1)) {
		return fmt.Sprintf("the loss is not continuous: at y = %v, u = %.6g it jumps from %.6g to %.6g", y, u, a, b)
	}
	a, b := f.d1.at(y, lo), f.d1.at(y, hi)
	if math.Abs(a-b) <= float64(1e-5*scale(f.d1))+float64(4*aside*scale(f.d2)) {
		return ""
	}
	atSignal := math.Abs(math.Abs(u)-y) < 1e-4
	switch {
	case !atSignal:
		return fmt.Sprintf("the loss is not differentiable: at y = %v, u = %.6g ℓ' jumps from %.6g to %.6g; make it smooth, "+
			"as abs(x) is by sqrt(x^2 + b)", y, u, a, b)
	case !kink:
		return fmt.Sprintf("the loss is not differentiable at u = ±y: at y = %v ℓ' jumps from %.6g to %.6g; make it smooth, "+
			"as abs(x) is by sqrt(x^2 + b), or allow it with %s = true", y, a, b, keyKink)
	}
	return ""
}

// least wants the signal to be the least of the loss, which is not negative there.
func (f *function) least() string {
	lowest := slices.Clone(coarse)
	for i, y := range coarse {
		lowest[i] = f.value.at(y, y)
		if slack := rounding * math.Max(1, math.Abs(f.value.at(y, y+1))); lowest[i] < -slack {
			return fmt.Sprintf("the loss is negative at the signal: %.6g at y = u = %v; add what it lacks", lowest[i], y)
		}
	}
	for i, y := range coarse {
		for _, u := range append([]float64{0.9 * y, 1.1 * y}, coarse...) {
			v := f.value.at(y, u)
			if slack := rounding * math.Max(1, math.Max(math.Abs(v), math.Abs(f.value.at(y, y+1)))); v < lowest[i]-float64(slack) {
				return fmt.Sprintf("the loss is not least at the signal: at y = %v it is %.6g at u = %v, and %.6g at u = y",
					y, v, u, lowest[i])
			}
		}
	}
	return ""
}
