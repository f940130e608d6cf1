package figures

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
)

func drawWith(name string, in pipeline.Inputs) ([]pipeline.File, error) {
	p, err := Kind.Resolve(map[string]any{"figure": name})
	if err != nil {
		return nil, err
	}
	t, err := pipeline.NewStage("figure/"+name, Kind, p).Run(context.Background(), in)
	if err != nil {
		return nil, err
	}
	return artifact.Rows[pipeline.File](t)
}

func TestEveryFigureIsTheSameBesideOthers(t *testing.T) {
	inputs := goodInputs()
	if len(inputs) != len(registry) {
		t.Errorf("%d figures are tested of %d", len(inputs), len(registry))
	}
	var all sync.WaitGroup
	for name, in := range inputs {
		first, err := drawWith(name, in)
		if err != nil {
			t.Error(err)
			continue
		}
		for range 2 {
			all.Go(func() {
				again, err := drawWith(name, in)
				if err != nil || len(again) != 6 {
					t.Errorf("%s: %d files, %v", name, len(again), err)
					return
				}
				for i, suffix := range []string{".pdf", ".svg", ".png", ".txt", ".toml", ".html"} {
					if again[i].Name != name+suffix || !bytes.Equal(again[i].Content, first[i].Content) {
						t.Errorf("%s differs from the first drawing", again[i].Name)
					}
				}
			})
		}
	}
	all.Wait()
}

