// Package curves draws functions of y and u side by side, for programs that show what they are
// asked for rather than a figure of the paper.
package curves

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures/house"
	"zerotohero/figures/label"
	"zerotohero/figures/render"
)

// levels are the y of the curves.
var levels = []float64{0.5, 1, 2}

const (
	reach   = 3.0 // of u to both sides
	points  = 241
	longest = 40 // characters of a title, which has the room of a panel
)

// Suffixes are those of the formats that there are.
func Suffixes() []string { return []string{".pdf", ".png", ".svg"} }

// File is the functions, finite for all y and u and named in plain text, below a title, as a file of the
// format with a suffix: a panel for each function, with a curve for each of a few y.
func File(title, suffix string, names []string, functions []func(y, u float64) float64) ([]byte, error) {
	if !slices.Contains(Suffixes(), suffix) {
		return nil, fmt.Errorf("there is no picture with the suffix %q; take one of %s", suffix,
			strings.Join(Suffixes(), ", "))
	}
	var panels []*house.Panel
	for i, f := range functions {
		p := house.NewPanel("$u$", "$"+names[i]+"$")
		p.NoKey = i > 0
		for k, y := range levels {
			p.AddKeyed("$y = "+label.Number(y)+"$", house.Function(func(u float64) float64 { return f(y, u) }, -reach,
				reach, points, house.Line(house.Series(k).Color)))
		}
		panels = append(panels, p)
	}
	if r := []rune(title); len(r) > longest {
		title = string(r[:longest-1]) + "…"
	}
	panels[0].Title.Text = escaped.Replace(title)
	files, err := (render.Page{Width: house.DoubleColumn, Height: 6 * vg.Centimeter,
		Draw: house.Grid{Panels: [][]*house.Panel{panels}}.Draw}).Files()
	for _, f := range files {
		if f.Suffix == suffix {
			return f.Content, err
		}
	}
	return nil, err
}

// escaped is plain text in the markup of labels.
var escaped = strings.NewReplacer(`\`, `\\`, "_", `\_`, "^", `\^`, "$", `\$`, "{", `\{`, "}", `\}`)
