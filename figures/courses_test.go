package figures

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/hessian"
	"zerotohero/stages/landscape"
	"zerotohero/stages/spectral"
	"zerotohero/stages/theory"
)

func TestCourseColumnsAreThoseOfStages(t *testing.T) {
	reads[pathRow, descent.Descent](t)
	reads[stateRow, hessian.Row](t)
	reads[courseRow, dynamics.Row](t)
	reads[phaseDensity, theory.DensityRow](t)
	reads[circleRow, landscape.Row](t)
	reads[spectralRow, spectral.Row](t)
	reads[spectralTheory, theory.OutlierRow](t)
	reads[startRow, finitesize.Row](t)
}

// The ranks are those of the tables of the sign test, such as Conover's: the interval
// of 20 values is from the 6th to the 15th. At 1000 the approximation takes over.
func TestMedianRank(t *testing.T) {
	for n, want := range map[int]int{0: 0, 5: 0, 6: 1, 9: 2, 20: 6, 25: 8, 1000: 469, 1001: 469} {
		if got := medianRank(n); got != want {
			t.Errorf("%d values: rank %d, want %d", n, got, want)
		}
	}
	if q := median("q", "q", []float64{6, 2, 4, 1, 5, 3}); q.Value != 3.5 || q.Lo != 1 || q.Hi != 6 {
		t.Errorf("median %+v", q)
	}
	if q := median("q", "q", []float64{2, 1}); q.Value != 1.5 || !math.IsInf(q.Lo, -1) || !math.IsInf(q.Hi, 1) {
		t.Errorf("of two: %+v", q)
	}
}

func TestSignTest(t *testing.T) {
	for _, c := range []struct {
		a, b int64
		want float64
	}{{0, 0, 1}, {0, 5, 2. / 32}, {9, 1, 22. / 1024}, {3, 3, 1}} {
		if got := signTest(c.a, c.b); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%d against %d: p = %g, want %g", c.a, c.b, got, c.want)
		}
	}
	// The approximation for many beside the exact sum for not so many.
	if exact, many := signTest(460, 540), math.Erfc(79/math.Sqrt(2000)); math.Abs(exact/many-1) > 0.01 {
		t.Errorf("p = %g, by the normal law %g", exact, many)
	}
}

func TestOverlapBetweenRecords(t *testing.T) {
	trace := []pathStep{{T: 0, Overlap: 9}, {T: 1, Overlap: 0.1}, {T: 100, Overlap: 0.5}}
	for at, want := range map[float64]float64{0.5: 0.1, 1: 0.1, 10: 0.3, 100: 0.5, 1e4: 0.5} {
		if got := overlapAt(trace, at); math.Abs(got-want) > 1e-12 {
			t.Errorf("m(%g) = %g, want %g", at, got, want)
		}
	}
}

func TestNumbersOfCourses(t *testing.T) {
	good := withCourses(map[string]pipeline.Inputs{})
	for _, c := range []struct {
		figure, name  string
		value, lo, hi float64
	}{
		// Four of eight that are resolved; Wilson's interval is symmetric there, with
		// half width z/√(n+z²)/2.
		{"phases", "recovered-alpha=3", 0.5, 0.2152, 0.7848},
		{"phases", "outlier-start-alpha=3", 1, 0.7009, 1},
		{"phases", "outlier-end-alpha=3", 0, 0, 0.4345},
		// The edge has come to 3% of −8 at t = 10.
		{"phases", "t-arrival-alpha=3", 10, math.NaN(), math.NaN()},
		{"phases", "q2-start-theory-alpha=3", 0.3, math.NaN(), math.NaN()},
		{"dynamics", "t-bbp-alpha=3", 0.8, 0.5, math.Inf(1)},
		{"spectral", "alpha50-optimal", 3, 2.9, 3.1},
		{"spectral", "q2-optimal-alpha=2", 0.515, 0.515 - 2*0.0064550, 0.515 + 2*0.0064550},
		{"spectral", "alpha-bbp-init", 0.625, 0.5, 0.75},
		{"flow-vs-gd", "recovered-flow-alpha=4", 1, 0.5101, 1},
		{"flow-vs-gd", "pairs-flow-recovers-gd-fails", 1, math.NaN(), math.NaN()},
		{"flow-vs-gd", "pairs-flow-fails-gd-recovers", 1, math.NaN(), math.NaN()},
		{"flow-vs-gd", "pairs-flow-recovers-gd-recovers", 6, math.NaN(), math.NaN()},
		{"flow-vs-gd", "sign-test", 1, math.NaN(), math.NaN()},
		// Medians of (1000+i)/(100+i) over the six instances recovered by both.
		{"flow-vs-gd", "ratio-recovered", (1001. / 101), 1004. / 104, 10},
	} {
		d, err := registry[c.figure].draw(good[c.figure])
		if err != nil {
			t.Fatal(err)
		}
		q, err := number(d, c.name)
		same := func(a, b float64) bool { return a == b || math.Abs(a-b) < 1e-4 || math.IsNaN(a) && math.IsNaN(b) }
		if err != nil || !same(q.Value, c.value) || !same(q.Lo, c.lo) || !same(q.Hi, c.hi) {
			t.Errorf("%s, %s: %g [%g, %g], want %g [%g, %g]; %v", c.figure, c.name, q.Value, q.Lo, q.Hi, c.value, c.lo, c.hi, err)
		}
	}
}

