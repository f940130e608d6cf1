package initspectrum

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures/house"
	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/spectrum"
	"zerotohero/pipeline"
	"zerotohero/stages/hessian"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "init-spectrum", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "init-spectrum", nil, "inputs")
}

// good has theory and spectra at three values of alpha, with an atom at the least and
// outliers at the others.
func good() pipeline.Inputs {
	rng := rand.New(rand.NewPCG(1, 2))
	var all pipeline.Inputs
	for _, alpha := range []float64{0.8, 1.2, 3} {
		d := figurestest.Semicircle(alpha, alpha > 1)
		if alpha < 1 {
			d.Atoms = []figurestest.Atom{{Lambda: -1, Mass: 1 - alpha}}
		}
		all = append(all, figurestest.Stage("theory-density", fmt.Sprintf("density/%g", alpha), d))
		for block := range 2 {
			var rows []figurestest.Hessian
			for i := range 5 {
				rows = append(rows, spectrumOf(rng, int64(5*block+i), alpha, alpha > 1))
			}
			later := rows[0]
			later.T = 10
			all = append(all, figurestest.Stage("hessian", fmt.Sprintf("hessian/%g,%d", alpha, block),
				append(rows, later)...))
		}
	}
	return all
}

// Two instances that differ by a shift of all eigenvalues, as by μ, are one spectrum.
func TestSpectraAreMovedToOneMu(t *testing.T) {
	a := figurestest.Hessian{Seed: 1, N: 4, M: 4, Loss: "ell", A: 1, Mu: 1, Eigenvalues: []float64{-3, -1, 2},
		Lowest: []figurestest.Low{{Lambda: -3, Overlap: 0.1}}}
	b := figurestest.Hessian{Seed: 2, N: 4, M: 4, Loss: "ell", A: 1, Mu: 3, Eigenvalues: []float64{-5, -3, 0},
		Lowest: []figurestest.Low{{Lambda: -5, Overlap: 0.3}}}
	got, err := read(pipeline.Inputs{
		figurestest.Stage("theory-density", "density/1", figurestest.Semicircle(1, true)), // with μ = 1
		figurestest.Stage("hessian", "hessian/1", a, b),
	})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got[0].all, got[0].lowest, got[0].q2) != "[-3 -3 -1 -1 2 2] [-3 -3] [0.1 0.3]" {
		t.Errorf("pooled: %v, lowest %v, q² %v", got[0].all, got[0].lowest, got[0].q2)
	}
}

func spectrumOf(rng *rand.Rand, seed int64, alpha float64, outlier bool) figurestest.Hessian {
	const n = 80
	mu := 1 + 0.5*rng.NormFloat64()
	h := figurestest.Hessian{Seed: seed, N: n, M: int64(math.Round(alpha * n)), Alpha: alpha, Loss: "ell", A: 1, Mu: mu}
	if outlier {
		h.Eigenvalues = []float64{-2.4 - mu}
	}
	for i := len(h.Eigenvalues); i < n-1; i++ {
		h.Eigenvalues = append(h.Eigenvalues, -2*math.Cos(math.Pi*(float64(i)+rng.Float64())/n)-mu)
	}
	h.Lowest = []figurestest.Low{{Lambda: h.Eigenvalues[0], Overlap: 0.2 + 0.1*rng.Float64()}}
	return h
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[spectrum.Theory, theory.DensityRow](t)
	figurestest.Reads[spectrum.Measured, hessian.Row](t)
}

// A caption says how large the sample is, and quotes the numbers as they are listed.
func TestCaptionQuotesItsNumbers(t *testing.T) {
	figurestest.Quotes(t, "init-spectrum", good(),
		"10 instances of N = 80 at each α", "μ_∞", "the theory's put in its place", "± one standard error")
}

// Maps are walked differently in every process. The label has characters that are
// one glyph, of which the embedded font must always name the same.
func TestSameBytesInOtherProcess(t *testing.T) {
	p := house.NewPanel("$x$", "µ μ Ω \u2126")
	p.AddKeyed("$ℓ$", house.Function(math.Sin, 0, 7, 50, house.Line(house.Green)))
	d, err := figure(good())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for _, d := range []house.Drawing{{Width: house.SingleColumn, Height: 5 * vg.Centimeter, Draw: p.Draw,
		Caption: "Anything."}, d} {
		x, err := d.Render("figure")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range x.Files {
			fmt.Fprintf(sum, "%s %d\n", f.Name, len(f.Content))
			sum.Write(f.Content)
		}
	}
	got := fmt.Sprintf("%x", sum.Sum(nil))
	const ask = "FIGURES_TEST_DIGEST"
	if os.Getenv(ask) != "" {
		fmt.Printf("digest %s\n", got)
		return
	}
	for range 2 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSameBytesInOtherProcess$")
		cmd.Env = append(os.Environ(), ask+"=1")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "digest "+got) {
			t.Fatalf("another process draws otherwise: %v\n%s", err, out)
		}
	}
}

