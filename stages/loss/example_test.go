package loss_test

import (
	"fmt"
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

// The package of a loss registers it, and main.go imports that package for its effect.
func init() {
	pipeline.Register("relative", "a(ŷ²−y²)²/(a+y²)², a > 0", New)
}

// Params are the parameters of the family.
type Params struct {
	A float64 `param:"a" default:"1" help:"scale of y² in the denominator, a > 0"`
}

// Validate checks a.
func (p Params) Validate() error {
	if !(p.A > 0) || math.IsInf(p.A, 0) {
		return pipeline.BadParam("a", "%v must be positive and finite", p.A)
	}
	return nil
}

// New is ℓ(y, ŷ) = a(ŷ²−y²)²/(a+y²)². The infimum of ℓ” = 4a(3ŷ²−y²)/(a+y²)² is at
// ŷ = 0, y² = a.
func New(p Params) (loss.Loss, error) {
	weight := func(y float64) float64 {
		c := p.A + float64(y*y)
		return p.A / (c * c)
	}
	// The same bits for ±y and ±ŷ, and exactly 0 at the signal.
	residual := func(y, yhat float64) float64 { return (yhat - y) * (yhat + y) }
	return loss.Loss{
		Name: fmt.Sprintf("relative(a=%v)", p.A),
		Value: func(y, yhat float64) float64 {
			r := residual(y, yhat)
			return weight(y) * r * r
		},
		D1: func(y, yhat float64) float64 { return 4 * weight(y) * yhat * residual(y, yhat) },
		D2: func(y, yhat float64) float64 {
			return 4 * weight(y) * (float64(3*yhat*yhat) - float64(y*y))
		},
		InfD2: -1,
	}, nil
}

// A loss is a package with these declarations; its test calls losstest.Check. It is then
// chosen by name, as paper.toml does.
func Example() {
	chosen, err := pipeline.Choose[loss.Loss]("relative", map[string]any{"a": 2.0})
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := chosen.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(l.Name, "at y = 1:")
	for _, yhat := range []float64{0.5, 1, 2} {
		fmt.Printf("ŷ = %v: ℓ = %.3f, ℓ' = %.3f, ℓ'' = %.3f\n", yhat, l.Value(1, yhat), l.D1(1, yhat), l.D2(1, yhat))
	}
	_, err = pipeline.Choose[loss.Loss]("relative", map[string]any{"a": -1.0})
	fmt.Println(err)
	// Output:
	// relative(a=2) at y = 1:
	// ŷ = 0.5: ℓ = 0.125, ℓ' = -0.333, ℓ'' = -0.222
	// ŷ = 1: ℓ = 0.000, ℓ' = 0.000, ℓ'' = 1.778
	// ŷ = 2: ℓ = 2.000, ℓ' = 5.333, ℓ'' = 9.778
	// a: -1 must be positive and finite
}
