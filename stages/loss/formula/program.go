package formula

import "math"

// A program computes one node of a graph for a point: a tape of the operations that the
// node needs, in the registers of a small file.
type program struct {
	tape      []instruction
	constants []float64 // the first registers after y and u
	registers int
	result    uint16

	// Of a program with few registers, its tape in bytes, and the registers with the constants in
	// them, to begin with.
	short []shortInstruction
	file  [fewRegisters]float64
}

type instruction struct {
	op           op
	a, b, c, out uint16
	n            int // exponent of opPowInt
}

type shortInstruction struct {
	op           op
	n            int8
	a, b, c, out uint8
}

// firstConstant is the register after those of y and u.
const firstConstant = 2

// fewRegisters are enough for most formulas, and stay on the stack. A power of two, so that the
// compiler sees that an index is within.
const fewRegisters = 16

// compile makes the program of a node. A register is used again once nothing needs what it holds.
func (g *graph) compile(result int) *program {
	needed, last := make([]bool, len(g.nodes)), make([]int, len(g.nodes))
	needed[result] = true
	for i := result; i >= 0; i-- {
		if !needed[i] {
			continue
		}
		for _, in := range g.nodes[i].operands() {
			needed[in] = true
			last[in] = max(last[in], i)
		}
	}
	last[result] = len(g.nodes)
	p := &program{}
	at := make([]uint16, len(g.nodes))
	at[nodeY], at[nodeU] = 0, 1
	next := firstConstant
	for i, n := range g.nodes {
		if needed[i] && n.op == opNumber {
			x, _ := g.value(i)
			p.constants = append(p.constants, x)
			at[i] = uint16(next)
			next++
		}
	}
	var free []uint16
	for i, n := range g.nodes {
		if !needed[i] || n.op == opNumber || n.op == opName {
			continue
		}
		in := instruction{op: n.op}
		regs := []*uint16{&in.a, &in.b, &in.c}
		for k, operand := range n.operands() {
			*regs[k] = at[operand]
		}
		if n.op == opPowInt {
			x, _ := g.value(n.b)
			in.n = int(x)
		}
		done := make(map[int]bool)
		for _, operand := range n.operands() {
			if o := g.nodes[operand].op; last[operand] == i && o != opNumber && o != opName && !done[operand] {
				done[operand] = true
				free = append(free, at[operand])
			}
		}
		if k := len(free); k > 0 {
			in.out, free = free[k-1], free[:k-1]
		} else {
			in.out = uint16(next)
			next++
		}
		at[i] = in.out
		p.tape = append(p.tape, in)
	}
	p.registers, p.result = next, at[result]
	p.shorten()
	return p
}

func (n node) operands() []int {
	var out []int
	for _, i := range []int{n.a, n.b, n.c} {
		if i != none {
			out = append(out, i)
		}
	}
	return out
}

// shorten makes the short form of a program that has few registers.
func (p *program) shorten() {
	if p.registers > fewRegisters {
		return
	}
	copy(p.file[firstConstant:], p.constants)
	p.short = make([]shortInstruction, len(p.tape))
	for i, in := range p.tape {
		p.short[i] = shortInstruction{in.op, int8(in.n), uint8(in.a), uint8(in.b), uint8(in.c), uint8(in.out)}
	}
}

// at computes the program for a point.
func (p *program) at(y, u float64) float64 {
	if p.registers > fewRegisters {
		return p.long(y, u)
	}
	const mask = fewRegisters - 1
	r := p.file
	r[0], r[1] = y, u
	for _, in := range p.short {
		a := r[in.a&mask]
		switch in.op {
		case opAdd:
			a += r[in.b&mask]
		case opSub:
			a -= r[in.b&mask]
		case opMul:
			a = float64(a * r[in.b&mask])
		case opDiv:
			a /= r[in.b&mask]
		case opNeg:
			a = -a
		case opSquare:
			a = float64(a * a)
		case opSqrt:
			a = math.Sqrt(a)
		case opPowInt:
			a = powInt(a, int(in.n))
		default:
			a = apply(in.op, a, r[in.b&mask], r[in.c&mask])
		}
		r[in.out&mask] = a
	}
	return r[p.result&mask]
}

// long is at for a program of any number of registers.
func (p *program) long(y, u float64) float64 {
	r := make([]float64, p.registers)
	r[0], r[1] = y, u
	copy(r[firstConstant:], p.constants)
	for _, in := range p.tape {
		if in.op == opPowInt {
			r[in.out] = powInt(r[in.a], in.n)
		} else {
			r[in.out] = apply(in.op, r[in.a], r[in.b], r[in.c])
		}
	}
	return r[p.result]
}
