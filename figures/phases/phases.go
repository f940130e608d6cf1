// Package phases is the figure phases: the loss in time and spectra on the way, below,
// between and above the two transitions.
package phases

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/sample"
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
	"zerotohero/stages/outcome"
)

func init() {
	pipeline.Register("phases", "loss in time and spectra on the way, below, between and above the two transitions", func(params) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.Reads[trajectory.Descent]("descent"),
				pipeline.Reads[trajectory.State]("hessian"),
				pipeline.Reads[phaseDensity]("theory-density"),
				pipeline.Reads[inputs.Transition]("theory-transition"),
			},
			Draw: figure,
		}, nil
	})
}

// phaseCurves is how many descents of each outcome are drawn.
const phaseCurves = 6

func figure(in pipeline.Inputs) (house.Drawing, error) {
	phases, about, err := readPhases(in)
	if err != nil {
		return house.Drawing{}, err
	}
	g := house.Grid{Panels: make([][]*house.Panel, 4)}
	var numbers []house.Quantity
	first, last := math.Inf(1), 0.0
	for _, p := range phases {
		for _, r := range p.Runs {
			for _, s := range trajectory.Drawable(r.Trace) {
				first, last = min(first, s.T), max(last, s.T)
			}
		}
	}
	if last == 0 {
		first, last = 0.1, 10 // no record to show
	}
	for i, p := range phases {
		panels := []*house.Panel{phaseLosses(&p)}
		panels[0].X.Min, panels[0].X.Max = first, 1.3*last
		for k := range p.moments {
			panels = append(panels, phaseSpectrum(p.moments[k], k, p.shown[k]))
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
		numbers = append(numbers, phaseNumbers(&p)...)
	}
	width := house.DoubleColumn
	if len(phases) == 1 {
		width = house.SingleColumn
	}
	return house.Drawing{Width: width, Height: 17.2 * vg.Centimeter, Draw: g.Draw,
		Caption: caption(phases, about, numbers), Quantities: numbers}, nil
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
func phaseSpectrum(m moment, k int, t float64) *house.Panel {
	p := house.NewPanel([]string{"$λ + μ - μ_∞$", "$λ$", "$λ$"}[k], "$ρ$")
	p.Title.Text = []string{"start, $t = 0$", "arrival, $t = " + label.Number(t) + "$", "end"}[k]
	all := m.eigenvalues(append(slices.Clone(m.open), m.recovered...))
	if len(all) == 0 {
		p.Title.Text = []string{"start, $t = 0$", "arrival", "end"}[k]
		p.Y.Min = 0
		p.None("none: no descent\nis on the plateau")
		return p
	}
	left, right := all[0], sample.Quantile(all, 0.5)
	if m.theory != nil && m.theory.Outlier {
		left = min(left, m.theory.LambdaStar)
	}
	p.X.Min, p.X.Max = left-0.06*(right-left), right
	edges := house.Bins(all, p.X.Min, p.X.Max)
	heights := make([]float64, len(edges)-1) // of the tallest step
	for i, states := range [][]trajectory.State{m.recovered, m.open} {
		if len(states) == 0 {
			continue
		}
		h := house.Density(m.eigenvalues(states), edges, house.Blue)
		h.Style, h.Fill = phaseLooks(k)[i].Style, phaseLooks(k)[i].Fill
		for b, v := range h.Height {
			heights[b] = max(heights[b], v)
		}
		p.Add(h)
	}
	top := slices.Max(heights)
	p.Y.Min, p.Y.Max = 0, 1.5*top
	if d := m.theory; d != nil {
		p.Add(house.Curve{X: d.Lambda, Y: d.Rho, Style: house.Line(house.Black)})
		if d.Outlier {
			p.Add(house.Points{X: []float64{d.LambdaStar}, Y: []float64{0.36 * top}, Look: house.Look{Color: house.Black, Shape: house.TriangleDown}})
		}
	}
	p.Add(house.Stems{X: m.outliers(), Share: 0.2, Style: house.Thin(house.Vermillion)})
	if q := m.overlaps(); len(q) > 0 {
		words := house.Corner{Text: fmt.Sprintf("outlier in %d of %d\nmedian $q^2 = %.2f$", len(m.outliers()), len(m.open), sample.Quantile(q, 0.5)), X: draw.XRight, Y: draw.YTop}
		if half := len(heights) / 2; slices.Max(heights[half:]) == top {
			words.X = draw.XLeft
		}
		p.Add(words)
	}
	return p
}

// phaseLooks are those of the histograms of recovered descents and of the others.
func phaseLooks(k int) [2]house.Steps {
	if k < 2 {
		return [2]house.Steps{1: {Style: house.Thin(house.SkyBlue), Fill: house.Fade(house.SkyBlue, 0.25)}}
	}
	return [2]house.Steps{{Style: house.Thin(house.Blue), Fill: house.Fade(house.Blue, 0.35)}, {Style: house.Thin(house.Black), Fill: house.Fade(house.Black, 0.12)}}
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
	switch {
	case k == 0:
		p.AddKeyed("theory, $N → ∞$", house.Curve{Style: house.Line(house.Black)})
		if star {
			p.AddKeyed("its outlier $λ^*$", house.Points{Look: house.Look{Color: house.Black, Shape: house.TriangleDown}})
		}
		if outlier {
			p.AddKeyed("outliers of descents", house.Stems{Style: house.Thin(house.Vermillion)})
		}
	case k == 2 && recovered && open:
		p.AddKeyed("recovered", house.KeyOnly{Thumbnailer: looks[0]})
		p.AddKeyed("not recovered", house.KeyOnly{Thumbnailer: looks[1]})
	}
}

func phaseNumbers(p *phase) []house.Quantity {
	alpha := house.NumberName(p.Alpha())
	at := fmt.Sprintf(" at $α = %s$, $N = %d$", label.Number(p.Alpha()), p.N)
	var out []house.Quantity
	var recovered, resolved int64
	for _, r := range p.Runs {
		switch r.Outcome {
		case outcome.Recovered:
			recovered++
			resolved++
		case outcome.Trapped, outcome.Diverged:
			resolved++
		}
	}
	out = append(out, house.Share("recovered-alpha="+alpha, "share recovered of the resolved descents"+at, recovered, resolved, "no descent is resolved"))
	for k, m := range p.moments {
		when := []string{"start", "arrival", "end"}[k]
		none := []string{"no descent has a state there", "no descent is on the plateau", "all descents recovered"}[k]
		out = append(out, house.Share("outlier-"+when+"-alpha="+alpha, "share with an outlier, "+when+","+at, int64(len(m.outliers())), int64(len(m.open)), none),
			house.Median("q2-"+when+"-alpha="+alpha, "median $q^2$ of the lowest eigenvector, "+when+","+at, m.overlaps()))
	}
	arrival := house.Exact("t-arrival-alpha="+alpha, "time of arrival"+at, p.shown[1])
	if !p.arrives() {
		arrival = house.None(arrival.Name, arrival.Text, "no descent is on the plateau at any of the times between start and end")
	}
	start := house.Exact("q2-start-theory-alpha="+alpha, "$q^2$ at a random start in theory at $α = "+label.Number(p.Alpha())+"$", p.init.Q2)
	if !p.init.Outlier {
		start = house.None(start.Name, start.Text, "theory has no outlier there")
	}
	out = append(out, arrival, start)
	if p.threshold != nil {
		end := house.Exact("q2-threshold-theory-alpha="+alpha, "$q^2$ of the threshold state in theory at $α = "+label.Number(p.Alpha())+"$", p.threshold.Q2)
		if !p.threshold.Outlier {
			end = house.None(end.Name, end.Text, "theory has no outlier there")
		}
		out = append(out, end)
	}
	return out
}

func caption(phases []phase, about inputs.Loss, numbers []house.Quantity) string {
	var b strings.Builder
	var sizes, shares []string
	thresholds := 0
	for _, p := range phases {
		sizes = append(sizes, fmt.Sprintf("$α = %s$ with %s of $N = %d$", label.Number(p.Alpha()), label.Plural(int64(len(p.Runs)), "descent"), p.N))
		if p.threshold != nil {
			thresholds++
		}
	}
	first := phases[0].Runs[0]
	fmt.Fprintf(&b, "From local curvature to recovery: %s from %s for %s, at %s. ",
		inputs.MethodWords(first.Method), inputs.StartWords(first.From), about.Words(), label.List(sizes...))
	fmt.Fprintf(&b, "Top: loss against time, at most %d descents of each outcome; marks are their ends, the dotted line is the time of the spectra on arrival. ", phaseCurves)
	b.WriteString("Below: the lower half of the Hessian's spectrum, all descents of a column together, at the start, on arrival at threshold states, and at the end. ")
	fmt.Fprintf(&b, "Arrival is the first of the times kept at which the edge of the bulk (the second eigenvalue, its median over descents) has come to less than %g%% of its depth at the start, or the last at which most descents are still on the plateau; "+
		"shown are those that still have $m < %g$. ", 100*arrived, escaping)
	fmt.Fprintf(&b, "Black curves: theory for $N → ∞$, at a random start")
	if thresholds > 0 {
		b.WriteString(" and in the 1RSB threshold state, which is an approximation")
	}
	b.WriteString(". Densities at the end are of recovered descents and of the others, each of area one. ")
	fmt.Fprintf(&b, "\n\nRed: the outlier, which is the lowest eigenvalue of a descent if the squared overlap of its eigenvector with the part of the signal orthogonal to the student is $q^2 ≥ %g$; "+
		"there is none in a recovered state. The height of these lines means nothing. ", macroscopic)
	b.WriteString("The radial multiplier $μ$ moves the whole spectrum of an instance at the start by more than the outlier is away from the bulk; there the shift is taken out, $λ + μ - μ_∞$ with the theory's $μ_∞$. Later spectra are as they are.")
	for _, q := range numbers {
		if alpha, ok := strings.CutPrefix(q.Name, "recovered-alpha="); ok {
			shares = append(shares, q.String()+" at $α = "+alpha+"$")
		}
	}
	if len(shares) > 0 {
		fmt.Fprintf(&b, "\n\nShare recovered of the resolved descents, with 95%% Wilson intervals: %s. ", label.List(shares...))
	}
	var outliers []string
	for _, q := range numbers {
		if alpha, ok := strings.CutPrefix(q.Name, "outlier-arrival-alpha="); ok {
			outliers = append(outliers, q.String()+" at $α = "+alpha+"$")
		}
	}
	if len(outliers) > 0 {
		fmt.Fprintf(&b, "Share with an outlier on arrival: %s.", label.List(outliers...))
	}
	return b.String()
}

// spread gives the places of at most so many of n things, evenly among them.
func spread(n, most int) (out []int) {
	count := min(n, most)
	for k := range count {
		out = append(out, k*n/count)
	}
	return out
}
