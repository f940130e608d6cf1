package render

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// Transforms is the stack of transformations of a canvas, to know where on the page it
// draws.
type Transforms struct {
	now  affine
	past []affine
}

// NewTransforms is the stack of a fresh canvas.
func NewTransforms() Transforms { return Transforms{now: asIs} }

// Apply is the place on the page of a point drawn now.
func (v *Transforms) Apply(pt vg.Point) vg.Point { return v.now.apply(pt) }

// Push keeps the transformation for Pop.
func (v *Transforms) Push() { v.past = append(v.past, v.now) }

// Pop goes back to what Push kept.
func (v *Transforms) Pop() {
	v.now = v.past[len(v.past)-1]
	v.past = v.past[:len(v.past)-1]
}

// Rotate turns what is drawn next by an angle in radians.
func (v *Transforms) Rotate(a float64) {
	sin, cos := math.Sincos(a)
	v.now = v.now.after(affine{cos, sin, -sin, cos, 0, 0})
}

// Translate moves what is drawn next.
func (v *Transforms) Translate(pt vg.Point) {
	v.now = v.now.after(affine{1, 0, 0, 1, float64(pt.X), float64(pt.Y)})
}

// Scale stretches what is drawn next.
func (v *Transforms) Scale(x, y float64) { v.now = v.now.after(affine{x, 0, 0, y, 0, 0}) }

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
