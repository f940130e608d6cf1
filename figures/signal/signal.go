// Package signal is the figure signal: where in the spectrum of the Hessian the signal sits, in
// theory, in the null model and by descents at large N.
package signal

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("signal", "where in the spectrum the signal sits, at a start and in time",
		figures.New[params](figure, pipeline.Reads[runRow]("descent"), pipeline.Reads[lawRow]("theory-signal"),
			pipeline.ReadsWith[nullRow, inputs.Level]("dynamics")))
}

const mostAlpha = 5 // in the panels against time

// A picture is what the figure shows.
type picture struct {
	Loss, Level string
	Runs        []runRow
	Shown       series // at the α of the runs
	All         []series
	Share       float64 // lowest, of all eigenvalues
	Late        float64 // last time at which a run has lines; 0 if there is none but the start

	// Of the runs, and of the null model beside them.
	StartRuns, OutlierRuns, LateRuns, LateNull, LateLowest, Distance house.Quantity
}

// A series is one α: theory at a random start, the null model in time, theory of threshold states.
type series struct {
	Law       lawRow
	Null      nullRow // without times if there is none
	Threshold *lawRow

	TBBP                           house.Quantity
	Start, After, End, AtThreshold weights // After t_BBP, and at the End of the null model's times
}

// weights are those of the signal below 0 and at the lowest share of the eigenvalues.
type weights struct{ Zero, Lowest house.Quantity }

// Label is α in a text.
func (s series) Label() string { return label.Number(label.Rounded(s.Law.Alpha, 4)) }

// N is that of the runs.
func (p *picture) N() int64 { return p.Runs[0].N }

// Lines is how many lines a run has.
func (p *picture) Lines() int64 { return int64(len(p.Runs[0].lines(0))) }

// Count is how many runs there are.
func (p *picture) Count() int64 { return int64(len(p.Runs)) }

// Percent is the lowest share.
func (p *picture) Percent() string { return percent(p.Share) }

func figure(in pipeline.Inputs) (house.Drawing, error) {
	p, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	quantities := p.quantities()
	return house.Drawing{Width: house.DoubleColumn, Height: 10.6 * vg.Centimeter, Draw: p.grid().Draw}.
		Described(words, p, quantities)
}

func read(in pipeline.Inputs) (*picture, error) {
	runs, err := inputs.Read[runRow](in, "descent")
	laws, err2 := inputs.Read[lawRow](in, "theory-signal")
	null, level, err3 := inputs.ReadIntervals[nullRow](in, "dynamics")
	if err := cmp.Or(err, err2, err3); err != nil {
		return nil, err
	}
	about, err := inputs.OneOf(laws, "loss", func(l lawRow) inputs.Loss { return inputs.Loss{Name: l.Loss, A: l.A} })
	of, err2 := inputs.OneOf(runs, "loss", func(r runRow) inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} })
	and, err3 := inputs.OneOf(null, "loss", func(n nullRow) inputs.Loss { return inputs.Loss{Name: n.Loss, A: n.A} })
	_, err4 := inputs.OneOf(runs, "size", func(r runRow) inputs.Size { return inputs.Size{N: r.N, M: r.M} })
	if err := cmp.Or(err, err2, err3, err4); err != nil {
		return nil, err
	}
	if of != about || and != about {
		return nil, fmt.Errorf("%s is for the %s, %s for the %s and %s for the %s; the figure shows one loss",
			laws[0].Stage, about, runs[0].Stage, of, null[0].Stage, and)
	}
	p := &picture{Loss: about.Words(), Level: level}
	if err := cmp.Or(p.readRuns(runs), p.readSeries(laws, null)); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(p.All, func(s series) bool {
		return math.Abs(s.Law.Alpha-float64(runs[0].Row.M)/float64(p.N())) <= 0.5/float64(p.N())+1e-9
	})
	if i < 0 || len(p.All[i].Null.Times) == 0 {
		return nil, fmt.Errorf("%s is at alpha = %g, and theory-signal at init or dynamics are not; give the figure both",
			runs[0].Stage, runs[0].Row.Asked)
	}
	p.Shown, p.Share = p.All[i], p.All[i].Law.Share
	return p, nil
}

func (p *picture) readRuns(runs []inputs.From[runRow]) error {
	for _, r := range runs {
		if len(r.Row.lines(0)) == 0 {
			return fmt.Errorf("%s: a descent has no lines of the signal at its start; give its parameter signal 0",
				r.Stage)
		}
		p.Runs = append(p.Runs, r.Row)
		for _, o := range r.Row.Observed {
			if len(o.Signal) > 0 {
				p.Late = max(p.Late, o.T)
			}
		}
	}
	return nil
}

