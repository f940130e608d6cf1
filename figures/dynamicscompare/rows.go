package dynamicscompare

import (
	"math"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/portable"
)

// row is what the figure shows of comparison: one method at one N.
type row struct {
	N         int64   `arrow:"n"`
	Loss      string  `arrow:"loss"`
	A         float64 `arrow:"a"`
	From      string  `arrow:"from"`
	Method    string  `arrow:"method"`
	Reference bool    `arrow:"reference"`

	Eta         float64 `arrow:"eta"`
	Momentum    float64 `arrow:"momentum"`
	Fraction    float64 `arrow:"fraction"`
	Temperature float64 `arrow:"temperature"`
	Decay       float64 `arrow:"decay"`
	Until       float64 `arrow:"until"`
	TKick       float64 `arrow:"t_kick"`
	Length      float64 `arrow:"length"`

	Identified bool    `arrow:"identified"`
	Alpha50    float64 `arrow:"alpha50"`
	Alpha50Lo  float64 `arrow:"alpha50_lo"`
	Alpha50Hi  float64 `arrow:"alpha50_hi"`
	Width      float64 `arrow:"width"`

	Pairs         int64   `arrow:"pairs"`
	Only          int64   `arrow:"only"`
	OnlyReference int64   `arrow:"only_reference"`
	Shift         float64 `arrow:"shift"`
	ShiftLo       float64 `arrow:"shift_lo"`
	ShiftHi       float64 `arrow:"shift_hi"`
	Gain          float64 `arrow:"gain"`
	GainLo        float64 `arrow:"gain_lo"`
	GainHi        float64 `arrow:"gain_hi"`

	PassesRecovered passes  `arrow:"passes_recovered"`
	PassesTrapped   passes  `arrow:"passes_trapped"`
	Points          []point `arrow:"points"`
}

// passes are passes over X, median and the range of all but a tenth on either side.
type passes struct {
	Descents int64   `arrow:"descents"`
	Median   float64 `arrow:"median"`
	Lo       float64 `arrow:"lo"`
	Hi       float64 `arrow:"hi"`
}

// point is one α.
type point struct {
	Alpha      float64 `arrow:"alpha"`
	AlphaAsked float64 `arrow:"alpha_asked"`
	Trials     int64   `arrow:"trials"`
	Unresolved int64   `arrow:"unresolved"`
	P          float64 `arrow:"p"`
	Lo         float64 `arrow:"lo"`
	Hi         float64 `arrow:"hi"`
	TBBP       float64 `arrow:"t_bbp"`
	Overlap    float64 `arrow:"overlap"`
	OverlapLo  float64 `arrow:"overlap_lo"`
	OverlapHi  float64 `arrow:"overlap_hi"`
}

func (r row) about() inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} }

// at is the point of an α of paper.toml.
func (r row) at(alpha float64) (point, bool) {
	for _, q := range r.Points {
		if q.AlphaAsked == alpha {
			return q, true
		}
	}
	return point{}, false
}

// rate is the logistic curve, which must be identified with a width.
func (r row) rate(alpha float64) float64 { return 1 / (1 + portable.Exp(-(alpha-r.Alpha50)/r.Width)) }

// parameters are those by which variants of a method can differ, with their symbols.
var parameters = []struct {
	name, symbol string
	of           func(row) float64
}{
	{"t-kick", "t", func(r row) float64 { return r.TKick }},
	{"temperature", "T", func(r row) float64 { return r.Temperature }},
	{"fraction", "b", func(r row) float64 { return r.Fraction }},
	{"eta", "η", func(r row) float64 { return r.Eta }},
	{"momentum", "β", func(r row) float64 { return r.Momentum }},
	{"decay", "τ", func(r row) float64 { return r.Decay }},
	{"length", "l", func(r row) float64 { return r.Length }},
	{"until", "t_0", func(r row) float64 { return r.Until }},
}

// A variant is a method with its parameters, at the sizes that there are.
type variant struct {
	Key, Label string // in names of quantities, and on a panel
	Words      string // in a sentence
	row               // of the largest N that has it
	look       house.Look
	dashes     []vg.Length
	sizes      []row // N descending
}

// looks are those of the known methods; of kicks the second.
var looks = map[string]house.Look{
	"flow":      {Color: house.Black, Shape: house.Disc},
	"gd":        {Color: house.Grey, Shape: house.Disc},
	"heavyball": {Color: house.SkyBlue, Shape: house.Square},
	"nesterov":  {Color: house.Blue, Shape: house.Triangle},
	"sgd":       {Color: house.Green, Shape: house.Diamond},
	"anneal":    {Color: house.Orange, Shape: house.TriangleDown},
	"langevin":  {Color: house.Vermillion, Shape: house.Square},
	"kick":      {Color: house.Purple, Shape: house.Disc},
}

// names are those of the known methods, on a panel and in a sentence.
var names = map[string][2]string{
	"flow":      {"gradient flow", "gradient flow"},
	"gd":        {"gradient descent", "gradient descent"},
	"heavyball": {"heavy ball", "the heavy ball"},
	"nesterov":  {"Nesterov", "Nesterov's method"},
	"sgd":       {"stochastic", "stochastic gradient descent"},
	"anneal":    {"large step", "gradient descent with a large step that falls"},
	"langevin":  {"Langevin", "Langevin dynamics that cools"},
	"kick":      {"kick", "a kick"},
}

// varied names a variant among those of its method by the parameters in which they differ.
func varied(of row, all []row) (key, suffix string) {
	key = of.Method
	for _, p := range parameters {
		differ := false
		for _, r := range all {
			differ = differ || r.Method == of.Method && p.of(r) != p.of(of)
		}
		if differ || p.name == "t-kick" && of.Method == "kick" {
			v := p.of(of)
			key += "-" + p.name + "=" + house.NumberName(v)
			if suffix += ", $" + p.symbol + " = " + label.Number(v) + "$"; p.name == "t-kick" {
				suffix = " at $t = " + label.Number(v) + "$"
			}
		}
	}
	return key, suffix
}

// span is the least and largest α with a rate, of some rows.
func span(rows []row) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, r := range rows {
		for _, q := range r.Points {
			if q.Trials > 0 {
				lo, hi = min(lo, q.Alpha), max(hi, q.Alpha)
			}
		}
	}
	return lo, hi
}
