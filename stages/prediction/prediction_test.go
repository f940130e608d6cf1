package prediction

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/outcome"
)

// runs are descents with a signal in one predictor, the overlap: the odds of recovery are
// e^{strength z}, z standard normal; the gap and the energy are noise.
func runs(instances, starts int, strength float64) pipeline.Inputs {
	s := random.New("prediction test", 1, 0)
	var spectra []spectrum
	var descents []descent
	for i := range instances {
		for k := range starts {
			z := s.Normal()
			d := descent{Seed: int64(i), Start: int64(k), N: 20, M: 60, Alpha: 3, AlphaAsked: 3, Loss: "ell", A: 1,
				Method: "flow", Outcome: outcome.Trapped}
			if s.Uniform() < sigmoid(strength*z) {
				d.Outcome = outcome.Recovered
			}
			at := spectrum{Seed: d.Seed, Start: d.Start, N: 20, M: 60, T: 1, Reached: 1, Overlap: 5 + 2*z,
				Energy: s.Normal(), Eigenvalues: []float64{-1, s.Uniform(), 2}, Lowest: []pair{{0.1}, {0.2}, {0.3}}}
			end := at
			end.T, end.Overlap = math.Inf(1), 99
			spectra, descents = append(spectra, at, end), append(descents, d)
		}
	}
	return pipeline.Inputs{pipelinetest.Input("h", "hessian", nil, spectra),
		pipelinetest.Input("d", "descent", nil, descents)}
}

func only(t *testing.T, values map[string]any, in pipeline.Inputs) (Row, map[string]Predictor) {
	t.Helper()
	rows := pipelinetest.Run[Row](t, Kind, values, in...)
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	by := make(map[string]Predictor)
	for _, p := range rows[0].Predictors {
		by[p.Name] = p
	}
	return rows[0], by
}

// What is known of the outcome is what there is to know: with odds e^{2z} its information
// is 1 − E[H(p)] bits and AUC is P(z_1 > z_2 | 1 recovers, 2 does not), both by quadrature. A
// predictor that says nothing, or does not vary, scores 0 and ½. Errors are those of 1500
// instances, within 5 standard deviations each: failure probability 1e-5 in all.
func TestScores(t *testing.T) {
	const n, strength = 1500, 2
	row, by := only(t, map[string]any{"resamples": int64(199)}, runs(n, 1, strength))
	if !row.Identified || row.Runs != n || row.Instances != n || math.Abs(row.Entropy-1) > 0.01 {
		t.Fatalf("%+v", row)
	}
	information, auc := truth(strength)
	for _, c := range []struct {
		name        string
		score, auc  float64
		off, offAUC float64
	}{
		// The gain of a descent is at most a few bits, with standard deviation below 0.8.
		{"overlap", information, auc, 5 * 0.8 / math.Sqrt(n), 5 * 0.5 / math.Sqrt(n)},
		{"all", information, auc, 5*0.8/math.Sqrt(n) + 8/n/math.Ln2, 5 * 0.5 / math.Sqrt(n)},
		{"gap", 0, 0.5, 0.01, 5 * 0.6 / math.Sqrt(n)},
		{"trace", 0, 0.5, 0.01, 5 * 0.6 / math.Sqrt(n)},
		{"soft-8", 0, 0.5, 1e-5, 0}, // the same for all
	} {
		p := by[c.name]
		if math.Abs(p.Score.Value-c.score) > c.off || math.Abs(p.AUC.Value-c.auc) > c.offAUC {
			t.Errorf("%s: score %.4f, AUC %.4f; want %.4f ± %.4f and %.4f ± %.4f",
				c.name, p.Score.Value, p.AUC.Value, c.score, c.off, c.auc, c.offAUC)
		}
	}
	p := by["overlap"]
	if !(p.Score.Lo < p.Score.Value && p.Score.Value < p.Score.Hi) || p.Score.Hi-p.Score.Lo > 0.1 {
		t.Errorf("score %+v", p.Score)
	}
	if !(p.MeanRecovered.Lo > p.MeanTrapped.Hi) || math.Abs(p.Mean.Value-5) > 5*2/math.Sqrt(n) {
		t.Errorf("means %+v, %+v of %+v", p.MeanRecovered, p.MeanTrapped, p.Mean)
	}
}

// truth is by midpoints in z, far beyond what 1500 descents resolve.
func truth(strength float64) (information, auc float64) {
	const step = 0.01
	var below, right, total float64
	for z := -8.0; z < 8; z += step {
		weight := step * math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
		p := sigmoid(strength * z)
		information += weight * (1 - entropy(p))
		right += weight * p * (below + weight*(1-p)/2)
		below += weight * (1 - p)
		total += weight * p
	}
	return information, right / (total * below)
}

