package house

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/label"
)

// LogY makes the vertical axis logarithmic.
func (p *Panel) LogY() { p.Y.Scale, p.Y.Tick.Marker = logScale{}, logTicks{} }

// mute leaves the marks of a ticker without their labels, for a panel beside another
// with the same axis.
type mute struct{ of plot.Ticker }

func (m mute) fit(most int) plot.Ticker {
	if f, ok := m.of.(fitted); ok {
		return mute{f.fit(most)}
	}
	return m
}

// MuteY leaves the marks of a linear vertical axis without their labels.
func (p *Panel) MuteY() { p.Y.Tick.Marker = mute{linearTicks{}} }

// Ticks implements plot.Ticker.
func (m mute) Ticks(lo, hi float64) []plot.Tick {
	out := m.of.Ticks(lo, hi)
	for i := range out {
		out[i].Label = ""
	}
	return out
}

// Stems are lines from the foot of the panel up to a share of its height, one at each
// value: where single values lie, without a density.
type Stems struct {
	X     []float64
	Share float64
	Style draw.LineStyle
}

// DataRange implements plot.DataRanger.
func (m Stems) DataRange() (xlo, xhi, ylo, yhi float64) {
	xlo, xhi = rangeOf("stems", m.X)
	return xlo, xhi, math.Inf(1), math.Inf(-1)
}

// Plot implements plot.Plotter.
func (m Stems) Plot(c draw.Canvas, p *plot.Plot) {
	top := c.Min.Y + vg.Length(m.Share)*(c.Max.Y-c.Min.Y)
	for _, v := range m.X {
		x := c.X(onAxis(&p.X, v))
		c.StrokeLines(m.Style, c.ClipLinesXY([]vg.Point{{X: x, Y: c.Min.Y}, {X: x, Y: top}})...)
	}
}

// Thumbnail implements plot.Thumbnailer.
func (m Stems) Thumbnail(c *draw.Canvas) {
	for i := range 3 {
		x := c.Min.X + (c.Max.X-c.Min.X)*vg.Length(2*i+1)/6
		c.StrokeLine2(m.Style, x, c.Center().Y-3, x, c.Center().Y+3)
	}
}

// A Corner is words in a corner of the panel, wherever its axes end: Left or Right of
// it, Top or Bottom.
type Corner struct {
	Text string
	X    text.XAlignment // draw.XLeft, draw.XRight
	Y    text.YAlignment // draw.YTop, draw.YBottom
}

// Plot implements plot.Plotter.
func (m Corner) Plot(c draw.Canvas, _ *plot.Plot) {
	sty := textStyle(keySize)
	sty.XAlign, sty.YAlign = m.X, m.Y
	at := vg.Point{X: c.Min.X + keyInset, Y: c.Max.Y - keyInset}
	if m.X == draw.XRight {
		at.X = c.Max.X - keyInset
	}
	if m.Y == draw.YBottom {
		at.Y = c.Min.Y + keyInset
	}
	c.FillText(sty, vg.Point{X: at.X, Y: at.Y + label.Hang(keySize)}, m.Text)
}

// centre is words in the middle of the panel.
type centre string

// Plot implements plot.Plotter.
func (m centre) Plot(c draw.Canvas, _ *plot.Plot) {
	sty := textStyle(keySize)
	sty.XAlign, sty.YAlign = draw.XCenter, draw.YCenter
	at := c.Center()
	c.FillText(sty, vg.Point{X: at.X, Y: at.Y + label.Hang(keySize)}, string(m))
}

// KeyOnly is a mark that only the key has.
type KeyOnly struct{ plot.Thumbnailer }

// Plot implements plot.Plotter.
func (KeyOnly) Plot(draw.Canvas, *plot.Plot) {}

// HollowSquare is a square that shows what is behind it in white.
var HollowSquare draw.GlyphDrawer = polygon{pts: Square.(polygon).pts, hollow: true}
