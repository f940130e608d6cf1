package house

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/label"
)

// chooseTicks takes as many marks as the axes have room for without labels meeting.
func (p *cell) chooseTicks(w, h vg.Length) {
	a := &p.axes.X
	for each := perTickX; ; each *= 1.25 {
		p.xs = ticksFor(a, w, each)
		if each > w || !p.crowded(w, apartX) {
			break
		}
	}
	p.ys = ticksFor(&p.axes.Y, h, perTickY)
}

// crowded says whether labels along the horizontal axis come too near each other.
func (p *cell) crowded(w, apart vg.Length) bool {
	a := &p.axes.X
	end := vg.Length(math.Inf(-1))
	for _, t := range p.xs {
		if t.Label == "" {
			continue
		}
		half := a.Tick.Label.Width(t.Label) / 2
		x := vg.Length(a.Norm(t.Value)) * w
		if x-half < end+apart {
			return true
		}
		end = x + half
	}
	return false
}

func (p *cell) head() bool { return p.letter != "" || p.Title.Text != "" }

// extent is the largest box of the labels of the ticks.
func extent(sty text.Style, ticks []plot.Tick) (width, height, depth vg.Length) {
	for _, t := range ticks {
		if t.Label != "" {
			w, h, d := sty.Handler.Box(t.Label, sty.Font)
			width, height, depth = max(width, w), max(height, h), max(depth, d)
		}
	}
	return width, height, depth
}

// measure says what the labels around the frame need.
func (p *cell) measure(w vg.Length, x, y *room) {
	ax, ay := &p.axes.X, &p.axes.Y
	var left, right, bottom, top vg.Length
	if wide, _, _ := extent(ay.Tick.Label, p.ys); wide > 0 {
		left = wide + tickGap
		top = label.DigitHeight / 2 * tickSize
		bottom = top
	}
	if ay.Label.Text != "" {
		left += labelGap + ay.Label.TextStyle.Height(ay.Label.Text)
	}
	if p.showX {
		if _, tall, deep := extent(ax.Tick.Label, p.xs); tall > 0 {
			bottom = max(bottom, tickGap+tall+deep)
		}
		for _, t := range p.xs {
			if t.Label != "" {
				half := ax.Tick.Label.Width(t.Label) / 2
				n := vg.Length(ax.Norm(t.Value))
				left, right = max(left, half-n*w), max(right, half-(1-n)*w)
			}
		}
		if ax.Label.Text != "" {
			bottom += ax.Label.TextStyle.Height(ax.Label.Text)
		}
	}
	if p.head() {
		_, tall, deep := label.Handler{}.Box(p.letter+p.Title.Text, p.Title.TextStyle.Font)
		y.deep = max(y.deep, deep+headGap)
		top = max(top, tall+y.deep)
	}
	x.take(left, right)
	y.take(bottom, top)
}

// put draws one line of text with its baseline at y; align is 0, -0.5 or -1 as in plot.
func put(c draw.Canvas, sty text.Style, x, y vg.Length, align text.XAlignment, txt string) {
	_, _, deep := label.Handler{}.Box(txt, sty.Font)
	sty.XAlign, sty.YAlign = align, draw.YBottom
	c.FillText(sty, vg.Point{X: x, Y: y + label.Hang(sty.Font.Size) - deep}, txt)
}

func (p *cell) draw(frame draw.Canvas, x, y room) {
	p.drawData(frame)
	p.drawFrame(frame)
	p.drawKey(frame)
	p.drawLabels(frame, x, y)
	if p.head() {
		base := frame.Max.Y + y.deep
		put(frame, textStyle(labelSize), frame.Min.X, base, draw.XLeft, p.letter)
		put(frame, p.Title.TextStyle, frame.Center().X, base, draw.XCenter, p.Title.Text)
	}
}

// drawFrame draws the box and marks inside it on all four sides.
func (p *cell) drawFrame(frame draw.Canvas) {
	ax, ay := &p.axes.X, &p.axes.Y
	length := func(t plot.Tick, a *plot.Axis) vg.Length {
		if t.Label == "" {
			return a.Tick.Length * minorTick / majorTick
		}
		return a.Tick.Length
	}
	for _, t := range p.xs {
		at, l := frame.X(ax.Norm(t.Value)), length(t, ax)
		frame.StrokeLine2(ax.Tick.LineStyle, at, frame.Min.Y, at, frame.Min.Y+l)
		frame.StrokeLine2(ax.Tick.LineStyle, at, frame.Max.Y, at, frame.Max.Y-l)
	}
	for _, t := range p.ys {
		at, l := frame.Y(ay.Norm(t.Value)), length(t, ay)
		frame.StrokeLine2(ay.Tick.LineStyle, frame.Min.X, at, frame.Min.X+l, at)
		frame.StrokeLine2(ay.Tick.LineStyle, frame.Max.X, at, frame.Max.X-l, at)
	}
	frame.SetLineStyle(ax.LineStyle)
	frame.Stroke(frame.Rectangle.Path())
}

func (p *cell) drawLabels(frame draw.Canvas, x, y room) {
	ax, ay := &p.axes.X, &p.axes.Y
	size := frame.Size()
	if p.showX {
		if p.crowded(size.X, closeX) {
			label.Report(frame, fmt.Errorf("the tick labels of the axis %q overlap", ax.Label.Text))
		}
		_, tall, _ := extent(ax.Tick.Label, p.xs)
		for _, t := range p.xs {
			put(frame, ax.Tick.Label, frame.X(ax.Norm(t.Value)), frame.Min.Y-tickGap-tall, draw.XCenter, t.Label)
		}
		if txt := ax.Label.Text; txt != "" {
			if ax.Label.TextStyle.Width(txt) > size.X+x.before+x.after {
				label.Report(frame, fmt.Errorf("the label %q is longer than its panel is wide", txt))
			}
			sty := ax.Label.TextStyle
			sty.XAlign, sty.YAlign = draw.XCenter, draw.YBottom
			c := vg.Point{X: frame.Center().X, Y: frame.Min.Y - y.before + label.Hang(sty.Font.Size)}
			frame.FillText(sty, c, txt)
		}
	}
	for _, t := range p.ys {
		at := frame.Y(ay.Norm(t.Value)) - label.DigitHeight/2*tickSize
		put(frame, ay.Tick.Label, frame.Min.X-tickGap, at, draw.XRight, t.Label)
	}
	if txt := ay.Label.Text; txt != "" {
		if ay.Label.TextStyle.Width(txt) > size.Y+y.before+y.after {
			label.Report(frame, fmt.Errorf("the label %q is longer than its panel is tall", txt))
		}
		sty := ay.Label.TextStyle
		sty.Rotation, sty.XAlign, sty.YAlign = math.Pi/2, draw.XCenter, draw.YTop
		// A turned box has its top on the left.
		c := vg.Point{X: frame.Min.X - x.before - label.Hang(sty.Font.Size), Y: frame.Center().Y}
		frame.FillText(sty, c, txt)
	}
}