// The descent shown is the median one of its outcome.
func TestTypicalWalk(t *testing.T) {
	d, err := drawCurvature(withCourses(map[string]pipeline.Inputs{})["curvature"])
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(d.Caption, "trapped (seed 1, of 3 such) and one that ended recovered (seed 3, of 2 such)") {
		t.Error(d.Caption)
	}
}

func TestEstimatesAreOfInstances(t *testing.T) {
	row := func(seed, start int64, q2 float64) from[spectralRow] {
		return from[spectralRow]{"", spectralRow{Seed: seed, Start: start, N: 10, M: 20, Estimator: "hessian", Q2: q2}}
	}
	got := estimates([]from[spectralRow]{row(1, 0, 0.1), row(2, 0, 0.5), row(1, 1, 0.3)})
	if fmt.Sprint(got) != "[{hessian {10 20} [0.2 0.5]}]" {
		t.Error(got)
	}
}

func TestPartialCoursesAreDrawn(t *testing.T) {
	good := withCourses(map[string]pipeline.Inputs{})
	one := outcomesOf("flow", 80, 100, "t")[0]
	lone := pipeline.Inputs{stage("descent", "path", one), stage("hessian", "state", statesOf(one)...)}
	never := nullOfCourse(100, 2)
	never.Lost, never.TBBP, never.TBBPHi = false, math.Inf(1), math.Inf(1)
	unfit := sizeOf(64)
	unfit.Identified = false
	for what, c := range map[string]struct {
		figure string
		in     pipeline.Inputs
	}{
		"one descent": {"phases", append(lone[:2:2], stage("theory-density", "density", semicircle(2, false)), transitionAt(2))},
		"never lost":  {"dynamics", append(lone[:2:2], stage("dynamics", "null", never))},
		"one walk":    {"curvature", pipeline.Inputs{stage("landscape", "circles", circlesOf(1, 0.2, 1)...)}},
		"no fit":      {"spectral", append(good["spectral"][:1:1], good["spectral"][3], stage("finitesize", "sizes", unfit))},
		"one alpha":   {"flow-vs-gd", good["flow-vs-gd"][:2]},
		"unresolved": {"flow-vs-gd", pipeline.Inputs{stage("descent", "flow", outcomesOf("flow", 80, 100, "rtu")...),
			stage("descent", "gd", outcomesOf("gd", 80, 100, "uuu")...)}},
	} {
		d, err := registry[c.figure].draw(c.in)
		if err == nil {
			_, err = d.svg()
		}
		if err == nil {
			_, err = d.describe(c.figure)
		}
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestUnusableCoursesAreErrors(t *testing.T) {
	good := withCourses(map[string]pipeline.Inputs{})
	path := outcomesOf("flow", 120, 100, "r")
	path[0].Seed = 50
	alien := statesOf(path[0])
	few := statesOf(path[0])[:2]
	odd := pathOf(60, 40, 120, "trapped", "flow", 1)
	odd.Outcome = "lost"
	twice := circlesOf(0, 0.1, 0.3)
	none := sizeOf(64)
	none.Points = nil
	for what, c := range map[string]struct {
		figure string
		in     pipeline.Inputs
		want   string
	}{
		"no descent of it":  {"phases", append(good["phases"][:1:1], stage("hessian", "state/alien", alien...)), "state/alien"},
		"no density":        {"phases", append(good["phases"][:2:2], stage("theory-density", "density", semicircle(5, false)), transitionAt(1)), "alpha = 3"},
		"two times":         {"phases", append(good["phases"][2:], stage("descent", "path/few", path...), stage("hessian", "state/few", few...)), "two more"},
		"outcome":           {"dynamics", append(good["dynamics"][1:], stage("descent", "path/odd", odd)), "lost"},
		"descent twice":     {"dynamics", append(good["dynamics"][:1:1], good["dynamics"]...), "path"},
		"no null model":     {"dynamics", append(good["dynamics"][:2:2], stage("dynamics", "null/4", nullOfCourse(40, 4))), "null/4"},
		"circle twice":      {"curvature", append(good["curvature"], stage("landscape", "circles/twice", twice...)), "circles"},
		"no softest":        {"curvature", pipeline.Inputs{stage("landscape", "circles/odd", twice[1])}, "circles/odd"},
		"no random start":   {"spectral", good["spectral"][:7], "finitesize"},
		"none resolved":     {"spectral", append(good["spectral"][:7:7], stage("finitesize", "sizes/none", none)), "sizes/none"},
		"other loss":        {"spectral", append(good["spectral"][1:], stage("spectral", "start/odd", spectralRow{N: 20, M: 40, Loss: "ell", A: 9, Estimator: "hessian"})), "start/odd"},
		"no partner":        {"flow-vs-gd", good["flow-vs-gd"][:1], "flow/2"},
		"pair twice":        {"flow-vs-gd", append(good["flow-vs-gd"][:1:1], good["flow-vs-gd"]...), "flow/2"},
		"a method too many": {"flow-vs-gd", append(good["flow-vs-gd"][1:], stage("descent", "newton", outcomesOf("newton", 80, 1, "r")...)), "newton"},
	} {
		if _, err := registry[c.figure].draw(c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
