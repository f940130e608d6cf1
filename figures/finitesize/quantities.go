package finitesize

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
)

// finiteSize is the row that the figure shows, with what its caption says.
type finiteSize struct {
	scalingRow         // Sizes are those at which α50 is identified
	without    []int64 // N of the others

	MethodWords, LossWords, Level string
	Largest                       int64          // size, 0 if there is none
	Half                          house.Quantity // α50 there
	Laws                          []law          // those of α50 with free α∞
	AIC, AICc                     house.Quantity // of the power less that of the logarithm
	Disagree                      bool           // the two in sign
	Preferred                     string         // name of a law, or another word
	Predicted                     bool           // crossovers are
	Nu, WidthChi2, Quality        house.Quantity
	Collapsed                     bool
	quantities                    []house.Quantity
}

// A law is what was fitted of one.
type law struct {
	Formula    string
	Known      bool
	Parameters []parameter
	Chi2       house.Quantity
	Dof        int64
}

type parameter struct {
	Symbol string
	Q      house.Quantity
}

func newFiniteSize(row scalingRow, level string) *finiteSize {
	r := &finiteSize{scalingRow: row, Level: level,
		MethodWords: inputs.MethodWords(row.Method), LossWords: inputs.Loss{Name: row.Loss, A: row.A}.Words()}
	r.Sizes = nil
	for _, s := range row.Sizes {
		if s.Lo <= s.Alpha50 && s.Alpha50 <= s.Hi && s.N > 1 {
			r.Sizes = append(r.Sizes, s)
		} else {
			r.without = append(r.without, s.N)
		}
	}
	r.locate()
	r.fit()
	r.compare()
	r.predict()
	return r
}

func (r *finiteSize) list(q house.Quantity) house.Quantity {
	r.quantities = append(r.quantities, q)
	return q
}

// locate lists α50 of the first and the last size, and of those without.
func (r *finiteSize) locate() {
	half := func(s scalingSize, none bool) house.Quantity {
		return house.Estimate(fmt.Sprintf("alpha50-N=%d", s.N), fmt.Sprintf("$α_{50}$ at $N = %d$", s.N), s.Alpha50,
			s.Lo, s.Hi).
			Unless(none, "the data do not determine a curve")
	}
	for i, s := range r.Sizes {
		if i == 0 || i == len(r.Sizes)-1 {
			r.Largest, r.Half = s.N, r.list(half(s, false))
		}
	}
	for _, n := range r.without {
		r.list(half(scalingSize{N: n}, true))
	}
}

// fit lists the parameters of the laws of α50.
func (r *finiteSize) fit() {
	for _, l := range r.Models {
		look, ok := lawLooks[l.Name]
		if !ok {
			continue
		}
		_, known := l.curve()
		out := law{Formula: look.name, Known: known, Dof: l.Dof}
		const none = "the sizes do not identify it"
		for _, p := range l.Parameters {
			symbol := map[string]string{"alpha_inf": "$α_∞$", "c": "$c$", "b": "$b$"}[p.Name]
			q := house.Estimate(l.Name+"-"+strings.ReplaceAll(p.Name, "_", "-"), symbol+" of the law "+look.name,
				p.Value, p.Lo, p.Hi)
			out.Parameters = append(out.Parameters, parameter{symbol, r.list(q.Unless(!known, none))})
		}
		out.Chi2 = r.list(house.Exact(l.Name+"-chi2", "$χ^2$ of the law "+look.name, l.Chi2).
			Unless(math.IsNaN(l.Chi2), "there are no more sizes than parameters").Unless(!known, none))
		r.Laws = append(r.Laws, out)
	}
}

// compare lists what tells the laws apart.
func (r *finiteSize) compare() {
	c := lawComparison{DeltaAIC: math.NaN(), DeltaAICc: math.NaN()}
	if i := slices.IndexFunc(r.Comparisons,
		func(c lawComparison) bool { return c.First == "log" && c.Second == "power" }); i >= 0 {
		c = r.Comparisons[i]
	}
	r.AIC = r.list(house.Exact("delta-aic", "AIC of the power law less that of the law in $1/\\rm{ln} N$", c.DeltaAIC).
		Unless(math.IsNaN(c.DeltaAIC), "one of the laws has no fit"))
	r.AICc = r.list(house.Exact("delta-aicc", "the same of AICc, which corrects for few sizes", c.DeltaAICc).
		Unless(math.IsNaN(c.DeltaAIC+c.DeltaAICc), "there are too few sizes for it"))
	r.Disagree, r.Preferred = c.DeltaAIC*c.DeltaAICc < 0, c.Preferred
}

// WidthMissed says that the law of the width is farther from the widths than their errors explain:
// χ² is three of its standard deviations above its mean.
func (r *finiteSize) WidthMissed() bool {
	dof := float64(r.WidthLaw.Dof)
	return r.WidthChi2.Known() && r.WidthChi2.Value > dof+3*math.Sqrt(2*dof)
}

// predict lists the crossovers of the null model, and what there is of width and collapse.
func (r *finiteSize) predict() {
	for _, s := range r.Sizes {
		r.Predicted = r.Predicted || s.PredictedIdentified
		text := fmt.Sprintf("predicted crossover, where $W(α) = ½ \\rm{ln} N$, $N = %d$", s.N)
		r.list(house.Estimate(fmt.Sprintf("crossover-N=%d", s.N), text, s.Predicted, s.PredictedLo, s.PredictedHi).
			Unless(!s.PredictedIdentified, "the null model does not identify it"))
	}
	nu := r.WidthLaw.parameter("nu")
	r.Nu = r.list(house.Estimate("nu", "exponent $ν$ of the width, $w_0 N^{-ν}$", nu.Value, nu.Lo, nu.Hi).
		Unless(!r.WidthLaw.Identified || math.IsNaN(nu.Value), "the widths do not identify it"))
	r.WidthChi2 = r.list(house.Exact("width-chi2", "$χ^2$ of the law $w_0 N^{-ν}$ of the width", r.WidthLaw.Chi2).
		Unless(math.IsNaN(r.WidthLaw.Chi2), "there are no more sizes than parameters").
		Unless(!r.Nu.Known(), "the widths do not identify the law"))
	c := r.Collapse
	r.Collapsed = c.Identified && len(c.Points) > 0
	r.Quality = r.list(house.Exact("collapse-quality",
		"quality $S$ of the collapse, 1 if the curves agree within errors", c.Quality).
		Unless(!r.Collapsed || math.IsNaN(c.Quality), "there are no points to compare"))
}
