package figures

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"zerotohero/pipeline"
)

// pngDPI is what journals ask of line art with grey edges, and enough for a screen.
const pngDPI = 300

// maxSide bounds a drawing: anything larger is a unit mistaken, and would ask for
// gigabytes of pixels.
const maxSide = 60 * vg.Centimeter

// A Drawing is a figure before it is put into any file format. Draw is called once
// for each format and must draw the same each time.
type Drawing struct {
	Width, Height vg.Length
	Draw          func(draw.Canvas)

	// Caption says in sentences what is shown, how large the sample is and what the
	// intervals are, with the numbers quoted. It has the markup of labels; an empty
	// line begins a new paragraph.
	Caption string

	// Numbers are those that the figure is about, each also for other texts to quote.
	Numbers []Quantity
}

// Render gives the drawing as name.pdf, name.svg and name.png, its caption as
// name.txt, its numbers as name.toml, and both as name.html, a fragment of a page.
// The bytes depend on the drawing alone: not on the time, on other drawings, or on
// what runs beside it.
// A panic while drawing, a number that is not finite, a label with a mistake and a
// label cut off by the edge all come back as an error that names the figure.
func (d Drawing) Render(name string) ([]pipeline.File, error) {
	if name == "" {
		return nil, fmt.Errorf("figure without a name")
	}
	if !(d.Width > 0 && d.Width <= maxSide && d.Height > 0 && d.Height <= maxSide) {
		return nil, fmt.Errorf("figure %s: a size of %.4g cm × %.4g cm", name, d.Width/vg.Centimeter, d.Height/vg.Centimeter)
	}
	if d.Draw == nil {
		return nil, fmt.Errorf("figure %s: nothing draws it", name)
	}
	var files []pipeline.File
	for _, to := range []struct {
		suffix string
		render func(Drawing) ([]byte, error)
	}{{".pdf", Drawing.pdf}, {".svg", Drawing.svg}, {".png", Drawing.png}} {
		content, err := to.render(d)
		if err != nil {
			return nil, fmt.Errorf("figure %s: %w", name, err)
		}
		files = append(files, pipeline.File{Name: name + to.suffix, Content: content})
	}
	described, err := d.describe(name)
	if err != nil {
		return nil, fmt.Errorf("figure %s: %w", name, err)
	}
	return append(files, described...), nil
}

// on draws on a fresh canvas over white.
func (d Drawing) on(c vg.Canvas, write func(font.Face, vg.Point, string)) (err error) {
	s := &sheet{Canvas: c, w: d.Width, h: d.Height, write: write, views: views{now: asIs}}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("drawing it failed: %v", p)
		}
	}()
	all := draw.NewCanvas(s, d.Width, d.Height)
	s.SetColor(color.White)
	s.Fill(all.Rectangle.Path())
	vg.Initialize(s)
	d.Draw(all)
	return s.wrong
}

func (d Drawing) svg() ([]byte, error) {
	c := vgsvg.NewWith(vgsvg.UseWH(d.Width, d.Height))
	if err := d.on(c, nil); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if _, err := c.WriteTo(&out); err != nil {
		return nil, err
	}
	// The other two formats have round joins; mitres would spike noisy curves.
	from := []byte(`xmlns="http://www.w3.org/2000/svg"`)
	return bytes.Replace(out.Bytes(), from, append(from, ` stroke-linejoin="round"`...), 1), nil
}

func (d Drawing) png() ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(d.Width, d.Height), vgimg.UseDPI(pngDPI), vgimg.UseBackgroundColor(color.White))
	if err := d.on(c, nil); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(&out); err != nil {
		return nil, err
	}
	return withDPI(out.Bytes(), pngDPI), nil
}

