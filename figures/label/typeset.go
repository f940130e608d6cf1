package label

import (
	"fmt"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationserifitalic"
	"codeberg.org/go-fonts/liberation/liberationserifregular"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Proportions of set text, in ems.
const (
	strutAscent  = 0.76 // of every line, so that labels of one row share a baseline
	strutDescent = 0.24
	leading      = 0.12 // between lines
	DigitHeight  = 0.66
	scriptSize   = 0.70
	subDrop      = 0.17
	supRaise     = 0.36
	stackApart   = 0.07 // further apart where both are on one base
	italicLean   = 0.06 // a superscript clears the slant of its base
)

// Typeface is that of all words.
var Typeface = font.Font{Typeface: "Liberation", Variant: "Serif"}

// The faces are shared: sfnt fonts are read-only, each reader has its own buffer.
var faces = sync.OnceValue(func() *font.Cache {
	var all font.Collection
	for _, f := range []struct {
		style xfont.Style
		raw   []byte
	}{{xfont.StyleNormal, liberationserifregular.TTF}, {xfont.StyleItalic, liberationserifitalic.TTF}} {
		parsed, err := opentype.Parse(f.raw)
		if err != nil {
			panic(fmt.Errorf("the font compiled into this program is broken: %w", err))
		}
		desc := Typeface
		desc.Style = f.style
		all = append(all, font.Face{Font: desc, Face: parsed})
	}
	return font.NewCache(all)
})

func faceOf(italic bool, size vg.Length) font.Face {
	desc := Typeface
	if italic {
		desc.Style = xfont.StyleItalic
	}
	return faces().Lookup(desc, size)
}

// A Glyph is one character of a run, with its place along the baseline.
type Glyph struct {
	Rune   rune
	Index  sfnt.GlyphIndex
	X      vg.Length
	Kerned bool // moved by kerning against the one before it
}

// Glyphs places the characters of a run, with kerning, and measures the run.
func Glyphs(f font.Face, txt string) (out []Glyph, width vg.Length) {
	var buf sfnt.Buffer
	ppem := fixed.Int26_6(f.Face.UnitsPerEm())
	scale := f.Font.Size / vg.Length(ppem)
	at := fixed.Int26_6(0)
	for _, r := range txt {
		i, err := f.Face.GlyphIndex(&buf, r)
		if err != nil {
			i = 0
		}
		g := Glyph{Rune: r, Index: i}
		if n := len(out); n > 0 {
			if k, err := f.Face.Kern(&buf, out[n-1].Index, i, ppem, xfont.HintingNone); err == nil && k != 0 {
				at += k
				g.Kerned = true
			}
		}
		g.X = vg.Length(at) * scale
		if adv, err := f.Face.GlyphAdvance(&buf, i, ppem, xfont.HintingNone); err == nil {
			at += adv
		}
		out = append(out, g)
	}
	return out, vg.Length(at) * scale
}

// Ink is the box of the run's drawn parts; y grows upwards from the baseline.
func Ink(f font.Face, glyphs []Glyph) (box vg.Rectangle, any bool) {
	var buf sfnt.Buffer
	ppem := fixed.Int26_6(f.Face.UnitsPerEm())
	scale := f.Font.Size / vg.Length(ppem)
	for _, g := range glyphs {
		b, _, err := f.Face.GlyphBounds(&buf, g.Index, ppem, xfont.HintingNone)
		if err != nil || b.Empty() {
			continue
		}
		one := vg.Rectangle{
			Min: vg.Point{X: g.X + vg.Length(b.Min.X)*scale, Y: -vg.Length(b.Max.Y) * scale},
			Max: vg.Point{X: g.X + vg.Length(b.Max.X)*scale, Y: -vg.Length(b.Min.Y) * scale},
		}
		if !any {
			box, any = one, true
			continue
		}
		box.Min.X, box.Min.Y = min(box.Min.X, one.Min.X), min(box.Min.Y, one.Min.Y)
		box.Max.X, box.Max.Y = max(box.Max.X, one.Max.X), max(box.Max.Y, one.Max.Y)
	}
	return box, any
}

// A run is text in one face and size, placed relative to the start of its line.
type run struct {
	face font.Face
	at   vg.Point
	text string
}

// A line is a label set in type.
type line struct {
	runs                 []run
	width, height, depth vg.Length
	left                 vg.Length // how far ink reaches before the origin
	fail                 error
}

func typeset(txt string, size vg.Length) line {
	atoms, err := Parse(txt)
	l := line{height: strutAscent * size, depth: strutDescent * size, fail: err}
	end := l.set(atoms, size, 0, 0)
	l.width = max(l.width, end)
	for i := range l.runs {
		l.runs[i].at.X += l.left
	}
	l.width += l.left
	return l
}

// set places atoms from x on and says where they end.
func (l *line) set(atoms []Atom, size, x, y vg.Length) vg.Length {
	lean := vg.Length(0)
	for _, a := range atoms {
		if a.script {
			down, up := vg.Length(subDrop), vg.Length(supRaise)
			if a.sub != nil && a.sup != nil {
				down, up = down+stackApart, up+stackApart
			}
			from := x
			x = max(x, l.set(a.sub, scriptSize*size, from, y-down*size))
			x = max(x, l.set(a.sup, scriptSize*size, from+lean, y+up*size))
			lean = 0
			continue
		}
		f := faceOf(a.italic, size)
		glyphs, width := Glyphs(f, a.text)
		for _, g := range glyphs {
			if g.Index == 0 && l.fail == nil {
				l.fail = fmt.Errorf("label %q: the fonts have no glyph for %q (%U)", a.text, g.Rune, g.Rune)
			}
		}
		if box, any := Ink(f, glyphs); any {
			l.left = max(l.left, -(x + box.Min.X))
			l.width = max(l.width, x+box.Max.X)
			l.height = max(l.height, y+box.Max.Y)
			l.depth = max(l.depth, -(y + box.Min.Y))
		}
		l.runs = append(l.runs, run{f, vg.Point{X: x, Y: y}, a.text})
		x += width
		lean = 0
		if a.italic {
			lean = italicLean * size
		}
	}
	return x
}

// Handler is the text handler of the figures. It sets its own markup because
// gonum/plot's plain handler knows no scripts and its LaTeX handler panics on them.
type Handler struct{}

var _ text.Handler = Handler{}

// Cache returns the fonts.
func (Handler) Cache() *font.Cache { return faces() }

// Hang is how far below the point it is put at gonum/plot wants the box of a text.
func Hang(size vg.Length) vg.Length { return (strutDescent + leading) * size }

// Extents gives the strut of a line.
func (Handler) Extents(fnt font.Font) font.Extents {
	return font.Extents{
		Ascent:  strutAscent * fnt.Size,
		Descent: strutDescent * fnt.Size,
		Height:  (strutAscent + strutDescent + leading) * fnt.Size,
	}
}

// Lines splits a label at its newlines.
func (Handler) Lines(txt string) []string {
	return strings.Split(strings.TrimRight(txt, "\n"), "\n")
}

// Box measures one line.
func (Handler) Box(txt string, fnt font.Font) (width, height, depth vg.Length) {
	l := typeset(txt, fnt.Size)
	return l.width, l.height, l.depth
}

// Draw writes a label so that its box is the one Style.Rectangle gives.
func (m Handler) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	if strings.Trim(txt, "\n") == "" || !(sty.Font.Size > 0) {
		return
	}
	var lines []line
	var width, height vg.Length
	for i, one := range m.Lines(txt) {
		l := typeset(one, sty.Font.Size)
		if i > 0 {
			height += leading * sty.Font.Size
		}
		lines = append(lines, l)
		width = max(width, l.width)
		height += l.height + l.depth
	}
	c.SetColor(sty.Color)
	c.Push()
	defer c.Pop()
	c.Translate(pt)
	if sty.Rotation != 0 {
		c.Rotate(sty.Rotation)
	}
	top := height*(1+vg.Length(sty.YAlign)) - Hang(sty.Font.Size)
	for _, l := range lines {
		top -= l.height
		from := vg.Point{X: vg.Length(sty.XAlign) * l.width, Y: top}
		Report(c, l.fail)
		for _, r := range l.runs {
			c.FillString(r.face, from.Add(r.at), r.text)
		}
		top -= l.depth + leading*sty.Font.Size
	}
}

