package cli

import (
	"fmt"

	"zerotohero/pipeline"
	"zerotohero/pipeline/calibration"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
)

// calibration learns from the store's records, of any profile, if a plan has something to run. The machine
// is that where it will run, empty if that is not known.
func (w *workspace) calibration(plan *engine.Plan, machine string) *calibration.Calibration {
	if plan.Count(engine.Run) == 0 {
		return calibration.New(nil, machine)
	}
	return calibration.New(calibration.Measurements(w.store.Records(), w.app.Kinds), machine)
}

// expectation is what the stages of a plan that run take, in seconds of a core.
type expectation struct {
	estimated float64 // by the kinds' estimates
	measured  float64 // by these, corrected by what was measured; the same if nothing was
	stages    int     // that were measured
	low, high float64 // factors of most stages
}

func expect(plan *engine.Plan, c *calibration.Calibration) expectation {
	e := expectation{stages: c.Stages()}
	var low, high float64
	for _, s := range plan.ToRun() {
		seconds, f := s.Cost().Seconds, c.Of(s)
		e.estimated += seconds
		e.measured += seconds * f.Value
		low += seconds * f.Low
		high += seconds * f.High
	}
	if e.measured > 0 {
		e.low, e.high = low/e.measured, high/e.measured
	}
	return e
}

// text says how long it all takes.
func (e expectation) text() string {
	if e.stages == 0 {
		return "about " + format.Seconds(e.estimated) + " of core time"
	}
	return fmt.Sprintf("about %s of core time, measured on %s of this store (%s estimated; most stages take "+
		"%.1f to %.1f times what is expected)",
		format.Seconds(e.measured), format.Count(e.stages, "stage"), format.Seconds(e.estimated), e.low, e.high)
}

// measuredReport is what --json says of what was measured.
type measuredReport struct {
	Stages  int     `json:"stages"`
	Seconds float64 `json:"seconds"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
}

func (e expectation) report() *measuredReport {
	if e.stages == 0 {
		return nil
	}
	return &measuredReport{e.stages, e.measured, e.low, e.high}
}

// expected is how many seconds a stage should take, the engine's included.
func expected(s *pipeline.Stage, c *calibration.Calibration) float64 {
	return s.Cost().Seconds*c.Of(s).Value + engineSeconds
}
