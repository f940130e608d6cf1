package trajectory

import (
	"gonum.org/v1/plot/vg"

	"zerotohero/figures/house"
)

// An Outcome is an outcome of descents, and how figures tell it from the others.
type Outcome struct {
	Name   string
	Look   house.Look
	Dashes []vg.Length
}

// Outcomes are all outcomes: recovered, trapped, unresolved and diverged.
var Outcomes = []Outcome{
	{"recovered", house.Look{Color: house.Blue, Shape: house.Disc}, nil},
	{"trapped", house.Look{Color: house.Vermillion, Shape: house.Square}, house.Dashed},
	{"unresolved", house.Look{Color: house.Grey, Shape: house.Circle}, house.Dotted},
	{"diverged", house.Look{Color: house.Purple, Shape: house.Cross}, house.Dotted},
}
