package growth

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"zerotohero/stages/internal/portable"
	"zerotohero/stages/outcome"
)

// An instance is the runs of one seed.
type instance struct {
	seed int64
	runs []int // their indices among all
}

// A sample is the runs of one N and α.
type sample struct {
	t         []float64 // the grid, ascending
	logT      []float64
	ended     float64 // when growth was first cut off in a run
	instances []instance
	of        []int       // the instance of each run
	values    [][]float64 // N m² of each run, at each time
	order     [][]int     // of the values at each time, ascending
	draws     [][]int     // how often each instance is in each resample
}

// newSample interpolates all runs, sorted by seed, on the grid.
func newSample(p Params, runs []descent) *sample {
	s := &sample{ended: math.Inf(1)}
	s.grid(p, runs)
	s.values, s.order = make([][]float64, len(s.t)), make([][]int, len(s.t))
	var seeds []int64
	for i, d := range runs {
		// A run that has recovered stands above the median as it would have in any case.
		if p.Statistic == mean || d.Outcome != outcome.Recovered {
			s.ended = min(s.ended, d.T)
		}
		if k := len(seeds); k == 0 || seeds[k-1] != d.Seed {
			seeds = append(seeds, d.Seed)
			s.instances = append(s.instances, instance{seed: d.Seed})
		}
		u := &s.instances[len(s.instances)-1]
		u.runs = append(u.runs, i)
		s.of = append(s.of, len(s.instances)-1)
		s.add(d)
	}
	for k, v := range s.values {
		for i := range v {
			s.order[k] = append(s.order[k], i)
		}
		slices.SortStableFunc(s.order[k], func(i, j int) int { return cmp.Compare(v[i], v[j]) })
	}
	s.draws = p.Resample(fmt.Sprintf("growth bootstrap N=%d %v", runs[0].N, seeds), len(seeds))
	return s
}

// grid lays the times: powers of 10^(1/per_decade), the same for all N and α, from the
// first that every run has a positive record before, to the last end of a run.
func (s *sample) grid(p Params, runs []descent) {
	first, last := 0.0, 0.0
	for _, d := range runs {
		i := slices.IndexFunc(d.Trace, func(r record) bool { return r.T > 0 })
		if i < 0 {
			return // a run without a step: nothing is known of growth
		}
		first, last = max(first, d.Trace[i].T), max(last, d.T)
	}
	step := portable.Log(10) / float64(p.PerDecade)
	for k := int(math.Ceil(portable.Log(first) / step)); ; k++ {
		u := float64(k) * step
		t := portable.Exp(u)
		if t > last {
			return
		}
		if t >= first {
			s.t, s.logT = append(s.t, t), append(s.logT, u)
		}
	}
}

// add notes N m² of a run at each time of the grid; its last state stands for later ones.
func (s *sample) add(d descent) {
	at := 1 // the record from which on t is interpolated
	for k, t := range s.t {
		for at < len(d.Trace) && d.Trace[at].T < t {
			at++
		}
		m := d.Trace[len(d.Trace)-1].Overlap
		if at < len(d.Trace) {
			a, b := d.Trace[at-1], d.Trace[at]
			m = b.Overlap
			if a.T > 0 {
				x := portable.Log(t/a.T) / portable.Log(b.T/a.T)
				m = a.Overlap + float64(x*(b.Overlap-a.Overlap))
			}
		}
		s.values[k] = append(s.values[k], float64(float64(d.N)*m)*m)
	}
}

// sigma2 is σ² at each time, of a resample, or of all instances for nil.
func (s *sample) sigma2(statistic string, counts []int) []float64 {
	out := make([]float64, len(s.t))
	if counts == nil {
		counts = slices.Repeat([]int{1}, len(s.instances))
	}
	runs := 0
	for _, k := range s.of {
		runs += counts[k]
	}
	for k, v := range s.values {
		if statistic == mean {
			for i, x := range v {
				out[k] += float64(float64(counts[s.of[i]])*x) / float64(runs)
			}
			continue
		}
		// The runs in the middle, one or two.
		seen, lower := 0, -1
		for _, i := range s.order[k] {
			seen += counts[s.of[i]]
			if lower < 0 && 2*seen >= runs {
				lower = i
			}
			if 2*seen > runs {
				q := medianGaussian()
				out[k] = (v[lower] + v[i]) / 2 / float64(q*q)
				break
			}
		}
	}
	return out
}