// readSeries puts what there is together by α. Of several stages of the null model at one α that
// with most shares counts, and of these that of the largest N, as the nearest to the limit.
func (p *picture) readSeries(laws []inputs.From[lawRow], null []inputs.From[nullRow]) error {
	for _, l := range laws {
		n := len(l.Row.Lambda)
		if n < 2 || len(l.Row.Rho) != n || len(l.Row.Bulk) != n || len(l.Row.Weight) != n {
			return fmt.Errorf("%s: its densities have %d, %d, %d and %d values", l.Stage, n, len(l.Row.Rho),
				len(l.Row.Bulk), len(l.Row.Weight))
		}
		if l.Row.At == "init" {
			p.All = append(p.All, series{Law: l.Row})
		}
	}
	slices.SortStableFunc(p.All, func(a, b series) int { return cmp.Compare(a.Law.Alpha, b.Law.Alpha) })
	for i := range p.All {
		s := &p.All[i]
		for _, l := range laws {
			if l.Row.At == "threshold" && l.Row.Alpha == s.Law.Alpha {
				s.Threshold = &l.Row
			}
		}
		for _, r := range null {
			n := r.Row
			if math.Abs(n.Alpha-s.Law.Alpha) > 0.5/float64(n.N)+1e-9 || len(n.Times) == 0 {
				continue
			}
			if best := s.Null; len(best.Times) == 0 ||
				cmp.Or(cmp.Compare(n.shares(), best.shares()), cmp.Compare(n.N, best.N)) > 0 {
				s.Null = n
			}
		}
	}
	return nil
}

// nullAt is the null model's state at a time, and whether there is one.
func (s series) nullAt(t float64) (nullState, bool) {
	i := slices.IndexFunc(s.Null.Times, func(n nullState) bool { return n.T == t })
	if i < 0 {
		return nullState{}, false
	}
	return s.Null.Times[i], true
}

// after is the first state without the outlier that there was; false if there is none.
func (s series) after() (nullState, bool) {
	n := s.Null
	i := slices.IndexFunc(n.Times, func(at nullState) bool { return at.T >= n.TBBP })
	if !s.had() || !n.Lost || i < 0 {
		return nullState{}, false
	}
	return n.Times[i], true
}

// had says whether the null model has an outlier at first.
func (s series) had() bool { return len(s.Null.Times) > 0 && s.Null.Times[0].Outlier }

func (p *picture) quantities() []house.Quantity {
	var out []house.Quantity
	for i := range p.All {
		out = append(out, p.All[i].quantities(p.Share)...)
		if p.All[i].Law.Alpha == p.Shown.Law.Alpha {
			p.Shown = p.All[i]
		}
	}
	at := ", $α = " + p.Shown.Label() + "$"
	runs := at + fmt.Sprintf(", mean over descents with $N = %d$", p.N())
	v, lo, hi := p.meanBelowZero(0)
	p.StartRuns = house.Estimate("below-zero-start-simulation", "weight of the signal below 0 at the start"+runs+
		", between bounds from their lines", v, lo, hi)
	p.OutlierRuns = p.outlier(runs)
	return append(append(out, p.StartRuns, p.OutlierRuns), p.late(at, runs)...)
}

// outlier is the weight of the lowest line of the runs, where theory has an outlier.
func (p *picture) outlier(runs string) house.Quantity {
	var weights []float64
	for _, r := range p.Runs {
		weights = append(weights, r.lines(0)[0].Weight)
	}
	return house.Mean("q2-start-simulation", "weight of the lowest line at the start"+runs+", ± one standard error",
		weights, 1).Unless(len(p.Shown.Law.Atoms) == 0, "theory has no outlier")
}

