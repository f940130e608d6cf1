package formula

import (
	"math"
	"sync"
)

// blockRows is how many points a tape computes at a time: what it costs to find out the next operation
// is shared among them, and their divisions overlap. The registers of most formulas take 4 KB.
const blockRows = 64

// A registerRow is a register for each point of a block.
type registerRow [blockRows]float64

// blocks computes a program at many points as even and odd do at one, to the same bits.
func (p *program) blocks(odd bool) func(y, u, out []float64) {
	// Registers hold their constants from one call to the next.
	files := sync.Pool{New: func() any {
		r := make([]registerRow, p.registers)
		for k, x := range p.constants {
			for i := range r[firstConstant+k] {
				r[firstConstant+k][i] = x
			}
		}
		return r
	}}
	return func(y, u, out []float64) {
		file := files.Get()
		r := file.([]registerRow)
		for from := 0; from < len(y); from += blockRows {
			to := min(from+blockRows, len(y))
			p.block(r, y[from:to], u[from:to], out[from:to], odd)
		}
		files.Put(file)
	}
}

// block computes up to blockRows points.
func (p *program) block(r []registerRow, y, u, out []float64, odd bool) {
	atY, atU := r[0][:len(y)], r[1][:len(y)]
	for i, v := range y {
		atY[i] = math.Abs(v)
	}
	for i, v := range u[:len(y)] {
		if odd {
			atU[i] = math.Float64frombits(math.Float64bits(v) ^ minus(v))
		} else {
			atU[i] = math.Abs(v)
		}
	}
	for k := range p.tape {
		p.tape[k].rows(r, len(y))
	}
	result := r[p.result][:len(y)]
	if !odd {
		copy(out, result)
		return
	}
	u, out = u[:len(result)], out[:len(result)]
	for i, v := range result {
		out[i] = math.Float64frombits(math.Float64bits(v) ^ minus(u[i]))
	}
}

const sign64 = 1 << 63

// minus is the bit of the sign of u if that is below 0, and not −0. What u is is seldom known in
// advance, and this takes no branch.
func minus(u float64) uint64 {
	if math.Float64bits(u) > sign64 {
		return sign64
	}
	return 0
}

// rows is an instruction for n points.
func (in *instruction) rows(r []registerRow, n int) {
	a, b, out := r[in.a][:n], r[in.b][:n], r[in.out][:n]
	switch in.op {
	case opAdd:
		for i := range out {
			out[i] = a[i] + b[i]
		}
	case opSub:
		for i := range out {
			out[i] = a[i] - b[i]
		}
	case opMul:
		for i := range out {
			out[i] = float64(a[i] * b[i])
		}
	case opDiv:
		for i := range out {
			out[i] = a[i] / b[i]
		}
	case opNeg:
		for i := range out {
			out[i] = -a[i]
		}
	case opSquare:
		for i := range out {
			out[i] = float64(a[i] * a[i])
		}
	case opSqrt:
		for i := range out {
			out[i] = math.Sqrt(a[i])
		}
	case opPowInt:
		for i := range out {
			out[i] = powInt(a[i], in.n)
		}
	default:
		c := r[in.c][:n]
		for i := range out {
			out[i] = apply(in.op, a[i], b[i], c[i])
		}
	}
}
