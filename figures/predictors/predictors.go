// Package predictors is the figure predictors: what the Hessian at a time of a descent says
// about how it will end, beside what the student has of the signal.
package predictors

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
	"zerotohero/figures/portable"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("predictors", "what the Hessian in time says about how a descent ends",
		figures.New[params](figure, pipeline.ReadsWith[row, inputs.Level]("prediction"),
			pipeline.Reads[density]("theory-density"), pipeline.Reads[nullRow]("dynamics")))
}

// A picture is what the figure shows.
type picture struct {
	Loss, Method, Level string
	N, Runs, Instances  int64
	Recovered           int64
	Alpha               string
	Rows                []row // t ascending
	At                  row   // the one at the time nearest to t_BBP, or else the first
	TBBP                house.Quantity
	start, threshold    *density // nil where there is none at α
	Scores              []scored // at the time At
}

// A scored is a predictor with its scores at one time.
type scored struct {
	Name, Words string
	Score, AUC  house.Quantity
}

// what names the predictors for a caption.
var what = map[string]string{
	"overlap":   "the overlap of the student",
	"soft-1":    "the overlap of the softest eigenvector",
	"soft-2":    "the joint overlap of the softest 2 eigenvectors",
	"soft-4":    "the joint overlap of the softest 4 eigenvectors",
	"soft-8":    "the joint overlap of the softest 8 eigenvectors",
	"curvature": "the lowest eigenvalue",
	"gap":       "the gap above the lowest eigenvalue",
	"index":     "the index",
	"trace":     "the mean eigenvalue",
	"energy":    "the loss",
	"blind":     "eigenvalues and loss together, which are known without the signal",
	"hessian":   "all that the Hessian has together",
	"all":       "all that the Hessian has, and the overlap of the student",
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	p, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	grid := house.Grid{Panels: [][]*house.Panel{{p.index(), p.trace()}, {p.soft(), p.scores()}}, ShareX: true}
	return house.Drawing{Width: house.DoubleColumn, Height: 12.6 * vg.Centimeter, Draw: grid.Draw}.
		Described(words, p, p.quantities())
}

func read(in pipeline.Inputs) (*picture, error) {
	from, level, err := inputs.ReadIntervals[row](in, "prediction")
	about, err2 := inputs.OneOf(from, "loss", row.about)
	size, err3 := inputs.OneOf(from, "size", func(r row) [2]float64 { return [2]float64{float64(r.N), r.Asked} })
	method, err4 := inputs.OneOf(from, "method of descent", func(r row) string { return r.Method })
	if err := cmp.Or(err, err2, err3, err4); err != nil {
		return nil, err
	}
	p := &picture{Loss: about.Words(), Method: inputs.MethodWords(method), Level: level, N: int64(size[0]),
		Alpha: house.NumberName(size[1])}
	for _, r := range from {
		if len(r.Row.Predictors) == 0 {
			return nil, fmt.Errorf("%s has no predictors at t = %g", r.Stage, r.Row.T)
		}
		p.Rows = append(p.Rows, r.Row)
		p.Runs, p.Instances = max(p.Runs, r.Row.Runs), max(p.Instances, r.Row.Instances)
		p.Recovered = max(p.Recovered, r.Row.Recovered)
	}
	slices.SortStableFunc(p.Rows, func(a, b row) int { return cmp.Compare(a.T, b.T) })
	if err := p.takeTheory(in, about, size[1]); err != nil {
		return nil, err
	}
	if err := p.takeNull(in, about, size[1]); err != nil {
		return nil, err
	}
	p.takeScores()
	return p, nil
}

// takeTheory takes the densities at α, if there are any.
func (p *picture) takeTheory(in pipeline.Inputs, about inputs.Loss, alpha float64) error {
	densities, err := inputs.Read[density](in, "theory-density")
	for _, d := range densities {
		if d.Row.about() != about || d.Row.Alpha != alpha {
			continue
		}
		if n := len(d.Row.Lambda); n < 2 || len(d.Row.CDF) != n || len(d.Row.Rho) != n || len(d.Row.Weight) != n {
			return fmt.Errorf("%s: its density has %d values of lambda and not as many of the rest", d.Stage, n)
		}
		switch d.Row.At {
		case "init":
			p.start = &d.Row
		case "threshold":
			p.threshold = &d.Row
		}
	}
	return err
}

// takeNull takes t_BBP of the largest N of the null model, and the time nearest to it.
func (p *picture) takeNull(in pipeline.Inputs, about inputs.Loss, alpha float64) error {
	p.TBBP = house.None("t-bbp", "time $t_{\\rm{BBP}}$ of the null model at $α = "+p.Alpha+"$",
		"the null model was not simulated at this α")
	rows, err := inputs.Read[nullRow](in, "dynamics")
	if err != nil {
		return err
	}
	var largest int64
	for _, r := range rows {
		if r := r.Row; r.about() == about && r.Asked == alpha && r.N > largest {
			largest = r.N
			p.TBBP = house.Estimate("t-bbp", p.TBBP.Text, r.TBBP, r.Lo, r.Hi).
				Unless(math.IsInf(r.TBBP, 1), "the outlier is never lost")
		}
	}
	p.At = p.Rows[0]
	distance := func(t float64) float64 { return math.Abs(portable.Log(t / p.TBBP.Value)) }
	for _, r := range p.Rows {
		if p.TBBP.Known() && r.T > 0 && !(p.At.T > 0 && distance(p.At.T) <= distance(r.T)) {
			p.At = r
		}
	}
	return nil
}

// takeScores takes the scores at the time nearest to t_BBP.
func (p *picture) takeScores() {
	at := fmt.Sprintf(" at $t = %s$, of descents with $N = %d$, $α = %s$", house.NumberName(p.At.T), p.N, p.Alpha)
	for _, q := range p.At.Predictors {
		s := scored{Name: q.Name, Words: what[q.Name]}
		if s.Words == "" {
			s.Words = q.Name
		}
		s.Score = q.Score.quantity("score-"+q.Name, "information on the outcome: "+s.Words+at, p.At)
		s.Score.Unit = "bit"
		s.AUC = q.AUC.quantity("auc-"+q.Name, "share of pairs in order: "+s.Words+at, p.At)
		p.Scores = append(p.Scores, s)
	}
}

// Quoted are the scores of the predictors that are drawn.
func (p *picture) Quoted() (out []scored) {
	for _, one := range shown {
		for _, s := range p.Scores {
			if s.Name == one.name {
				out = append(out, s)
			}
		}
	}
	return out
}

func (e estimate) quantity(name, text string, of row) house.Quantity {
	q := house.Estimate(name, text, e.Value, e.Lo, e.Hi)
	if of.Identified && math.IsNaN(e.Lo) {
		return q.Unless(true, "too few resamples have both outcomes")
	}
	return q.Unless(!of.Identified, of.Reason)
}

func (p *picture) quantities() []house.Quantity {
	out := []house.Quantity{p.TBBP, house.Exact("score-time", "time at which the scores are", p.At.T)}
	for _, s := range p.Scores {
		out = append(out, s.Score, s.AUC)
	}
	for _, d := range []struct {
		name, text string
		of         *density
	}{{"start", "a random start", p.start}, {"threshold", "the threshold state by 1RSB", p.threshold}} {
		if d.of != nil {
			out = append(out,
				house.Exact("index-"+d.name, "index, the share of negative eigenvalues, of "+d.text+" in theory", d.of.below(0)),
				house.Exact("trace-"+d.name, "mean eigenvalue of "+d.text+" in theory", d.of.mean()))
		}
	}
	return out
}
