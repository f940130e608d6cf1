package signal

import (
	"math"
	"slices"
)

// lawRow is what the figure uses of a theory-signal artifact.
type lawRow struct {
	At        string    `arrow:"at"`
	Loss      string    `arrow:"loss"`
	A         float64   `arrow:"a"`
	Alpha     float64   `arrow:"alpha"`
	Mu        float64   `arrow:"mu"`
	Atoms     []atom    `arrow:"atoms"`
	BelowZero estimate  `arrow:"below_zero"`
	Share     float64   `arrow:"share"`
	Lowest    estimate  `arrow:"lowest"`
	Lambda    []float64 `arrow:"lambda"`
	Rho       []float64 `arrow:"rho"`
	Bulk      []float64 `arrow:"bulk"`
	Weight    []float64 `arrow:"weight"`
}

type atom struct {
	Lambda estimate `arrow:"lambda"`
	Weight estimate `arrow:"weight"`
}

type estimate struct {
	Value float64 `arrow:"value"`
}

// signal is the weight of the signal below eigenvalues, and bulk the share of the eigenvalues
// there. What the bulk lacks is in the kernel of the matrix, at −μ.
func (l lawRow) signal() steps { return l.sum(l.Rho, l.Atoms) }

func (l lawRow) bulk() steps {
	kernel := 1.0
	for i, w := range l.Weight {
		kernel -= float64(w * l.Bulk[i])
	}
	return l.sum(l.Bulk, []atom{{estimate{-l.Mu}, estimate{max(0, kernel)}}})
}

func (l lawRow) sum(density []float64, atoms []atom) (s steps) {
	for i, x := range l.Lambda {
		for len(atoms) > 0 && atoms[0].Lambda.Value <= x {
			s.jump(atoms[0].Lambda.Value, atoms[0].Weight.Value)
			atoms = atoms[1:]
		}
		// A node of the quadrature has half of what is there below it.
		half := 0.5 * l.Weight[i] * density[i]
		s.rise(x, half)
		s.total += half
	}
	return s
}

// steps are a distribution function, ascending.
type steps struct {
	x, y  []float64
	total float64
}

func (s *steps) rise(x, weight float64) {
	s.total += weight
	s.x, s.y = append(s.x, x), append(s.y, s.total)
}

func (s *steps) jump(x, weight float64) {
	s.rise(x, 0)
	s.rise(x, weight)
}

// at is the weight below x, between points on a straight line.
func (s steps) at(x float64) float64 {
	last := len(s.x) - 1
	switch {
	case last < 0 || x <= s.x[0]:
		return 0
	case x >= s.x[last]:
		return s.y[last]
	}
	i := 1
	for s.x[i] < x {
		i++
	}
	if s.x[i] == s.x[i-1] {
		return s.y[i]
	}
	return s.y[i-1] + float64((s.y[i]-s.y[i-1])*(x-s.x[i-1])/(s.x[i]-s.x[i-1]))
}

// quantile is the first point that a weight of a share or more is below, or the last of all.
func (s steps) quantile(share float64) float64 {
	i := slices.IndexFunc(s.y, func(y float64) bool { return y >= share })
	if i < 0 {
		i = len(s.x) - 1
	}
	return s.x[i]
}

// runRow is what the figure uses of a descent whose X is deferred.
type runRow struct {
	N        int64      `arrow:"n"`
	M        int64      `arrow:"m"`
	Asked    float64    `arrow:"alpha_asked"`
	Loss     string     `arrow:"loss"`
	A        float64    `arrow:"a"`
	Observed []observed `arrow:"observed"`
}

type observed struct {
	T      float64 `arrow:"t"`
	Signal []line  `arrow:"signal"`
}

type line struct {
	Value  float64 `arrow:"value"`
	Weight float64 `arrow:"weight"`
}

// lines are those at a time; none if there are none.
func (r runRow) lines(t float64) []line {
	for _, o := range r.Observed {
		if o.T == t && len(o.Signal) > 0 {
			return o.Signal
		}
	}
	return nil
}

// cumulate is the staircase of lines.
func cumulate(lines []line) (s steps) {
	for _, l := range lines {
		s.jump(l.Value, l.Weight)
	}
	return s
}

// below is the weight below x that lines tell: what they surely leave out and have in at most
// (Chebyshev, Markov and Stieltjes), and the line through the middles of the steps.
func below(lines []line, x float64) (v, lo, hi float64) {
	var middles steps
	for i, l := range lines {
		middles.rise(l.Value, l.Weight/2)
		middles.total += l.Weight / 2
		if l.Value < x {
			lo = middles.total - l.Weight
		}
		if l.Value < x || i == 0 || lines[i-1].Value < x {
			hi = middles.total
		}
	}
	return middles.at(x), lo, hi
}

// nullRow is what the figure uses of the null model at one α.
type nullRow struct {
	N      int64       `arrow:"n"`
	Alpha  float64     `arrow:"alpha"`
	Loss   string      `arrow:"loss"`
	A      float64     `arrow:"a"`
	Runs   int64       `arrow:"runs"`
	Lost   bool        `arrow:"lost"`
	TBBP   float64     `arrow:"t_bbp"`
	TBBPLo float64     `arrow:"t_bbp_lo"`
	TBBPHi float64     `arrow:"t_bbp_hi"`
	Times  []nullState `arrow:"times"`
}

// shares is how many were asked for.
func (r nullRow) shares() int { return len(r.Times[0].Lowest) }

type nullState struct {
	T           float64  `arrow:"t"`
	Edge        float64  `arrow:"edge"`
	Outlier     bool     `arrow:"outlier"`
	LambdaStar  float64  `arrow:"lambda_star"`
	Q2          float64  `arrow:"q2"`
	BelowZero   float64  `arrow:"below_zero"`
	BelowZeroLo float64  `arrow:"below_zero_lo"`
	BelowZeroHi float64  `arrow:"below_zero_hi"`
	Lowest      []lowest `arrow:"lowest"`
}

type lowest struct {
	Share  float64 `arrow:"share"`
	UpTo   float64 `arrow:"up_to"`
	Weight float64 `arrow:"weight"`
	Lo     float64 `arrow:"lo"`
	Hi     float64 `arrow:"hi"`
}

// of is the weight at a share of the eigenvalues with its interval; NaN if that was not asked for.
func (s nullState) of(share float64) [3]float64 {
	for _, l := range s.Lowest {
		if l.Share == share {
			return [3]float64{l.Weight, l.Lo, l.Hi}
		}
	}
	return [3]float64{math.NaN(), math.NaN(), math.NaN()}
}

func (s nullState) zero() [3]float64 { return [3]float64{s.BelowZero, s.BelowZeroLo, s.BelowZeroHi} }

// signal and bulk are as those of a lawRow, as far as shares were asked for.
func (s nullState) signal() (out steps) {
	if s.Outlier {
		out.jump(s.LambdaStar, s.Q2)
	}
	out.rise(s.Edge, 0)
	for _, l := range s.Lowest {
		out.rise(l.UpTo, l.Weight-out.total)
	}
	return out
}

func (s nullState) bulk() (out steps) {
	out.rise(s.Edge, 0)
	for _, l := range s.Lowest {
		out.rise(l.UpTo, l.Share-out.total)
	}
	return out
}
