package house

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/label"
	"zerotohero/figures/portable"
)

// A Panel is a plot in the house style. Its axes are those of the embedded plot: set
// X.Min, X.Max or X.Tick.Marker to choose them, what is not set fits the data. It
// draws its own frame, since gonum/plot has marks only outside, and pads the data for
// glyphs and labels in a way that parts panels of one row. The embedded plot's own
// Legend is not drawn.
type Panel struct {
	*plot.Plot

	// KeyTitle is a line above the entries of the key. With NoKey the key is not
	// drawn, because another panel has it.
	KeyTitle string
	NoKey    bool

	plotters []plot.Plotter
	entries  []entry
}

type entry struct {
	label  string
	thumbs []plot.Thumbnailer
}

// NewPanel makes an empty panel with labels on its axes.
func NewPanel(x, y string) *Panel {
	p := &Panel{Plot: plot.New()}
	p.TextHandler = label.Handler{}
	p.Title.TextStyle = textStyle(labelSize)
	dress(&p.X, x)
	dress(&p.Y, y)
	return p
}

// Add adds what is drawn, in order from the back. Bands go behind all the rest, so
// that none hides the curve of another series.
func (p *Panel) Add(ps ...plot.Plotter) { p.plotters = append(p.plotters, ps...) }

// AddKeyed adds plotters and one entry of the key for all of them together.
func (p *Panel) AddKeyed(label string, ps ...plot.Plotter) {
	p.Add(ps...)
	e := entry{label: label}
	for _, one := range ps {
		if t, ok := one.(plot.Thumbnailer); ok {
			e.thumbs = append(e.thumbs, t)
		}
	}
	p.entries = append(p.entries, e)
}

// Keyed says whether the key has an entry.
func (p *Panel) Keyed() bool { return len(p.entries) > 0 }

// None writes into the middle of the panel why something is not there, and sets the ends
// of an axis that has no data.
func (p *Panel) None(why string) {
	x, y := p.Spans()
	closeAxis(&p.X, x)
	closeAxis(&p.Y, y)
	p.Add(centre(why))
}

// closeAxis sets the ends of an axis that neither the author nor the data sets, without
// marks, since they mean nothing.
func closeAxis(a *plot.Axis, data Span) {
	openLo := math.IsInf(a.Min, 1) && math.IsInf(data.Lo, 1)
	openHi := math.IsInf(a.Max, -1) && math.IsInf(data.Hi, -1)
	if !openLo && !openHi {
		return
	}
	switch log := isLog(a); {
	case openLo && openHi && log:
		a.Min, a.Max = 1, 10
	case openLo && openHi:
		a.Min, a.Max = 0, 1
	case openLo && log:
		a.Min = a.Max / 10
	case openLo:
		a.Min = a.Max - 1
	case log:
		a.Max = 10 * a.Min
	default:
		a.Max = a.Min + 1
	}
	a.Tick.Marker = plot.ConstantTicks(nil)
}

// LogX makes the horizontal axis logarithmic.
func (p *Panel) LogX() { p.X.Scale, p.X.Tick.Marker = logScale{}, logTicks{} }

// Draw draws the panel alone on a canvas.
func (p *Panel) Draw(c draw.Canvas) { Grid{Panels: [][]*Panel{{p}}}.Draw(c) }

// Margin is the free part of an axis on each side of the data.
const Margin = 0.04

func isLog(a *plot.Axis) bool {
	_, ok := a.Scale.(logScale)
	return ok
}

// Span is the range of an axis: the author's ends where they are set, else the data's.
type Span struct{ Lo, Hi float64 }

func (s *Span) take(lo, hi float64, log bool) {
	if log && lo <= 0 {
		lo = hi // bars and bands start from zero, which a log axis does not have
	}
	if log && hi <= 0 {
		return
	}
	s.Lo, s.Hi = math.Min(s.Lo, lo), math.Max(s.Hi, hi)
}

// Spans are the ranges of the data, (+∞, −∞) where there is none.
func (p *Panel) Spans() (x, y Span) {
	x, y = Span{math.Inf(1), math.Inf(-1)}, Span{math.Inf(1), math.Inf(-1)}
	for _, one := range p.plotters {
		if r, ok := one.(plot.DataRanger); ok {
			xlo, xhi, ylo, yhi := r.DataRange()
			x.take(xlo, xhi, isLog(&p.X))
			y.take(ylo, yhi, isLog(&p.Y))
		}
	}
	return x, y
}

// settle sets the ends the author left open.
func settle(a *plot.Axis, data Span) {
	log := isLog(a)
	lo, hi := data.Lo, data.Hi
	openLo, openHi := math.IsInf(a.Min, 1), math.IsInf(a.Max, -1)
	if !openLo {
		lo = a.Min
	}
	if !openHi {
		hi = a.Max
	}
	what := a.Label.Text
	switch {
	case math.IsNaN(lo) || math.IsNaN(hi):
		panic(fmt.Errorf("the axis %q has data that is not a number", what))
	case math.IsInf(lo, 0) || math.IsInf(hi, 0):
		panic(fmt.Errorf("the axis %q has no finite range: no data on it, or infinite data", what))
	case log && (lo <= 0 || hi <= 0):
		panic(fmt.Errorf("the logarithmic axis %q goes from %g to %g", what, lo, hi))
	case lo > hi:
		panic(fmt.Errorf("the axis %q goes from %g to %g", what, lo, hi))
	}
	if lo == hi {
		if log {
			lo, hi = lo/2, hi*2
		} else {
			pad := math.Max(math.Abs(lo)/10, 1e-9)
			lo, hi = lo-pad, hi+pad
		}
	}
	if log {
		ratio := portable.Pow(hi/lo, Margin)
		if openLo {
			lo /= ratio
		}
		if openHi {
			hi *= ratio
		}
	} else {
		pad := Margin * (hi - lo)
		if openLo {
			lo -= pad
		}
		if openHi {
			hi += pad
		}
	}
	a.Min, a.Max = lo, hi
}

// ticksFor are the ticks on an axis of about this length.
func ticksFor(a *plot.Axis, length, each vg.Length) []plot.Tick {
	ticker := a.Tick.Marker
	if ticker == nil {
		return nil
	}
	if f, ok := ticker.(fitted); ok {
		ticker = f.fit(max(2, min(8, int(length/each))))
	}
	var out []plot.Tick
	for _, t := range ticker.Ticks(a.Min, a.Max) {
		if t.Value >= a.Min && t.Value <= a.Max {
			out = append(out, t)
		}
	}
	return out
}
