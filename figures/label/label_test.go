package label

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
)

// shape writes parsed markup with italics in slashes and scripts in brackets.
func shape(atoms []Atom) string {
	var b strings.Builder
	for _, a := range atoms {
		switch {
		case a.script:
			if a.sub != nil {
				b.WriteString("[_" + shape(a.sub) + "]")
			}
			if a.sup != nil {
				b.WriteString("[^" + shape(a.sup) + "]")
			}
		case a.italic:
			b.WriteString("/" + a.text + "/")
		default:
			b.WriteString(a.text)
		}
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in, want string
		ok       bool
	}{
		{"", "", true},
		{"time", "time", true},
		{"$N = 128$", "/N/ = 128", true},
		{"$P$(recovered)", "/P/(recovered)", true},
		{"$α_{BBP}^{init}$", "/α/[_/BBP/][^/init/]", true},
		{`$α_{\rm{BBP}}^{\rm{init}}$`, "/α/[_BBP][^init]", true},
		{"x^{a_{b^c}}", "x[^a[_b[^c]]]", true},
		{"q² m₋₁", "q[^2] m[_−1]", true},
		{"λ₋² x", "λ[_−][^2] x", true},
		{"10^{-3}", "10[^-3]", true},
		{"$10^{-3}$", "10[^−3]", true},
		{"10⁻³", "10[^−3]", true},
		{"$Γ γ f'$", "Γ /γ/ /f/′", true},
		{`\it{T} a\_b \$ \\ \{\}`, `/T/ a_b $ \ {}`, true},
		{"{ab}{c}", "abc", true},
		{"^2H", "[^2]H", true},
		{"a{b", "ab", false},
		{"a}b", "a}b", false},
		{"$a", "/a/", false},
		{"{$a}", "/a/}", false},
		{"x_", "x_", false},
		{"x_$a$", "x_/a/", false},
		{"x^2^3", "x[^2][^3]", false},
		{`\alpha x`, `\alpha x`, false},
		{`\`, `\`, false},
	} {
		atoms, err := Parse(c.in)
		if got := shape(atoms); got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %q, error %v; want %q, good %v", c.in, got, err, c.want, c.ok)
		}
	}
}

// labelError is what Drawing.Render says of a label.
func labelError(txt string) error {
	for _, one := range (Handler{}).Lines(txt) {
		if err := typeset(one, 10).fail; err != nil {
			return err
		}
	}
	return nil
}

func TestGlyphCoverage(t *testing.T) {
	const used = "αβγδεζηθικλμνξπρστυφχψωϕϵ ΓΔΘΛΞΠΣΦΨΩ ‖²³⁰⁴⁻⁺ⁿ₀₁₂₋₊½¼√∞−×·±≈≤≥≠≡∼∂∫∑→←ℓ†°…′–— µ Ω ∆"
	for _, txt := range []string{used, "$" + used + "$", `\it{` + used + "}"} {
		if err := labelError(txt); err != nil {
			t.Error(err)
		}
	}
	for _, txt := range []string{"∇", "⟨q⟩", "日本", "a\x00b"} {
		if err := labelError(txt); err == nil || !strings.Contains(err.Error(), "no glyph") {
			t.Errorf("%q: %v", txt, err)
		}
	}
}

func style(size vg.Length) text.Style {
	return text.Style{Font: font.From(Typeface, size), Handler: Handler{}}
}

func TestBox(t *testing.T) {
	sty := style(10)
	plain, scripts := sty.Height("$q$"), sty.Height("$q_{j_k}^{2^2}$")
	if scripts <= plain {
		t.Errorf("scripts do not raise the box: %v against %v", scripts, plain)
	}
	if one, two := sty.Width("αa"), sty.Width("αa_{b}"); two <= one {
		t.Error("a subscript has no width")
	}
	stacked, flat := sty.Width("$α_{abc}^{abc}$"), sty.Width("$α_{abc}{}^{abc}$")
	if stacked != flat {
		t.Errorf("scripts in any order stack: %v, %v", stacked, flat)
	}
	if h := sty.Height("a\nb\nc"); math.Abs(float64(h-3*sty.Height("a")-2*leading*10)) > 1e-9 {
		t.Errorf("three lines are %v tall, one %v", h, sty.Height("a"))
	}
	if w := sty.Width("a\nbbbb\nc"); w != sty.Width("bbbb") {
		t.Errorf("the widest line is not the width: %v", w)
	}
	for _, size := range []vg.Length{0, -3} {
		style(size).Rectangle("x_2")
	}
}

// A transform is a turn, and then a move to a place.
type transform struct {
	at       vg.Point
	cos, sin vg.Length
}

func (m *transform) rotate(angle float64) {
	sin, cos := math.Sincos(angle)
	s, c := vg.Length(sin), vg.Length(cos)
	m.cos, m.sin = m.cos*c-m.sin*s, m.sin*c+m.cos*s
}

func (m transform) turned(p vg.Point) vg.Point {
	return vg.Point{X: m.cos*p.X - m.sin*p.Y, Y: m.sin*p.X + m.cos*p.Y}
}

// Everything drawn lies in the rectangle that was measured, however it is turned.
func TestDrawnInsideBox(t *testing.T) {
	for _, txt := range []string{"$f_{j}^{2}$", "$‖G‖^2/N$", "$α_{\\rm{BBP}}^{\\rm{init}}$", "two\nlines_{gy}",
		"$10^{-3}$", "jf"} {
		for _, rot := range []float64{0, math.Pi / 2, -math.Pi / 2, math.Pi} {
			for _, xa := range []text.XAlignment{draw.XLeft, draw.XCenter, draw.XRight} {
				for _, ya := range []text.YAlignment{draw.YTop, draw.YCenter, draw.YBottom} {
					sty := style(10)
					sty.Rotation, sty.XAlign, sty.YAlign = rot, xa, ya
					var c recorder.Canvas
					at := vg.Point{X: 50, Y: 70}
					Handler{}.Draw(&c, txt, sty, at)
					want := sty.Rectangle(txt).Add(at)
					seen := transform{cos: 1}
					for _, a := range c.Actions {
						switch a := a.(type) {
						case *recorder.Translate:
							seen.at = seen.at.Add(seen.turned(a.Point))
						case *recorder.Rotate:
							seen.rotate(a.Angle)
						case *recorder.FillString:
							f := faceOf(a.Font.Style != 0, a.Font.Size)
							glyphs, _ := Glyphs(f, a.String)
							box, _ := Ink(f, glyphs)
							for _, p := range []vg.Point{box.Min, box.Max} {
								p = seen.at.Add(seen.turned(p.Add(a.Point)))
								const eps = 1e-6
								if p.X < want.Min.X-eps || p.X > want.Max.X+eps || p.Y < want.Min.Y-eps ||
									p.Y > want.Max.Y+eps {
									t.Fatalf("%q rot %.2f align %v %v: ink at %v outside %v", txt, rot, xa, ya, p, want)
								}
							}
						}
					}
				}
			}
		}
	}
}

func TestNoInputPanics(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	bits := []string{"{", "}", "_", "^", "$", `\`, `\it`, `\rm{`, "a", "α", "²", "₋", " ", "\n", "-", "'", "∇", "\xff",
		"\x00", "日"}
	inputs := []string{strings.Repeat("{", 5000), strings.Repeat("x_{", 5000), strings.Repeat("^", 5000),
		strings.Repeat("$", 999), strings.Repeat(`\it{`, 3000), "\n\n", "}}}", "_{}^{}", "_", "${$}"}
	for range 1000 {
		var b strings.Builder
		for range rng.IntN(14) {
			b.WriteString(bits[rng.IntN(len(bits))])
		}
		inputs = append(inputs, b.String())
	}
	for _, txt := range inputs {
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("%.60q: %v", txt, p)
				}
			}()
			sty := style(8)
			_ = labelError(txt)
			if w := sty.Width(txt); math.IsNaN(float64(w)) || w < 0 {
				t.Errorf("%.60q: width %v", txt, w)
			}
			var c recorder.Canvas
			Handler{}.Draw(&c, txt, sty, vg.Point{})
		}()
	}
}

func FuzzMarkup(f *testing.F) {
	f.Add(`$α_{\rm{BBP}}^{init}$`)
	f.Add("x_{y^")
	f.Fuzz(func(t *testing.T, txt string) {
		_ = labelError(txt)
		style(8).Rectangle(txt)
	})
}
