// Package success is the figure success: the probability of recovery against α for each
// size.
package success

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/portable"
	"zerotohero/pipeline"
)

func init() {
	pipeline.Register("success", "probability of recovery against alpha for each size", func(struct{}) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.ReadsWith[sizeRow, inputs.Level]("finitesize"),
				pipeline.Reads[inputs.Transition]("theory-transition"),
			},
			Draw: figure,
		}, nil
	})
}

type sizeRow struct {
	N      int64          `arrow:"n"`
	Loss   string         `arrow:"loss"`
	A      float64        `arrow:"a"`
	Method string         `arrow:"method"`
	From   string         `arrow:"from"`
	Points []successPoint `arrow:"points"`

	Identified bool    `arrow:"identified"`
	Alpha50    float64 `arrow:"alpha50"`
	Alpha50Lo  float64 `arrow:"alpha50_lo"`
	Alpha50Hi  float64 `arrow:"alpha50_hi"`
	Width      float64 `arrow:"width"`
	WidthLo    float64 `arrow:"width_lo"`
	WidthHi    float64 `arrow:"width_hi"`
}

type successPoint struct {
	Alpha      float64 `arrow:"alpha"`
	Trials     int64   `arrow:"trials"`
	Unresolved int64   `arrow:"unresolved"`
	P          float64 `arrow:"p"`
	Lo         float64 `arrow:"lo"`
	Hi         float64 `arrow:"hi"`
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	sizes, level, err := inputs.ReadIntervals[sizeRow](in, "finitesize")
	if err != nil {
		return house.Drawing{}, err
	}
	about, err := inputs.OneOf(sizes, "loss", func(r sizeRow) inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} })
	if err != nil {
		return house.Drawing{}, err
	}
	method, err := inputs.OneOf(sizes, "method of descent", func(r sizeRow) string { return r.Method })
	if err != nil {
		return house.Drawing{}, err
	}
	starts, err := inputs.OneOf(sizes, "kind of start", func(r sizeRow) string { return r.From })
	if err != nil {
		return house.Drawing{}, err
	}
	sort.SliceStable(sizes, func(i, j int) bool { return sizes[i].Row.N < sizes[j].Row.N })

	p := house.NewPanel("$α$", "$P$(recovered)")
	p.Y.Min, p.Y.Max = -0.03, 1.03
	var open, trials int64 // trials: all descents
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, s := range sizes {
		if i > 0 && s.Row.N == sizes[i-1].Row.N {
			return house.Drawing{}, fmt.Errorf("%s and %s both have a row for N = %d; give the figure one of them", sizes[i-1].Stage, s.Stage, s.Row.N)
		}
		for _, q := range s.Row.Points {
			trials += q.Trials + q.Unresolved
			open += q.Unresolved
			if q.Trials > 0 {
				lo, hi = min(lo, q.Alpha), max(hi, q.Alpha)
			}
		}
	}
	fits := false
	for i, s := range sizes {
		look := house.Series(i)
		pts := house.Points{Look: look}
		for _, q := range s.Row.Points {
			if q.Trials > 0 {
				pts.X, pts.Y = append(pts.X, q.Alpha), append(pts.Y, q.P)
				pts.Lo, pts.Hi = append(pts.Lo, q.Lo), append(pts.Hi, q.Hi)
			}
		}
		if len(pts.X) == 0 {
			continue
		}
		label := fmt.Sprintf("$N = %d$", s.Row.N)
		if f := s.Row; f.Identified && f.Width > 0 {
			fits = true
			fit := func(alpha float64) float64 { return 1 / (1 + portable.Exp(-(alpha-f.Alpha50)/f.Width)) }
			p.AddKeyed(label, house.Function(fit, lo, hi, 200, house.Thin(look.Color)), pts)
			p.Add(house.Points{X: []float64{f.Alpha50}, Y: []float64{0.5},
				Lo: []float64{max(lo, f.Alpha50Lo)}, Hi: []float64{min(hi, f.Alpha50Hi)}, // an open end is drawn to the last point
				Across: true, Look: house.Look{Color: look.Color}})
		} else {
			p.AddKeyed(label, pts)
		}
	}
	if fits {
		p.AddKeyed("$α_{50}$ and its interval", house.Points{Across: true, Look: house.Look{Color: house.Black}})
	}
	if open > 0 {
		p.KeyTitle = fmt.Sprintf("(%s%% unresolved, left out)", label.Number(label.Rounded(100*float64(open)/float64(trials), 2)))
	}

	var limits [2]float64
	for i, place := range []string{"init", "threshold"} {
		rows, err := inputs.TransitionsAt(in, place)
		if err != nil {
			return house.Drawing{}, err
		}
		v := inputs.TransitionOf(rows, about)
		if limits[i] = v; math.IsNaN(v) {
			continue
		}
		note := house.Note{X: v, Y: 0.5, DX: 3, Text: inputs.InitName, YAlign: draw.YCenter}
		if place == "threshold" {
			note.DX, note.XAlign, note.Text = -3, draw.XRight, inputs.ThresholdName
		}
		p.Add(house.Rule{X: v, Style: house.Thin(house.Grey, house.Dashed...)}, note)
	}
	if known, err := inputs.Searched(in, about, "init"); err != nil {
		return house.Drawing{}, err
	} else if !known {
		return house.Drawing{}, fmt.Errorf("no input of kind theory-transition at init is for the %s of %s; add that stage to the figure's inputs", about, sizes[0].Stage)
	}
	if lo > hi {
		p.None("none of " + label.Plural(trials, "descent") + "\nwas resolved")
	}
	numbers := append(numbersOf(sizes, limits), house.Exact("unresolved", unresolvedText, 0))
	if last := &numbers[len(numbers)-1]; trials > 0 {
		last.Value = float64(open) / float64(trials)
	} else {
		*last = house.None("unresolved", unresolvedText, "there is no descent")
	}
	c := successCaption{about, method, starts, level, sizes, trials, open, limits, numbers}
	return house.Drawing{Width: house.SingleColumn, Height: 6.6 * vg.Centimeter, Draw: p.Draw, Caption: c.String(), Numbers: numbers}, nil
}

