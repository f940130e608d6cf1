// Package recovery reads and draws rates of recovery against α: the marks of what was
// measured at one size, and the logistic curve fitted to it.
package recovery

import (
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/portable"
)

// A Curve is what figures use of a finitesize artifact: one N. Without Identified the
// curve's columns are NaN.
type Curve struct {
	N      int64   `arrow:"n"`
	Loss   string  `arrow:"loss"`
	A      float64 `arrow:"a"`
	Method string  `arrow:"method"`
	From   string  `arrow:"from"`
	Points []Rate  `arrow:"points"`

	Identified bool    `arrow:"identified"`
	Alpha50    float64 `arrow:"alpha50"`
	Alpha50Lo  float64 `arrow:"alpha50_lo"`
	Alpha50Hi  float64 `arrow:"alpha50_hi"`
	Width      float64 `arrow:"width"`
	WidthLo    float64 `arrow:"width_lo"`
	WidthHi    float64 `arrow:"width_hi"`
}

// A Rate is the share recovered at one α, with its interval; NaN without trials.
type Rate struct {
	Alpha      float64 `arrow:"alpha"`
	Trials     int64   `arrow:"trials"`
	Unresolved int64   `arrow:"unresolved"`
	P          float64 `arrow:"p"`
	Lo         float64 `arrow:"lo"`
	Hi         float64 `arrow:"hi"`
}

// About is the loss of the descents.
func (c Curve) About() inputs.Loss { return inputs.Loss{Name: c.Loss, A: c.A} }

// Resolved says whether any of the descents was.
func (c Curve) Resolved() bool {
	for _, q := range c.Points {
		if q.Trials > 0 {
			return true
		}
	}
	return false
}

// Marks are the rates with their intervals, moved along α, as other marks may be there.
func (c Curve) Marks(look house.Look, moved float64) house.Points {
	pts := house.Points{Look: look}
	for _, q := range c.Points {
		if q.Trials > 0 {
			pts.AddPoint(q.Alpha+moved, q.P, q.Lo, q.Hi)
		}
	}
	return pts
}

// Fitted says whether there is a logistic curve to draw.
func (c Curve) Fitted() bool { return c.Identified && c.Width > 0 }

// At is the rate of the logistic curve, which must be Fitted.
func (c Curve) At(alpha float64) float64 { return 1 / (1 + portable.Exp(-(alpha-c.Alpha50)/c.Width)) }

// Fit is the logistic curve at n points between two α; it must be Fitted.
func (c Curve) Fit(from, to float64, n int, sty draw.LineStyle) house.Curve {
	return house.Function(c.At, from, to, n, sty)
}

// undetermined is why a curve has no parameters.
const undetermined = "the data do not determine a curve"

// Half is α50 as a quantity.
func (c Curve) Half(name, text string) house.Quantity {
	return house.Estimate(name, text, c.Alpha50, c.Alpha50Lo, c.Alpha50Hi).Unless(!c.Identified, undetermined)
}

// Slope is the width of the logistic curve as a quantity.
func (c Curve) Slope(name, text string) house.Quantity {
	return house.Estimate(name, text, c.Width, c.WidthLo, c.WidthHi).
		Unless(!c.Fitted(), "the data do not bound it from below").Unless(!c.Identified, undetermined)
}