// The regression is where another optimiser finds the maximum.
func TestRegressionIsTheMaximum(t *testing.T) {
	s := random.New("regression test", 1, 0)
	var x [][]float64
	var ends []bool
	for range 60 {
		row := []float64{3 * s.Normal(), 100 + s.Normal(), 7}
		x, ends = append(x, row), append(ends, s.Uniform() < sigmoid(row[0]-0.5*(row[1]-100)))
	}
	r := regress(x, ends)
	rows := make([][]float64, len(x))
	for i := range x {
		rows[i] = r.row(x[i])
	}
	got, err := optimize.Minimize(optimize.Problem{Func: func(c []float64) float64 { return -posterior(rows, ends, c) }},
		make([]float64, 4), &optimize.Settings{Converger: &optimize.FunctionConverge{Absolute: 1e-14, Iterations: 500}},
		&optimize.NelderMead{})
	if err != nil {
		t.Fatal(err)
	}
	for k := range r.c {
		if math.Abs(r.c[k]-got.X[k]) > 1e-5 {
			t.Errorf("c = %v, by Nelder and Mead %v", r.c, got.X)
			break
		}
	}
	if r.c[3] != 0 {
		t.Errorf("a predictor that does not vary has the coefficient %v", r.c[3])
	}
}

// Outcomes that a predictor separates leave the regression finite.
func TestSeparated(t *testing.T) {
	r := regress([][]float64{{1}, {2}, {3}, {4}}, []bool{false, false, true, true})
	if math.IsInf(r.c[1], 0) || math.IsNaN(r.c[1]) || !(r.p([]float64{4}) > 0.6) || !(r.p([]float64{1}) < 0.4) {
		t.Errorf("%+v", r)
	}
}

// AUC is that of pairs counted one by one, with instances as often as a resample has them.
func TestOrderedIsOfPairs(t *testing.T) {
	s := random.New("pairs test", 1, 0)
	for range 100 {
		var g group
		var f []forecast
		counts := make([]int, 6)
		for i := range counts {
			counts[i] = int(4 * s.Uniform())
		}
		var order []int
		for i := range 12 {
			p := math.Floor(4*s.Uniform()) / 4 // with ties
			g.runs, f = append(g.runs, trial{instance: i / 2, recovered: s.Uniform() < 0.5}), append(f, forecast{above: p})
			at := 0
			for at < len(order) && f[order[at]].above <= p {
				at++
			}
			order = append(order[:at], append([]int{i}, order[at:]...)...)
		}
		var right, pairs float64
		for i, a := range g.runs {
			for j, b := range g.runs {
				w := float64(counts[a.instance] * counts[b.instance])
				if !a.recovered || b.recovered {
					continue
				}
				pairs += w
				switch {
				case f[i].above > f[j].above:
					right += w
				case f[i].above == f[j].above:
					right += w / 2
				}
			}
		}
		got := g.ordered(f, order, counts)
		if pairs == 0 != math.IsNaN(got) || pairs > 0 && math.Abs(got-right/pairs) > 1e-12 {
			t.Fatalf("%v, by pairs %v of %v", got, right, pairs)
		}
	}
}

// A descent that has ended by t, or that never ended, predicts nothing; starts of an instance
// are in one fold, whose instances are not learnt from.
func TestLeftOut(t *testing.T) {
	in := runs(40, 2, 3)
	spectra, err := pipeline.Rows[spectrum](in[0])
	if err != nil {
		t.Fatal(err)
	}
	descents, err := pipeline.Rows[descent](in[1])
	if err != nil {
		t.Fatal(err)
	}
	spectra[0].Reached = 0.5 // of seed 0, start 0
	descents[3].Outcome = outcome.Unresolved
	row, _ := only(t, map[string]any{"resamples": int64(99), "folds": int64(5)}, pipeline.Inputs{
		pipelinetest.Input("h", "hessian", nil, spectra), pipelinetest.Input("d", "descent", nil, descents)})
	if row.Ended != 1 || row.Open != 1 || row.Runs != 78 || row.Instances != 40 {
		t.Errorf("%+v", row)
	}
}

func TestNothingToPredict(t *testing.T) {
	for _, c := range []struct {
		strength  float64
		instances int
		outcome   string
		want      string
	}{
		{0, 5, "", "too few instances"},
		{0, 40, outcome.Recovered, "every descent"},
		{0, 40, outcome.Trapped, "no descent"},
	} {
		in := runs(c.instances, 1, c.strength)
		if c.outcome != "" {
			descents, err := pipeline.Rows[descent](in[1])
			if err != nil {
				t.Fatal(err)
			}
			for i := range descents {
				descents[i].Outcome = c.outcome
			}
			in[1] = pipelinetest.Input("d", "descent", nil, descents)
		}
		row, by := only(t, map[string]any{"resamples": int64(99)}, in)
		if row.Identified || !strings.Contains(row.Reason, c.want) || !math.IsNaN(by["all"].Score.Value) ||
			math.IsNaN(by["gap"].Mean.Value) {
			t.Errorf("want %q: %q, %+v", c.want, row.Reason, by["gap"])
		}
	}
}

func TestRefused(t *testing.T) {
	in := runs(20, 1, 1)
	for want, in := range map[string]pipeline.Inputs{
		"whose descent is not among": {in[0], pipelinetest.Input("d", "descent", nil, []descent{})},
		"no Hessian at a time":       {pipelinetest.Input("h", "hessian", nil, []spectrum{}), in[1]},
	} {
		if _, err := pipelinetest.Compute(t.Context(), Kind, nil, in...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Kind.Resolve(map[string]any{"folds": int64(1)}); err == nil {
		t.Error("one fold is accepted")
	}
}
