package house

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/label"
	"zerotohero/figures/sample"
)

// The marks below panic on data that does not fit together or is not a number, and
// Drawing.Render turns that into its error: a figure with points silently left out
// would be worse than none.

func sameLength(what string, n int, others ...[]float64) {
	for _, o := range others {
		if len(o) != n {
			panic(fmt.Errorf("%s: %d values against %d", what, len(o), n))
		}
	}
}

func rangeOf(what string, series ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, s := range series {
		for i, v := range s {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				panic(fmt.Errorf("%s: value %d is %g", what, i, v))
			}
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	return lo, hi
}

// onAxis is where a value lies along an axis, from 0 to 1. On a log axis what is not positive
// lies below its lower end: a bar from zero and an interval down to zero are drawn
// to the frame.
func onAxis(a *plot.Axis, v float64) float64 {
	if isLog(a) && v <= 0 {
		return -1
	}
	return a.Norm(v)
}

func pointOf(c draw.Canvas, p *plot.Plot, x, y float64) vg.Point {
	return vg.Point{X: c.X(onAxis(&p.X, x)), Y: c.Y(onAxis(&p.Y, y))}
}

func lineSample(c *draw.Canvas, sty draw.LineStyle) {
	y := c.Center().Y
	c.StrokeLine2(sty, c.Min.X, y, c.Max.X, y)
}

// A Curve is a line through points, in their order.
type Curve struct {
	X, Y  []float64
	Style draw.LineStyle
}

// Function is the curve of f at n points between two ends, evenly spaced.
func Function(f func(float64) float64, from, to float64, n int, sty draw.LineStyle) Curve {
	c := Curve{Style: sty}
	for i := range max(2, n) {
		x := from + (to-from)*float64(i)/float64(max(2, n)-1)
		c.X, c.Y = append(c.X, x), append(c.Y, f(x))
	}
	return c
}

// DataRange implements plot.DataRanger.
func (m Curve) DataRange() (xlo, xhi, ylo, yhi float64) {
	sameLength("curve", len(m.X), m.Y)
	xlo, xhi = rangeOf("curve, x", m.X)
	ylo, yhi = rangeOf("curve, y", m.Y)
	return
}

// Plot implements plot.Plotter.
func (m Curve) Plot(c draw.Canvas, p *plot.Plot) {
	var pts []vg.Point
	for i := range m.X {
		pts = append(pts, pointOf(c, p, m.X[i], m.Y[i]))
	}
	c.StrokeLines(m.Style, c.ClipLinesXY(pts)...)
}

// Thumbnail implements plot.Thumbnailer.
func (m Curve) Thumbnail(c *draw.Canvas) { lineSample(c, m.Style) }

// Points are markers, with intervals from Lo to Hi where those are given. The ends
// are values on the vertical axis (Across: the horizontal one), not distances, so that
// an interval need not be symmetric. A look without a shape leaves intervals alone.
type Points struct {
	X, Y   []float64
	Lo, Hi []float64
	Across bool
	Look   Look
}

// DataRange implements plot.DataRanger.
func (m Points) DataRange() (xlo, xhi, ylo, yhi float64) {
	sameLength("points", len(m.X), m.Y)
	if m.Lo != nil || m.Hi != nil {
		sameLength("intervals", len(m.X), m.Lo, m.Hi)
	}
	xlo, xhi = rangeOf("points, x", m.X)
	ylo, yhi = rangeOf("points, y", m.Y)
	lo, hi := rangeOf("intervals", m.Lo, m.Hi)
	if m.Across {
		return min(xlo, lo), max(xhi, hi), ylo, yhi
	}
	return xlo, xhi, min(ylo, lo), max(yhi, hi)
}

// Plot implements plot.Plotter.
func (m Points) Plot(c draw.Canvas, p *plot.Plot) {
	for i := range m.Lo {
		if m.Across {
			m.whisker(c, pointOf(c, p, m.Lo[i], m.Y[i]), pointOf(c, p, m.Hi[i], m.Y[i]))
		} else {
			m.whisker(c, pointOf(c, p, m.X[i], m.Lo[i]), pointOf(c, p, m.X[i], m.Hi[i]))
		}
	}
	for i := range m.X {
		if at := pointOf(c, p, m.X[i], m.Y[i]); c.Contains(at) {
			m.glyph(&c, at)
		}
	}
}

func (m Points) whisker(c draw.Canvas, lo, hi vg.Point) {
	sty := draw.LineStyle{Color: m.Look.Color, Width: thinWidth}
	cap := vg.Point{X: 0.75 * markRadius}
	if m.Across {
		sty.Width, cap = 1.3*curveWidth, vg.Point{Y: 1.3 * markRadius}
	}
	c.StrokeLines(sty, c.ClipLinesXY([]vg.Point{lo, hi})...)
	for _, end := range []vg.Point{lo, hi} {
		if c.Contains(end) {
			c.StrokeLines(sty, []vg.Point{end.Sub(cap), end.Add(cap)})
		}
	}
}

func (m Points) glyph(c *draw.Canvas, at vg.Point) {
	if m.Look.Shape != nil {
		m.Look.Shape.DrawGlyph(c, draw.GlyphStyle{Color: m.Look.Color, Radius: markRadius, Shape: m.Look.Shape}, at)
	}
}

// Thumbnail implements plot.Thumbnailer.
func (m Points) Thumbnail(c *draw.Canvas) {
	if m.Across {
		m.whisker(*c, c.Center().Sub(vg.Point{X: 4}), c.Center().Add(vg.Point{X: 4}))
	}
	m.glyph(c, c.Center())
}

// A Band fills between two curves. Draw it before the curve it belongs to.
type Band struct {
	X, Lo, Hi []float64
	Color     color.Color
}

// DataRange implements plot.DataRanger.
func (m Band) DataRange() (xlo, xhi, ylo, yhi float64) {
	sameLength("band", len(m.X), m.Lo, m.Hi)
	xlo, xhi = rangeOf("band, x", m.X)
	ylo, yhi = rangeOf("band, y", m.Lo, m.Hi)
	return
}

// Plot implements plot.Plotter.
func (m Band) Plot(c draw.Canvas, p *plot.Plot) {
	var pts []vg.Point
	for i := range m.X {
		pts = append(pts, pointOf(c, p, m.X[i], m.Lo[i]))
	}
	for i := len(m.X) - 1; i >= 0; i-- {
		pts = append(pts, pointOf(c, p, m.X[i], m.Hi[i]))
	}
	c.FillPolygon(m.Color, c.ClipPolygonXY(pts))
}

// A Rule is a vertical line across the whole panel.
type Rule struct {
	X     float64
	Style draw.LineStyle
}

// DataRange implements plot.DataRanger.
func (m Rule) DataRange() (xlo, xhi, ylo, yhi float64) {
	lo, hi := rangeOf("rule", []float64{m.X})
	return lo, hi, math.Inf(1), math.Inf(-1)
}

// Plot implements plot.Plotter.
func (m Rule) Plot(c draw.Canvas, p *plot.Plot) {
	x := c.X(onAxis(&p.X, m.X))
	c.StrokeLines(m.Style, c.ClipLinesXY([]vg.Point{{X: x, Y: c.Min.Y}, {X: x, Y: c.Max.Y}})...)
}

// A Note is words beside a point of the data. DX and DY move them off it; XAlign and
// YAlign say which part of the words is there (draw.XLeft, draw.YCenter, …). Words that
// would cross the frame are moved inside it.
type Note struct {
	X, Y   float64
	DX, DY vg.Length
	Text   string
	Color  color.Color // nil: black
	XAlign text.XAlignment
	YAlign text.YAlignment
}

// Plot implements plot.Plotter.
func (m Note) Plot(c draw.Canvas, p *plot.Plot) {
	sty := textStyle(keySize)
	if m.Color != nil {
		sty.Color = m.Color
	}
	sty.XAlign, sty.YAlign = m.XAlign, m.YAlign
	at := pointOf(c, p, m.X, m.Y).Add(vg.Point{X: m.DX, Y: m.DY})
	const clear = 3
	box := sty.Rectangle(m.Text).Add(vg.Point{X: at.X, Y: at.Y + label.Hang(keySize)})
	at.X += max(0, c.Min.X+clear-box.Min.X) - max(0, box.Max.X-c.Max.X+clear)
	at.Y += max(0, c.Min.Y+clear-box.Min.Y) - max(0, box.Max.Y-c.Max.Y+clear)
	c.FillText(sty, vg.Point{X: at.X, Y: at.Y + label.Hang(keySize)}, m.Text)
}

// AddShare adds a share of k among n with its 95% Wilson interval.
func (m *Points) AddShare(x float64, k, n int64) {
	lo, hi := sample.Wilson(k, n)
	m.AddPoint(x, float64(k)/float64(n), lo, hi)
}

// AddPoint adds a point with its interval.
func (m *Points) AddPoint(x, y, lo, hi float64) {
	m.X, m.Y, m.Lo, m.Hi = append(m.X, x), append(m.Y, y), append(m.Lo, lo), append(m.Hi, hi)
}
