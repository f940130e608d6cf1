package gd

import (
	"math"
	"strings"
	"testing"

	"zerotohero/stages/descent"
)

// A step is w ← √N·(w − ηG)/‖w − ηG‖, at a time of η more.
func TestStep(t *testing.T) {
	m, err := New(Params{Eta: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	m.Start(&descent.Evaluation{N: 2, W: []float64{math.Sqrt2, 0}, G: []float64{0, -2 * math.Sqrt2}}, 0)
	e := descent.NewEvaluation(2)
	if want := m.Ask(e.W); want != descent.State || math.Abs(e.W[0]-1) > 1e-15 || math.Abs(e.W[1]-1) > 1e-15 {
		t.Errorf("a step to %v", e.W)
	}
	if at, reached := m.Tell(e); !reached || at != 0.5 {
		t.Errorf("a state at t = %v: %v", at, reached)
	}
}

func TestParamErrors(t *testing.T) {
	for _, eta := range []float64{0, -1, math.NaN()} {
		if err := (Params{eta}).Validate(); err == nil || !strings.HasPrefix(err.Error(), "eta: ") {
			t.Errorf("eta = %v: %v", eta, err)
		}
	}
}
