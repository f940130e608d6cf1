package spectral

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/figures/inputs"
	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/spectral"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "spectral", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "spectral", nil, "inputs")
}

func good() pipeline.Inputs {
	var out pipeline.Inputs
	for k, name := range []string{"hessian", "averaged", "optimal"} {
		var rows []spectralRow
		for _, n := range []int64{20, 40} {
			for seed := range int64(4) {
				for alpha := range int64(4) {
					rows = append(rows, spectralRow{Seed: seed, N: n, M: (1 + alpha) * n,
						AlphaAsked: 1 + float64(alpha), Loss: "ell", A: 1,
						Estimator: name,
						Q2:        0.2*float64(k) + 0.1*float64(alpha) + 0.01*float64(seed)})
				}
			}
		}
		out = append(out, figurestest.Stage("spectral", "start/"+name, rows...))
	}
	for k, at := range []string{"init", "averaged", "optimal", "wide"} {
		r := spectralTheory{At: at, Loss: "ell", A: 1}
		for i := range 20 {
			alpha := 0.5 + 0.25*float64(i)
			r.Alphas, r.Outlier, r.Q2 = append(r.Alphas, alpha), append(r.Outlier, i > k),
				append(r.Q2, max(0, 1-(0.6+0.25*float64(k))/alpha))
		}
		out = append(out, figurestest.Stage("theory-outlier", "outlier/"+at, r))
	}
	for _, from := range []string{"random", "hessian", "averaged", "optimal"} {
		s := figurestest.SizeOf(64)
		s.From = from
		out = append(out, figurestest.Stage("finitesize", "sizes/"+from, s))
	}
	lone := figurestest.SizeOf(1024) // larger, but with one kind of start
	return append(out, figurestest.Stage("finitesize", "sizes/large", lone))
}

func TestEstimatesAreOfInstances(t *testing.T) {
	row := func(seed int64, q2 float64) inputs.From[spectralRow] {
		return inputs.From[spectralRow]{Stage: "", Row: spectralRow{Seed: seed, N: 10, M: 20, Estimator: "hessian",
			Q2: q2}}
	}
	got := estimates([]inputs.From[spectralRow]{row(1, 0.1), row(2, 0.5), row(1, 0.3)})
	if fmt.Sprint(got) != "[{hessian {10 20} 0 [0.2 0.5]}]" {
		t.Error(got)
	}
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[spectralRow, spectral.Row](t)
	figurestest.Reads[spectralTheory, theory.OutlierRow](t)
}

func TestNumbers(t *testing.T) {
	_, n := figurestest.Described(t, "spectral", good())
	figurestest.Near(t, n["alpha50-optimal"], 3, 2.9, 3.1)
	figurestest.Near(t, n["q2-optimal-alpha=2"], 0.515, 0.515-2*0.0064550, 0.515+2*0.0064550)
	figurestest.Near(t, n["alpha-bbp-init"], 0.625, 0.5, 0.75)
}

// Names have the α of paper.toml, and not M/N, which is 0.594 here.
func TestNamesHaveTheAlphaAsked(t *testing.T) {
	rounded := figurestest.Stage("spectral", "start/rounded",
		spectralRow{Seed: 1, N: 64, M: 38, AlphaAsked: 0.6, Loss: "ell", A: 1, Estimator: "hessian", Q2: 0.25})
	_, n := figurestest.Described(t, "spectral", append(good(), rounded))
	figurestest.Near(t, n["q2-hessian-alpha=0.6"], 0.25, math.NaN(), math.NaN())
}