func TestPartialDataIsDrawn(t *testing.T) {
	good := goodInputs()
	lone, none := sizeOf(64), sizeOf(128)
	lone.Points = lone.Points[:1]
	lone.Identified = false
	none.Points = nil
	for what, c := range map[string]struct {
		name string
		in   pipeline.Inputs
	}{
		"one alpha":             {"init-spectrum", good["init-spectrum"][:2]},
		"an alpha not measured": {"init-spectrum", append(pipeline.Inputs{stage("theory-density", "density/2", semicircle(2, true))}, good["init-spectrum"][:3]...)},
		"one descent":           {"descent", pipeline.Inputs{stage("descent", "descent/1", descentOf(1, "trapped"))}},
		"only diverged":         {"descent", pipeline.Inputs{stage("descent", "descent/1", descentOf(1, "diverged"))}},
		"one point":             {"success", pipeline.Inputs{stage("finitesize", "sizes", lone, none), transitionAt(1)}},
	} {
		if _, err := drawWith(c.name, c.in); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestUnusableInputIsAnError(t *testing.T) {
	good := goodInputs()
	changed := func(f func(*testHessian)) pipeline.Input {
		h := spectrumOf(rand.New(rand.NewPCG(3, 4)), 99, 0.8, false)
		f(&h)
		return stage("hessian", "hessian/odd", h)
	}
	spectra := good["init-spectrum"]
	odd := descentOf(7, "trapped")
	odd.Outcome = "lost"
	still := descentOf(8, "trapped")
	still.Trace = still.Trace[:1]
	other := descentOf(9, "trapped")
	other.M = 500
	unresolved := sizeOf(64)
	for i := range unresolved.Points {
		unresolved.Points[i].Trials, unresolved.Points[i].Recovered, unresolved.Points[i].Trapped = 0, 0, 0
	}
	short := semicircle(1, false)
	short.Rho = short.Rho[1:]
	broken := pipeline.Input{Stage: "broken", Kind: "descent", Open: func() (*artifact.Table, error) { return nil, fmt.Errorf("broken: unreadable") }}
	for what, c := range map[string]struct {
		name string
		in   pipeline.Inputs
		want string // words of the error, which names the stage where there is one
	}{
		"no theory":        {"init-spectrum", spectra[1:3], "theory-density"},
		"no hessian":       {"init-spectrum", spectra[:1], "hessian"},
		"only later times": {"init-spectrum", pipeline.Inputs{spectra[0], changed(func(h *testHessian) { h.T = 1 })}, "t = 0"},
		"other loss":       {"init-spectrum", append(pipeline.Inputs{changed(func(h *testHessian) { h.A = 2 })}, spectra...), "hessian/odd"},
		"other size":       {"init-spectrum", append(pipeline.Inputs{changed(func(h *testHessian) { h.N, h.M = 160, 128 })}, spectra...), "hessian/odd"},
		"not a number":     {"init-spectrum", pipeline.Inputs{spectra[0], changed(func(h *testHessian) { h.Mu = math.NaN() })}, "hessian/odd"},
		"no such alpha":    {"init-spectrum", append(pipeline.Inputs{changed(func(h *testHessian) { h.M = 400 })}, spectra...), "hessian/odd"},
		"short density":    {"init-spectrum", append(pipeline.Inputs{stage("theory-density", "density/odd", short)}, spectra...), "density/odd"},
		"density twice":    {"init-spectrum", append(pipeline.Inputs{spectra[0]}, spectra...), "density/0.8"},
		"outcome":          {"descent", pipeline.Inputs{stage("descent", "descent/odd", odd)}, "lost"},
		"no time":          {"descent", pipeline.Inputs{stage("descent", "descent/still", still)}, "descent/still"},
		"two alphas":       {"descent", append(pipeline.Inputs{stage("descent", "descent/odd", other)}, good["descent"]...), "descent/odd"},
		"unreadable":       {"descent", pipeline.Inputs{broken}, "unreadable"},
		"other columns":    {"descent", pipeline.Inputs{stage("descent", "descent/old", testAtom{})}, "descent/old"},
		"no rows":          {"descent", pipeline.Inputs{stage[testDescent]("descent", "descent/none")}, "no rows"},
		"unresolved":       {"success", pipeline.Inputs{stage("finitesize", "sizes/odd", unresolved), transitionAt(1)}, "sizes/odd"},
		"N twice":          {"success", append(pipeline.Inputs{stage("finitesize", "sizes/odd", sizeOf(64))}, good["success"]...), "sizes/odd"},
		"no such loss":     {"success", pipeline.Inputs{stage("finitesize", "sizes", sizeOf(64)), transitionAt(2)}, "a = 1"},
	} {
		files, err := drawWith(c.name, c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name) || files != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for name := range good {
		if _, err := drawWith(name, nil); err == nil || !strings.Contains(err.Error(), "inputs") {
			t.Errorf("%s without inputs: %v", name, err)
		}
	}
}

func TestUnknownFigure(t *testing.T) {
	_, err := drawWith("trajectory", nil)
	if err == nil {
		t.Fatal("no error")
	}
	for name := range registry {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%v: does not list %s", err, name)
		}
	}
	if got := Kind.Needs(Params{Figure: "success"}); fmt.Sprint(got) != "[finitesize theory-transition]" {
		t.Errorf("success needs %v", got)
	}
}

func TestSharesKeepProportions(t *testing.T) {
	group := func(n int) []descentRow { return make([]descentRow, n) }
	for _, c := range []struct {
		sizes [4]int
		want  string
	}{
		{[4]int{3, 2, 0, 0}, "[3 2 0 0]"},
		{[4]int{30, 30, 0, 0}, "[6 6 0 0]"},
		{[4]int{19, 19, 2, 0}, "[6 5 1 0]"},
		{[4]int{997, 1, 1, 1}, "[11 1 1 1]"},
		{[4]int{0, 0, 0, 100}, "[0 0 0 12]"},
	} {
		var groups [][]descentRow
		for _, n := range c.sizes {
			groups = append(groups, group(n))
		}
		if got := fmt.Sprint(shares(groups, 12)); got != c.want {
			t.Errorf("%v: %s, want %s", c.sizes, got, c.want)
		}
	}
}

// Two instances that differ by a shift of all eigenvalues, as by μ, are one spectrum.
func TestSpectraAreMovedToOneMu(t *testing.T) {
	a := testHessian{Seed: 1, N: 4, M: 4, Loss: "ell", A: 1, Mu: 1, Eigenvalues: []float64{-3, -1, 2}, Lowest: []testLow{{-3, 0.1}}}
	b := testHessian{Seed: 2, N: 4, M: 4, Loss: "ell", A: 1, Mu: 3, Eigenvalues: []float64{-5, -3, 0}, Lowest: []testLow{{-5, 0.3}}}
	got, err := spectra(pipeline.Inputs{
		stage("theory-density", "density/1", semicircle(1, true)), // with μ = 1
		stage("hessian", "hessian/1", a, b),
	})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got[0].all, got[0].lowest, got[0].q2) != "[-3 -3 -1 -1 2 2] [-3 -3] [0.1 0.3]" {
		t.Errorf("pooled: %v, lowest %v, q² %v", got[0].all, got[0].lowest, got[0].q2)
	}
}

func TestMeanError(t *testing.T) {
	if mean, err := meanError([]float64{1, 2, 3}); mean != 2 || math.Abs(err-1/math.Sqrt(3)) > 1e-15 {
		t.Errorf("%g ± %g, want 2 ± 1/√3", mean, err)
	}
	if mean, err := meanError([]float64{5}); mean != 5 || err != 0 {
		t.Errorf("of one value: %g ± %g", mean, err)
	}
}
