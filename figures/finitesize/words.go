package finitesize

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
)

// A report is the sentences of the caption and the numbers, as they are found.
type report struct {
	words   []string
	numbers []house.Quantity
}

func (w *report) add(q house.Quantity) house.Quantity {
	w.numbers = append(w.numbers, q)
	return q
}

func (w *report) say(format string, args ...any) {
	w.words = append(w.words, fmt.Sprintf(format, args...))
}

func (r finiteSize) words(level string) (string, []house.Quantity) {
	var w report
	w.say("Finite-size scaling of recovery by %s for %s.", inputs.MethodWords(r.Method), inputs.Loss{Name: r.Loss, A: r.A}.Words())
	r.sayLocations(&w, level)
	r.sayLaws(&w)
	r.sayComparison(&w)
	r.sayCrossover(&w)
	r.sayWidth(&w)
	r.sayCollapse(&w)
	return strings.Join(w.words, " "), w.numbers
}

func (r finiteSize) sayLocations(w *report, level string) {
	alpha50 := func(n int64) (name, text string) {
		return fmt.Sprintf("alpha50-N=%d", n), fmt.Sprintf("$α_{50}$ at $N = %d$", n)
	}
	var q house.Quantity
	for i, s := range r.Sizes {
		if i == 0 || i == len(r.Sizes)-1 {
			name, text := alpha50(s.N)
			q = w.add(house.Estimate(name, text, s.Alpha50, s.Lo, s.Hi))
		}
	}
	for _, n := range r.without {
		name, text := alpha50(n)
		w.add(house.None(name, text, "the data do not determine a curve"))
	}
	if len(r.Sizes) == 0 {
		w.say("$α_{50}$: none, since the data do not determine a curve at any size.")
		return
	}
	w.say("(a) $α_{50}(N)$ with %sbootstrap intervals, %s at $N = %d$, between the transitions at a random start and of the threshold states by 1RSB (dashed); (b) the same against $1/\\rm{ln} N$.",
		level, q, r.Sizes[len(r.Sizes)-1].N)
}

func (r finiteSize) sayLaws(w *report) {
	for _, l := range r.Models {
		name := lawLooks[l.Name].name
		if name == "" {
			continue
		}
		_, known := l.curve()
		var fitted []string
		for _, q := range l.Parameters {
			symbol := map[string]string{"alpha_inf": "$α_∞$", "c": "$c$", "b": "$b$"}[q.Name]
			key, text := l.Name+"-"+strings.ReplaceAll(q.Name, "_", "-"), symbol+" of the law "+name
			if !known {
				w.add(house.None(key, text, "the sizes do not identify it"))
				continue
			}
			fitted = append(fitted, symbol+" $=$ "+w.add(house.Estimate(key, text, q.Value, q.Lo, q.Hi)).String())
		}
		switch {
		case !known:
			w.say("The law %s is not identified by these sizes and not drawn.", name)
		case math.IsNaN(l.Chi2):
			w.say("%s: %s, through as many sizes as it has parameters.", name, label.List(fitted...))
		default:
			w.say("%s: %s, $χ^2 = %.1f$ for %s of freedom.", name, label.List(fitted...), l.Chi2, label.Plural(l.Dof, "degree"))
		}
	}
}

func (r finiteSize) sayComparison(w *report) {
	i := slices.IndexFunc(r.Comparisons, func(c lawComparison) bool { return c.First == "log" && c.Second == "power" })
	aic := house.None("delta-aic", "AIC of the power law less that of the law in $1/\\rm{ln} N$", "one of the laws has no fit")
	aicc := house.None("delta-aicc", "the same of AICc, which corrects for few sizes", "there are too few sizes for it")
	if i < 0 || math.IsNaN(r.Comparisons[i].DeltaAIC) {
		w.add(aic)
		w.add(aicc)
		w.say("Comparison of these laws: none, since one of them has no fit.")
		return
	}
	c := r.Comparisons[i]
	aic = w.add(house.Exact(aic.Name, aic.Text, label.Rounded(c.DeltaAIC, 3)))
	says := map[string]string{"log": "the data prefer the logarithm", "power": "the data prefer the power"}[c.Preferred]
	if says == "" {
		says = "the data do not decide"
	}
	few := ""
	if !math.IsNaN(c.DeltaAICc) {
		aicc = house.Exact(aicc.Name, aicc.Text, label.Rounded(c.DeltaAICc, 3))
		few = ", and " + aicc.String() + " with the correction for few sizes (AICc)"
		if c.DeltaAIC*c.DeltaAICc < 0 {
			says = "the two disagree, and these sizes do not settle it"
		}
	}
	w.add(aicc)
	w.say("The AIC of the power less that of the logarithm is %s%s: %s.", aic, few, says)
}

func (r finiteSize) sayCrossover(w *report) {
	predicted := 0
	for _, s := range r.Sizes {
		name, text := fmt.Sprintf("crossover-N=%d", s.N), fmt.Sprintf("predicted crossover, where $W(α) = ½ \\rm{ln} N$, $N = %d$", s.N)
		if s.PredictedIdentified {
			predicted++
			w.add(house.Estimate(name, text, s.Predicted, s.PredictedLo, s.PredictedHi))
		} else {
			w.add(house.None(name, text, "the null model does not identify it"))
		}
	}
	if predicted > 0 {
		w.say("Squares: crossover predicted by the growth of the overlap in the null model, $W(α) = ∫|λ^*|\\rm{d}t = ½ \\rm{ln} N$, without a fitted constant.")
	} else {
		w.say("The crossover predicted by the null model is not identified at these sizes.")
	}
}

func (r finiteSize) sayWidth(w *report) {
	q := house.None("nu", "exponent $ν$ of the width, $w_0 N^{-ν}$", "the widths do not identify it")
	if nu := r.WidthLaw.parameter("nu"); r.WidthLaw.Identified && !math.IsNaN(nu.Value) {
		q = house.Estimate(q.Name, q.Text, nu.Value, nu.Lo, nu.Hi)
		w.say("(c) Width of the logistic curve, falling like $N^{-ν}$ with $ν$ $=$ %s.", q)
	}
	w.add(q)
}

func (r finiteSize) sayCollapse(w *report) {
	c := r.Collapse
	q := house.None("collapse-quality", "quality $S$ of the collapse, 1 if the curves agree within errors", "there are no points to compare")
	if c.Identified && len(c.Points) > 0 {
		said := "(d) All rates against α in units of the width, with Wilson intervals"
		if !math.IsNaN(c.Quality) {
			q = house.Exact(q.Name, q.Text, label.Rounded(c.Quality, 3))
			said += fmt.Sprintf("; the quality of the collapse is $S = %.2f$ over %d points (Houdayer and Hartmann; near 1 or below if the curves agree)", c.Quality, c.Compared)
		}
		w.words = append(w.words, said+".")
	}
	w.add(q)
}
