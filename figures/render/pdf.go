package render

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"time"

	"codeberg.org/go-pdf/fpdf"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"zerotohero/figures/label"
)

// pdfCanvas draws on one PDF page with embedded Unicode fonts. gonum/plot's own PDF
// canvas writes text in code page 1252, which has no Greek, and takes the dates of
// its files from settings shared by the whole process.
type pdfCanvas struct {
	doc    *fpdf.Fpdf
	height vg.Length
	depth  int
	// named is the character by which each glyph is called. Two characters of one
	// glyph would make the embedded font depend on the order of a map.
	named map[string]map[sfnt.GlyphIndex]rune
}

// written is the date in every PDF, so that a redraw gives the same bytes.
var written = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (d Page) pdf() ([]byte, error) {
	doc := fpdf.NewCustom(&fpdf.InitType{
		UnitStr: "pt",
		Size:    fpdf.SizeType{Wd: d.Width.Points(), Ht: d.Height.Points()},
	})
	doc.SetCatalogSort(true)
	doc.SetCreationDate(written)
	doc.SetModificationDate(written)
	doc.SetCompression(true)
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	doc.AddPage()
	doc.SetLineJoinStyle("round")
	c := &pdfCanvas{doc: doc, height: d.Height, named: map[string]map[sfnt.GlyphIndex]rune{}}
	c.Push()
	c.Translate(vg.Point{Y: d.Height})
	c.Scale(1, -1)
	if err := d.on(c, c.FillString); err != nil {
		return nil, err
	}
	for c.depth > 0 {
		c.Pop()
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (c *pdfCanvas) SetLineWidth(w vg.Length) { c.doc.SetLineWidth(w.Points()) }

func (c *pdfCanvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	dashes := make([]float64, len(pattern))
	for i, d := range pattern {
		dashes[i] = d.Points()
	}
	c.doc.SetDashPattern(dashes, offset.Points())
}

func (c *pdfCanvas) SetColor(clr color.Color) {
	if clr == nil {
		clr = color.Black
	}
	straight := color.NRGBAModel.Convert(clr).(color.NRGBA)
	r, g, b := int(straight.R), int(straight.G), int(straight.B)
	c.doc.SetFillColor(r, g, b)
	c.doc.SetDrawColor(r, g, b)
	c.doc.SetTextColor(r, g, b)
	c.doc.SetAlpha(float64(straight.A)/math.MaxUint8, "Normal")
}

func (c *pdfCanvas) Rotate(a float64) { c.doc.TransformRotate(-a*180/math.Pi, 0, 0) }

func (c *pdfCanvas) Translate(pt vg.Point) {
	c.doc.TransformTranslate(pt.X.Points(), pt.Y.Points())
}

// Scale goes round fpdf's TransformScale, which refuses a factor of zero.
func (c *pdfCanvas) Scale(x, y float64) {
	h := c.height.Points()
	c.doc.Transform(fpdf.TransformMatrix{A: x, D: y, F: h * (1 - y)})
}

func (c *pdfCanvas) Push() {
	c.depth++
	c.doc.TransformBegin()
}

func (c *pdfCanvas) Pop() {
	c.doc.TransformEnd()
	c.depth--
}

func (c *pdfCanvas) Stroke(p vg.Path) { c.path(p, "D") }

func (c *pdfCanvas) Fill(p vg.Path) { c.path(p, "F") }

func (c *pdfCanvas) path(p vg.Path, how string) {
	var start, at vg.Point
	open := false
	move := func(pt vg.Point) {
		c.doc.MoveTo(pt.X.Points(), pt.Y.Points())
		start, at, open = pt, pt, true
	}
	lineTo := func(pt vg.Point) {
		if !open {
			move(pt)
			return
		}
		if pt != at {
			c.doc.LineTo(pt.X.Points(), pt.Y.Points())
			at = pt
		}
	}
	cube := func(a, b, to vg.Point) {
		c.doc.CurveBezierCubicTo(a.X.Points(), a.Y.Points(), b.X.Points(), b.Y.Points(), to.X.Points(), to.Y.Points())
		at = to
	}
	for _, comp := range p {
		switch comp.Type {
		case vg.MoveComp:
			move(comp.Pos)
		case vg.LineComp:
			lineTo(comp.Pos)
		case vg.ArcComp:
			from, curves := arc(comp)
			lineTo(from)
			for _, k := range curves {
				cube(k[0], k[1], k[2])
			}
		case vg.CurveComp:
			if !open {
				move(comp.Pos)
			}
			switch len(comp.Control) {
			case 1:
				q := comp.Control[0]
				cube(at.Add(q.Sub(at).Scale(2.0/3)), comp.Pos.Add(q.Sub(comp.Pos).Scale(2.0/3)), comp.Pos)
			case 2:
				cube(comp.Control[0], comp.Control[1], comp.Pos)
			default:
				panic(fmt.Sprintf("a curve with %d control points", len(comp.Control)))
			}
		case vg.CloseComp:
			if open {
				c.doc.ClosePath()
				at = start
			}
		}
	}
	if open {
		c.doc.DrawPath(how)
	}
}

// arc is where an arc begins, and the Bézier curves for its quarters or less: two points
// that pull, and the end.
func arc(comp vg.PathComp) (from vg.Point, curves [][3]vg.Point) {
	n := max(1, int(math.Ceil(math.Abs(comp.Angle)/(math.Pi/2))))
	step := comp.Angle / float64(n)
	pull := vg.Length(4.0 / 3 * math.Tan(step/4))
	on := func(angle float64) (pt, tangent vg.Point) {
		sin, cos := math.Sincos(angle)
		r := comp.Radius
		pt = vg.Point{X: comp.Pos.X + r*vg.Length(cos), Y: comp.Pos.Y + r*vg.Length(sin)}
		return pt, vg.Point{X: -r * vg.Length(sin), Y: r * vg.Length(cos)}
	}
	from, tangent := on(comp.Start)
	at := from
	for i := range n {
		to, next := on(comp.Start + float64(i+1)*step)
		curves = append(curves, [3]vg.Point{at.Add(tangent.Scale(pull)), to.Sub(next.Scale(pull)), to})
		at, tangent = to, next
	}
	return from, curves
}

// FillString writes a run as text, in pieces where kerning moves a character:
// fpdf knows no kerning, and the run must end where it was measured to end.
func (c *pdfCanvas) FillString(f font.Face, pt vg.Point, txt string) {
	family := string(f.Font.Typeface + font.Typeface(f.Font.Variant))
	style := ""
	if f.Font.Style == xfont.StyleItalic {
		style = "I"
	}
	names := c.named[family+style]
	if names == nil {
		var raw bytes.Buffer
		if _, err := f.Face.WriteSourceTo(nil, &raw); err != nil {
			panic(fmt.Errorf("the font %s cannot be embedded: %w", family, err))
		}
		c.doc.AddUTF8FontFromBytes(family, style, raw.Bytes())
		names = map[sfnt.GlyphIndex]rune{}
		c.named[family+style] = names
	}
	c.doc.TransformBegin()
	defer c.doc.TransformEnd()
	c.Translate(pt)
	c.Scale(1, -1)
	c.doc.SetFont(family, style, f.Font.Size.Points())
	glyphs, _ := label.Glyphs(f, txt)
	for i := 0; i < len(glyphs); {
		from := glyphs[i].X
		var piece []rune
		for ; i < len(glyphs) && (len(piece) == 0 || !glyphs[i].Kerned); i++ {
			g := glyphs[i]
			if g.Rune > math.MaxUint16 {
				continue // no such glyph either; the typesetter has reported it
			}
			if _, ok := names[g.Index]; !ok {
				names[g.Index] = g.Rune
			}
			piece = append(piece, names[g.Index])
		}
		if len(piece) > 0 {
			c.doc.Text(from.Points(), 0, string(piece))
		}
	}
}

// DrawImage completes vg.Canvas; a sheet lets no pixels through.
func (c *pdfCanvas) DrawImage(vg.Rectangle, image.Image) {}
