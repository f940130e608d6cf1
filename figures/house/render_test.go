package house

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/png"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func drawing(width, height vg.Length, draw func(draw.Canvas)) Drawing {
	return Drawing{Width: width, Height: height, Draw: draw, Caption: "Anything."}
}

func digest(t *testing.T, d Drawing) string {
	t.Helper()
	x, err := d.Render("figure")
	if err != nil {
		t.Error(err)
		return ""
	}
	sum := sha256.New()
	for _, f := range x.Files {
		fmt.Fprintf(sum, "%s %d\n", f.Name, len(f.Content))
		sum.Write(f.Content)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func TestFiles(t *testing.T) {
	p := NewPanel("$t$", "$‖G‖^2/N$")
	p.AddKeyed("$ℓ$", Function(math.Sin, 0, 7, 50, Line(Green)))
	x, err := drawing(DoubleColumn, 5.4*vg.Centimeter, p.Draw).Render("figure")
	if err != nil {
		t.Fatal(err)
	}
	by := map[string][]byte{}
	for _, f := range x.Files {
		by[f.Name] = f.Content
	}
	img, err := png.Decode(bytes.NewReader(by["figure.png"]))
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size != image.Pt(2102, 638) {
		t.Errorf("the PNG has %v pixels", size)
	}
	if r, g, b, a := img.At(0, 0).RGBA(); r&g&b&a != 0xffff {
		t.Error("the ground of the PNG is not white")
	}
	if !bytes.Contains(by["figure.png"][:60], []byte("pHYs")) {
		t.Error("the PNG does not say its resolution")
	}
	svg := string(by["figure.svg"])
	if strings.Contains(svg, "<text") || strings.Contains(svg, "NaN") {
		t.Error("the SVG depends on fonts or has a NaN")
	}
	if pdf := by["figure.pdf"]; !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("FontFile2")) {
		t.Error("the PDF has no embedded font")
	}
}

func TestMistakesAreErrors(t *testing.T) {
	with := func(f func(p *Panel)) Drawing {
		p := NewPanel("$x$", "$y$")
		f(p)
		return drawing(SingleColumn, 5*vg.Centimeter, p.Draw)
	}
	points := func(y ...float64) Points {
		return Points{X: []float64{1, 2}, Y: y, Look: Series(0)}
	}
	nan := math.NaN()
	for what, c := range map[string]struct {
		d    Drawing
		want string
	}{
		"NaN":     {with(func(p *Panel) { p.Add(points(1, nan)) }), "NaN"},
		"lengths": {with(func(p *Panel) { p.Add(points(1)) }), "1 values against 2"},
		"nothing": {with(func(p *Panel) {}), "no finite range"},
		"log": {with(func(p *Panel) { p.LogX(); p.Add(Curve{X: []float64{-1, 0}, Y: []float64{1, 2}}) }),
			"range"},
		"log end": {with(func(p *Panel) { p.LogX(); p.X.Min = 0; p.Add(points(1, 2)) }), "logarithmic"},
		"end":     {with(func(p *Panel) { p.Y.Min = nan; p.Add(points(1, 2)) }), "not a number"},
		"glyph":   {with(func(p *Panel) { p.X.Label.Text = "日"; p.Add(points(1, 2)) }), "no glyph"},
		"markup":  {with(func(p *Panel) { p.Title.Text = "a_{b"; p.Add(points(1, 2)) }), "missing"},
		"long label": {with(func(p *Panel) { p.Y.Label.Text = strings.Repeat("long ", 20); p.Add(points(1, 2)) }),
			"longer"},
		"cut off": {with(func(p *Panel) {
			p.Add(points(1, 2), Note{X: 2, Y: 2, Text: strings.Repeat("far too long "+
				"", 20)})
		}), "cut off"},
		"ticks": {with(func(p *Panel) {
			p.X.Tick.Marker = plot.ConstantTicks{{Value: 1, Label: "one"}, {Value: 1.01, Label: "two"}}
			p.Add(points(1, 2))
		}), "overlap"},
		"key":   {with(func(p *Panel) { p.AddKeyed(strings.Repeat("long ", 20), points(1, 2)) }), "fit"},
		"panic": {drawing(100, 100, func(draw.Canvas) { panic("anything") }), "anything"},
		"not a place": {drawing(100, 100, func(c draw.Canvas) { c.StrokeLine2(Line(Black), 0, 0, vg.Length(nan), 1) }),
			"finite"},
		"image": {with(func(p *Panel) {
			p.Add(plotter.NewImage(image.NewGray(image.Rect(0, 0, 1, 1)), 0, 0, 1,
				1))
		}), "image"},
		"popped":     {drawing(100, 100, func(c draw.Canvas) { c.Pop() }), "failed"},
		"size":       {drawing(0, 100, func(draw.Canvas) {}), "size"},
		"no drawing": {drawing(100, 100, nil), "nothing draws"},
		"no room":    {drawing(30, 30, with(func(p *Panel) { p.Add(points(1, 2)) }).Draw), "no room"},
		"empty grid": {drawing(100, 100, Grid{}.Draw), "without panels"},
	} {
		x, err := c.d.Render("fig7")
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "fig7") ||
			x.Files != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestDrawingTwiceLeavesPanelsAlone(t *testing.T) {
	p := NewPanel("$x$", "$y$")
	p.Add(Points{X: []float64{1, 2}, Y: []float64{3, 4}, Look: Series(0)})
	d := drawing(SingleColumn, 5*vg.Centimeter, p.Draw)
	first := digest(t, d)
	if digest(t, d) != first || !math.IsInf(p.X.Min, 1) {
		t.Error("drawing changed the panel")
	}
}

func TestNoteStaysInside(t *testing.T) {
	p := NewPanel("$x$", "$y$")
	p.Add(Curve{X: []float64{1, 2}, Y: []float64{1, 2}, Style: Line(Blue)})
	for _, x := range []float64{1, 2} {
		p.Add(Note{X: x, Y: x, Text: "words beyond the frame", XAlign: draw.XCenter, YAlign: draw.YCenter})
	}
	d := drawing(SingleColumn, 5*vg.Centimeter, p.Draw)
	if _, err := d.Render("figure"); err != nil {
		t.Error(err)
	}
}
