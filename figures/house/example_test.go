package house_test

import (
	"bytes"
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures/house"
)

// A figure is a drawing with its caption and the quantities that it is about. The package of
// a figure makes it of rows that it reads; Render gives all its files.
func Example() {
	p := house.NewPanel("$α$", "$P$")
	logistic := func(alpha float64) float64 { return 1 / (1 + math.Exp(-(alpha-3)/0.4)) }
	p.AddKeyed("$N = 128$", house.Function(logistic, 1, 5, 200, house.Line(house.Green)))
	half := house.Estimate("alpha50", "$α$ at which $P = 1/2$", 3, 2.9, 3.1)
	const words = "The rate of recovery $P$ against $α$, a logistic curve, which is one half at $α$ $=$ {{.}}."
	d, err := house.Drawing{Width: house.SingleColumn, Height: 5.4 * vg.Centimeter, Draw: p.Draw}.
		Described(words, half, []house.Quantity{half})
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := d.Render("rate")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range x.Files {
		fmt.Println(f.Name)
	}
	fmt.Println("SVG:", bytes.Contains(x.Files[1].Content, []byte("<svg")))
	fmt.Printf("%s%s", x.Files[3].Content, x.Files[4].Content)
	// Output:
	// rate.pdf
	// rate.svg
	// rate.png
	// rate.txt
	// rate.toml
	// SVG: true
	// The rate of recovery P against α, a logistic curve, which is one half at α = 3.00 [2.90,
	// 3.10].
	// [alpha50]
	// text = "α at which P = 1/2"
	// value = 3.0
	// lo = 2.9
	// hi = 3.1
	// rounded = "3.00"
	// interval = ["2.90", "3.10"]
}
