package house

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"

	"zerotohero/figures/label"
	"zerotohero/figures/portable"
)

// logScale is plot.LogScale in these terms.
type logScale struct{}

// Normalize implements plot.Normalizer.
func (logScale) Normalize(lo, hi, x float64) float64 { return portable.Log(x/lo) / portable.Log(hi/lo) }

// A fitted ticker chooses its marks for the room on the axis, which gonum/plot's
// interface does not tell it.
type fitted interface{ fit(most int) plot.Ticker }

// linearTicks marks at most so many round numbers.
type linearTicks struct{ most int }

func (t linearTicks) fit(most int) plot.Ticker {
	return linearTicks{most}
}

// Ticks implements plot.Ticker.
func (t linearTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(hi > lo) || math.IsInf(hi-lo, 0) {
		return nil
	}
	most := max(2, t.most)
	step, minors := 0.0, 1
	for k := math.Floor(portable.Log10((hi-lo)/float64(most))) - 1; step == 0; k++ {
		for _, s := range []struct {
			of     float64
			minors int
		}{{1, 5}, {2, 4}, {5, 5}} {
			// Multiplying by a power of ten below one would leave ticks like 0.30000000000000004.
			of := s.of * math.Pow10(int(k))
			if math.Floor(hi/of*(1+1e-12))-math.Ceil(lo/of*(1-1e-12))+1 <= float64(most) {
				step, minors = of, s.minors
				break
			}
		}
	}
	decimals := max(0, int(-math.Floor(portable.Log10(step)+1e-9)))
	sub := step / float64(minors)
	eps := (hi - lo) * 1e-9
	var out []plot.Tick
	for i := math.Ceil((lo - eps) / sub); i*sub <= hi+eps && len(out) < 1000; i++ {
		tick := plot.Tick{Value: i * sub}
		if math.Mod(i, float64(minors)) == 0 {
			tick.Value = i / float64(minors) * step
			tick.Label = label.NumberTo(round(tick.Value, decimals), decimals)
		}
		tick.Value = max(lo, min(hi, tick.Value))
		out = append(out, tick)
	}
	return out
}

func round(v float64, decimals int) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', decimals, 64), 64)
	return r
}

// logTicks marks powers of ten, and within less than two decades also 2 and 5 times them.
type logTicks struct{ most int }

func (t logTicks) fit(most int) plot.Ticker {
	return logTicks{most}
}

// Ticks implements plot.Ticker.
func (t logTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(lo > 0) || !(hi > lo) || math.IsInf(hi, 0) {
		return nil
	}
	most := max(2, t.most)
	const slack = 1e-9
	first := int(math.Floor(portable.Log10(lo) + slack))
	last := int(math.Ceil(portable.Log10(hi) - slack))
	whole := 0
	for k := first; k <= last; k++ {
		if v := math.Pow10(k); v >= lo*(1-slack) && v <= hi*(1+slack) {
			whole++
		}
	}
	every := max(1, (whole+most-1)/most)
	var out []plot.Tick
	for k := first; k <= last; k++ {
		for m := 1; m <= 9; m++ {
			v := float64(m) * math.Pow10(k)
			if v < lo*(1-slack) || v > hi*(1+slack) || m > 1 && last-first > 8 {
				continue
			}
			tick := plot.Tick{Value: max(lo, min(hi, v))}
			switch {
			case whole < 2 && (m == 1 || m == 2 || m == 5):
				tick.Label = label.Number(v)
			case m == 1 && k%every == 0:
				tick.Label = fmt.Sprintf("10^{%s}", label.Minus(strconv.Itoa(k)))
			}
			out = append(out, tick)
		}
	}
	return out
}
