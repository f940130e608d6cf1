package finitesize

import (
	"math"
	"slices"

	"zerotohero/figures/portable"
)

// scalingRow is what figures use of a scaling artifact.
type scalingRow struct {
	Loss        string          `arrow:"loss"`
	A           float64         `arrow:"a"`
	Method      string          `arrow:"method"`
	Init        float64         `arrow:"alpha_init"`
	Threshold   float64         `arrow:"alpha_threshold"`
	Sizes       []scalingSize   `arrow:"sizes"`
	Models      []scalingLaw    `arrow:"models"`
	Comparisons []lawComparison `arrow:"comparisons"`
	WidthLaw    scalingLaw      `arrow:"width_law"`
	Collapse    collapsedCurves `arrow:"collapse"`
}

type scalingSize struct {
	N                   int64   `arrow:"n"`
	Alpha50             float64 `arrow:"alpha50"`
	Lo                  float64 `arrow:"lo"`
	Hi                  float64 `arrow:"hi"`
	Width               float64 `arrow:"width"`
	WidthLo             float64 `arrow:"width_lo"`
	WidthHi             float64 `arrow:"width_hi"`
	Predicted           float64 `arrow:"predicted"`
	PredictedLo         float64 `arrow:"predicted_lo"`
	PredictedHi         float64 `arrow:"predicted_hi"`
	PredictedIdentified bool    `arrow:"predicted_identified"`
}

type scalingLaw struct {
	Name       string         `arrow:"name"`
	Identified bool           `arrow:"identified"`
	Parameters []lawParameter `arrow:"parameters"`
	Chi2       float64        `arrow:"chi2"`
	Dof        int64          `arrow:"dof"`
}

type lawParameter struct {
	Name  string  `arrow:"name"`
	Value float64 `arrow:"value"`
	Lo    float64 `arrow:"lo"`
	Hi    float64 `arrow:"hi"`
}

type lawComparison struct {
	First     string  `arrow:"first"`
	Second    string  `arrow:"second"`
	DeltaAIC  float64 `arrow:"delta_aic"`
	DeltaAICc float64 `arrow:"delta_aicc"`
	Preferred string  `arrow:"preferred"`
}

type collapsedCurves struct {
	Identified bool             `arrow:"identified"`
	Quality    float64          `arrow:"quality"`
	Compared   int64            `arrow:"compared"`
	Points     []collapsedPoint `arrow:"points"`
}

type collapsedPoint struct {
	N  int64   `arrow:"n"`
	X  float64 `arrow:"x"`
	P  float64 `arrow:"p"`
	Lo float64 `arrow:"lo"`
	Hi float64 `arrow:"hi"`
}

// parameter is a fitted number of a law by its name.
func (l scalingLaw) parameter(name string) lawParameter {
	if i := slices.IndexFunc(l.Parameters, func(p lawParameter) bool { return p.Name == name }); i >= 0 {
		return l.Parameters[i]
	}
	return lawParameter{name, math.NaN(), math.NaN(), math.NaN()}
}

// curve is the law's α50 at n; false if it is not identified or not one of the two
// with free α∞.
func (l scalingLaw) curve() (func(n float64) float64, bool) {
	limit, c, b := l.parameter("alpha_inf").Value, l.parameter("c").Value, l.parameter("b").Value
	switch {
	case !l.Identified || math.IsNaN(limit+c):
	case l.Name == "log":
		return func(n float64) float64 { return limit + c/portable.Log(n) }, true
	case l.Name == "power" && !math.IsNaN(b):
		return func(n float64) float64 { return limit + float64(c*portable.Pow(n, -b)) }, true
	}
	return nil, false
}
