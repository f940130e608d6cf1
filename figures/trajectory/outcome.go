package trajectory

import (
	"gonum.org/v1/plot/vg"

	"zerotohero/figures/house"
	"zerotohero/stages/outcome"
)

// An Outcome is an outcome of descents, and how figures tell it from the others.
type Outcome struct {
	Name   string
	Look   house.Look
	Dashes []vg.Length
}

// Outcomes are all outcomes: recovered, trapped, unresolved and diverged.
var Outcomes = []Outcome{
	{outcome.Recovered, house.Look{Color: house.Blue, Shape: house.Disc}, nil},
	{outcome.Trapped, house.Look{Color: house.Vermillion, Shape: house.Square}, house.Dashed},
	{outcome.Unresolved, house.Look{Color: house.Grey, Shape: house.Circle}, house.Dotted},
	{outcome.Diverged, house.Look{Color: house.Purple, Shape: house.Cross}, house.Dotted},
}

// Curves are the overlap and the loss of a descent of this outcome against time.
func (o Outcome) Curves(trace []Step) (overlap, energy house.Curve) {
	overlap.Style, energy.Style = house.Thin(o.Look.Color, o.Dashes...), house.Thin(o.Look.Color, o.Dashes...)
	for _, s := range trace {
		overlap.X, overlap.Y = append(overlap.X, s.T), append(overlap.Y, s.Overlap)
		energy.X, energy.Y = append(energy.X, s.T), append(energy.Y, s.Energy)
	}
	return overlap, energy
}

// End is the mark at the end of a curve.
func (o Outcome) End(c house.Curve) house.Points {
	n := len(c.X)
	return house.Points{X: c.X[n-1:], Y: c.Y[n-1:], Look: o.Look}
}
