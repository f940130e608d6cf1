package formula_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/integrate/quad"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	_ "zerotohero/stages/descent/flow"
	"zerotohero/stages/instance"
	_ "zerotohero/stages/instance/dense"
	"zerotohero/stages/loss"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/loss/formula"
	"zerotohero/stages/loss/losstest"
	_ "zerotohero/stages/loss/plain"
	_ "zerotohero/stages/loss/pseudohuber"
	"zerotohero/stages/theory"
)

type table = map[string]any

// same are the losses of packages as formulas.
var same = map[string]table{
	"ell":         {"formula": "(u^2 - y^2)^2/(a + y^2)/2", "a": 1.0},
	"plain":       {"formula": "(u^2 - y^2)^2/2"},
	"pseudohuber": {"formula": "c*(sqrt(1 + r^2) - 1)", "where": table{"c": "a + y^2", "r": "(u^2 - y^2)/c"}, "a": 1.0},
}

var cauchy = table{"formula": "(a + y^2) * log(1 + r^2/2)", "where": table{"r": "(u^2 - y^2)/(a + y^2)"}, "a": 1.0}

func read(t testing.TB, name string, in table) losstest.Values {
	t.Helper()
	values, err := formula.Read(name, in)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// What every loss has to be; for the Cauchy loss with three parameters.
func TestLosses(t *testing.T) {
	for name, in := range same {
		losstest.CheckEach(t, "my-"+name, read(t, "my-"+name, in))
	}
	for _, a := range []float64{0.1, 1, 10} {
		in := table{"formula": cauchy["formula"], "where": cauchy["where"], "a": a}
		losstest.CheckEach(t, "cauchy", read(t, "cauchy", in))
	}
}

// Formula and package give the same values, derivatives and infimum but for rounding, the
// same transitions to 1e-12, and descents with the same outcome.
func TestSameAsPackages(t *testing.T) {
	for name, in := range same {
		values := read(t, "my-"+name, in)
		ours, theirs := losstest.New(t, "my-"+name, values), losstest.New(t, name, nil)
		// The infimum is that of a limit, computed where rounding is all that is left.
		if d := math.Abs(ours.InfD2 - theirs.InfD2); d > 1e-14*math.Abs(theirs.InfD2) {
			t.Errorf("%s: infimum %v, not %v", name, ours.InfD2, theirs.InfD2)
		}
		for _, at := range []string{theory.AtInit, theory.AtThreshold} {
			a, errA := transition(t, at, "my-"+name, values)
			b, errB := transition(t, at, name, nil)
			if (errA == nil) != (errB == nil) {
				t.Errorf("%s at %s: %v, %v", name, at, errA, errB)
			}
			if !(math.Abs(a-b) <= 1e-12*b) {
				t.Errorf("%s at %s: transition at %v, not %v", name, at, a, b)
			}
		}
		if a, b := outcomes(t, "my-"+name, values), outcomes(t, name, nil); a != b {
			t.Errorf("%s: descents end as %s, not %s", name, a, b)
		}
	}
}

func transition(t *testing.T, at, name string, values losstest.Values) (float64, error) {
	p, err := theory.NewProblem(at, losstest.Choose(t, name, values), 0)
	if err != nil {
		return 0, err
	}
	ts, err := p.Transitions(0.5, 30)
	if err != nil || len(ts) != 1 {
		t.Fatalf("%s: %d transitions, %v", name, len(ts), err)
	}
	return ts[0].Alpha, nil
}

// outcomes of eight descents near the α at which half recover.
func outcomes(t *testing.T, name string, values losstest.Values) string {
	in := pipelinetest.Stage(t, instance.Kind, table{"N": int64(32), "alpha": 3.0, "seeds": pipeline.Range{First: 1, Last: 8}})
	params := table{"loss": name, "method": "flow"}
	for k, v := range values {
		params[k] = v
	}
	var out []string
	for _, d := range pipelinetest.Run[descent.Descent](t, descent.Kind, params, in) {
		out = append(out, fmt.Sprintf("%s %.6f", d.Outcome, d.Trace[len(d.Trace)-1].Overlap))
	}
	return strings.Join(out, ", ")
}

// Spaces, parentheses and names of where make no other parameters, and so no other key.
func TestCanonical(t *testing.T) {
	want := read(t, "cauchy", cauchy)["formula"]
	if want != "(a + y^2)*log(1 + ((u^2 - y^2)/(a + y^2))^2/2)" {
		t.Error(want)
	}
	got := read(t, "cauchy", table{"formula": "(a + y^2) *\n log(1 + (z^2)/2)", "where": table{"z": "((u^2 - y^2))/((a + y^2))"}, "a": 1.0})
	if got["formula"] != want {
		t.Errorf("%v, not %v", got["formula"], want)
	}
}

// The stage of a formula says in its parameters all that it is.
func TestParameters(t *testing.T) {
	values := read(t, "cauchy", cauchy)
	values["loss"], values["a"] = "cauchy", 2.0
	p, err := theory.TransitionKind.Resolve(values)
	if err != nil {
		t.Fatal(err)
	}
	s := pipeline.NewStage("x", theory.TransitionKind, p)
	const want = `{"a":2,"at":"init","formula":"(a + y^2)*log(1 + ((u^2 - y^2)/(a + y^2))^2/2)","from":0.1,"loss":"cauchy","to":100}`
	if got := string(s.Canonical()); got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if got := s.Choices(); len(got) != 1 || got[0] != "zerotohero/stages/loss/formula" {
		t.Error(got)
	}
	c := p.(theory.TransitionParams).Loss
	if c.String() != "cauchy(a=2)" || loss.A(c) != 2 {
		t.Errorf("%v, a = %v", c, loss.A(c))
	}
}

func TestErrors(t *testing.T) {
	deep := strings.Repeat("(", 1000) + "u^2" + strings.Repeat(")", 1000)
	for _, c := range []struct {
		in   table
		want string
	}{
		{table{}, "formula: is the loss as text"},
		{table{"formula": ""}, "column 1: the formula ends"},
		{table{"formula": "(u^2 - y^2"}, "column 1: this ( is not closed"},
		{table{"formula": "u^2 - y^2)"}, "column 10: this ) closes nothing"},
		{table{"formula": "lgo(1 + u^2)"}, "column 1: no function is called lgo; did you mean log?"},
		{table{"formula": "(u^2-y^2)^2 / (alpa + y^2)", "alpha": 1.0}, "column 16: alpa has no value; if it is a parameter " +
			"write alpa = 1 below the formula; did you mean alpha?"},
		{table{"formula": "log u"}, "column 1: log is a function; write log(x)"},
		{table{"formula": "log cosh(u)"}, "column 1: log is a function"},
		{table{"formula": "u(2)"}, "u is no function; write u * (…)"},
		{table{"formula": "2 u"}, "column 3: unexpected u; an operator was to follow"},
		{table{"formula": "u**2"}, "column 3: unexpected *; a number or name was to follow, and a power is written u^2"},
		{table{"formula": "|u|-|y|"}, "column 1: unexpected |; a number or name was to follow, and |u| is written abs(u)"},
		{table{"formula": "(u^2-y^2)^2/(c+y^2)", "a": 1.0}, "column 14: c has no value; if it is a parameter write c = 1"},
		{table{"formula": "u = y"}, "compare with =="},
		{table{"formula": "min(u)"}, "min takes 2 arguments, not 1"},
		{table{"formula": "u^2 // twice"}, "no comments"},
		{table{"formula": "1e999*u^2"}, "1e999 is not a finite decimal number"},
		{table{"formula": "u^2 + (u < y)"}, "write where(condition, x, y)"},
		{table{"formula": "u <-- y"}, "is a condition, not a number"},
		{table{"formula": "u < y"}, "is a condition, not a number"},
		{table{"formula": "where(u, 1, 2)"}, "wants a condition"},
		{table{"formula": deep}, "more than 100 parentheses"},
		{table{"formula": strings.Repeat("u^2+", 2500)}, "goes on after 4096 characters"},
		{table{"formula": "\xff"}, "UTF-8"},
		{table{"formula": "r^2", "where": table{"r": "s + u", "s": "r"}}, "stands for itself"},
		{table{"formula": "(u^2-y^2)^2", "where": table{"r": "u"}}, "where: r is not in the formula"},
		{table{"formula": "r^2", "where": table{"r": "u^2 - z^2"}}, "column 7: z has no value"},
		{table{"formula": "(u^2-y^2)^2", "a": 1.0}, "a: is not in the formula"},
		{table{"formula": "a*(u^2-y^2)^2", "a": "1"}, "a parameter of a formula is a number"},
		{table{"formula": "(u-y)^2"}, "the loss is not even in u: it is 0 at y = 0.001, u = 0.001"},
		{table{"formula": "u^4 + y*u^2"}, "the loss is not even in y"},
		{table{"formula": "(u^2-y^2)^2/y^2"}, "not finite: at y = 0, u = 0 ℓ is NaN"},
		{table{"formula": "(u^2-y^2)^2/(a + y^2)", "a": 0.0}, "with a = 0 the loss is not finite"},
		{table{"formula": "1/(u^2-9) + 1/9"}, "at y = 0, u = 3 ℓ is +Inf"},
		{table{"formula": "abs(u^2-y^2)"}, "not differentiable at u = ±y"},
		{table{"formula": "(abs(u)-abs(y))^2"}, "not differentiable: at y = 0.3, u = 0 ℓ' jumps"},
		{table{"formula": "where(u^2 < 4, 0, 1)"}, "not continuous"},
		{table{"formula": "(u^2-y^2)^2 - 1"}, "negative at the signal"},
		{table{"formula": "u^2 + y^2"}, "not least at the signal"},
		{table{"formula": "(u^2-y^2)^2/(1+y^2)", "inf_d2": -5.0}, "-5 is below the infimum of ℓ'', which is -4"},
		{table{"formula": "(u^2-y^2)^2/(1+y^2)", "inf_d2": -3.0}, "-3 is no bound of ℓ''"},
	} {
		_, err := formula.Read("mine", c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			text := fmt.Sprint(c.in["formula"])
			t.Errorf("%.60s: error\n%v, want one with\n%s", text, err, c.want)
		}
	}
	var te *pipeline.TextError
	_, err := formula.Read("mine", table{"formula": "1 + lgo(u)"})
	if !errors.As(err, &te) || !strings.HasSuffix(err.Error(), "\n    1 + lgo(u)\n        ^") {
		t.Error(err)
	}
}

// Long formulas take seconds at most.
func TestLongFormulas(t *testing.T) {
	start := time.Now()
	var sum strings.Builder
	for k := range 150 {
		fmt.Fprintf(&sum, "(u^2-y^2)^2/(%d+y^2)+", k+1)
	}
	for _, text := range []string{
		strings.Repeat("abs(u^2-y^2)*", 300) + "1",
		strings.Repeat("logcosh(u^2-y^2)*(1+", 90) + "u^2" + strings.Repeat(")", 90),
		sum.String() + "0",
		strings.Repeat("exp(", 90) + "u" + strings.Repeat(")", 90),
	} {
		_, _ = formula.Read("long", table{"formula": text})
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("they took %v", took)
	}
}

// The infimum is found that is known, and that there is none where a valley that narrows falls on: ℓ” is
// −1.8 u² and less where u² − y² is some number. The search for it comes to an end.
func TestInfimum(t *testing.T) {
	for text, want := range map[string]float64{
		"1 - exp(-(u^2-y^2)^2/2)": math.Inf(-1), "tanh((u^2-y^2)^2)": math.Inf(-1), "log(1 + (u^2-y^2)^2)": math.Inf(-1),
		"(u^2-y^2)^2/2": math.Inf(-1), "(u^2-y^2)^2/(1+u^2)": math.Inf(-1),
		"(u^2-y^2)^2/(1e6+y^2)": -4, "(u^2-y^2)^2/(1e-6+y^2)/2": -2, "log(cosh(u^2-y^2))": -2,
	} {
		l := losstest.New(t, "mine", read(t, "mine", table{"formula": text}))
		if !(l.InfD2 == want || math.Abs(l.InfD2-want) < 1e-6) {
			t.Errorf("%s: %v, not %v", text, l.InfD2, want)
		}
	}
}

// What is given and right is taken.
func TestGiven(t *testing.T) {
	for _, in := range []table{
		{"formula": "(u^2-y^2)^2/(1+y^2)", "inf_d2": -4.0},
		{"formula": "abs(u^2-y^2)", "kink": true},
	} {
		if _, err := formula.Read("mine", in); err != nil {
			t.Error(err)
		}
	}
}

// The transition of the Cauchy loss, from derivatives written by hand and a quadrature of its
// own: D(g) = 1/g + α E[(y² − 1) s/(1 + g s)] = 0 where α E[(g s/(1 + g s))²] = 1 (physics.md 2).
func TestCauchyTransition(t *testing.T) {
	const width, nodes, end = 0.125, 24, 9.0
	x, w := make([]float64, 0, 2000), make([]float64, 0, 2000)
	for lo := 0.0; lo < end; lo += width {
		px, pw := make([]float64, nodes), make([]float64, nodes)
		quad.Legendre{}.FixedLocations(px, pw, lo, lo+width)
		for i := range px {
			pw[i] *= math.Sqrt(2/math.Pi) * math.Exp(-px[i]*px[i]/2)
		}
		x, w = append(x, px...), append(w, pw...)
	}
	moments := func(g float64) (a, d float64) {
		for i, y := range x {
			for k, u := range x {
				c := 1 + y*y
				r := (u*u - y*y) / c
				q := 1 + r*r/2
				s := 2*r/q + 4*u*u/c*(1-r*r/2)/(q*q)
				s /= 1 + g*s
				a += w[i] * w[k] * g * g * s * s
				d += w[i] * w[k] * (y*y - 1) * s
			}
		}
		return a, d
	}
	var lo, hi, alpha = 0.3, 0.74, 0.0
	for hi-lo > 1e-12 {
		g := 0.5 * (lo + hi)
		a, d := moments(g)
		alpha = 1 / a
		if 1/g+alpha*d < 0 { // an outlier, and α too large
			lo = g
		} else {
			hi = g
		}
	}
	got, err := transition(t, theory.AtInit, "cauchy", read(t, "cauchy", cauchy))
	if err != nil || math.Abs(got-alpha) > 1e-8 {
		t.Errorf("transition at %.12f, not %.12f; %v", got, alpha, err)
	}
	t.Logf("%.12f and %.12f", got, alpha)
}