// Report hands a mistake in the drawing to the canvas at the bottom, if that has a
// method Fault, since the interfaces of gonum/plot have no place for an error.
func Report(c vg.Canvas, err error) {
	for err != nil {
		switch under := c.(type) {
		case *draw.Canvas:
			c = under.Canvas
		case draw.Canvas:
			c = under.Canvas
		case interface{ Fault(error) }:
			under.Fault(err)
			return
		default:
			return
		}
	}
}

// Outline is the text as a path, drawn the same by every program whatever fonts it has.
func Outline(f font.Face, pt vg.Point, txt string) vg.Path {
	var path vg.Path
	var buf sfnt.Buffer
	ppem := fixed.Int26_6(f.Face.UnitsPerEm())
	scale := f.Font.Size / vg.Length(ppem)
	glyphs, _ := Glyphs(f, txt)
	for _, g := range glyphs {
		segments, err := f.Face.LoadGlyph(&buf, g.Index, ppem, nil)
		if err != nil {
			continue
		}
		at := func(p fixed.Point26_6) vg.Point {
			return vg.Point{X: pt.X + g.X + vg.Length(p.X)*scale, Y: pt.Y - vg.Length(p.Y)*scale}
		}
		for i, s := range segments {
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				if i > 0 {
					path.Close()
				}
				path.Move(at(s.Args[0]))
			case sfnt.SegmentOpLineTo:
				path.Line(at(s.Args[0]))
			case sfnt.SegmentOpQuadTo:
				path.QuadTo(at(s.Args[0]), at(s.Args[1]))
			case sfnt.SegmentOpCubeTo:
				path.CubeTo(at(s.Args[0]), at(s.Args[1]), at(s.Args[2]))
			}
		}
		if len(segments) > 0 {
			path.Close()
		}
	}
	return path
}
