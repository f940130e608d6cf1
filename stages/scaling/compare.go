package scaling

import (
	"context"
	"fmt"
	"math"
	"slices"

	"zerotohero/stages/internal/random"
)

// pairs are the rivals compared, by name. The first answers which law it is; the
// second whether the limit can be the threshold's; the third which law leads there.
var pairs = [][2]string{{"log", "power"}, {"log-threshold", "log"}, {"log-threshold", "power-threshold"}}

// compare draws data sets from each law, refits all, and fills in the probabilities
// of χ² and the comparisons. The models of the row are those of the laws, in order.
func compare(ctx context.Context, p Params, laws []law, data []datum, row *Row) error {
	// chi2[i][j][b] is of law j on data set b drawn from law i.
	chi2 := make([][][]float64, len(laws))
	for i, l := range laws {
		if math.IsNaN(row.Models[i].Chi2) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		chi2[i] = simulate(p, l, laws, data)
		if m := &row.Models[i]; m.Dof > 0 {
			m.P = rank(chi2[i][i], func(v float64) bool { return v >= m.Chi2 })
		}
	}
	find := func(name string) int {
		return slices.IndexFunc(laws, func(l law) bool { return l.name == name })
	}
	for _, pair := range pairs {
		i, j := find(pair[0]), find(pair[1])
		if i < 0 || j < 0 {
			continue
		}
		row.Comparisons = append(row.Comparisons,
			verdict(p, laws[i], laws[j], row.Models[i], row.Models[j], func(from, b int) float64 {
				from = []int{i, j}[from]
				return chi2[from][j][b] - chi2[from][i][b]
			}))
	}
	c := row.Comparisons[0]
	row.Preferred, row.DeltaAIC, row.Reason = c.Preferred, c.DeltaAIC, c.Reason
	return nil
}

// simulate draws data sets about the fit of one law, and gives χ² of every law that
// the sizes suffice for on each.
func simulate(p Params, from law, laws []law, data []datum) [][]float64 {
	at := from.predict(from.fit(data), data)
	out := make([][]float64, len(laws))
	drawn := slices.Clone(data)
	for b := range p.Resamples {
		stream := random.New("scaling rivals "+from.name, int64(p.Seed), int64(b))
		for i := range drawn {
			drawn[i].y = at[i] + float64(drawn[i].sigma*stream.Normal())
		}
		for j, l := range laws {
			if len(data) >= l.parameters() {
				out[j] = append(out[j], l.fit(drawn).ChiSquare)
			}
		}
	}
	return out
}

// verdict compares two laws; excess(from, b) is χ² of the second less that of the
// first on data set b drawn from the first (0) or the second (1).
func verdict(p Params, first, second law, a, b Model, excess func(from, b int) float64) Comparison {
	nan := math.NaN()
	out := Comparison{
		First: first.name, Second: second.name, DeltaAIC: b.AIC - a.AIC, DeltaAICc: b.AICc - a.AICc,
		PFirst: nan, PSecond: nan, TellFirst: nan, TellOther: nan, Preferred: "undecided",
	}
	if math.IsNaN(out.DeltaAIC) {
		out.Reason = a.Reason
		if a.Reason == "" {
			out.Reason = b.Reason
		}
		return out
	}
	penalty := float64(2 * (second.parameters() - first.parameters()))
	var delta [2][]float64
	for from := range delta {
		delta[from] = make([]float64, p.Resamples)
		for k := range delta[from] {
			delta[from][k] = excess(from, k) + penalty
		}
	}
	pFirst := func(d float64) float64 { return rank(delta[0], func(v float64) bool { return v <= d }) }
	pSecond := func(d float64) float64 { return rank(delta[1], func(v float64) bool { return v >= d }) }
	out.PFirst, out.PSecond = pFirst(out.DeltaAIC), pSecond(out.DeltaAIC)
	level := 1 - p.Confidence
	out.TellFirst = share(delta[0], func(d float64) bool { return d > 0 && pSecond(d) < level })
	out.TellOther = share(delta[1], func(d float64) bool { return d < 0 && pFirst(d) < level })
	switch {
	case out.PFirst < level && out.PSecond < level:
		out.Reason = "neither describes the data: ΔAIC lies between what either gives"
	case out.DeltaAIC > 0 && out.PSecond < level && out.TellFirst >= 0.5:
		out.Preferred = first.name
	case out.DeltaAIC < 0 && out.PFirst < level && out.TellOther >= 0.5:
		out.Preferred = second.name
	default:
		out.Reason = fmt.Sprintf("ΔAIC = %.2g: as far as this from %s with probability %.2g, from %s with %.2g; "+
			"were %s true, such data would reject %s with probability %.2g, and the reverse with %.2g",
			out.DeltaAIC, first.name, out.PFirst, second.name, out.PSecond,
			first.name, second.name, out.TellFirst, out.TellOther)
	}
	return out
}

func share(values []float64, is func(float64) bool) float64 {
	count := 0
	for _, v := range values {
		if is(v) {
			count++
		}
	}
	return float64(count) / float64(len(values))
}
