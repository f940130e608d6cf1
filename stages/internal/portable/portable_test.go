package portable

import (
	"math"
	"math/big"
	"math/cmplx"
	"math/rand/v2"
	"runtime"
	"testing"
)

// bits is enough precision for the errors below to be those of the functions alone.
const bits = 160

func number(x float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(x) }

// exactExp is e^x by the power series of e^{x/2^16}, squared 16 times.
func exactExp(x *big.Float) *big.Float {
	small := new(big.Float).SetMantExp(x, -16)
	term, sum := number(1), number(1)
	for n := 1.0; n < 40; n++ {
		term.Mul(term, small)
		term.Quo(term, number(n))
		sum.Add(sum, term)
	}
	for range 16 {
		sum.Mul(sum, sum)
	}
	return sum
}

func ulp(x float64) float64 {
	_, exp := math.Frexp(x)
	return math.Ldexp(1, max(exp-53, -1074))
}

// off is |got−want| in ulp of got.
func off(got float64, want *big.Float) float64 {
	d, _ := new(big.Float).Sub(number(got), want).Float64()
	return math.Abs(d) / ulp(got)
}

func TestExp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 8000 {
		x := (2*r.Float64() - 1) * []float64{0.01, 1, 30, 700}[i%4]
		if d := off(Exp(x), exactExp(number(x))); !(d < 1) {
			t.Errorf("Exp(%v) is off by %.3f ulp", x, d)
		}
	}
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -1, 1e-300, -1e-17, math.Ln2 / 2, -math.Ln2 / 2, 709.78,
		-708.4, -720, -745.1} {
		if d := off(Exp(x), exactExp(number(x))); !(d < 1) {
			t.Errorf("Exp(%v) is off by %.3f ulp", x, d)
		}
	}
	for _, x := range []float64{math.Inf(1), math.Inf(-1), math.NaN(), 709.79, -746, 1e300, -1e300} {
		if got, want := Exp(x), math.Exp(x); got != want && !(got != got && want != want) {
			t.Errorf("Exp(%v) = %v, want %v", x, got, want)
		}
	}
}

func TestLog(t *testing.T) {
	check := func(x float64) {
		// ln x = y + ln(x e^{−y}), and the last logarithm's argument is 1 up to 1e-13.
		y := Log(x)
		rest := new(big.Float).Mul(number(x), exactExp(new(big.Float).Neg(number(y))))
		rest.Sub(rest, number(1))
		square := new(big.Float).Mul(rest, rest)
		rest.Sub(rest, square.Quo(square, number(2)))
		if d := off(y, rest.Add(rest, number(y))); !(d < 1) {
			t.Errorf("Log(%v) is off by %.3f ulp", x, d)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 8000 {
		check(math.Exp((2*r.Float64() - 1) * []float64{1e-9, 0.01, 1, 700}[i%4]))
	}
	for _, x := range []float64{1, 2, 0.5, 10, math.Sqrt2, math.Sqrt2 / 2, math.Nextafter(1, 0), math.Nextafter(1, 2),
		math.MaxFloat64, 0x1p-1022, 0x1p-1074} {
		check(x)
	}
	for _, x := range []float64{0, math.Copysign(0, -1), -1, math.Inf(1), math.Inf(-1), math.NaN()} {
		if got, want := Log(x), math.Log(x); got != want && !(got != got && want != want) {
			t.Errorf("Log(%v) = %v, want %v", x, got, want)
		}
	}
}

func TestPow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for range 10_000 {
		x, y := math.Exp(40*(r.Float64()-0.5)), 20*(r.Float64()-0.5)
		want := math.Pow(x, y)
		// math.Pow's own error is of the same size.
		if got := Pow(x, y); math.Abs(got-want) > 4*(1+math.Abs(y*math.Log(x)))*0x1p-53*want {
			t.Errorf("Pow(%v, %v) = %v, want %v", x, y, got, want)
		}
	}
}

func TestLogComplex(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 4))
	for range 10_000 {
		z := complex(r.NormFloat64(), r.NormFloat64())
		if got, want := LogComplex(z), cmplx.Log(z); cmplx.Abs(got-want) > 1e-15*max(1, cmplx.Abs(want)) {
			t.Errorf("LogComplex(%v) = %v, want %v", z, got, want)
		}
	}
}

// Where math.Hypot is assembly on amd64, it computes what its Go code does; the
// package and gonum rely on it.
func TestHypot(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("only amd64 has assembly that must agree with the Go code")
	}
	r := rand.New(rand.NewPCG(1, 5))
	for range 1_000_000 {
		p, q := math.Ldexp(r.NormFloat64(), r.IntN(40)-20), r.NormFloat64()
		big, small := max(math.Abs(p), math.Abs(q)), min(math.Abs(p), math.Abs(q))
		ratio := small / big
		if got, want := math.Hypot(p, q), float64(big*math.Sqrt(1+float64(ratio*ratio))); got != want {
			t.Fatalf("math.Hypot(%v, %v) = %x, its Go code gives %x", p, q, got, want)
		}
	}
}

// The bits that artifacts rest on, a million values of each function folded into one
// word. They were computed on amd64 and hold everywhere.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		of   func(u float64) float64
		want uint64
	}{
		{"Exp", func(u float64) float64 { return Exp(float64(1500*u) - 750) }, 0x6bde25e5cbcdf359},
		{"Log", func(u float64) float64 { return Log(math.Ldexp(u, int(2000*u)-1000)) }, 0x8ee8e9b887945a85},
		{"Pow", func(u float64) float64 { return Pow(10*u, 3-float64(7*u)) }, 0x7732ff3daa91ccda},
		{"NormalQuantile", NormalQuantile, 0xfcab510dc251cef1},
	} {
		r := rand.New(rand.NewPCG(2, 1))
		h := uint64(0)
		for range 1_000_000 {
			h = h*0x9E3779B97F4A7C15 + math.Float64bits(c.of(r.Float64()))
		}
		if h != c.want {
			t.Errorf("hash of a million values of %s: %#x, want %#x", c.name, h, c.want)
		}
	}
}

func BenchmarkFunctions(b *testing.B) {
	for _, c := range []struct {
		name string
		f    func(float64) float64
	}{{"Exp", Exp}, {"math.Exp", math.Exp}, {"Log", Log}, {"math.Log", math.Log}} {
		b.Run(c.name, func(b *testing.B) {
			x, sum := 0.1, 0.0
			for b.Loop() {
				x += 0.37
				if x > 20 {
					x -= 20
				}
				sum += c.f(x)
			}
			sink = sum
		})
	}
}

var sink float64
