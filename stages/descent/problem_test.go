package descent

import (
	"math"
	"math/big"
	"reflect"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/loss"
	ellloss "zerotohero/stages/loss/ell"
	"zerotohero/stages/loss/losstest"
	_ "zerotohero/stages/loss/plain"
	_ "zerotohero/stages/loss/pseudohuber"
)

func ell(t testing.TB, a float64) loss.Loss {
	t.Helper()
	l, err := ellloss.New(ellloss.Params{A: a})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// sample makes a problem whose labels come from a signal, and a random point.
func sample(t testing.TB, n, m int, seed int64, l loss.Loss) (*Problem, *Evaluation) {
	t.Helper()
	x := instance.DrawX(seed, n, m)
	signal := make([]float64, n)
	random.New("signal", seed, 0).Sphere(signal)
	y := make([]float64, m)
	for i := range y {
		for j := range signal {
			y[i] += float64(x[i*n+j]) * signal[j] / math.Sqrt(float64(n))
		}
	}
	p, err := NewProblem(x, y, signal, l)
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvaluation(n)
	random.New("start", seed, 0).Sphere(e.W)
	return p, e
}

// The formulas of physics.md 1 for ℓ_a in 200 bits. The sums have at most 19·7
// terms of size 100 or less, and float64 loses less than 1e-12 in them.
func TestEvaluateBruteForce(t *testing.T) {
	const n, m, a = 7, 19, 0.5
	p, e := sample(t, n, m, 1, ell(t, a))
	if err := p.Evaluate(e); err != nil {
		t.Fatal(err)
	}
	num := func(x float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(x) }
	op := func(f func(z *big.Float) *big.Float) *big.Float { return f(new(big.Float).SetPrec(200)) }
	add := func(x, y *big.Float) *big.Float { return op(func(z *big.Float) *big.Float { return z.Add(x, y) }) }
	sub := func(x, y *big.Float) *big.Float { return op(func(z *big.Float) *big.Float { return z.Sub(x, y) }) }
	mul := func(x, y *big.Float) *big.Float { return op(func(z *big.Float) *big.Float { return z.Mul(x, y) }) }
	quo := func(x, y *big.Float) *big.Float { return op(func(z *big.Float) *big.Float { return z.Quo(x, y) }) }
	root := op(func(z *big.Float) *big.Float { return z.Sqrt(num(n)) })

	energy, mu, overlap, square := num(0), num(0), num(0), num(0)
	g := make([]*big.Float, n)
	for j := range g {
		g[j] = num(0)
		overlap = add(overlap, mul(num(e.W[j]), num(p.signal[j])))
	}
	for i := range m {
		h := num(0)
		for j := range n {
			h = add(h, mul(num(float64(p.x[i*n+j])), num(e.W[j])))
		}
		yhat, y2 := quo(h, root), mul(num(p.y[i]), num(p.y[i]))
		d, c := sub(mul(yhat, yhat), y2), add(num(a), y2)
		energy = add(energy, quo(mul(num(0.5), mul(d, d)), c))
		d1 := quo(mul(num(2), mul(yhat, d)), c)
		mu = add(mu, mul(d1, yhat))
		for j := range n {
			g[j] = add(g[j], quo(mul(d1, num(float64(p.x[i*n+j]))), root))
		}
	}
	mu = quo(mu, num(n))
	same := func(name string, got float64, want *big.Float) {
		t.Helper()
		if w, _ := want.Float64(); math.Abs(got-w) > 1e-12 {
			t.Errorf("%s = %.17g, want %.17g", name, got, w)
		}
	}
	for j := range n {
		g[j] = sub(g[j], mul(mu, num(e.W[j])))
		square = add(square, mul(g[j], g[j]))
		same("G", e.G[j], g[j])
	}
	same("energy", e.Energy, quo(energy, num(n)))
	same("μ", e.Mu, mu)
	same("‖G‖²/N", e.Gradient, quo(square, num(n)))
	same("m", e.Overlap, op(func(z *big.Float) *big.Float { return z.Abs(quo(overlap, num(n))) }))
}

// Along the great circle from w in a tangent direction u, dL/dθ at 0 is √N G·u/‖u‖.
// Central differences at θ = ±1e-5 have an error of 1e-10 times the third
// derivative plus 1e-11 L from rounding; L and its derivatives are of order M.
func TestGradientByDifferences(t *testing.T) {
	for _, c := range pipeline.Choices[loss.Loss]() {
		name, l := c.Name, losstest.New(t, c.Name, nil)
		const n, m = 40, 100
		p, e := sample(t, n, m, 2, l)
		if err := p.Evaluate(e); err != nil {
			t.Fatal(err)
		}
		along, size := 0.0, 0.0
		for j := range e.W {
			along += e.G[j] * e.W[j]
			size += e.G[j] * e.G[j]
		}
		if math.Abs(along) > 1e-11*math.Sqrt(size*n) {
			t.Errorf("%s: G·w = %v, but G is tangent", name, along)
		}
		for k := range int64(5) {
			u := make([]float64, n)
			random.New("direction", 2, k).Sphere(u)
			c := 0.0
			for j := range u {
				c += u[j] * e.W[j] / n
			}
			norm := 0.0
			for j := range u {
				u[j] -= c * e.W[j]
				norm += u[j] * u[j]
			}
			want := 0.0
			for j := range u {
				u[j] *= math.Sqrt(n / norm)
				want += e.G[j] * u[j]
			}
			const theta = 1e-5
			plus, minus := NewEvaluation(n), NewEvaluation(n)
			for j := range u {
				plus.W[j] = math.Cos(theta)*e.W[j] + math.Sin(theta)*u[j]
				minus.W[j] = math.Cos(theta)*e.W[j] - math.Sin(theta)*u[j]
			}
			if err := p.Evaluate(plus, minus); err != nil {
				t.Fatal(err)
			}
			if got := n * (plus.Energy - minus.Energy) / (2 * theta); math.Abs(got-want) > 1e-7*n*e.Energy {
				t.Errorf("%s: dL/dθ = %v by differences, G gives %v", name, got, want)
			}
		}
	}
}

// In exact arithmetic nothing depends on the signs of w, of w* or of a label, and
// rounding is symmetric, so that this holds to the bit. Nor does an evaluation
// depend on the others in its pass.
func TestEvaluateExactly(t *testing.T) {
	const n, m = 33, 90
	p, e := sample(t, n, m, 3, ell(t, 1))
	other := NewEvaluation(n)
	random.New("start", 3, 1).Sphere(other.W)
	minus := NewEvaluation(n)
	for j := range e.W {
		minus.W[j] = -e.W[j]
	}
	if err := p.Evaluate(e); err != nil {
		t.Fatal(err)
	}
	signs := random.New("signs", 3, 0)
	y, signal := append([]float64(nil), p.y...), make([]float64, n)
	for i := range y {
		if signs.Uniform() < 0.5 {
			y[i] = -y[i]
		}
	}
	for j := range signal {
		signal[j] = -p.signal[j]
	}
	q, err := NewProblem(p.x, y, signal, p.loss)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Evaluate(other, minus); err != nil {
		t.Fatal(err)
	}
	if minus.Energy != e.Energy || minus.Mu != e.Mu || minus.Overlap != e.Overlap || minus.Gradient != e.Gradient {
		t.Errorf("at −w, with other signs: %+v; at w: %+v", minus, e)
	}
	for j := range e.G {
		if minus.G[j] != -e.G[j] {
			t.Fatalf("G_%d(−w) = %v, G_%d(w) = %v", j, minus.G[j], j, e.G[j])
		}
	}
}

func TestNewProblemShape(t *testing.T) {
	if _, err := NewProblem(make([]float32, 7), make([]float64, 3), make([]float64, 2), ell(t, 1)); err == nil {
		t.Error("7 entries were taken for 3 rows of 2")
	}
}

func TestToSphere(t *testing.T) {
	w := []float64{3, 4}
	ToSphere(w, 2)
	if math.Abs(w[0]-3*math.Sqrt2/5) > 1e-15 || math.Abs(w[1]-4*math.Sqrt2/5) > 1e-15 {
		t.Errorf("(3,4) goes to %v", w)
	}
	for _, w := range [][]float64{{0, 0}, {1e200, 1}, {math.Inf(1), 0}} {
		ToSphere(w, 2)
		if !math.IsNaN(w[0]) {
			t.Errorf("a point that cannot be scaled goes to %v", w)
		}
	}
}

// On some of the measurements, a point is evaluated as on those alone.
func TestEvaluateSome(t *testing.T) {
	large, e := sample(t, 20, 60, 4, ell(t, 1))
	const m = 33
	small, err := NewProblem(large.x[:m*20], large.y[:m], large.signal, large.loss)
	if err != nil {
		t.Fatal(err)
	}
	alone, part, all := NewEvaluation(20), NewEvaluation(20), NewEvaluation(20)
	copy(alone.W, e.W)
	copy(part.W, e.W)
	copy(all.W, e.W)
	part.M = m
	if err := small.Evaluate(alone); err != nil {
		t.Fatal(err)
	}
	if err := large.Evaluate(part, all); err != nil {
		t.Fatal(err)
	}
	if err := large.Evaluate(e); err != nil {
		t.Fatal(err)
	}
	part.M = 0
	if !reflect.DeepEqual(part, alone) || !reflect.DeepEqual(all, e) {
		t.Error("side by side, two points on other measurements come out otherwise")
	}
	part.M = 61
	if err := large.Evaluate(part); err == nil {
		t.Error("more measurements than there are gave no error")
	}
}