// An estimator that the figure has no look for is drawn by its name, in both panels.
func TestUnknownEstimatorIsDrawn(t *testing.T) {
	clipped := figurestest.SizeOf(64)
	clipped.From = "clipped"
	fit := figurestest.Stage("finitesize", "sizes/clipped", clipped)
	start := figurestest.Stage("spectral", "start/clipped",
		spectralRow{Seed: 1, N: 40, M: 80, AlphaAsked: 2, Loss: "ell", A: 1, Estimator: "clipped", Q2: 0.25},
		spectralRow{Seed: 2, N: 40, M: 80, AlphaAsked: 2, Loss: "ell", A: 1, Estimator: "clipped", Q2: 0.35})
	in := append(good(), start, fit)
	figurestest.Quotes(t, "spectral", in, "of the optimal matrix; and the estimate clipped.", "(clipped)")
	figurestest.SameBesideOthers(t, "spectral", in)
	_, n := figurestest.Described(t, "spectral", in)
	figurestest.Near(t, n["q2-clipped-alpha=2"], 0.3, 0.2, 0.4)
	figurestest.Near(t, n["alpha50-clipped"], 3, 2.9, 3.1)
	svg := func(in pipeline.Inputs) string {
		x, err := figurestest.Render("spectral", in)
		if err != nil {
			t.Fatal(err)
		}
		k := slices.IndexFunc(x.Files, func(f pipeline.File) bool { return strings.HasSuffix(f.Name, ".svg") })
		return string(x.Files[k].Content)
	}
	if none, left, both := svg(good()), svg(append(good(), start)), svg(in); none == left || left == both {
		t.Errorf("the estimator is not drawn: left %t, right %t", none != left, left != both)
	}
	_, alone := figurestest.Described(t, "spectral", pipeline.Inputs{start, good()[3], fit})
	figurestest.Near(t, alone["alpha50-clipped"], 3, 2.9, 3.1)
}

func TestPartialDataIsDrawn(t *testing.T) {
	all := good()
	unfit := figurestest.SizeOf(64)
	unfit.Identified = false
	figurestest.Drawn(t, "spectral", append(all[:1:1], all[3], figurestest.Stage("finitesize", "sizes", unfit)))
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	all, nan := good(), math.NaN()
	with := func(change func(s *figurestest.Size)) pipeline.Input {
		s := figurestest.SizeOf(64)
		s.Identified, s.Alpha50, s.Alpha50Lo, s.Alpha50Hi, s.Width, s.WidthLo, s.WidthHi = false, nan, nan, nan, nan,
			nan, nan
		change(&s)
		return figurestest.Stage("finitesize", "sizes/odd", s)
	}
	unresolved := func(s *figurestest.Size) {
		for i := range s.Points {
			s.Points[i] = figurestest.Point{Alpha: s.Points[i].Alpha, Unresolved: 50, P: nan, Lo: nan, Hi: nan}
		}
	}
	below := spectralTheory{At: "init", Loss: "ell", A: 1, Alphas: []float64{1, 2}, Outlier: []bool{false, false},
		Q2: []float64{0, 0}}
	above := spectralTheory{At: "averaged", Loss: "ell", A: 1, Alphas: []float64{1, 2}, Outlier: []bool{true, true},
		Q2: []float64{0.5, 0.6}}
	lone := figurestest.Stage("spectral", "start/one", spectralRow{Seed: 1, N: 20, M: 40, AlphaAsked: 2, Loss: "ell",
		A:         1,
		Estimator: "hessian"})
	theory := figurestest.Stage("theory-outlier", "outlier/odd", below, above)
	for what, in := range map[string]pipeline.Inputs{
		"all unresolved":  append(all[:7:7], with(unresolved)),
		"no points":       append(all[:7:7], with(func(s *figurestest.Size) { s.Points = nil })),
		"one alpha":       append(all[:7:7], with(func(s *figurestest.Size) { s.Points = s.Points[:1] })),
		"one seed":        {lone, theory, with(unresolved)},
		"one seed, rates": {lone, theory, with(func(*figurestest.Size) {})},
	} {
		t.Run(what, func(t *testing.T) { figurestest.Nones(t, "spectral", in, "α₅₀: none") })
	}
	_, n := figurestest.Described(t, "spectral", pipeline.Inputs{lone, theory, with(unresolved)})
	if n["alpha-bbp-init"].None == "" || n["alpha-bbp-averaged"].None == "" || n["alpha50-random"].None == "" {
		t.Errorf("%+v", n)
	}
	figurestest.Near(t, n["q2-hessian-alpha=2"], 0, nan, nan)
}

func TestUnusableInputIsAnError(t *testing.T) {
	all := good()
	odd := spectralRow{N: 20, M: 40, Loss: "ell", A: 9, Estimator: "hessian"}
	for _, c := range []struct {
		in   pipeline.Inputs
		want string
	}{
		{all[:7], "finitesize"},
		{append(all[1:], figurestest.Stage("spectral", "start/odd", odd)), "start/odd"},
	} {
		figurestest.Refused(t, "spectral", c.in, c.want)
	}
}
