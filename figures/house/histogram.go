package house

import (
	"fmt"
	"image/color"
	"math"
	"sort"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bins are the edges of equal bins between two ends, as wide as Freedman and Diaconis
// advise for the values between them (ascending), but not fewer than 20 or more than 100.
func Bins(values []float64, from, to float64) []float64 {
	inside := values[sort.SearchFloat64s(values, from):sort.SearchFloat64s(values, to)]
	count := 0.0
	if n := len(inside); n > 4 {
		if iqr := inside[3*n/4] - inside[n/4]; iqr > 0 {
			count = (to - from) / (2 * iqr / math.Cbrt(float64(n)))
		}
	}
	n := int(max(20, min(100, math.Ceil(count))))
	edges := make([]float64, n+1)
	for i := range edges {
		edges[i] = from + (to-from)*float64(i)/float64(n)
	}
	return edges
}

// Steps is a histogram: Height[i] between Edges[i] and Edges[i+1]. Fill may be nil.
type Steps struct {
	Edges, Height []float64
	Style         draw.LineStyle
	Fill          color.Color
}

// Density makes the steps of a histogram of area one. Values outside the edges are
// counted in the total, so that a cut histogram keeps its scale.
func Density(values, edges []float64, clr color.Color) Steps {
	s := Steps{Edges: edges, Style: Thin(clr), Fill: Fade(clr, 0.25)}
	if len(edges) < 2 {
		return s
	}
	s.Height = make([]float64, len(edges)-1)
	last := len(s.Height) - 1
	for _, v := range values {
		if v >= edges[0] && v <= edges[last+1] {
			above := sort.Search(len(edges), func(i int) bool { return edges[i] > v })
			s.Height[min(above-1, last)]++
		}
	}
	for i := range s.Height {
		s.Height[i] /= float64(len(values)) * (edges[i+1] - edges[i])
	}
	return s
}

// Trimmed leaves out empty bins at both ends.
func (m Steps) Trimmed() Steps {
	from, to := 0, len(m.Height)
	for to-from > 1 && m.Height[to-1] == 0 {
		to--
	}
	for to-from > 1 && m.Height[from] == 0 {
		from++
	}
	m.Edges, m.Height = m.Edges[from:to+1], m.Height[from:to]
	return m
}

// DataRange implements plot.DataRanger.
func (m Steps) DataRange() (xlo, xhi, ylo, yhi float64) {
	if len(m.Edges) != len(m.Height)+1 {
		panic(fmt.Errorf("histogram: %d edges for %d steps", len(m.Edges), len(m.Height)))
	}
	xlo, xhi = rangeOf("histogram, edges", m.Edges)
	ylo, yhi = rangeOf("histogram, heights", m.Height)
	return xlo, xhi, math.Min(0, ylo), yhi
}

// Plot implements plot.Plotter.
func (m Steps) Plot(c draw.Canvas, p *plot.Plot) {
	if len(m.Height) == 0 {
		return
	}
	pts := []vg.Point{pointOf(c, p, m.Edges[0], 0)}
	for i, h := range m.Height {
		pts = append(pts, pointOf(c, p, m.Edges[i], h), pointOf(c, p, m.Edges[i+1], h))
	}
	pts = append(pts, pointOf(c, p, m.Edges[len(m.Edges)-1], 0))
	if m.Fill != nil {
		c.FillPolygon(m.Fill, c.ClipPolygonXY(pts))
	}
	c.StrokeLines(m.Style, c.ClipLinesXY(pts)...)
}

// Thumbnail implements plot.Thumbnailer.
func (m Steps) Thumbnail(c *draw.Canvas) {
	if m.Fill != nil {
		swatch(c, m.Fill)
	}
	mid, half := c.Center().Y, vg.Length(2.6)
	c.StrokeLines(m.Style, []vg.Point{
		{X: c.Min.X, Y: mid - half}, {X: c.Min.X, Y: mid + half}, {X: c.Max.X, Y: mid + half},
		{X: c.Max.X, Y: mid - half},
	})
}

func swatch(c *draw.Canvas, clr color.Color) {
	mid, half := c.Center().Y, vg.Length(2.6)
	c.FillPolygon(clr, []vg.Point{
		{X: c.Min.X, Y: mid - half}, {X: c.Max.X, Y: mid - half}, {X: c.Max.X, Y: mid + half},
		{X: c.Min.X, Y: mid + half},
	})
}
