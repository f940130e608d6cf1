package scaling

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/line"
	"zerotohero/stages/internal/portable"
)

// locations are α50 of the sizes that can be fitted; it says in the row which.
func (row *Row) locations(p Params, z float64) []datum {
	var out []datum
	for i := range row.Sizes {
		s := &row.Sizes[i]
		if s.Reason == "" {
			s.Reason = unusable(s, p, "alpha50", s.Lo, s.Hi)
		}
		if s.Used = s.Reason == ""; s.Used {
			out = append(out, datum{portable.Log(float64(s.N)), s.Alpha50, (s.Hi - s.Lo) / (2 * z)})
		}
	}
	return out
}

// widths are ln width of the sizes that can be fitted; it says in the row which.
func (row *Row) widths(p Params, z float64) []datum {
	var out []datum
	for i := range row.Sizes {
		s := &row.Sizes[i]
		if s.WidthReason == "" {
			s.WidthReason = unusable(s, p, "the width", s.WidthLo, s.WidthHi)
			if s.WidthReason == "" && !(s.WidthLo > 0) {
				s.WidthReason = "resamples reach width 0"
			}
		}
		if s.WidthUsed = s.WidthReason == ""; s.WidthUsed {
			out = append(out, datum{portable.Log(float64(s.N)), portable.Log(s.Width),
				portable.Log(s.WidthHi/s.WidthLo) / (2 * z)})
		}
	}
	return out
}

// unusable says why a number cannot be given a weight; empty if it can.
func unusable(s *Size, p Params, what string, lo, hi float64) string {
	switch {
	case s.N < int64(p.Least):
		return fmt.Sprintf("N below %d", p.Least)
	case math.IsInf(lo, 0) || math.IsInf(hi, 0) || math.IsNaN(lo) || math.IsNaN(hi):
		return "the interval of " + what + " is open: more instances or α are needed"
	case !(hi > lo):
		return "the interval of " + what + " is a point: more instances are needed"
	}
	return ""
}

// widthLaw fits width = w0·N^(−ν).
func widthLaw(data []datum, z float64) Model {
	nan, inf := math.NaN(), math.Inf(1)
	m := Model{Name: "width", Formula: "w0·N^(−ν)", Dof: int64(len(data) - 2), Chi2: nan, P: nan, AIC: nan, AICc: nan,
		Parameters: []Parameter{{"w0", nan, 0, inf}, {"nu", nan, -inf, inf}}}
	if len(data) < 2 {
		m.Reason = fmt.Sprintf("2 parameters want as many sizes, of which %d can be used", len(data))
		return m
	}
	l := line.Fit(points(data))
	w0, nu := gaussian("w0", l.A, l.VarA, z), gaussian("nu", -l.B, l.VarB, z)
	m.Parameters = []Parameter{{"w0", portable.Exp(w0.Value), portable.Exp(w0.Lo), portable.Exp(w0.Hi)}, nu}
	m.Identified, m.Chi2 = true, l.ChiSquare
	m.AIC, m.AICc = criteria(l.ChiSquare, len(data), 2)
	return m
}

// remark adds the notes that follow from the numbers.
func (row *Row) remark() {
	note := func(format string, args ...any) { row.Notes = append(row.Notes, fmt.Sprintf(format, args...)) }
	used, skew, at := 0, 0.0, int64(0)
	for _, s := range row.Sizes {
		if !s.Used {
			continue
		}
		used++
		if a := math.Abs(s.Hi+s.Lo-2*s.Alpha50) / (s.Hi - s.Lo); a > skew {
			skew, at = a, s.N
		}
	}
	note("%d of %d sizes enter the laws of alpha50", used, len(row.Sizes))
	// At 1/5 one side of the interval is half again as long as the other.
	if skew > 0.2 {
		note("the interval of alpha50 at N = %d is asymmetric: "+
			"its sides differ by %.0f%% of it, which the fits leave out", at, 100*skew)
	}
	if used > 0 && used < 5 {
		note("with %d sizes χ² hardly tests a law", used)
	}
	if math.IsNaN(row.Threshold) {
		note("without the transition of the threshold states there are no laws with fixed α∞")
	}
	for _, m := range row.Models {
		if m.P < 0.01 {
			note("%s does not fit: a χ² of %.3g occurs with probability %.2g; its intervals are too narrow",
				m.Name, m.Chi2, m.P)
		}
	}
}
