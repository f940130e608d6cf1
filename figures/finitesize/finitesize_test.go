package finitesize

import (
	"math"
	"strings"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/scaling"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "finite-size", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "finite-size", nil, "inputs")
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[scalingRow, scaling.Row](t)
}

func TestLawsAreDrawnAsFitted(t *testing.T) {
	r := scalingOf()
	for i, want := range []func(n float64) float64{
		func(n float64) float64 { return 5 - 10/math.Log(n) },
		func(n float64) float64 { return 4.2 - 6*math.Pow(n, -0.3) },
	} {
		f, ok := r.Models[i].curve()
		if !ok {
			t.Fatalf("%s is not drawn", r.Models[i].Name)
		}
		for _, n := range []float64{2, 100, 1e6} {
			if math.Abs(f(n)-want(n)) > 1e-12 {
				t.Errorf("%s at %g: %g, want %g", r.Models[i].Name, n, f(n), want(n))
			}
		}
	}
	if _, ok := r.Models[2].curve(); ok {
		t.Error("a law with fixed limit is drawn")
	}
}

func TestFiniteSizeQuotesItsNumbers(t *testing.T) {
	caption, n := figurestest.Described(t, "finite-size", good())
	if q := n["log-alpha-inf"]; q.Value != 5 || q.Lo != 4.6 || q.Hi != 5.5 {
		t.Errorf("%+v", q)
	}
	if n["delta-aic"].Value != 1.8 || n["collapse-quality"].Value != 1.07 || n["nu"].Hi != 0.35 ||
		!math.IsInf(n["power-alpha-inf"].Hi, 1) {
		t.Errorf("%+v", n)
	}
	if q, ok := n["crossover-N=256"]; !ok || !math.IsInf(q.Lo, -1) {
		t.Errorf("%+v", q)
	}
	if n["crossover-N=64"].None == "" {
		t.Error("a crossover that is not identified")
	}
	if !strings.Contains(caption, "the data do not decide") {
		t.Error(caption)
	}
}

// χ² of 4 degrees of freedom is 4 with a standard deviation of √8.
func TestLawOfWidthThatMissesSaysSo(t *testing.T) {
	for _, c := range []struct {
		chi2 float64
		want bool
	}{{4, false}, {12.4, false}, {12.6, true}, {math.NaN(), false}} {
		r := scalingOf()
		r.WidthLaw.Chi2, r.WidthLaw.Dof = c.chi2, 4
		caption, _ := figurestest.Described(t, "finite-size",
			pipeline.Inputs{figurestest.Stage("scaling", "curve-scaling", r)})
		if strings.Contains(caption, "do not follow it") != c.want {
			t.Errorf("χ² = %g: %s", c.chi2, caption)
		}
	}
}

// What is not identified is left out with a word, and the rest is drawn.
func TestFiniteSizeOfPartialData(t *testing.T) {
	nan := math.NaN()
	r := scalingOf()
	r.Sizes = r.Sizes[:2]
	r.Sizes[1].Hi, r.Sizes[1].WidthHi = math.Inf(1), math.Inf(1)
	r.Threshold, r.Init = nan, nan
	for i := range r.Models {
		r.Models[i].Identified = false
		for j := range r.Models[i].Parameters {
			r.Models[i].Parameters[j].Value = nan
		}
	}
	r.Comparisons[0].DeltaAIC = nan
	r.WidthLaw.Identified = false
	r.Collapse = collapsedCurves{}
	in := pipeline.Inputs{figurestest.Stage("scaling", "scaling/part", r)}
	caption, n := figurestest.Described(t, "finite-size", in)
	known := 0
	for _, q := range n {
		if q.None == "" {
			known++
		}
	}
	if known != 2 || n["nu"].None == "" || n["delta-aic"].None == "" || n["log-alpha-inf"].None == "" ||
		strings.Count(caption, "is not identified") != 3 || strings.Contains(caption, "NaN") {
		t.Errorf("%d numbers: %s", len(n), caption)
	}
	if _, err := figurestest.Render("finite-size", in); err != nil {
		t.Error(err)
	}
	figurestest.Refused(t, "finite-size", append(in, in...), "scaling/part")
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		what   string
		change func(*scalingRow)
		words  []string
	}{
		{"no size", func(r *scalingRow) { r.Sizes = nil }, []string{"α₅₀: none"}},
		{"no size identified", func(r *scalingRow) {
			for i := range r.Sizes {
				r.Sizes[i] = scalingSize{N: r.Sizes[i].N, Alpha50: nan, Lo: nan, Hi: nan, Width: nan, WidthLo: nan,
					WidthHi: nan, Predicted: nan, PredictedLo: nan, PredictedHi: nan}
			}
			r.Collapse = collapsedCurves{Quality: nan}
			r.WidthLaw.Identified = false
		}, []string{"α₅₀: none"}},
		{"one size", func(r *scalingRow) {
			r.Sizes = r.Sizes[:1]
			for i := range r.Models {
				r.Models[i] = scalingLaw{Name: r.Models[i].Name, Chi2: nan}
			}
			r.Comparisons, r.WidthLaw, r.Collapse = nil, scalingLaw{}, collapsedCurves{}
		}, []string{"Comparison of these laws: none"}},
		{"open intervals", func(r *scalingRow) {
			for i := range r.Sizes {
				r.Sizes[i].Lo, r.Sizes[i].Hi = -inf, inf
			}
		}, nil},
		{"no freedom",
			func(r *scalingRow) { r.Models[0].Chi2, r.Models[0].Dof, r.Comparisons[0].DeltaAICc = nan, 0, nan }, nil},
		{"no points to compare", func(r *scalingRow) { r.Collapse.Quality = nan }, nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := scalingOf()
			c.change(&r)
			figurestest.Nones(t, "finite-size", pipeline.Inputs{figurestest.Stage("scaling", "scaling/odd", r)},
				c.words...)
		})
	}
}
