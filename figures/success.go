//pipeline:variant figure=success

package figures

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/pipeline"
)

func init() {
	register("success", figure{
		doc:   "probability of recovery against alpha for each size",
		needs: []string{"finitesize", "theory-transition"},
		draw:  drawSuccess,
	})
}

type sizeRow struct {
	N      int64          `arrow:"n"`
	Loss   string         `arrow:"loss"`
	A      float64        `arrow:"a"`
	Method string         `arrow:"method"`
	Points []successPoint `arrow:"points"`

	Identified bool    `arrow:"identified"`
	Alpha50    float64 `arrow:"alpha50"`
	Alpha50Lo  float64 `arrow:"alpha50_lo"`
	Alpha50Hi  float64 `arrow:"alpha50_hi"`
	Width      float64 `arrow:"width"`
}

type successPoint struct {
	Alpha     float64 `arrow:"alpha"`
	Trials    int64   `arrow:"trials"`
	Recovered int64   `arrow:"recovered"`
	Trapped   int64   `arrow:"trapped"`
	P         float64 `arrow:"p"`
	Lo        float64 `arrow:"lo"`
	Hi        float64 `arrow:"hi"`
}

func drawSuccess(in pipeline.Inputs) (Drawing, error) {
	sizes, err := read[sizeRow](in, "finitesize")
	if err != nil {
		return Drawing{}, err
	}
	about, err := oneOf(sizes, "loss", func(r sizeRow) model { return model{r.Loss, r.A} })
	if err != nil {
		return Drawing{}, err
	}
	if _, err := oneOf(sizes, "method of descent", func(r sizeRow) string { return r.Method }); err != nil {
		return Drawing{}, err
	}
	sort.SliceStable(sizes, func(i, j int) bool { return sizes[i].Row.N < sizes[j].Row.N })

	p := NewPanel("$α$", "$P$(recovered)")
	p.Y.Min, p.Y.Max = -0.03, 1.03
	var open, trials int64
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, s := range sizes {
		if i > 0 && s.Row.N == sizes[i-1].Row.N {
			return Drawing{}, fmt.Errorf("%s and %s both have a row for N = %d; give the figure one of them", sizes[i-1].Stage, s.Stage, s.Row.N)
		}
		for _, q := range s.Row.Points {
			trials += q.Trials
			open += q.Trials - q.Recovered - q.Trapped
			if q.Recovered+q.Trapped > 0 {
				lo, hi = min(lo, q.Alpha), max(hi, q.Alpha)
			}
		}
	}
	if lo > hi {
		return Drawing{}, fmt.Errorf("no descent that %s counts was resolved, so there is no probability to draw; give those descents a larger budget", sizes[0].Stage)
	}
	fits := false
	for i, s := range sizes {
		look := Series(i)
		pts := Points{Look: look}
		for _, q := range s.Row.Points {
			if q.Recovered+q.Trapped > 0 {
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
			fit := func(alpha float64) float64 { return 1 / (1 + math.Exp(-(alpha-f.Alpha50)/f.Width)) }
			p.AddKeyed(label, Function(fit, lo, hi, 200, Thin(look.Color)), pts)
			p.Add(Points{X: []float64{f.Alpha50}, Y: []float64{0.5}, Lo: []float64{f.Alpha50Lo}, Hi: []float64{f.Alpha50Hi},
				Across: true, Look: Look{Color: look.Color}})
		} else {
			p.AddKeyed(label, pts)
		}
	}
	if fits {
		p.AddKeyed("$α_{50}$ and its interval", Points{Across: true, Look: Look{Color: Black}})
	}
	if open > 0 {
		p.KeyTitle = fmt.Sprintf("(%s%% unresolved, left out)", Number(rounded(100*float64(open)/float64(trials), 2)))
	}

	start, err := initTransitions(in)
	if err != nil {
		return Drawing{}, err
	}
	marked := false
	for _, t := range start {
		if (model{t.Row.Loss, t.Row.A}) == about && !marked {
			marked = true
			note := Note{X: t.Row.Alpha, Y: 0.5, DX: 3, Text: "$α_{\\rm{BBP}}^{\\rm{init}}$", YAlign: draw.YCenter}
			if t.Row.Alpha > (lo+hi)/2 {
				note.DX, note.XAlign = -3, draw.XRight
			}
			p.Add(Rule{t.Row.Alpha, Thin(Grey, Dashed...)}, note)
		}
	}
	if !marked {
		return Drawing{}, fmt.Errorf("no input of kind theory-transition is for the %s of %s; add that stage to the figure's inputs", about, sizes[0].Stage)
	}
	return Drawing{SingleColumn, 6.6 * vg.Centimeter, p.Draw}, nil
}
