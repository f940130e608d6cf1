package growth

import "zerotohero/figures/inputs"

// overlapRow is what the figure shows of growth at one N and α.
type overlapRow struct {
	N      int64   `arrow:"n"`
	Alpha  float64 `arrow:"alpha_asked"`
	Loss   string  `arrow:"loss"`
	A      float64 `arrow:"a"`
	Method string  `arrow:"method"`

	Runs       int64    `arrow:"runs"`
	Recovered  int64    `arrow:"recovered"`
	Trapped    int64    `arrow:"trapped"`
	Unresolved int64    `arrow:"unresolved"`
	Points     []point  `arrow:"points"`
	Trapping   trapping `arrow:"trapping"`
}

func (r overlapRow) about() inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} }

type point struct {
	T              float64 `arrow:"t"`
	Sigma2         float64 `arrow:"sigma2"`
	Sigma2Lo       float64 `arrow:"sigma2_lo"`
	Sigma2Hi       float64 `arrow:"sigma2_hi"`
	Linear         bool    `arrow:"linear"`
	NotRecovered   float64 `arrow:"not_recovered"`
	NotRecoveredLo float64 `arrow:"not_recovered_lo"`
	NotRecoveredHi float64 `arrow:"not_recovered_hi"`
}

type trapping struct {
	Median float64 `arrow:"median"`
	Lo     float64 `arrow:"lo"`
	Hi     float64 `arrow:"hi"`
}

// lawRow is what it shows of all of them together.
type lawRow struct {
	Kappas     []exponent  `arrow:"kappas"`
	Zero       crossing    `arrow:"zero"`
	Traps      []exponent  `arrow:"traps"`
	KappaZ     []exponent  `arrow:"kappa_z"`
	Half       crossing    `arrow:"half"`
	Crossovers []crossover `arrow:"crossovers"`
	Size       exponent    `arrow:"size"`
}

type exponent struct {
	Identified bool    `arrow:"identified"`
	Reason     string  `arrow:"reason"`
	Alpha      float64 `arrow:"alpha"`
	N          int64   `arrow:"n"`
	Value      float64 `arrow:"value"`
	Lo         float64 `arrow:"lo"`
	Hi         float64 `arrow:"hi"`
	Drift      float64 `arrow:"drift"`
}

type crossing struct {
	Identified bool    `arrow:"identified"`
	Reason     string  `arrow:"reason"`
	Alpha      float64 `arrow:"alpha"`
	Lo         float64 `arrow:"lo"`
	Hi         float64 `arrow:"hi"`
}

type crossover struct {
	N        int64    `arrow:"n"`
	Crossing crossing `arrow:"crossing"`
}

// scalingRow is what it shows of the sizes at which recovery was measured.
type scalingRow struct {
	Sizes []measuredSize `arrow:"sizes"`
}

type measuredSize struct {
	N                   int64   `arrow:"n"`
	Alpha50             float64 `arrow:"alpha50"`
	Lo                  float64 `arrow:"lo"`
	Hi                  float64 `arrow:"hi"`
	Predicted           float64 `arrow:"predicted"`
	PredictedLo         float64 `arrow:"predicted_lo"`
	PredictedHi         float64 `arrow:"predicted_hi"`
	PredictedIdentified bool    `arrow:"predicted_identified"`
}
