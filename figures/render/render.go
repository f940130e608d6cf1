// Package render turns a drawing into PDF, SVG and PNG: the same bytes on every redraw, and
// an error for what would come out wrong.
package render

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

	"zerotohero/figures/label"
)

// pngDPI is what journals ask of line art with grey edges, and enough for a screen.
const pngDPI = 300

// maxSide bounds a drawing: anything larger is a unit mistaken, and would ask for
// gigabytes of pixels.
const maxSide = 60 * vg.Centimeter

// A Page is a drawing of a size. Draw is called once for each format and must draw the
// same each time.
type Page struct {
	Width, Height vg.Length
	Draw          func(draw.Canvas)
}

// check finds what no format can render.
func (d Page) check() error {
	if !(d.Width > 0 && d.Width <= maxSide && d.Height > 0 && d.Height <= maxSide) {
		return fmt.Errorf("a size of %.4g cm × %.4g cm", d.Width/vg.Centimeter, d.Height/vg.Centimeter)
	}
	if d.Draw == nil {
		return fmt.Errorf("nothing draws it")
	}
	return nil
}

// A File is a rendered page; its format is that of the suffix.
type File struct {
	Suffix  string
	Content []byte
}

// Files gives the page as .pdf, .svg and .png. The bytes depend on what is drawn alone:
// not on the time, on other drawings, or on what runs beside it. A panic while drawing,
// a place that is not finite, a label with a mistake and a label cut off by the edge all
// come back as errors.
func (d Page) Files() ([]File, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	var files []File
	for _, to := range []struct {
		suffix string
		render func(Page) ([]byte, error)
	}{{".pdf", Page.pdf}, {".svg", Page.svg}, {".png", Page.png}} {
		content, err := to.render(d)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Suffix: to.suffix, Content: content})
	}
	return files, nil
}

// on draws on a fresh canvas over white.
func (d Page) on(c vg.Canvas, write func(font.Face, vg.Point, string)) (err error) {
	s := &sheet{Canvas: c, w: d.Width, h: d.Height, write: write, views: NewTransforms()}
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

func (d Page) svg() ([]byte, error) {
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

func (d Page) png() ([]byte, error) {
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
	views Transforms
	w, h  vg.Length
	write func(font.Face, vg.Point, string) // nil: text becomes outlines
	wrong error
}

// Fault keeps the first mistake of a drawing.
func (s *sheet) Fault(err error) {
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
			s.Fault(fmt.Errorf("it draws at a place that is not a finite number"))
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
	s.Fault(fmt.Errorf("it draws an image, and figures are of lines, areas and text only"))
}

func (s *sheet) FillString(f font.Face, pt vg.Point, txt string) {
	if !(f.Font.Size > 0) || f.Face == nil {
		return
	}
	if !finite(pt.X) || !finite(pt.Y) {
		s.Fault(fmt.Errorf("the label %q is at a place that is not a finite number", txt))
		return
	}
	glyphs, _ := label.Glyphs(f, txt)
	if box, any := label.Ink(f, glyphs); any {
		box = box.Add(pt)
		for _, corner := range []vg.Point{box.Min, box.Max, {X: box.Min.X, Y: box.Max.Y},
			{X: box.Max.X, Y: box.Min.Y}} {
			at := s.views.Apply(corner)
			const slack = 0.05
			if at.X < -slack || at.Y < -slack || at.X > s.w+slack || at.Y > s.h+slack {
				s.Fault(fmt.Errorf("the label %q is cut off by the edge of the figure", txt))
			}
		}
	}
	if s.write != nil {
		s.write(f, pt, txt)
		return
	}
	s.Canvas.Fill(label.Outline(f, pt, txt))
}

func (s *sheet) Push()              { s.views.Push(); s.Canvas.Push() }
func (s *sheet) Pop()               { s.views.Pop(); s.Canvas.Pop() }
func (s *sheet) Rotate(a float64)   { s.views.Rotate(a); s.Canvas.Rotate(a) }
func (s *sheet) Scale(x, y float64) { s.views.Scale(x, y); s.Canvas.Scale(x, y) }

func (s *sheet) Translate(pt vg.Point) { s.views.Translate(pt); s.Canvas.Translate(pt) }

func finite(v vg.Length) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }
