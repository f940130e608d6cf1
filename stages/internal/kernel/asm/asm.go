// Command asm writes the assembly of package kernel for amd64: the products X·w and the accumulation Xᵀ·c for a few
// rows and students at a time, in AVX-512 and in AVX2 with FMA. Run it by go generate in the package's folder.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is the number of partial sums in a dot product, fixed by the definition in package kernel.
const lanes = 8

const cacheLine = 64 // bytes

func main() {
	ConstraintExpr("amd64")

	// A tile of accumulators must hide the latency of a fused multiply-add (4 cycles, two started each cycle: 8
	// chains) and load little for each: hence several rows for a single student, and tiles for several.
	z := newAVX512()
	products(z, 1, 1)
	products(z, 8, 1)
	products(z, 8, 2)
	products(z, 8, 3)
	products(z, 4, 4)
	accumulate(z, 8, 1)
	accumulate(z, 8, 2)
	accumulate(z, 4, 3)
	accumulate(z, 4, 4)

	y := newAVX2()
	products(y, 1, 1)
	products(y, 4, 1)
	products(y, 2, 2)
	accumulate(y, 8, 1)
	accumulate(y, 4, 2)

	Generate()
}

// header returns the address of the pointer in the k-th of the slice headers that start at base.
func header(base reg.Register, k int) Mem { return Mem{Base: base, Disp: 24 * k} }

// products writes a function for the products of r rows with s students:
//
//	h[k][row+i] = Dot(x[i*stride:][:n], w[k]),  i < r, k < s.
func products(v isa, r, s int) {
	name := fmt.Sprintf("products%dx%d%s", r, s, v.name())
	TEXT(name, NOSPLIT, "func(x *float32, stride, n int, w, h *[]float64, row int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s sets h[k][row+i] to the dot product of row i of x with w[k], for i < %d and k < %d.",
		name, r, s))

	x := rowsOfX(r)
	headers := Load(Param("w"), GP64())
	w := make([]reg.Register, s)
	for k := range w {
		p := GP64()
		MOVQ(header(headers, k), p)
		w[k] = p
	}
	parts := lanes / v.width() // registers that hold the partial sums of one product
	sums := zeroSums(v, r, s, parts)

	j := GP64()
	XORQ(j, j)
	n := Load(Param("n"), GP64()).(reg.GPVirtual)
	whole := GP64()
	MOVQ(n, whole)
	ANDQ(I8(-lanes), whole)

	// step adds the eight elements from j on; m restricts it to the first few of them.
	step := func(m masks) {
		for part := range parts {
			ws := make([]reg.VecVirtual, s)
			for k := range ws {
				ws[k] = v.vector()
				v.load(Mem{Base: w[k], Index: j, Scale: 8, Disp: 8 * part * v.width()}, ws[k], m.part(part))
			}
			for i := range x {
				xs := v.vector()
				v.convert(Mem{Base: x[i], Index: j, Scale: 4, Disp: 4 * part * v.width()}, xs, m.part(part))
				for k := range ws {
					VFMADD231PD(ws[k], xs, sums[i][k][part])
				}
			}
		}
	}

	Label("loop")
	CMPQ(j, whole)
	JGE(LabelRef("tail"))
	step(nil)
	ADDQ(I8(lanes), j)
	JMP(LabelRef("loop"))

	Label("tail")
	SUBQ(j, n)
	JZ(LabelRef("reduce"))
	step(v.masks(n, parts))

	Label("reduce")
	storeSums(v, sums)
	v.finish()
	RET()
}

// storeSums adds up the partial sums of each product, and sets h[k][row+i] to them.
func storeSums(v isa, sums [][][]reg.VecVirtual) {
	headers := Load(Param("h"), GP64())
	row := Load(Param("row"), GP64()).(reg.GPVirtual)
	for k := range sums[0] {
		h := GP64()
		MOVQ(header(headers, k), h)
		for i := range sums {
			VMOVSD(v.reduce(sums[i][k]), Mem{Base: h, Index: row, Scale: 8, Disp: 8 * i})
		}
	}
}

// rowsOfX loads the addresses of r successive rows.
func rowsOfX(r int) []reg.Register {
	x := make([]reg.Register, r)
	x[0] = Load(Param("x"), GP64())
	stride := Load(Param("stride"), GP64()).(reg.GPVirtual)
	for i := 1; i < r; i++ {
		p := GP64()
		LEAQ(Mem{Base: x[i-1], Index: stride, Scale: 4}, p)
		x[i] = p
	}
	return x
}

// zeroSums makes registers of zeros for the partial sums of r·s products.
func zeroSums(v isa, r, s, parts int) [][][]reg.VecVirtual {
	sums := make([][][]reg.VecVirtual, r)
	for i := range sums {
		sums[i] = make([][]reg.VecVirtual, s)
		for k := range sums[i] {
			for range parts {
				acc := v.vector()
				v.zero(acc)
				sums[i][k] = append(sums[i][k], acc)
			}
		}
	}
	return sums
}

