package bench

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"zerotohero/stages/descent"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/loss/ell"
)

// alpha of all gradients and of the comparison of methods.
const alpha = 3

// A gradient is a matrix X with students on it. What is timed is all that a descent
// does at a point: the spherical gradient with energy, multiplier and overlap.
type gradient struct {
	n, m    int
	x       []float32
	problem *descent.Problem
	at      []*descent.Evaluation
}

// newGradient draws one. Labels and students are random: the time does not depend
// on where they are.
func newGradient(n, students int) (*gradient, error) {
	l, err := ell.New(ell.Params{A: 1})
	if err != nil {
		return nil, err
	}
	g := &gradient{n: n, m: alpha * n}
	g.x = instance.DrawX(1, n, g.m)
	y, signal := make([]float64, g.m), make([]float64, n)
	random.New("bench/y", 1, 0).Sphere(y)
	random.New("bench/signal", 1, 0).Sphere(signal)
	if g.problem, err = descent.NewProblem(g.x, y, signal, l); err != nil {
		return nil, err
	}
	for k := range students {
		e := &descent.Evaluation{W: make([]float64, n), G: make([]float64, n)}
		random.New("bench/student", 1, int64(k)).Sphere(e.W)
		g.at = append(g.at, e)
	}
	return g, nil
}

// bytes of X.
func (g *gradient) bytes() float64 { return 4 * float64(len(g.x)) }

// of evaluates the first students in one pass.
func (g *gradient) of(students int) side {
	return timed(func() error { return g.problem.Evaluate(g.at[:students]...) })
}

func (s sizes) bandwidthRow() row {
	return row{
		name:   fmt.Sprintf("bandwidth-%d", s.large),
		what:   fmt.Sprintf("single gradient against reading X once, N = %d, α = %d, one core", s.large, alpha),
		target: target{unit: percent, value: 0.8},
		measure: func(ctx context.Context) (finding, error) {
			g, err := newGradient(s.large, 1)
			if err != nil {
				return finding{}, err
			}
			t, err := alternate(ctx, s, g.of(1), timed(func() error { read(g.x); return nil }))
			if err != nil {
				return finding{}, err
			}
			rate := func(seconds []float64) string {
				return fmt.Sprintf("%.3g GB/s", g.bytes()/median(seconds)/1e9)
			}
			return finding{
				ours:   rate(t[0]),
				other:  rate(t[1]) + " read",
				result: summarize(ratios(t[1], t[0])),
				note:   fmt.Sprintf("X has %.0f MB.", g.bytes()/1e6),
			}, nil
		},
	}
}

func (s sizes) gonumRow(n int) row {
	return row{
		name:   fmt.Sprintf("gonum-%d", n),
		what:   fmt.Sprintf("single gradient against gonum's two Gemv in float64, N = %d, α = %d, one core", n, alpha),
		target: target{unit: factor, value: 3},
		measure: func(ctx context.Context) (finding, error) {
			if why := unfair(buildSetting("-tags")); why != "" {
				return finding{skipped: why}, nil
			}
			g, err := newGradient(n, 1)
			if err != nil {
				return finding{}, err
			}
			t, err := alternate(ctx, s, g.of(1), g.gonum())
			if err != nil {
				return finding{}, err
			}
			return finding{
				ours:   duration(median(t[0])),
				other:  duration(median(t[1])) + " gonum",
				result: summarize(ratios(t[1], t[0])),
			}, nil
		},
	}
}

// gonum makes a gradient's two products, h = Xw and Xᵀc, the loss left out.
func (g *gradient) gonum() side {
	x := blas64.General{Rows: g.m, Cols: g.n, Stride: g.n, Data: make([]float64, len(g.x))}
	for i, v := range g.x {
		x.Data[i] = float64(v)
	}
	h := blas64.Vector{N: g.m, Inc: 1, Data: make([]float64, g.m)}
	w := blas64.Vector{N: g.n, Inc: 1, Data: g.at[0].W}
	out := blas64.Vector{N: g.n, Inc: 1, Data: make([]float64, g.n)}
	return timed(func() error {
		blas64.Gemv(blas.NoTrans, 1, x, w, 0, h)
		blas64.Gemv(blas.Trans, 1, x, h, 0, out)
		return nil
	})
}

// unfair says why gonum, as built with these tags, is not to be compared with: without
// its assembly it takes twice as long.
func unfair(tags string) string {
	if slices.Contains(strings.Split(tags, ","), "noasm") {
		return "This program was built with -tags=noasm, which leaves out gonum's assembly; " +
			"compare by go run . bench, without tags."
	}
	return ""
}

// buildSetting is one of the settings that this program was built with, "" if none.
func buildSetting(key string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

func (s sizes) studentsRow() row {
	return row{
		name: fmt.Sprintf("students-%d", s.batch),
		what: fmt.Sprintf("gradients of %d students in one pass over X against the processor's peak in multiply-adds, "+
			"N = %d, α = %d, one core", s.students, s.batch, alpha),
		target: target{unit: percent, value: 0.75},
		measure: func(ctx context.Context) (finding, error) {
			g, err := newGradient(s.batch, s.students)
			if err != nil {
				return finding{}, err
			}
			peak, count, err := multiplying()
			if err != nil {
				return finding{}, err
			}
			t, err := alternate(ctx, s, g.of(s.students), peak, g.of(1))
			if err != nil {
				return finding{}, err
			}
			ours := rates(float64(2*len(g.x)*s.students), t[0])
			most := rates(count, t[1])
			return finding{
				ours:   flops(median(ours)),
				other:  flops(median(most)) + " peak",
				result: summarize(ratios(ours, most)),
				note: fmt.Sprintf("The peak is of float64 in registers; a multiply-add counts as 2 FLOP, the loss as none. "+
					"%s for each student, %s for one alone.",
					duration(median(t[0])/float64(s.students)), duration(median(t[2]))),
			}, nil
		},
	}
}

// flops gives a rate of multiply-adds.
func flops(rate float64) string { return fmt.Sprintf("%.3g GFLOP/s", 2e-9*rate) }