const unresolvedText = "share of descents that ran out of budget"

func numbersOf(sizes []inputs.From[sizeRow], limits [2]float64) []house.Quantity {
	const undetermined = "the data do not determine a curve"
	var out []house.Quantity
	for _, s := range sizes {
		f := s.Row
		name, text := fmt.Sprintf("alpha50-N=%d", f.N), fmt.Sprintf("$α_{50}$, at which half of the descents recover, $N = %d$", f.N)
		if f.Identified {
			out = append(out, house.Estimate(name, text, f.Alpha50, f.Alpha50Lo, f.Alpha50Hi))
		} else {
			out = append(out, house.None(name, text, undetermined))
		}
	}
	for _, s := range sizes {
		f := s.Row
		name, text := fmt.Sprintf("width-N=%d", f.N), fmt.Sprintf("width $Δ$ of the logistic curve, $N = %d$", f.N)
		switch {
		case !f.Identified:
			out = append(out, house.None(name, text, undetermined))
		case !(f.Width > 0):
			out = append(out, house.None(name, text, "the data do not bound it from below"))
		default:
			out = append(out, house.Estimate(name, text, f.Width, f.WidthLo, f.WidthHi))
		}
	}
	for i, text := range []string{
		inputs.InitName + ", transition at a random start, theory for $N → ∞$",
		inputs.ThresholdName + ", transition of the threshold states by 1RSB, theory for $N → ∞$",
	} {
		name := []string{"alpha-bbp-init", "alpha-bbp-ts"}[i]
		if math.IsNaN(limits[i]) {
			out = append(out, house.None(name, text, "theory finds none"))
		} else {
			out = append(out, house.Exact(name, text, limits[i]))
		}
	}
	return out
}

// A successCaption is what the caption is made of.
type successCaption struct {
	about                 inputs.Loss
	method, starts, level string
	sizes                 []inputs.From[sizeRow]
	trials, open          int64
	limits                [2]float64 // at the start and of the threshold states
	numbers               []house.Quantity
}

func (c successCaption) String() string {
	var b strings.Builder
	var names, missing []string
	least, most := int64(math.MaxInt64), int64(0)
	fits := 0
	for _, s := range c.sizes {
		names = append(names, fmt.Sprint(s.Row.N))
		if s.Row.Identified {
			fits++
		} else {
			missing = append(missing, fmt.Sprint(s.Row.N))
		}
		for _, q := range s.Row.Points {
			if q.Trials > 0 {
				least, most = min(least, q.Trials), max(most, q.Trials)
			}
		}
	}
	start := "random starts"
	if c.starts != "random" {
		start = "starts at the estimator \\it{" + c.starts + "}"
	}
	fmt.Fprintf(&b, "Probability that %s from %s recovers the signal, against $α = M/N$ for $N = $%s and %s. ",
		inputs.MethodWords(c.method), start, label.List(names...), c.about.Words())
	if most > 0 {
		fmt.Fprintf(&b, "Marks: share recovered of the descents that were resolved, %s for each mark; bars: %sWilson intervals. ", label.Range(least, most), c.level)
	} else {
		b.WriteString("Marks: none, since no descent was resolved. ")
	}
	if c.open > 0 {
		fmt.Fprintf(&b, "%d of %s ran out of budget and %s not counted. ", c.open, label.Plural(c.trials, "descent"), map[bool]string{true: "is", false: "are"}[c.open == 1])
	}
	if fits > 0 {
		fmt.Fprintf(&b, "Curves: the logistic $1/(1 + e^{-(α-α_{50})/Δ})$, fitted to each $N$ by maximum likelihood; "+
			"thick bars at one half: $α_{50}$ with its %sbootstrap interval over instances, ", c.level)
		var values []string
		for i, q := range c.numbers[:len(c.sizes)] {
			if q.None == "" {
				values = append(values, fmt.Sprintf("%s for $N = %d$", q, c.sizes[i].Row.N))
			}
		}
		b.WriteString(label.List(values...) + ". ")
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "The data for $N = $%s do not determine a curve. ", label.List(missing...))
	}
	if len(missing) > 0 && fits == 0 {
		b.WriteString("So $α_{50}$: none. ")
	}
	if math.IsNaN(c.limits[0]) {
		b.WriteString("Theory for $N → ∞$: none, the Hessian at a random start has no transition")
	} else {
		fmt.Fprintf(&b, "Dashed: theory for $N → ∞$, the transition of the Hessian at a random start, %s = %s", strings.TrimSuffix(inputs.InitName, "$"), label.Number(label.Rounded(c.limits[0], 5))+"$")
	}
	if !math.IsNaN(c.limits[1]) {
		fmt.Fprintf(&b, ", and that of the threshold states by 1RSB, %s = %s", strings.TrimSuffix(inputs.ThresholdName, "$"), label.Number(label.Rounded(c.limits[1], 5))+"$, above which the direction survives to the end")
	}
	b.WriteString(".")
	return b.String()
}
