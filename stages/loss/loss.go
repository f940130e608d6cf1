// Package loss holds the losses of phase retrieval. A loss is one value; descent,
// Hessian and theory take any of them.
package loss

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// A Loss is the cost ℓ(y, ŷ) of one measurement, y the teacher's and ŷ the
// student's pre-activation (physics.md 1). It depends on y through y² alone, so
// it is even in y; derivatives are in ŷ.
//
// The functions give the same bits on every platform: no product is added to
// anything except as float64(x*y), which keeps compilers from fusing the two, and
// nothing transcendental is called. Evenness in y, and that Value and D2 are even
// and D1 is odd in ŷ, hold to the bit.
type Loss struct {
	Name  string
	Value func(y, yhat float64) float64 // ℓ
	D1    func(y, yhat float64) float64 // ℓ'
	D2    func(y, yhat float64) float64 // ℓ''

	// InfD2 is the infimum of ℓ'' over all y and ŷ, -Inf if it has none. It is
	// where the Stieltjes transform of the Hessian's bulk stops (physics.md 2).
	InfD2 float64
}

// A family makes a loss of its parameter a.
type family struct {
	doc string
	new func(a float64) (Loss, error)
}

var families = map[string]family{}

// register adds a family of losses; each file of this package that declares one
// calls it from init.
func register(name, doc string, new func(a float64) (Loss, error)) {
	families[name] = family{doc, new}
}

// New returns the loss of a family at parameter a (dimensionless; families
// without a parameter ignore it). An unknown name or a value of a outside the
// family's range is an error.
func New(name string, a float64) (Loss, error) {
	f, ok := families[name]
	if !ok {
		return Loss{}, fmt.Errorf("unknown loss %q; known are %s", name, strings.Join(Names(), ", "))
	}
	if math.IsNaN(a) || math.IsInf(a, 0) {
		return Loss{}, fmt.Errorf("loss %s: a = %v is not finite", name, a)
	}
	return f.new(a)
}

// Names lists the registered families in alphabetical order.
func Names() []string {
	var names []string
	for name := range families {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Doc describes a family in one line.
func Doc(name string) string { return families[name].doc }
