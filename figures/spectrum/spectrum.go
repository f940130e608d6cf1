// Package spectrum reads and draws spectra of the Hessian: eigenvalues that were measured
// as histograms, with the density and the outlier of theory.
package spectrum

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"

	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// Theory is what figures use of a theory-density artifact.
type Theory struct {
	At         string    `arrow:"at"`
	Loss       string    `arrow:"loss"`
	A          float64   `arrow:"a"`
	Alpha      float64   `arrow:"alpha"`
	Mu         float64   `arrow:"mu"`
	Edge       float64   `arrow:"edge"`
	Outlier    bool      `arrow:"outlier"`
	LambdaStar float64   `arrow:"lambda_star"`
	Q2         float64   `arrow:"q2"`
	Lambda     []float64 `arrow:"lambda"`
	Rho        []float64 `arrow:"rho"`
	CDF        []float64 `arrow:"cdf"`
	Atoms      []Atom    `arrow:"atoms"`
}

// An Atom is an eigenvalue with a finite share of the spectrum.
type Atom struct {
	Lambda float64 `arrow:"lambda"`
	Mass   float64 `arrow:"mass"`
}

// About is the loss of the theory.
func (t Theory) About() inputs.Loss { return inputs.Loss{Name: t.Loss, A: t.A} }

// Quantile is the eigenvalue, of those at which there is a density, below which a share of
// the spectrum is.
func (t Theory) Quantile(share float64) float64 {
	i := slices.IndexFunc(t.CDF, func(c float64) bool { return c >= share })
	if i < 0 {
		i = len(t.Lambda) - 1
	}
	return t.Lambda[i]
}

// Mark is the outlier, at a height.
func (t Theory) Mark(y float64, clr color.Color) house.Points {
	return house.Points{X: []float64{t.LambdaStar}, Y: []float64{y},
		Look: house.Look{Color: clr, Shape: house.TriangleDown}}
}

// Theories reads the densities.
func Theories(in pipeline.Inputs) ([]inputs.From[Theory], error) {
	out, err := inputs.Read[Theory](in, "theory-density")
	for _, t := range out {
		if n := len(t.Row.Lambda); n < 2 || len(t.Row.Rho) != n || len(t.Row.CDF) != n {
			return nil, fmt.Errorf("%s: its density has %d values of lambda, %d of rho, %d of cdf", t.Stage, n,
				len(t.Row.Rho), len(t.Row.CDF))
		}
	}
	return out, err
}

// Measured is what figures use of the Hessian at one time of a descent.
type Measured struct {
	Seed        int64     `arrow:"seed"`
	N           int64     `arrow:"n"`
	M           int64     `arrow:"m"`
	Loss        string    `arrow:"loss"`
	A           float64   `arrow:"a"`
	T           float64   `arrow:"t"`
	Mu          float64   `arrow:"mu"`
	Eigenvalues []float64 `arrow:"eigenvalues"`
	Lowest      []Low     `arrow:"lowest"`
}

// A Low is one of the lowest eigenvectors: its squared overlap with the signal.
type Low struct {
	Overlap float64 `arrow:"overlap"`
}

// About is the loss of the descent.
func (m Measured) About() inputs.Loss { return inputs.Loss{Name: m.Loss, A: m.A} }

// Spectra reads what was measured.
func Spectra(in pipeline.Inputs) ([]inputs.From[Measured], error) {
	out, err := inputs.Read[Measured](in, "hessian")
	for _, h := range out {
		if e := h.Row.Eigenvalues; math.IsNaN(h.Row.Mu) || slices.ContainsFunc(e, math.IsNaN) || !slices.IsSorted(e) {
			return nil, fmt.Errorf("%s: seed %d has eigenvalues out of order, or one of them or mu is not a number",
				h.Stage, h.Row.Seed)
		}
	}
	return out, err
}

// A Histogram is a part of the eigenvalues. It has area one, or the share of them in all if
// Part is set, and then no empty bins at its ends.
type Histogram struct {
	Key     string // in the key of the panel; none if empty
	Values  []float64
	Part    bool
	Color   color.Color
	Opacity float64
}

// Steps is the histogram, of area one, between edges.
func (h Histogram) Steps(edges []float64) house.Steps {
	out := house.Density(h.Values, edges, h.Color)
	out.Fill = house.Fade(h.Color, h.Opacity)
	return out
}

// A Panel is a spectrum between two ends.
type Panel struct {
	X           string // label of the axis
	Left, Right float64
	All         []float64 // eigenvalues, ascending, from which bins are made
	Histograms  []Histogram
	Theory      *Theory // nil if there is none
	Dashed      bool    // the theory
	Key         string  // of the theory; none if empty
	Fits        bool    // the density of theory is as high as the panel shows
	Headroom    float64 // height of the panel over that of what fits in it
}

// Draw also gives the height of the tallest bin without an atom, or of the density if that
// is to fit in or if there is no such bin.
func (s Panel) Draw() (p *house.Panel, top float64) {
	p = house.NewPanel(s.X, "$ρ$")
	p.X.Min, p.X.Max = s.Left, s.Right
	edges := house.Bins(s.All, s.Left, s.Right)
	for _, h := range s.Histograms {
		steps := h.Steps(edges)
		if h.Part {
			for i := range steps.Height {
				steps.Height[i] *= float64(len(h.Values)) / float64(len(s.All))
			}
		}
		for i, v := range steps.Height {
			if !s.atom(edges[i], edges[i+1]) {
				top = max(top, v)
			}
		}
		if h.Part {
			steps = steps.Trimmed()
		}
		add(p, h.Key, steps)
	}
	if t := s.Theory; t != nil {
		sty := house.Line(house.Black)
		if s.Dashed {
			sty.Dashes = house.Dashed
		}
		add(p, s.Key, house.Curve{X: t.Lambda, Y: t.Rho, Style: sty})
		fits := s.Fits || top == 0
		for i, l := range t.Lambda {
			if fits && l >= s.Left && l <= s.Right {
				top = max(top, t.Rho[i])
			}
		}
	}
	p.Y.Min, p.Y.Max = 0, s.Headroom*top
	return p, top
}

// HighOnRight says whether the tallest bin is in the right half.
func (s Panel) HighOnRight() bool {
	edges := house.Bins(s.All, s.Left, s.Right)
	heights := make([]float64, len(edges)-1)
	for _, h := range s.Histograms {
		for i, v := range h.Steps(edges).Height {
			heights[i] = max(heights[i], v)
		}
	}
	half := len(heights) / 2
	return slices.Max(heights[half:]) == slices.Max(heights)
}

func add(p *house.Panel, key string, mark plot.Plotter) {
	if key == "" {
		p.Add(mark)
	} else {
		p.AddKeyed(key, mark)
	}
}

// atom says whether theory has an atom between two ends.
func (s Panel) atom(lo, hi float64) bool {
	return s.Theory != nil && slices.ContainsFunc(s.Theory.Atoms,
		func(a Atom) bool { return lo <= a.Lambda && a.Lambda <= hi })
}