// accumulate writes a function that adds rows of x to the gradients of s students, holding tiles of up to t vectors a
// student in registers while it goes through the rows:
//
//	gradient[k][j] = fma(c[k][row+i], x[i*stride+j], gradient[k][j]),  i = 0, ..., rows-1 in this order, j < n, k < s.
//
// rows must be positive. The rows after these, as many, are fetched into the second-level cache meanwhile: the products
// of a sweep's next block then need not wait for memory, which this function leaves idle.
func accumulate(v isa, t, s int) {
	name := fmt.Sprintf("accumulate%d%s", s, v.name())
	TEXT(name, NOSPLIT, "func(x *float32, stride, rows, n int, c *[]float64, row int, gradient *[]float64)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s adds c[k][row+i] times row i of x to gradient[k], for i < rows in this order and k < %d; "+
		"rows > 0.", name, s))

	x := Load(Param("x"), GP64())
	stride := Load(Param("stride"), GP64()).(reg.GPVirtual)
	rows := Load(Param("rows"), GP64()).(reg.GPVirtual)
	n := Load(Param("n"), GP64()).(reg.GPVirtual)
	headers := Load(Param("c"), GP64())
	row := Load(Param("row"), GP64()).(reg.GPVirtual)
	c := make([]reg.Register, s)
	for k := range c {
		p := GP64()
		MOVQ(header(headers, k), p)
		LEAQ(Mem{Base: p, Index: row, Scale: 8}, p)
		c[k] = p
	}
	g := Load(Param("gradient"), GP64())
	ahead := GP64()
	MOVQ(rows, ahead)
	IMULQ(stride, ahead)
	j := GP64()
	XORQ(j, j)

	l := loop{v: v, x: x, stride: stride, rows: rows, c: c, g: g, ahead: ahead, j: j}
	for size := t; size >= 1; size /= 2 {
		label, next := fmt.Sprintf("tile%d", size), fmt.Sprintf("tile%d", size/2)
		Label(label)
		end := GP64()
		LEAQ(Mem{Base: j, Disp: size * v.width()}, end)
		CMPQ(end, n)
		JG(LabelRef(next))
		l.tile(fmt.Sprintf("rows%d", size), size, nil)
		ADDQ(I32(int32(size*v.width())), j)
		if size == t {
			JMP(LabelRef(label))
		}
	}
	Label("tile0")
	SUBQ(j, n)
	JZ(LabelRef("done"))
	l.tile("rows0", 1, v.masks(n, 1))
	Label("done")
	v.finish()
	RET()
}

// A loop is what an accumulation goes through the rows with.
type loop struct {
	v             isa
	x, g          reg.Register   // X, and the slice headers of the gradients
	c             []reg.Register // the coefficients of each student
	stride, ahead reg.Register   // in elements: to the next row, and to the rows to fetch
	rows, j       reg.Register   // their number, and the first element
}

// tile goes through all rows for the elements j, ..., j + size·width − 1.
func (l loop) tile(label string, size int, m masks) {
	sums := make([][]reg.VecVirtual, len(l.c))
	address := func(p reg.Register, q int) Mem { return Mem{Base: p, Index: l.j, Scale: 8, Disp: 8 * q * l.v.width()} }
	for k := range sums {
		p := GP64()
		MOVQ(header(l.g, k), p)
		for q := range size {
			acc := l.v.vector()
			l.v.load(address(p, q), acc, m.part(q))
			sums[k] = append(sums[k], acc)
		}
	}
	xr := GP64()
	LEAQ(Mem{Base: l.x, Index: l.j, Scale: 4}, xr)
	i := GP64()
	XORQ(i, i)
	Label(label)
	xs := make([]reg.VecVirtual, size)
	for q := range xs {
		xs[q] = l.v.vector()
		l.v.convert(Mem{Base: xr, Disp: 4 * q * l.v.width()}, xs[q], m.part(q))
	}
	for k := range sums {
		ck := l.v.vector()
		VBROADCASTSD(Mem{Base: l.c[k], Index: i, Scale: 8}, ck)
		for q := range xs {
			VFMADD231PD(xs[q], ck, sums[k][q])
		}
	}
	for byte := 0; byte < 4*size*l.v.width(); byte += cacheLine {
		PREFETCHT1(Mem{Base: xr, Index: l.ahead, Scale: 4, Disp: byte})
	}
	LEAQ(Mem{Base: xr, Index: l.stride, Scale: 4}, xr)
	INCQ(i)
	CMPQ(i, l.rows)
	JL(LabelRef(label))
	for k := range sums {
		p := GP64()
		MOVQ(header(l.g, k), p)
		for q := range size {
			l.v.store(sums[k][q], address(p, q), m.part(q))
		}
	}
}
