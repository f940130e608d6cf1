// Package phases is the figure phases: the loss in time and spectra on the way, below,
// between and above the two transitions.
package phases

import (
	_ "embed"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/sample"
	"zerotohero/figures/spectrum"
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
	"zerotohero/stages/outcome"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("phases", "loss in time and spectra on the way, below, between and above the two transitions",
		figures.New[params](figure, pipeline.Reads[trajectory.Descent]("descent"),
			pipeline.Reads[trajectory.State]("hessian"),
			pipeline.Reads[spectrum.Theory]("theory-density"),
			pipeline.Reads[inputs.Transition]("theory-transition")))
}

// phaseCurves is how many descents of each outcome are drawn.
const phaseCurves = 6

// A picture is what the caption is filled with.
type picture struct {
	Method, Starts, Loss           string
	Phases                         []phase
	Thresholds                     bool // theory has a threshold state
	Curves                         int
	Arrived, Escaping, Macroscopic float64
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	phases, about, err := readPhases(in)
	if err != nil {
		return house.Drawing{}, err
	}
	g := house.Grid{Panels: make([][]*house.Panel, 4)}
	var quantities []house.Quantity
	first, last := timesOf(phases)
	thresholds := false
	for i, p := range phases {
		panels := []*house.Panel{phaseLosses(&p)}
		panels[0].X.Min, panels[0].X.Max = first, 1.3*last
		for k := range p.moments {
			panels = append(panels, phaseSpectrum(p, k))
			if i == 0 {
				phaseKey(panels[k+1], k, phases)
			}
		}
		for k, one := range panels {
			if i > 0 {
				one.Y.Label.Text = ""
			}
			g.Panels[k] = append(g.Panels[k], one)
		}
		quantities = append(quantities, p.quantities()...)
		thresholds = thresholds || p.threshold != nil
	}
	r := phases[0].Runs[0]
	return house.Drawing{Width: house.WidthFor(len(phases)), Height: 17.2 * vg.Centimeter, Draw: g.Draw}.
		Described(words, picture{inputs.MethodWords(r.Method), inputs.StartWords(r.From), about.Words(),
			phases, thresholds, phaseCurves, 100 * arrived, escaping, macroscopic}, quantities)
}

// timesOf are the first and the last time of a record to show.
func timesOf(phases []phase) (first, last float64) {
	first = math.Inf(1)
	for _, p := range phases {
		for _, r := range p.Runs {
			for _, s := range trajectory.Drawable(r.Trace) {
				first, last = min(first, s.T), max(last, s.T)
			}
		}
	}
	if last == 0 {
		return 0.1, 10
	}
	return first, last
}

func phaseLosses(p *phase) *house.Panel {
	out := house.NewPanel("time $t$", "loss $L/N$")
	out.LogX()
	out.Title.Text = p.title
	out.Y.Min = 0
	if p.arrives() {
		out.Add(house.Stems{X: p.shown[1:2], Share: 0.4, Style: house.Line(house.Grey, house.Dotted...)})
	}
	drawn := false
	for _, f := range trajectory.Outcomes[:3] {
		runs := p.Of(f.Name)
		if f.Name == outcome.Trapped {
			f.Look.Color = house.Black // vermillion is the outlier's here
		}
		for k, i := range spread(len(runs), phaseCurves) {
			_, c := f.Curves(trajectory.Drawable(runs[i].Trace))
			if len(c.X) == 0 {
				continue
			}
			drawn = true
			if k == 0 {
				out.AddKeyed(fmt.Sprintf("%s, %d of %d", f.Name, len(runs), len(p.Runs)), c, f.End(c))
			} else {
				out.Add(c, f.End(c))
			}
		}
	}
	if !drawn {
		out.None("none: all diverged, or\nhave no record to show")
	}
	return out
}

// phaseSpectrum draws the lower half of the spectrum.
func phaseSpectrum(f phase, k int) *house.Panel {
	m, title := f.moments[k], f.when(k)
	axis := []string{"$λ + μ - μ_∞$", "$λ$", "$λ$"}[k]
	all := m.eigenvalues(append(slices.Clone(m.open), m.recovered...))
	if len(all) == 0 {
		p := house.NewPanel(axis, "$ρ$")
		p.Title.Text = title
		p.Y.Min = 0
		p.None("none: no descent\nis on the plateau")
		return p
	}
	if k < 2 {
		title += ", $t = " + label.Number(f.shown[k]) + "$"
	}
	left, right := all[0], sample.Quantile(all, 0.5)
	if m.theory != nil && m.theory.Outlier {
		left = min(left, m.theory.LambdaStar)
	}
	s := spectrum.Panel{X: axis, Left: left - 0.06*(right-left), Right: right, All: all, Theory: m.theory,
		Dashed: k > 0, Headroom: 1.5}
	looks := phaseLooks(k)
	for i, states := range [][]trajectory.State{m.recovered, m.open} {
		if len(states) > 0 {
			looks[i].Values = m.eigenvalues(states)
			s.Histograms = append(s.Histograms, looks[i])
		}
	}
	p, top := s.Draw()
	p.Title.Text = title
	if m.theory != nil && m.theory.Outlier {
		p.Add(m.theory.Mark(0.36*top, house.Black))
	}
	p.Add(house.Stems{X: m.outliers(), Share: 0.2, Style: house.Thin(house.Vermillion)})
	if q := m.overlaps(); len(q) > 0 {
		words := house.Corner{Text: fmt.Sprintf("outlier in %d of %d\nmedian $q^2 = %.2f$", len(m.outliers()),
			len(m.open), sample.Quantile(q, 0.5)),
			X: draw.XRight, Y: draw.YTop}
		if s.HighOnRight() {
			words.X = draw.XLeft
		}
		p.Add(words)
	}
	return p
}

