//pipeline:variant figure=phases

package figures

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/pipeline"
)

func init() {
	register("phases", figure{
		doc:   "loss in time and spectra on the way, below, between and above the two transitions",
		needs: []string{"descent", "hessian", "theory-density", "theory-transition"},
		draw:  drawPhases,
	})
}

// phaseCurves is how many descents of each outcome are drawn.
const phaseCurves = 6

func drawPhases(in pipeline.Inputs) (Drawing, error) {
	phases, about, err := readPhases(in)
	if err != nil {
		return Drawing{}, err
	}
	g := Grid{Panels: make([][]*Panel, 4)}
	var numbers []Quantity
	first, last := math.Inf(1), 0.0
	for _, p := range phases {
		for _, r := range p.runs {
			for _, s := range drawable(r.Trace) {
				first, last = min(first, s.T), max(last, s.T)
			}
		}
	}
	if last == 0 {
		return Drawing{}, fmt.Errorf("no descent of %s and the others has a record at a positive time; let them record more of each decade", phases[0].stage)
	}
	for i, p := range phases {
		panels := []*Panel{phaseLosses(&p)}
		panels[0].X.Min, panels[0].X.Max = first, 1.3*last
		for k := range p.moments {
			panels = append(panels, phaseSpectrum(p.moments[k], k, p.times[k]))
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
	width := DoubleColumn
	if len(phases) == 1 {
		width = SingleColumn
	}
	return Drawing{Width: width, Height: 17.2 * vg.Centimeter, Draw: g.Draw,
		Caption: phasesCaption(phases, about, numbers), Numbers: numbers}, nil
}

func phaseLosses(p *phase) *Panel {
	out := NewPanel("time $t$", "loss $L/N$")
	out.LogX()
	out.Title.Text = p.title
	out.Y.Min = 0
	out.Add(Stems{X: p.times[1:2], Share: 0.4, Style: Line(Grey, Dotted...)})
	for _, f := range fates[:3] {
		runs := p.of(f.outcome)
		look := f.look
		if f.outcome == "trapped" {
			look.Color = Black // vermillion is the outlier's here
		}
		for k, i := range spread(len(runs), phaseCurves) {
			c := Curve{Style: Thin(look.Color, f.dashes...)}
			for _, s := range drawable(runs[i].Trace) {
				c.X, c.Y = append(c.X, s.T), append(c.Y, s.Energy)
			}
			if len(c.X) == 0 {
				continue
			}
			end := Points{X: c.X[len(c.X)-1:], Y: c.Y[len(c.Y)-1:], Look: look}
			if k == 0 {
				out.AddKeyed(fmt.Sprintf("%s, %d of %d", f.outcome, len(runs), len(p.runs)), c, end)
			} else {
				out.Add(c, end)
			}
		}
	}
	return out
}

// phaseSpectrum draws the lower half of the spectrum.
func phaseSpectrum(m moment, k int, t float64) *Panel {
	p := NewPanel([]string{"$λ + μ - μ_∞$", "$λ$", "$λ$"}[k], "$ρ$")
	p.Title.Text = []string{"start, $t = 0$", "arrival, $t = " + Number(t) + "$", "end"}[k]
	all := m.eigenvalues(append(slices.Clone(m.open), m.recovered...))
	left, right := all[0], quantile(all, 0.5)
	if m.theory != nil && m.theory.Outlier {
		left = min(left, m.theory.LambdaStar)
	}
	p.X.Min, p.X.Max = left-0.06*(right-left), right
	edges := Bins(all, p.X.Min, p.X.Max)
	heights := make([]float64, len(edges)-1) // of the tallest step
	for i, states := range [][]stateRow{m.recovered, m.open} {
		if len(states) == 0 {
			continue
		}
		h := Density(m.eigenvalues(states), edges, Blue)
		h.Style, h.Fill = phaseLooks(k)[i].Style, phaseLooks(k)[i].Fill
		for b, v := range h.Height {
			heights[b] = max(heights[b], v)
		}
		p.Add(h)
	}
	top := slices.Max(heights)
	p.Y.Min, p.Y.Max = 0, 1.5*top
	if d := m.theory; d != nil {
		p.Add(Curve{d.Lambda, d.Rho, Line(Black)})
		if d.Outlier {
			p.Add(Points{X: []float64{d.LambdaStar}, Y: []float64{0.36 * top}, Look: Look{Black, TriangleDown}})
		}
	}
	p.Add(Stems{X: m.outliers(), Share: 0.2, Style: Thin(Vermillion)})
	if n := len(m.open); n > 0 {
		words := Corner{fmt.Sprintf("outlier in %d of %d\nmedian $q^2 = %.2f$", len(m.outliers()), n, quantile(m.overlaps(), 0.5)), draw.XRight, draw.YTop}
		if half := len(heights) / 2; slices.Max(heights[half:]) == top {
			words.X = draw.XLeft
		}
		p.Add(words)
	}
	return p
}

// phaseLooks are those of the histograms of recovered descents and of the others.
func phaseLooks(k int) [2]Steps {
	if k < 2 {
		return [2]Steps{1: {Style: Thin(SkyBlue), Fill: Fade(SkyBlue, 0.25)}}
	}
	return [2]Steps{{Style: Thin(Blue), Fill: Fade(Blue, 0.35)}, {Style: Thin(Black), Fill: Fade(Black, 0.12)}}
}

// phaseKey gives a panel the key of its row, of what is anywhere in it.
func phaseKey(p *Panel, k int, phases []phase) {
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
		p.AddKeyed("theory, $N → ∞$", Curve{Style: Line(Black)})
		if star {
			p.AddKeyed("its outlier $λ^*$", Points{Look: Look{Black, TriangleDown}})
		}
		if outlier {
			p.AddKeyed("outliers of descents", Stems{Style: Thin(Vermillion)})
		}
	case k == 2 && recovered && open:
		p.AddKeyed("recovered", keyOnly{looks[0]})
		p.AddKeyed("not recovered", keyOnly{looks[1]})
	}
}

func phaseNumbers(p *phase) []Quantity {
	alpha := numberName(p.alpha())
	at := fmt.Sprintf(" at $α = %s$, $N = %d$", Number(p.alpha()), p.n)
	var out []Quantity
	var recovered, resolved int64
	for _, r := range p.runs {
		switch r.Outcome {
		case "recovered":
			recovered++
			resolved++
		case "trapped", "diverged":
			resolved++
		}
	}
	if resolved > 0 {
		lo, hi := wilson(recovered, resolved)
		out = append(out, Estimate("recovered-alpha="+alpha, "share recovered of the resolved descents"+at, float64(recovered)/float64(resolved), lo, hi))
	}
	for k, m := range p.moments {
		when := []string{"start", "arrival", "end"}[k]
		n := int64(len(m.open))
		if n == 0 {
			continue
		}
		lo, hi := wilson(int64(len(m.outliers())), n)
		out = append(out, Estimate("outlier-"+when+"-alpha="+alpha, "share with an outlier, "+when+","+at, float64(len(m.outliers()))/float64(n), lo, hi))
		if q := median("q2-"+when+"-alpha="+alpha, "median $q^2$ of the lowest eigenvector, "+when+","+at, m.overlaps()); !math.IsInf(q.Lo, 0) {
			out = append(out, q)
		}
	}
	out = append(out, Exact("t-arrival-alpha="+alpha, "time of arrival"+at, p.times[1]))
	if p.init.Outlier {
		out = append(out, Exact("q2-start-theory-alpha="+alpha, "$q^2$ at a random start in theory at $α = "+Number(p.alpha())+"$", p.init.Q2))
	}
	if p.threshold != nil && p.threshold.Outlier {
		out = append(out, Exact("q2-threshold-theory-alpha="+alpha, "$q^2$ of the threshold state in theory at $α = "+Number(p.alpha())+"$", p.threshold.Q2))
	}
	return out
}

func phasesCaption(phases []phase, about model, numbers []Quantity) string {
	var b strings.Builder
	var sizes, shares []string
	thresholds := 0
	for _, p := range phases {
		sizes = append(sizes, fmt.Sprintf("$α = %s$ with %s of $N = %d$", Number(p.alpha()), plural(int64(len(p.runs)), "descent"), p.n))
		if p.threshold != nil {
			thresholds++
		}
	}
	first := phases[0].runs[0]
	fmt.Fprintf(&b, "From local curvature to recovery: %s from %s for %s, at %s. ",
		methodWords(first.Method), startWords(first.From), about.words(), listed(sizes...))
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
		fmt.Fprintf(&b, "\n\nShare recovered of the resolved descents, with 95%% Wilson intervals: %s. ", listed(shares...))
	}
	var outliers []string
	for _, q := range numbers {
		if alpha, ok := strings.CutPrefix(q.Name, "outlier-arrival-alpha="); ok {
			outliers = append(outliers, q.String()+" at $α = "+alpha+"$")
		}
	}
	if len(outliers) > 0 {
		fmt.Fprintf(&b, "Share with an outlier on arrival: %s.", listed(outliers...))
	}
	return b.String()
}