// withDPI notes the resolution in a PNG, without which programs show it at screen
// resolution, several times too large.
func withDPI(file []byte, dpi float64) []byte {
	const header = 8 + 4 + 4 + 13 + 4 // the signature and the first chunk
	perMetre := uint32(math.Round(dpi / 0.0254))
	body := []byte("pHYs")
	body = binary.BigEndian.AppendUint32(body, perMetre)
	body = binary.BigEndian.AppendUint32(body, perMetre)
	body = append(body, 1)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	chunk = append(chunk, body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
	out := append([]byte{}, file[:header]...)
	return append(append(out, chunk...), file[header:]...)
}

// A sheet is the page under a drawing. It watches what is drawn, because the
// canvases beneath write what is not a number into their files without a word.
type sheet struct {
	vg.Canvas
	views views
	w, h  vg.Length
	write func(font.Face, vg.Point, string) // nil: text becomes outlines
	wrong error
}

func (s *sheet) fault(err error) {
	if s.wrong == nil {
		s.wrong = err
	}
}

func (s *sheet) sound(p vg.Path) bool {
	for _, c := range p {
		ok := finite(c.Pos.X) && finite(c.Pos.Y) && finite(c.Radius)
		for _, q := range c.Control {
			ok = ok && finite(q.X) && finite(q.Y)
		}
		if !ok {
			s.fault(fmt.Errorf("it draws at a place that is not a finite number"))
			return false
		}
	}
	return len(p) > 0
}

func (s *sheet) Stroke(p vg.Path) {
	if s.sound(p) {
		s.Canvas.Stroke(p)
	}
}

func (s *sheet) Fill(p vg.Path) {
	if s.sound(p) {
		s.Canvas.Fill(p)
	}
}

// DrawImage refuses: a figure of the paper is line art, sharp at every size.
func (s *sheet) DrawImage(vg.Rectangle, image.Image) {
	s.fault(fmt.Errorf("it draws an image, and figures are of lines, areas and text only"))
}

func (s *sheet) FillString(f font.Face, pt vg.Point, txt string) {
	if !(f.Font.Size > 0) || f.Face == nil {
		return
	}
	if !finite(pt.X) || !finite(pt.Y) {
		s.fault(fmt.Errorf("the label %q is at a place that is not a finite number", txt))
		return
	}
	glyphs, _ := glyphsOf(f, txt)
	if box, any := ink(f, glyphs); any {
		box = box.Add(pt)
		for _, corner := range []vg.Point{box.Min, box.Max, {X: box.Min.X, Y: box.Max.Y}, {X: box.Max.X, Y: box.Min.Y}} {
			at := s.views.now.apply(corner)
			const slack = 0.05
			if at.X < -slack || at.Y < -slack || at.X > s.w+slack || at.Y > s.h+slack {
				s.fault(fmt.Errorf("the label %q is cut off by the edge of the figure", txt))
			}
		}
	}
	if s.write != nil {
		s.write(f, pt, txt)
		return
	}
	s.Canvas.Fill(outline(f, pt, txt))
}

func (s *sheet) Push()              { s.views.Push(); s.Canvas.Push() }
func (s *sheet) Pop()               { s.views.Pop(); s.Canvas.Pop() }
func (s *sheet) Rotate(a float64)   { s.views.Rotate(a); s.Canvas.Rotate(a) }
func (s *sheet) Scale(x, y float64) { s.views.Scale(x, y); s.Canvas.Scale(x, y) }

func (s *sheet) Translate(pt vg.Point) { s.views.Translate(pt); s.Canvas.Translate(pt) }

// views is the stack of transformations of a canvas, to know where on the page it draws.
type views struct {
	now  affine
	past []affine
}

func (v *views) Push() { v.past = append(v.past, v.now) }

func (v *views) Pop() {
	v.now = v.past[len(v.past)-1]
	v.past = v.past[:len(v.past)-1]
}

func (v *views) Rotate(a float64) {
	sin, cos := math.Sincos(a)
	v.now = v.now.after(affine{cos, sin, -sin, cos, 0, 0})
}

func (v *views) Translate(pt vg.Point) {
	v.now = v.now.after(affine{1, 0, 0, 1, float64(pt.X), float64(pt.Y)})
}

func (v *views) Scale(x, y float64) { v.now = v.now.after(affine{x, 0, 0, y, 0, 0}) }

// An affine map (x, y) → (ax + cy + e, bx + dy + f).
type affine struct{ a, b, c, d, e, f float64 }

var asIs = affine{a: 1, d: 1}

func (m affine) apply(p vg.Point) vg.Point {
	x, y := float64(p.X), float64(p.Y)
	return vg.Point{X: vg.Length(m.a*x + m.c*y + m.e), Y: vg.Length(m.b*x + m.d*y + m.f)}
}

// after is the map that does n first and then m.
func (m affine) after(n affine) affine {
	return affine{
		m.a*n.a + m.c*n.b, m.b*n.a + m.d*n.b,
		m.a*n.c + m.c*n.d, m.b*n.c + m.d*n.d,
		m.a*n.e + m.c*n.f + m.e, m.b*n.e + m.d*n.f + m.f,
	}
}
