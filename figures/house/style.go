package house

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/label"
)

// Widths of a figure that fills one or both columns of the journal's page.
const (
	SingleColumn = 8.6 * vg.Centimeter
	DoubleColumn = 17.8 * vg.Centimeter
)

// WidthFor is that of a figure with so many panels in a row.
func WidthFor(panels int) vg.Length {
	if panels == 1 {
		return SingleColumn
	}
	return DoubleColumn
}

// Sizes are those of the printed page: a figure is never scaled.
const (
	labelSize  vg.Length = 9
	tickSize   vg.Length = 8
	keySize    vg.Length = 8
	curveWidth vg.Length = 1.1
	thinWidth  vg.Length = 0.7
	frameWidth vg.Length = 0.5
	majorTick  vg.Length = 3.2
	minorTick  vg.Length = 1.7
	markRadius vg.Length = 2.0
)

// The palette of Okabe and Ito, told apart with every common colour blindness. Its
// yellow is left out: on white paper it is too faint for a line.
var (
	Black      color.Color = color.NRGBA{0, 0, 0, 255}
	Orange     color.Color = color.NRGBA{230, 159, 0, 255}
	SkyBlue    color.Color = color.NRGBA{86, 180, 233, 255}
	Green      color.Color = color.NRGBA{0, 158, 115, 255}
	Blue       color.Color = color.NRGBA{0, 114, 178, 255}
	Vermillion color.Color = color.NRGBA{213, 94, 0, 255}
	Purple     color.Color = color.NRGBA{204, 121, 167, 255}
	Grey       color.Color = color.NRGBA{110, 110, 110, 255}
)

// Fade is the colour at a share of its strength, from 0 to 1, with what is behind it
// showing through, so that one band does not hide another.
func Fade(c color.Color, strength float64) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = uint8(float64(n.A)*max(0, min(1, strength)) + 0.5)
	return n
}

// Dash patterns. A nil pattern is a solid line.
var (
	Dashed = []vg.Length{4, 2}
	Dotted = []vg.Length{1, 1.6}
)

// A Look tells one series from the others by colour and by shape, so that it
// survives print in grey.
type Look struct {
	Color color.Color
	Shape draw.GlyphDrawer
}

// Series is the look of the i-th series of a panel. There are seven.
func Series(i int) Look {
	all := []Look{
		{Blue, Disc}, {Vermillion, Square}, {Green, Triangle}, {Purple, Diamond},
		{Orange, TriangleDown}, {SkyBlue, Circle}, {Black, Cross},
	}
	return all[((i%len(all))+len(all))%len(all)]
}

// Line is a data line of a colour, solid or with a dash pattern.
func Line(c color.Color, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: curveWidth, Dashes: dashes}
}

// Thin is a line for fits, guides and noisy data.
func Thin(c color.Color, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: thinWidth, Dashes: dashes}
}

// Marker shapes, of equal weight to the eye.
var (
	Disc   draw.GlyphDrawer = polygon{round: true}
	Circle draw.GlyphDrawer = polygon{round: true, hollow: true}
	Square draw.GlyphDrawer = polygon{pts: []vg.Point{{X: -.9, Y: -.9}, {X: .9, Y: -.9}, {X: .9, Y: .9},
		{X: -.9, Y: .9}}}
	Triangle     draw.GlyphDrawer = polygon{pts: []vg.Point{{X: -1.1, Y: -.8}, {X: 1.1, Y: -.8}, {Y: 1.2}}}
	TriangleDown draw.GlyphDrawer = polygon{pts: []vg.Point{{X: -1.1, Y: .8}, {X: 1.1, Y: .8}, {Y: -1.2}}}
	Diamond      draw.GlyphDrawer = polygon{pts: []vg.Point{{X: -1.2}, {Y: -1.2}, {X: 1.2}, {Y: 1.2}}}
	Cross        draw.GlyphDrawer = draw.CrossGlyph{}
)

// A polygon is a filled or hollow marker in units of its radius.
type polygon struct {
	pts           []vg.Point
	round, hollow bool
}

func (s polygon) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	var path vg.Path
	if s.round {
		path.Move(vg.Point{X: at.X + sty.Radius, Y: at.Y})
		path.Arc(at, sty.Radius, 0, 6.283185307179586)
	}
	for i, p := range s.pts {
		p = at.Add(p.Scale(sty.Radius))
		if i == 0 {
			path.Move(p)
		} else {
			path.Line(p)
		}
	}
	path.Close()
	if !s.hollow {
		c.SetColor(sty.Color)
		c.Fill(path)
		return
	}
	c.SetColor(color.White)
	c.Fill(path)
	c.SetLineStyle(draw.LineStyle{Color: sty.Color, Width: thinWidth})
	c.Stroke(path)
}

func textStyle(size vg.Length) text.Style {
	return text.Style{Color: Black, Font: font.From(label.Typeface, size), Handler: label.Handler{}}
}

// dress dresses an axis; its marks are the panel's to draw.
func dress(a *plot.Axis, label string) {
	a.Label.Text = label
	a.Label.TextStyle = textStyle(labelSize)
	a.Label.TextStyle.XAlign = draw.XCenter
	a.Tick.Label = textStyle(tickSize)
	a.Tick.Marker = linearTicks{}
	a.LineStyle = draw.LineStyle{Color: Black, Width: frameWidth}
	a.Tick.LineStyle = a.LineStyle
	a.Tick.Length = majorTick
}
