package house

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Gaps of the layout.
const (
	edge      vg.Length = 1.5 // of the figure, around everything
	gutterX   vg.Length = 9   // between panels of a row
	gutterY   vg.Length = 6   // between panels of a column
	tickGap   vg.Length = 2.5 // from the frame to the tick labels
	labelGap  vg.Length = 2   // from the tick labels to the axis label
	headGap   vg.Length = 2.5 // from the frame to the letter and title
	perTickX  vg.Length = 18  // room for a tick label along an axis, at least
	perTickY  vg.Length = 16
	apartX    vg.Length = 9  // between tick labels chosen here
	closeX    vg.Length = 2  // between tick labels of any axis
	leastSide vg.Length = 20 // a frame smaller than this shows nothing
)

// A Grid is panels in rows, from the top. All frames have one size and stand in line.
// With more than one panel each has a letter.
//
// With ShareX the panels of a column have one horizontal axis, labelled below the
// lowest.
type Grid struct {
	Panels [][]*Panel
	ShareX bool
}

// A cell is a panel with its axes settled, so that drawing twice starts alike.
type cell struct {
	*Panel
	axes   plot.Plot
	xs, ys []plot.Tick
	showX  bool
	letter string
}

// room is what the labels of a row or a column need beside its frames.
type room struct {
	before, after vg.Length
	deep          vg.Length // of after, what is below the baseline of the titles
}

func (r *room) take(before, after vg.Length) {
	r.before, r.after = max(r.before, before), max(r.after, after)
}

// Draw draws the panels on a canvas.
func (g Grid) Draw(c draw.Canvas) {
	at, cols := g.cells()
	if cols == 0 {
		panic(fmt.Errorf("a grid without panels"))
	}
	g.settle(at, cols)

	rows, size := len(at), c.Size()
	guessX, guessY := 0.75*size.X/vg.Length(cols), 0.75*size.Y/vg.Length(rows)
	xRooms, yRooms := make([]room, cols), make([]room, rows)
	for i, row := range at {
		for j, p := range row {
			p.chooseTicks(guessX, guessY)
			p.measure(guessX, &xRooms[j], &yRooms[i])
		}
	}
	w := size.X - 2*edge - gutterX*vg.Length(cols-1)
	for _, r := range xRooms {
		w -= r.before + r.after
	}
	h := size.Y - 2*edge - gutterY*vg.Length(rows-1)
	for _, r := range yRooms {
		h -= r.before + r.after
	}
	w, h = w/vg.Length(cols), h/vg.Length(rows)
	if w < leastSide || h < leastSide {
		panic(fmt.Errorf("no room for the panels: each would be %.3g × %.3g pt", w.Points(), h.Points()))
	}
	y := c.Max.Y - edge
	for i, row := range at {
		y -= yRooms[i].after
		x := c.Min.X + edge
		for j, p := range row {
			x += xRooms[j].before
			p.draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: x, Y: y - h}, Max: vg.Point{X: x + w, Y: y},
			}}, xRooms[j], yRooms[i])
			x += w + xRooms[j].after + gutterX
		}
		y -= h + yRooms[i].before + gutterY
	}
}

// Letter is that of the i-th panel of a grid, from 0, in rows from the top.
func Letter(i int) string { return fmt.Sprintf("(%c)", 'a'+i) }

// cells copies the panels' axes and letters the panels.
func (g Grid) cells() (at [][]*cell, cols int) {
	count := 0
	for _, row := range g.Panels {
		cols = max(cols, len(row))
		count += len(row)
	}
	lettered := 0
	for _, row := range g.Panels {
		var cells []*cell
		for _, p := range row {
			one := &cell{Panel: p, axes: *p.Plot, showX: true}
			if count > 1 {
				one.letter = Letter(lettered)
				lettered++
			}
			cells = append(cells, one)
		}
		at = append(at, cells)
	}
	return at, cols
}

// settle fixes the ends of all axes, a shared one by its whole column: by the highest
// panel that sets an end, else by all the data.
func (g Grid) settle(at [][]*cell, cols int) {
	for j := range cols {
		all := Span{math.Inf(1), math.Inf(-1)}
		lo, hi := math.Inf(1), math.Inf(-1)
		var above *cell
		for _, row := range at {
			if j >= len(row) {
				continue
			}
			p := row[j]
			x, y := p.Spans()
			settle(&p.axes.Y, y)
			if !g.ShareX {
				settle(&p.axes.X, x)
				continue
			}
			all.Lo, all.Hi = math.Min(all.Lo, x.Lo), math.Max(all.Hi, x.Hi)
			if math.IsInf(lo, 1) {
				lo = p.axes.X.Min
			}
			if math.IsInf(hi, -1) {
				hi = p.axes.X.Max
			}
			if above != nil {
				above.showX = false
			}
			above = p
		}
		if !g.ShareX {
			continue
		}
		for _, row := range at {
			if j < len(row) {
				a := &row[j].axes.X
				a.Min, a.Max = lo, hi
				settle(a, all)
			}
		}
	}
}
