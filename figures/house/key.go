package house

import (
	"fmt"
	"image"
	"image/color"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/label"
	"zerotohero/figures/render"
)

const (
	keyThumb vg.Length = 15
	keyGap   vg.Length = 4
	keyInset vg.Length = 6 // clear of the marks inside the frame
)

// A key is the entries of a panel, measured.
type key struct {
	*Panel
	thumb, wide, tall, title vg.Length
	heights                  []vg.Length
}

func (p *Panel) key() key {
	k := key{Panel: p, thumb: 3 * markRadius}
	sty := textStyle(keySize)
	for _, e := range p.entries {
		for _, t := range e.thumbs {
			if _, small := t.(Points); !small {
				k.thumb = keyThumb
			}
		}
	}
	for _, e := range p.entries {
		k.wide = max(k.wide, k.thumb+keyGap+sty.Width(e.label))
		k.heights = append(k.heights, max(sty.Height(e.label), 1.15*keySize))
		k.tall += k.heights[len(k.heights)-1]
	}
	if p.KeyTitle != "" {
		k.title = max(sty.Height(p.KeyTitle), 1.2*keySize)
		k.wide = max(k.wide, sty.Width(p.KeyTitle))
		k.tall += k.title
	}
	return k
}

// drawKey draws the key inside the frame. It has no ground of its own, which would
// hide data.
func (p *cell) drawKey(frame draw.Canvas) {
	if p.NoKey || len(p.entries) == 0 {
		return
	}
	k := p.key()
	size := frame.Size()
	if k.wide+2*keyInset > size.X || k.tall+2*keyInset > size.Y {
		label.Report(frame, fmt.Errorf("the key with %q does not fit into its panel", p.entries[0].label))
	}
	box := p.emptiest(k, frame)
	sty := textStyle(keySize)
	left, top := box.Min.X, box.Max.Y
	if p.KeyTitle != "" {
		put(frame, sty, left, top-k.title/2-label.DigitHeight/2*keySize, draw.XLeft, p.KeyTitle)
		top -= k.title
	}
	for i, e := range p.entries {
		thumb := draw.Canvas{Canvas: frame.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: left, Y: top - k.heights[i]},
			Max: vg.Point{X: left + k.thumb, Y: top},
		}}
		for _, t := range e.thumbs {
			t.Thumbnail(&thumb)
		}
		put(frame, sty, left+k.thumb+keyGap, thumb.Center().Y-label.DigitHeight/2*keySize, draw.XLeft, e.label)
		top -= k.heights[i]
	}
}

// emptiest is the box for the key that meets least of the data: a corner if one is
// free, else the first inside that is freer than any corner.
func (p *cell) emptiest(k key, frame draw.Canvas) vg.Rectangle {
	seen := probe{Transforms: render.NewTransforms()}
	p.drawData(draw.Canvas{Canvas: &seen, Rectangle: frame.Rectangle})
	from := frame.Min.Add(vg.Point{X: keyInset, Y: keyInset})
	free := frame.Size().Sub(vg.Point{X: k.wide + 2*keyInset, Y: k.tall + 2*keyInset})
	at := func(x, y vg.Length) vg.Rectangle {
		lo := from.Add(vg.Point{X: x * free.X, Y: y * free.Y})
		return vg.Rectangle{Min: lo, Max: lo.Add(vg.Point{X: k.wide, Y: k.tall})}
	}
	boxes := []vg.Rectangle{at(1, 1), at(0, 1), at(1, 0), at(0, 0)}
	const steps = 8
	for i := range steps + 1 {
		for j := range steps + 1 {
			boxes = append(boxes, at(vg.Length(i)/steps, vg.Length(j)/steps))
		}
	}
	var best vg.Rectangle
	least := -1
	for _, box := range boxes {
		if n := seen.within(box); least < 0 || n < least {
			best, least = box, n
		}
	}
	return best
}

// drawData draws bands first and then the rest.
func (p *cell) drawData(frame draw.Canvas) {
	for _, bands := range []bool{true, false} {
		for _, one := range p.plotters {
			if _, band := one.(Band); band == bands {
				one.Plot(frame, &p.axes)
			}
		}
	}
}

// A probe is a canvas that keeps points on all that is drawn.
type probe struct {
	render.Transforms
	points []vg.Point
}

func (c *probe) meet(pt vg.Point) { c.points = append(c.points, c.Apply(pt)) }

func (c *probe) within(box vg.Rectangle) (n int) {
	const clear = 5
	for _, p := range c.points {
		if p.X > box.Min.X-clear && p.X < box.Max.X+clear && p.Y > box.Min.Y-clear && p.Y < box.Max.Y+clear {
			n++
		}
	}
	return n
}

// between keeps points so close that a line cannot pass a word unseen.
func (c *probe) between(a, b vg.Point) {
	const step = 2
	d := b.Sub(a)
	n := int(min(1000, max(d.X, -d.X, d.Y, -d.Y)/step)) + 1
	for i := range n {
		c.meet(a.Add(d.Scale(vg.Length(i+1) / vg.Length(n))))
	}
}

func (c *probe) Stroke(p vg.Path) {
	var at vg.Point
	for _, comp := range p {
		switch comp.Type {
		case vg.LineComp, vg.CurveComp:
			c.between(at, comp.Pos)
		default:
			c.meet(comp.Pos)
		}
		at = comp.Pos
	}
}

func (c *probe) Fill(p vg.Path) { c.Stroke(p) }

func (c *probe) FillString(f font.Face, pt vg.Point, txt string) {
	_, width := label.Glyphs(f, txt)
	c.between(pt, vg.Point{X: pt.X + width, Y: pt.Y + label.DigitHeight*f.Font.Size})
}

func (c *probe) DrawImage(r vg.Rectangle, _ image.Image) { c.Stroke(r.Path()) }
func (c *probe) SetColor(color.Color)                    {}
func (c *probe) SetLineWidth(vg.Length)                  {}
func (c *probe) SetLineDash([]vg.Length, vg.Length)      {}