// phaseLooks are the histograms of recovered descents and of the others.
func phaseLooks(k int) [2]spectrum.Histogram {
	if k < 2 {
		return [2]spectrum.Histogram{1: {Color: house.SkyBlue, Opacity: 0.25}}
	}
	return [2]spectrum.Histogram{{Color: house.Blue, Opacity: 0.35}, {Color: house.Black, Opacity: 0.12}}
}

// phaseKey gives a panel the key of its row, of what is anywhere in it.
func phaseKey(p *house.Panel, k int, phases []phase) {
	var open, recovered, outlier, star bool
	for _, f := range phases {
		m := f.moments[k]
		open, recovered = open || len(m.open) > 0, recovered || len(m.recovered) > 0
		for _, m := range f.moments {
			outlier, star = outlier || len(m.outliers()) > 0, star || m.theory != nil && m.theory.Outlier
		}
	}
	looks := phaseLooks(k)
	if k > 0 && slices.ContainsFunc(phases, func(f phase) bool { return f.moments[k].theory != nil }) {
		p.AddKeyed("1RSB", house.KeyOnly{Thumbnailer: house.Curve{Style: house.Line(house.Black,
			house.Dashed...)}})
	}
	switch {
	case k == 0:
		p.AddKeyed("theory, $N → ∞$", house.Curve{Style: house.Line(house.Black)})
		if star {
			p.AddKeyed("its outlier $λ^*$", house.Points{Look: house.Look{Color: house.Black,
				Shape: house.TriangleDown}})
		}
		if outlier {
			p.AddKeyed("outliers of descents", house.Stems{Style: house.Thin(house.Vermillion)})
		}
	case k == 2 && recovered && open:
		p.AddKeyed("recovered", house.KeyOnly{Thumbnailer: looks[0].Steps(nil)})
		p.AddKeyed("not recovered", house.KeyOnly{Thumbnailer: looks[1].Steps(nil)})
	}
}

// Label is α in a text, and Descents the number of them.
func (p phase) Label() string   { return label.Number(p.Asked) }
func (p phase) Descents() int64 { return int64(len(p.Runs)) }

// when names a time shown.
func (p phase) when(k int) string {
	if k == 1 && !p.Reached {
		return "on the way"
	}
	return moments[k]
}

func (p phase) at() string { return fmt.Sprintf(" at $α = %s$, $N = %d$", p.Label(), p.N) }

// Recovered is the share of the resolved descents.
func (p phase) Recovered() house.Quantity {
	recovered := int64(len(p.Of(outcome.Recovered)))
	resolved := recovered + int64(len(p.Of(outcome.Trapped))+len(p.Of(outcome.Diverged)))
	return house.Share("recovered-alpha="+house.NumberName(p.Asked),
		"share recovered of the resolved descents"+p.at(),
		recovered, resolved, "no descent is resolved")
}

// outlier is the share of spectra that have one.
func (p phase) outlier(k int) house.Quantity {
	m := p.moments[k]
	none := []string{"no descent has a state there", "no descent is on the plateau", "all descents recovered"}[k]
	return house.Share("outlier-"+moments[k]+"-alpha="+house.NumberName(p.Asked),
		"share with an outlier, "+p.when(k)+","+p.at(), int64(len(m.outliers())), int64(len(m.open)), none)
}

// OutlierOnArrival is that share on arrival.
func (p phase) OutlierOnArrival() house.Quantity { return p.outlier(1) }

func (p phase) quantities() []house.Quantity {
	alpha, theory := "-alpha="+house.NumberName(p.Asked), " in theory at $α = "+p.Label()+"$"
	const none = "theory has no outlier there"
	out := []house.Quantity{p.Recovered()}
	for k, m := range p.moments {
		out = append(out, p.outlier(k),
			house.Median("q2-"+moments[k]+alpha, "median $q^2$ of the lowest eigenvector, "+p.when(k)+","+p.at(),
				m.overlaps()))
	}
	out = append(out,
		house.Exact("t-arrival"+alpha, "time of arrival"+p.at(), p.shown[1]).
			Unless(!p.Reached, "at no time kept has the edge come near zero while most descents are on the plateau").
			Unless(!p.arrives(), "no descent is on the plateau at any of the times between start and end"),
		house.Exact("q2-start-theory"+alpha, "$q^2$ at a random start"+theory, p.init.Q2).Unless(!p.init.Outlier, none))
	if t := p.threshold; t != nil {
		out = append(out, house.Exact("q2-threshold-theory"+alpha, "$q^2$ of the threshold state"+theory,
			t.Q2).Unless(!t.Outlier, none))
	}
	return out
}

// spread gives the indices of at most so many of n things, evenly among them.
func spread(n, most int) (out []int) {
	count := min(n, most)
	for k := range count {
		out = append(out, k*n/count)
	}
	return out
}