func TestPartialDataIsDrawn(t *testing.T) {
	figurestest.Drawn(t, "init-spectrum", good()[:2]) // one alpha
	// An alpha that is not measured.
	figurestest.Drawn(t, "init-spectrum",
		append(pipeline.Inputs{figurestest.Stage("theory-density", "density/2", figurestest.Semicircle(2, true))},
			good()[:3]...))
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	one := spectrumOf(rng, 1, 3, true)
	signal := spectrumOf(rng, 1, 3, false)
	signal.Lowest[0].Overlap = math.NaN()
	bare := spectrumOf(rng, 1, 3, true)
	bare.Lowest = nil
	endless := figurestest.Semicircle(3, false)
	endless.Edge, endless.LambdaStar, endless.Q2 = math.Inf(-1), math.NaN(), 0
	below := figurestest.Semicircle(3, false)
	below.LambdaStar, below.Q2 = math.NaN(), 0
	for _, c := range []struct {
		what  string
		in    pipeline.Inputs
		words []string
	}{
		{"below every transition", pipeline.Inputs{figurestest.Stage("theory-density", "density", below),
			figurestest.Stage("hessian", "hessian", one)}, []string{"none in theory", "1 instance of N = 80"}},
		{"in the signal", pipeline.Inputs{figurestest.Stage("theory-density", "density",
			figurestest.Semicircle(3, true)), figurestest.Stage("hessian", "hessian", signal)},
			[]string{"; measured: none"}},
		{"no eigenvectors", pipeline.Inputs{figurestest.Stage("theory-density", "density",
			figurestest.Semicircle(3, true)), figurestest.Stage("hessian", "hessian", bare)},
			[]string{"; measured: none"}},
		{"no edge", pipeline.Inputs{figurestest.Stage("theory-density", "density", endless),
			figurestest.Stage("hessian", "hessian", one)}, []string{"none in theory"}},
		{"an alpha not measured", append(pipeline.Inputs{figurestest.Stage("theory-density", "density/2",
			figurestest.Semicircle(2, true))}, good()[:3]...), []string{"none at α = 2"}},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "init-spectrum", c.in, c.words...) })
	}
	_, n := figurestest.Described(t, "init-spectrum",
		pipeline.Inputs{figurestest.Stage("theory-density", "density", endless),
			figurestest.Stage("hessian", "hessian", one)})
	for _, name := range []string{"edge-alpha=3", "q2-theory-alpha=3", "lambda-star-alpha=3", "mu-deviation-alpha=3"} {
		if n[name].None == "" {
			t.Errorf("%s is %+v", name, n[name])
		}
	}
	// Of one instance there is a mean and no error.
	if q := n["q2-alpha=3"]; q.None != "" || !math.IsNaN(q.Lo) {
		t.Errorf("%+v", q)
	}
}

func TestUnusableInputIsAnError(t *testing.T) {
	all := good()
	changed := func(f func(*figurestest.Hessian)) pipeline.Input {
		h := spectrumOf(rand.New(rand.NewPCG(3, 4)), 99, 0.8, false)
		f(&h)
		return figurestest.Stage("hessian", "hessian/odd", h)
	}
	short := figurestest.Semicircle(1, false)
	short.Rho = short.Rho[1:]
	for _, c := range []struct {
		in   pipeline.Inputs
		want string
	}{
		{all[1:3], "theory-density"},
		{all[:1], "hessian"},
		{pipeline.Inputs{all[0], changed(func(h *figurestest.Hessian) { h.T = 1 })}, "t = 0"},
		{append(pipeline.Inputs{changed(func(h *figurestest.Hessian) { h.A = 2 })}, all...), "hessian/odd"},
		{append(pipeline.Inputs{changed(func(h *figurestest.Hessian) { h.N, h.M = 160, 128 })}, all...), "hessian/odd"},
		{pipeline.Inputs{all[0], changed(func(h *figurestest.Hessian) { h.Mu = math.NaN() })}, "hessian/odd"},
		{append(pipeline.Inputs{changed(func(h *figurestest.Hessian) { h.M = 400 })}, all...), "hessian/odd"},
		{append(pipeline.Inputs{figurestest.Stage("theory-density", "density/odd", short)}, all...), "density/odd"},
		{append(pipeline.Inputs{all[0]}, all...), "density/0.8"},
	} {
		figurestest.Refused(t, "init-spectrum", c.in, c.want)
	}
}
