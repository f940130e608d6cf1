package kernel

import (
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// same reports whether two results agree bit for bit, the payload of a NaN apart.
func same(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

// draws are ways to draw an element of X and one of a point.
var draws = map[string]func(r *rand.Rand) (float32, float64){
	"normal": func(r *rand.Rand) (float32, float64) { return float32(r.NormFloat64()), r.NormFloat64() },
	// Exponents over the whole range make cancellation, overflow and gradual underflow frequent.
	"wide": func(r *rand.Rand) (float32, float64) {
		return math.Float32frombits(r.Uint32() &^ (1 << 30)), math.Ldexp(r.NormFloat64(), r.IntN(2140)-1080)
	},
	// Products that round to −0 tell a partial sum that got zeros added from one that did not.
	"tiny": func(r *rand.Rand) (float32, float64) {
		return float32(math.Copysign(math.SmallestNonzeroFloat32*float64(r.IntN(9)), r.NormFloat64())),
			math.Copysign(math.SmallestNonzeroFloat64*float64(r.IntN(9)), r.NormFloat64())
	},
	"special": func(r *rand.Rand) (float32, float64) {
		values := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64,
			math.SmallestNonzeroFloat64, 1, -1, math.MaxFloat32, math.SmallestNonzeroFloat32, -1e-40, 1e-310}
		// Most are ones, or nearly every result were a NaN.
		pick := func() float64 {
			if r.IntN(10) > 0 {
				return 1
			}
			return values[r.IntN(len(values))]
		}
		return float32(pick()), pick()
	},
}

// problem is a set of rows and students surrounded by NaNs, at odd offsets, so that
// reading or writing beyond the ends shows.
type problem struct {
	n, rows int
	x       []float32
	w, h, g [][]float64
	c       [][]float64
	guards  [][]float64 // the guarded arrays of h and g in full
}

func draw(r *rand.Rand, element func(*rand.Rand) (float32, float64), n, rows, students int) *problem {
	p := &problem{n: n, rows: rows}
	guarded := func(size int) []float64 {
		before := 1 + r.IntN(9)
		full := make([]float64, before+size+9)
		for i := range full {
			full[i] = math.NaN()
		}
		inner := full[before:][:size]
		for i := range inner {
			_, inner[i] = element(r)
		}
		p.guards = append(p.guards, full[:before], full[before+size:])
		return inner
	}
	before := r.IntN(17)
	x := make([]float32, before+n*rows+17)
	for i := range x {
		x[i] = float32(math.NaN())
	}
	p.x = x[before:][:n*rows]
	for i := range p.x {
		p.x[i], _ = element(r)
	}
	for range students {
		p.w, p.g = append(p.w, guarded(n)), append(p.g, guarded(n))
		p.h, p.c = append(p.h, guarded(rows)), append(p.c, guarded(rows))
	}
	return p
}

func copies(v [][]float64) [][]float64 {
	out := make([][]float64, len(v))
	for k := range v {
		out[k] = append([]float64(nil), v[k]...)
	}
	return out
}

// check compares an implementation with the definition.
func (p *problem) check(t *testing.T, path *implementation) {
	t.Helper()
	wantG, g := copies(p.g), copies(p.g)
	path.allProducts(p.x, p.w, p.h)
	path.allAccumulate(p.x, p.c, p.g)
	for k := range p.w {
		for i := range p.rows {
			row := p.x[i*p.n:][:p.n]
			if want := dotGo(row, p.w[k]); p.n > 0 && !same(p.h[k][i], want) {
				t.Fatalf("%d rows of %d, %d students: product of row %d with student %d is %x, want %x",
					p.rows, p.n, len(p.w), i, k, p.h[k][i], want)
			}
			axpyGo(p.c[k][i], row, wantG[k])
		}
		for j := range p.n {
			if !same(p.g[k][j], wantG[k][j]) {
				t.Fatalf("%d rows of %d, %d students: element %d of gradient %d is %x, want %x",
					p.rows, p.n, len(p.w), j, k, p.g[k][j], wantG[k][j])
			}
		}
		copy(p.g[k], g[k])
	}
	for _, guard := range p.guards {
		for _, v := range guard {
			if v == v {
				t.Fatalf("%d rows of %d, %d students: written beyond the end of a result", p.rows, p.n, len(p.w))
			}
		}
	}
}

func TestImplementationsAgree(t *testing.T) {
	for _, path := range append(accelerated(), portable) {
		for name, element := range draws {
			t.Run(path.name+"/"+name, func(t *testing.T) {
				r := rand.New(rand.NewPCG(3, uint64(len(name))))
				for n := range 201 {
					draw(r, element, n, 1, 1).check(t, &path)
					draw(r, element, n, 1+r.IntN(20), 1+r.IntN(9)).check(t, &path)
				}
				// Every remainder of rows, students and row length, at lengths beyond one tile.
				for rows := range 18 {
					for students := range 9 {
						draw(r, element, 64+r.IntN(70), rows, students).check(t, &path)
					}
				}
				draw(r, element, 4099, 33, 5).check(t, &path)
				draw(r, element, 10007, 9, 3).check(t, &path)
			})
		}
	}
}

func TestChoose(t *testing.T) {
	fast := []implementation{{name: "avx2"}}
	for name, want := range map[string]string{"": "avx2", "avx2": "avx2", "go": "go"} {
		if got, err := choose(name, fast); err != nil || got.name != want {
			t.Errorf("choose(%q) = %s, %v; want %s", name, got.name, err, want)
		}
	}
	for name, want := range map[string]string{"avx512": "does not support", "neon": "no such kernel",
		"AVX2": "no such kernel"} {
		got, err := choose(name, fast)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "avx2, go") {
			t.Errorf("choose(%q): error %v; want one with %q and the choices", name, err, want)
		}
		if got.name != "go" {
			t.Errorf("choose(%q) = %s; want go to fall back on", name, got.name)
		}
	}
	if got, err := Path(); os.Getenv(variable) == "" && (err != nil || got != append(accelerated(), portable)[0].name) {
		t.Errorf("Path() = %s, %v; want the fastest", got, err)
	}
}
