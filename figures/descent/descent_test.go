package descent

import (
	"fmt"
	"math"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/descent"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "descent", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "descent", nil, "inputs")
}

// good has ten descents twice, of all outcomes.
func good() pipeline.Inputs {
	var blocks pipeline.Inputs
	for block := range 2 {
		var rows []trajectory.Descent
		for i, outcome := range []string{"recovered", "trapped", "recovered", "unresolved", "recovered", "trapped",
			"diverged", "recovered", "trapped", "recovered"} {
			rows = append(rows, descentOf(int64(10*block+i), outcome))
		}
		blocks = append(blocks, figurestest.Stage("descent", fmt.Sprintf("descent/%d", block), rows...))
	}
	return blocks
}

func TestSharesKeepProportions(t *testing.T) {
	for _, c := range []struct {
		sizes []int
		want  string
	}{
		{[]int{3, 2, 0, 0}, "[3 2 0 0]"},
		{[]int{30, 30, 0, 0}, "[6 6 0 0]"},
		{[]int{19, 19, 2, 0}, "[6 5 1 0]"},
		{[]int{997, 1, 1, 1}, "[11 1 1 1]"},
		{[]int{0, 0, 0, 100}, "[0 0 0 12]"},
	} {
		if got := fmt.Sprint(shares(c.sizes, 12)); got != c.want {
			t.Errorf("%v: %s, want %s", c.sizes, got, c.want)
		}
	}
}

func descentOf(seed int64, outcome string) trajectory.Descent {
	d := trajectory.Descent{Seed: seed, N: 100, M: 300, AlphaAsked: 3, Loss: "ell", A: 1, Method: "gd",
		Outcome: outcome}
	final := map[string]float64{"recovered": 1, "trapped": 0.3, "unresolved": 0.5, "diverged": 0.1}[outcome]
	for k := range 40 {
		t := 0.02*math.Pow(10, float64(k)/10) - 0.02
		m := 0.1 + (final-0.1)*t/(t+float64(1+seed))
		d.Trace = append(d.Trace, trajectory.Step{T: t, Energy: 2 * (1 - m), Overlap: m})
	}
	if outcome == "diverged" {
		d.Trace = append(d.Trace, trajectory.Step{T: 200, Energy: 1e9, Overlap: 0.1},
			trajectory.Step{T: 201, Energy: math.NaN(), Overlap: math.NaN()})
	}
	return d
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[trajectory.Descent, descent.Descent](t)
}

// A caption says how large the sample is, and quotes the numbers as they are listed.
func TestCaptionQuotesItsNumbers(t *testing.T) {
	figurestest.Quotes(t, "descent", good(),
		"α = 3 and N = 100", "10 recovered, 6 trapped, 2 unresolved and 2 diverged of 20", "0.56 [0.34, 0.75]")
}

// What the time of a method is, a caption says of those that it knows.
func TestTimeOfMethod(t *testing.T) {
	for method, want := range map[string]string{
		"gd": "in gradient descent from random starts, against the time t (learning rate times steps, on a " +
			"logarithmic axis), at",
		"heavyball": "in descent by heavyball from random starts, against the time t (on a logarithmic axis), at",
	} {
		d := descentOf(1, "trapped")
		d.Method = method
		figurestest.Quotes(t, "descent", pipeline.Inputs{figurestest.Stage("descent", "descent/1", d)}, want)
	}
}

func TestPartialDataIsDrawn(t *testing.T) {
	figurestest.Drawn(t, "descent", pipeline.Inputs{figurestest.Stage("descent", "descent/1", descentOf(1, "trapped"))})
	figurestest.Drawn(t, "descent", pipeline.Inputs{figurestest.Stage("descent", "descent/1",
		descentOf(1, "diverged"))})
}

// A statistic of an empty set is none, and a descent that diverged before its first
// record counts.
func TestNones(t *testing.T) {
	of := func(outcomes ...string) pipeline.Inputs {
		var rows []trajectory.Descent
		for i, o := range outcomes {
			rows = append(rows, descentOf(int64(i), o))
		}
		return pipeline.Inputs{figurestest.Stage("descent", "descent/odd", rows...)}
	}
	burst := descentOf(9, "diverged")
	burst.Trace = []trajectory.Step{{T: 0, Energy: 2, Overlap: 0.1}, {T: 0.1, Energy: math.Inf(1), Overlap: math.NaN()}}
	short := descentOf(8, "unresolved")
	short.Trace = short.Trace[:2]
	for _, c := range []struct {
		what  string
		in    pipeline.Inputs
		words []string
	}{
		{"all recovered", of("recovered", "recovered"), []string{"2 recovered of 2"}},
		{"none recovered", of("trapped", "trapped"), []string{"2 trapped of 2"}},
		{"all unresolved", of("unresolved", "unresolved"), []string{"resolved is none (all are unresolved)"}},
		{"all diverged", of("diverged", "diverged"), []string{"2 diverged of 2"}},
		{"diverged before a record", pipeline.Inputs{figurestest.Stage("descent", "descent/odd", burst)},
			[]string{"1 diverged of 1, of which 0 are drawn"}},
		{"one seed and one time", pipeline.Inputs{figurestest.Stage("descent", "descent/odd", short)},
			[]string{"resolved is none"}},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "descent", c.in, c.words...) })
	}
	_, n := figurestest.Described(t, "descent",
		pipeline.Inputs{figurestest.Stage("descent", "descent/odd", burst, descentOf(1, "recovered"))})
	figurestest.Near(t, n["recovered"], 0.5, 0.0945, 0.9055)
}

func TestUnusableInputIsAnError(t *testing.T) {
	odd := descentOf(7, "trapped")
	odd.Outcome = "lost"
	still := descentOf(8, "trapped")
	still.Trace = still.Trace[:1]
	other := descentOf(9, "trapped")
	other.M = 500
	broken := pipeline.Input{Stage: "broken", Kind: "descent",
		Open: func() (*artifact.Table, error) { return nil, fmt.Errorf("broken: unreadable") }}
	for _, c := range []struct {
		in   pipeline.Inputs
		want string
	}{
		{pipeline.Inputs{figurestest.Stage("descent", "descent/odd", odd)}, "lost"},
		{pipeline.Inputs{figurestest.Stage("descent", "descent/still", still)}, "descent/still"},
		{append(pipeline.Inputs{figurestest.Stage("descent", "descent/odd", other)}, good()...), "descent/odd"},
		{pipeline.Inputs{broken}, "unreadable"},
		{pipeline.Inputs{figurestest.Stage("descent", "descent/old", figurestest.Atom{})}, "descent/old"},
		{pipeline.Inputs{figurestest.Stage[trajectory.Descent]("descent", "descent/none")}, "no rows"},
	} {
		figurestest.Refused(t, "descent", c.in, c.want)
	}
}