// late are the numbers at the last time with lines.
func (p *picture) late(at, runs string) []house.Quantity {
	when := " at $t = " + label.Number(p.Late) + "$"
	s, known := p.Shown.nullAt(p.Late)
	numbers := func(q house.Quantity) house.Quantity {
		return q.Unless(!known, "the null model has no state at that time").
			Unless(p.Late == 0, "no descent has lines after its start")
	}
	v, lo, hi := p.meanBelowZero(p.Late)
	p.LateRuns = house.Estimate("below-zero-late-simulation", "weight of the signal below 0"+when+runs+
		", between bounds from their lines", v, lo, hi).Unless(p.Late == 0, "no descent has lines after its start")
	w := p.Shown.weights("late", "of the null model"+when, p.Share, s.zero(), s.of(p.Share))
	p.LateNull, p.LateLowest = numbers(w.Zero), numbers(w.Lowest)
	p.Distance = numbers(house.Exact("distance-late", "largest difference of the signal's weight below an eigenvalue "+
		"between descents and the null model"+when+at, p.distance(s.signal())))
	return []house.Quantity{p.LateRuns, p.LateNull, p.LateLowest, p.Distance}
}

// distance is the largest between the middles of the lines' steps and a distribution, as far as
// that is known, over all runs with lines at the last time.
func (p *picture) distance(of steps) (d float64) {
	for _, r := range p.Runs {
		lines := r.lines(p.Late)
		for _, l := range lines {
			if v, _, _ := below(lines, l.Value); l.Value <= of.x[len(of.x)-1] {
				d = max(d, math.Abs(v-of.at(l.Value)))
			}
		}
	}
	return d
}

// meanBelowZero is the mean over runs with lines at a time of the weight below 0 and its bounds.
func (p *picture) meanBelowZero(t float64) (v, lo, hi float64) {
	count := 0.0
	for _, r := range p.Runs {
		if lines := r.lines(t); len(lines) > 0 {
			a, b, c := below(lines, 0)
			v, lo, hi, count = v+a, lo+b, hi+c, count+1
		}
	}
	return v / count, lo / count, hi / count
}

// quantities fills in the numbers of a series and lists them.
func (s *series) quantities(share float64) []house.Quantity {
	n, nan := s.Null, math.NaN()
	theory := func(l lawRow) (zero, low [3]float64) {
		return [3]float64{l.BelowZero.Value, nan, nan}, [3]float64{l.Lowest.Value, nan, nan}
	}
	simulated := func(at nullState) (zero, low [3]float64) { return at.zero(), at.of(share) }
	s.TBBP = house.Estimate("t-bbp"+s.key(), "$t_{\\rm{BBP}}$ of the null model at $α = "+s.Label()+"$", n.TBBP,
		n.TBBPLo, n.TBBPHi).
		Unless(!n.Lost, "the outlier is never lost").Unless(!s.had(), "there never is an outlier")
	zero, low := theory(s.Law)
	s.Start = s.weights("start", "at a random start", share, zero, low)
	after, known := s.after()
	zero, low = simulated(after)
	s.After = s.weights("after", "of the null model, first time after $t_{\\rm{BBP}}$", share, zero, low).
		unless(!known, "no outlier is lost at any of the times")
	var end nullState
	if len(n.Times) > 0 {
		end = n.Times[len(n.Times)-1]
	}
	zero, low = simulated(end)
	s.End = s.weights("end", "of the null model at $t = "+label.Number(end.T)+"$", share, zero, low).
		unless(len(n.Times) == 0, "there is no null model")
	out := []house.Quantity{s.TBBP, s.Start.Zero, s.Start.Lowest, s.After.Zero, s.After.Lowest, s.End.Zero, s.End.Lowest}
	if s.Threshold != nil {
		zero, low = theory(*s.Threshold)
		s.AtThreshold = s.weights("threshold", "in threshold states by 1RSB", share, zero, low)
		out = append(out, s.AtThreshold.Zero, s.AtThreshold.Lowest)
	}
	return out
}

func (s *series) key() string { return "-alpha=" + house.NumberName(label.Rounded(s.Law.Alpha, 4)) }

func (s *series) weights(name, when string, share float64, zero, low [3]float64) weights {
	at := ", " + when + ", $α = " + s.Label() + "$"
	lowest := "weight of the signal at the lowest " + percent(share) + " of the eigenvalues" + at
	return weights{
		house.Estimate("below-zero-"+name+s.key(), "weight of the signal below 0"+at, zero[0], zero[1], zero[2]),
		house.Estimate("lowest-"+name+s.key(), lowest, low[0], low[1], low[2]).
			Unless(math.IsNaN(low[0]), "that share was not asked for"),
	}
}

func (w weights) unless(missing bool, why string) weights {
	return weights{w.Zero.Unless(missing, why), w.Lowest.Unless(missing, why)}
}

func percent(share float64) string { return label.Number(label.Rounded(100*share, 3)) + "%" }
