package phases

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/sample"
	"zerotohero/figures/spectrum"
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
	"zerotohero/stages/outcome"
)

// maxPhases is how many columns the page has room for.
const maxPhases = 3

const (
	macroscopic = 0.1  // q² from which a lowest eigenvalue is called an outlier
	arrived     = 0.03 // of the start's depth, at which the edge is called arrived
	escaping    = 0.5  // overlap from which a descent has left the plateau
)

// A phase is a column of the figure: the descents at one α.
type phase struct {
	trajectory.Ensemble
	init, threshold *spectrum.Theory
	title           string
	shown           [3]float64 // asked for: start, plateau, end
	Reached         bool       // descents have arrived at the second
	moments         [3]moment
}

// moments are the names of the times shown.
var moments = [3]string{"start", "arrival", "end"}

// A moment is the spectra of a phase at one time, those of recovered descents apart.
type moment struct {
	open, recovered []trajectory.State
	shift           float64 // of eigenvalues + μ of a row, NaN if they stay as they are
	theory          *spectrum.Theory
}

func readPhases(in pipeline.Inputs) ([]phase, inputs.Loss, error) {
	all, err := trajectory.Ensembles(in)
	if err != nil {
		return nil, inputs.Loss{}, err
	}
	if len(all) == 0 || len(all) > maxPhases {
		return nil, inputs.Loss{}, fmt.Errorf("the figure has room for 1 to %d sizes (N, M), and its inputs of kinds "+
			"descent and hessian have %d",
			maxPhases, len(all))
	}
	about := all[0].Runs[0].About()
	theory, err := spectrum.Theories(in)
	init, _, err2 := inputs.CriticalAlpha(in, about, "init")
	threshold, _, err3 := inputs.CriticalAlpha(in, about, "threshold")
	if err := cmp.Or(err, err2, err3); err != nil {
		return nil, about, err
	}
	var out []phase
	for _, c := range all {
		p := phase{Ensemble: c}
		for _, t := range theory {
			switch here := t.Row.About() == about && c.Has(t.Row.Alpha); {
			case here && t.Row.At == "init":
				p.init = &t.Row
			case here && t.Row.At == "threshold":
				p.threshold = &t.Row
			}
		}
		if p.init == nil {
			return nil, about, fmt.Errorf("%s is at alpha = %g, for which the figure has no input of kind "+
				"theory-density at init; add one",
				c.Stage, c.Asked)
		}
		if len(c.Times) < 3 || c.Times[0] != 0 {
			return nil, about, fmt.Errorf("the figure shows spectra at the start, on the plateau and at the end, "+
				"and the hessian stages on the descents of %s are at the times %v; give them 0 and two more", c.Stage,
				c.Times)
		}
		p.title = phaseTitle(c.Asked, init, threshold)
		p.fill()
		out = append(out, p)
	}
	return out, about, nil
}

func phaseTitle(alpha, init, threshold float64) string {
	const a, b = "α_{\\rm{BBP}}^{\\rm{init}}", "α_{\\rm{BBP}}^{\\rm{TS}}"
	v := label.Number(alpha)
	switch {
	case alpha < init:
		return "$α = " + v + " < " + a + "$"
	case alpha > threshold:
		return "$α = " + v + " > " + b + "$"
	case alpha > init && alpha < threshold:
		return "$" + a + " < α = " + v + " < " + b + "$"
	}
	return "$α = " + v + "$"
}

// fill chooses the three times, and takes the spectra there.
func (p *phase) fill() {
	plateau, reached := p.plateau()
	p.shown, p.Reached = [3]float64{0, plateau, p.Ensemble.Times[len(p.Ensemble.Times)-1]}, reached
	for k, t := range p.shown {
		m := moment{shift: math.NaN()}
		for _, s := range trajectory.StatesAt(p.Runs, t) {
			switch {
			case s.Overlap >= outcome.RecoveredOverlap && k == 2:
				m.recovered = append(m.recovered, s)
			case s.Overlap < escaping || k != 1:
				m.open = append(m.open, s)
			}
		}
		switch {
		case k == 0:
			m.theory, m.shift = p.init, -p.init.Mu
		case len(m.open) > 0:
			m.theory = p.threshold
		}
		p.moments[k] = m
	}
}

// arrives says whether a descent is on the plateau at the time shown.
func (p *phase) arrives() bool { return len(p.moments[1].open) > 0 }

// plateau is the first of the times between at which the edge of the bulk has come
// near zero, as it does when descent arrives at threshold states, or the last at which
// half of the descents are still there; reached says which. The edge is the second
// eigenvalue, the first being the outlier if there is one.
func (p *phase) plateau() (best float64, reached bool) {
	edge := func(t float64) (mid float64, most bool) {
		var second []float64
		states := trajectory.StatesAt(p.Runs, t)
		for _, s := range states {
			if s.Overlap < escaping {
				second = append(second, s.Eigenvalues[1])
			}
		}
		if len(second) == 0 {
			return 0, false
		}
		slices.Sort(second)
		return sample.Quantile(second, 0.5), 2*len(second) >= len(states)
	}
	start, _ := edge(0)
	between := p.Ensemble.Times[1 : len(p.Ensemble.Times)-1]
	best = between[0]
	for _, t := range between {
		e, most := edge(t)
		if !most {
			break
		}
		if best = t; e >= arrived*start {
			return best, true
		}
	}
	return best, false
}

// eigenvalues are those of several states, ascending.
func (m moment) eigenvalues(states []trajectory.State) (all []float64) {
	for _, s := range states {
		for _, v := range s.Eigenvalues {
			all = append(all, m.move(v, s))
		}
	}
	slices.Sort(all)
	return all
}

func (m moment) move(v float64, s trajectory.State) float64 {
	if math.IsNaN(m.shift) {
		return v
	}
	return v + s.Mu + m.shift
}

// outliers are the lowest eigenvalues with an eigenvector along the signal.
func (m moment) outliers() (out []float64) {
	for _, s := range m.open {
		if s.Lowest[0].Overlap >= macroscopic {
			out = append(out, m.move(s.Eigenvalues[0], s))
		}
	}
	return out
}

// overlaps are the q² of the lowest eigenvectors, ascending.
func (m moment) overlaps() (out []float64) {
	for _, s := range m.open {
		if q := s.Lowest[0].Overlap; !math.IsNaN(q) { // as it is in the signal
			out = append(out, q)
		}
	}
	slices.Sort(out)
	return out
}
