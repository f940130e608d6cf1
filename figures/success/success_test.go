package success

import (
	"math"
	"testing"

	"zerotohero/figures/inputs"
	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "success", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "success", nil, "inputs")
}

// good has three sizes, of which the largest is not identified.
func good() pipeline.Inputs {
	return pipeline.Inputs{
		figurestest.Stage("finitesize", "sizes/small", figurestest.SizeOf(64), figurestest.SizeOf(128)),
		figurestest.Stage("finitesize", "sizes/large", figurestest.SizeOf(1024)),
		figurestest.TransitionAt(1),
	}
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[inputs.Transition, theory.TransitionRow](t)
}

// A caption says how large the sample is, and quotes the numbers as they are listed.
func TestCaptionQuotesItsNumbers(t *testing.T) {
	figurestest.Quotes(t, "success", good(),
		"N = 64, 128 and 1024", "3.00 [2.90, 3.10] for N = 64", "N = 1024 do not determine a curve", "27 of 1350")
}

func TestPartialDataIsDrawn(t *testing.T) {
	lone, none := figurestest.SizeOf(64), figurestest.SizeOf(128)
	lone.Points = lone.Points[:1]
	lone.Identified = false
	none.Points = nil
	figurestest.Drawn(t, "success", pipeline.Inputs{figurestest.Stage("finitesize", "sizes", lone, none),
		figurestest.TransitionAt(1)})
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	nan := math.NaN()
	with := func(change func(s *figurestest.Size)) pipeline.Input {
		s := figurestest.SizeOf(64)
		s.Identified, s.Alpha50, s.Alpha50Lo, s.Alpha50Hi, s.Width, s.WidthLo, s.WidthHi = false, nan, nan, nan, nan,
			nan, nan
		change(&s)
		return figurestest.Stage("finitesize", "sizes/odd", s)
	}
	rates := func(recovered int64) func(s *figurestest.Size) {
		return func(s *figurestest.Size) {
			for i := range s.Points {
				s.Points[i].P, s.Points[i].Lo, s.Points[i].Hi = float64(recovered)/49, 0, 1
			}
		}
	}
	unresolved := func(s *figurestest.Size) {
		for i := range s.Points {
			s.Points[i] = figurestest.Point{Alpha: s.Points[i].Alpha, Unresolved: 50, P: nan, Lo: nan, Hi: nan}
		}
	}
	never := figurestest.Stage("theory-transition", "transition/none",
		figurestest.Transition{At: "init", Loss: "ell", A: 1})
	for _, c := range []struct {
		what  string
		in    pipeline.Inputs
		words []string
	}{
		{"all recovered", pipeline.Inputs{with(rates(49)), figurestest.TransitionAt(1)},
			[]string{"N = 64 do not determine a curve"}},
		{"none recovered", pipeline.Inputs{with(rates(0)), figurestest.TransitionAt(1)},
			[]string{"N = 64 do not determine a curve"}},
		{"all unresolved", pipeline.Inputs{with(unresolved), figurestest.TransitionAt(1)},
			[]string{"none, since no descent was resolved", "450 of 450"}},
		{"no points", pipeline.Inputs{with(func(s *figurestest.Size) { s.Points = nil }), never},
			[]string{"none, since no descent was resolved"}},
		{"one point", pipeline.Inputs{with(func(s *figurestest.Size) { s.Points = s.Points[:1] }),
			figurestest.TransitionAt(1)}, []string{"α₅₀: none"}},
		{"no transition", pipeline.Inputs{with(rates(0)), never},
			[]string{"none, the Hessian at a random start has no transition"}},
		{"separated", pipeline.Inputs{with(func(s *figurestest.Size) {
			s.Identified, s.Alpha50, s.Alpha50Lo, s.Alpha50Hi, s.Width, s.WidthLo, s.WidthHi = true, 3, math.Inf(-1),
				math.Inf(1), 0, 0, 0
		}), never}, []string{"none, the Hessian"}},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "success", c.in, c.words...) })
	}
	_, n := figurestest.Described(t, "success", good())
	if n["alpha50-N=1024"].None == "" || n["alpha-bbp-ts"].None == "" || n["alpha50-N=64"].None != "" {
		t.Errorf("%+v", n)
	}
}

func TestUnusableInputIsAnError(t *testing.T) {
	figurestest.Refused(t, "success", append(pipeline.Inputs{figurestest.Stage("finitesize", "sizes/odd",
		figurestest.SizeOf(64))}, good()...), "sizes/odd")
	figurestest.Refused(t, "success", pipeline.Inputs{figurestest.Stage("finitesize", "sizes", figurestest.SizeOf(64)),
		figurestest.TransitionAt(2)}, "a = 1")
}