// follow fills in σ² and its local slope against time, and how long it is linear response.
func (row *Row) follow(p Params, s *sample) {
	n := len(s.t)
	sigma2 := s.sigma2(p.Statistic, nil)
	drawn := make([][]float64, len(s.draws))
	for b, counts := range s.draws {
		drawn[b] = s.sigma2(p.Statistic, counts)
	}
	row.Points = make([]Point, n)
	for k := range row.Points {
		of := make([]float64, len(drawn))
		for b := range drawn {
			of[b] = drawn[b][k]
		}
		pt := &row.Points[k]
		pt.T, pt.Sigma2 = s.t[k], sigma2[k]
		pt.Sigma2Lo, pt.Sigma2Hi = p.Percentiles(of)
	}
	linear := row.linear(p, s)
	for k := range row.Points[:linear] {
		pt := &row.Points[k]
		pt.Linear = true
		for b := range drawn {
			pt.Drawn = append(pt.Drawn, portable.Log(drawn[b][k]))
		}
	}
	half := max(1, p.PerDecade/4)
	for k := range row.Points {
		pt := &row.Points[k]
		pt.Kappa, pt.KappaLo, pt.KappaHi = math.NaN(), math.NaN(), math.NaN()
		if k >= half && k+half < linear {
			near := window{row.Points, s.logT, k - half, k + half + 1}
			pt.Kappa = near.line().Kappa
			pt.KappaLo, pt.KappaHi = p.Percentiles(kappas(near.drawn()))
		}
	}
}

// linear finds how many points are linear response, and says what ends it.
func (row *Row) linear(p Params, s *sample) int {
	row.LinearTo = math.NaN()
	row.LinearReason = "the runs end"
	n := len(row.Points)
	if n == 0 {
		row.LinearReason = "a run has no record after its start"
	}
	for k, pt := range row.Points {
		m := math.Sqrt(pt.Sigma2 / float64(row.N))
		if p.Statistic == typical {
			m *= medianGaussian()
		}
		if m >= p.Linear {
			row.LinearReason = fmt.Sprintf(
				"at t = %.3g the %s of the overlap is %.3g, and %v counts as linear response no more",
				pt.T, statistics[p.Statistic], m, p.Linear)
		} else if pt.T > s.ended {
			row.LinearReason = fmt.Sprintf("a run ends at t = %.3g", s.ended)
		} else {
			row.LinearTo = pt.T
			continue
		}
		n = k
		break
	}
	return n
}

// A window is the points from one to before another, all linear response.
type window struct {
	points   []Point
	logT     []float64
	from, to int
}

// fit is the line through ln σ² of these points.
func (w window) fit(logSigma2 []float64) Line {
	centre, slope := stat.LinearRegression(w.centred(), logSigma2, nil, false)
	return Line{centre / 2, slope / 2}
}

// centred is ln t less its mean.
func (w window) centred() []float64 {
	mean := stat.Mean(w.logT[w.from:w.to], nil)
	var x []float64
	for _, u := range w.logT[w.from:w.to] {
		x = append(x, u-mean)
	}
	return x
}

func (w window) line() Line {
	var y []float64
	for _, pt := range w.points[w.from:w.to] {
		y = append(y, portable.Log(pt.Sigma2))
	}
	return w.fit(y)
}

func (w window) drawn() []Line {
	out := make([]Line, len(w.points[w.from].Drawn))
	y := make([]float64, w.to-w.from)
	for b := range out {
		for k := range y {
			y[k] = w.points[w.from+k].Drawn[b]
		}
		out[b] = w.fit(y)
	}
	return out
}

func kappas(lines []Line) []float64 {
	out := make([]float64, len(lines))
	for b, l := range lines {
		out[b] = l.Kappa
	}
	return out
}

// fewest is how many points a fit takes: three in either half, the middle one in both.
const fewest = 5

// late fits κ to the late linear response.
func (s *sample) late(p Params, points []Point) Growth {
	nan := math.NaN()
	g := Growth{From: nan, To: nan, Mid: nan, Sigma: nan, Kappa: nan, Lo: nan, Hi: nan, Early: nan, Late: nan,
		Drift: nan, DriftLo: nan, DriftHi: nan}
	linear := slices.IndexFunc(points, func(pt Point) bool { return !pt.Linear })
	if linear < 0 {
		linear = len(points)
	}
	w := window{points, s.logT, 0, linear}
	for w.from < w.to && (points[w.from].T < p.After || points[w.from].T*p.Span < points[w.to-1].T*(1-1e-9)) {
		w.from++
	}
	n := w.to - w.from
	if n < fewest {
		g.Reason = fmt.Sprintf(
			"linear response has %d times of the grid after t = %v, and a fit takes %d; larger N make it last longer",
			n, p.After, fewest)
		return g
	}
	l := w.line()
	g.Identified, g.From, g.To = true, points[w.from].T, points[w.to-1].T
	g.Mid = portable.Exp(stat.Mean(s.logT[w.from:w.to], nil))
	g.Sigma, g.Kappa, g.Drawn = portable.Exp(l.LogSigma), l.Kappa, w.drawn()
	g.Lo, g.Hi = p.Percentiles(kappas(g.Drawn))
	early, late := w, w
	early.to, late.from = w.from+(n+1)/2, w.to-(n+1)/2
	g.Early, g.Late = early.line().Kappa, late.line().Kappa
	g.Drift = g.Late - g.Early
	a, b := kappas(early.drawn()), kappas(late.drawn())
	for k := range a {
		b[k] -= a[k]
	}
	g.DriftLo, g.DriftHi = p.Percentiles(b)
	return g
}
