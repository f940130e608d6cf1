package success

import (
	"testing"

	"zerotohero/figures/inputs"
	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/finitesize"
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
	figurestest.Reads[sizeRow, finitesize.Row](t)
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
	figurestest.Drawn(t, "success", pipeline.Inputs{figurestest.Stage("finitesize", "sizes", lone, none), figurestest.TransitionAt(1)})
}

func TestUnusableInputIsAnError(t *testing.T) {
	unresolved := figurestest.SizeOf(64)
	for i := range unresolved.Points {
		unresolved.Points[i].Trials, unresolved.Points[i].Recovered, unresolved.Points[i].Trapped = 0, 0, 0
	}
	figurestest.Refused(t, "success", pipeline.Inputs{figurestest.Stage("finitesize", "sizes/odd", unresolved), figurestest.TransitionAt(1)}, "sizes/odd")
	figurestest.Refused(t, "success", append(pipeline.Inputs{figurestest.Stage("finitesize", "sizes/odd", figurestest.SizeOf(64))}, good()...), "sizes/odd")
	figurestest.Refused(t, "success", pipeline.Inputs{figurestest.Stage("finitesize", "sizes", figurestest.SizeOf(64)), figurestest.TransitionAt(2)}, "a = 1")
}
