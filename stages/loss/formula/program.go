package formula

// A program computes one node of a graph for a point: a tape of the operations that the
// node needs, in the registers of a small file.
type program struct {
	tape      []instruction
	constants []float64 // the first registers after y and u
	registers int
	result    uint16
}

type instruction struct {
	op           op
	a, b, c, out uint16
	n            int // exponent of opPowInt
}

// firstConstant is the register after those of y and u.
const firstConstant = 2

// fewRegisters are enough for most formulas, and stay on the stack.
const fewRegisters = 24

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

// at computes the program for a point.
func (p *program) at(y, u float64) float64 {
	if p.registers <= fewRegisters {
		var file [fewRegisters]float64
		return p.run(file[:], y, u)
	}
	return p.run(make([]float64, p.registers), y, u)
}

func (p *program) run(r []float64, y, u float64) float64 {
	r[0], r[1] = y, u
	copy(r[firstConstant:], p.constants)
	for i := range p.tape {
		in := &p.tape[i]
		// What formulas have most is here, and what is slow anyway in apply.
		a, b := r[in.a], r[in.b]
		switch in.op {
		case opAdd:
			a += b
		case opSub:
			a -= b
		case opMul:
			a = float64(a * b)
		case opSquare:
			a = float64(a * a)
		case opDiv:
			a /= b
		case opNeg:
			a = -a
		case opPowInt:
			a = powInt(a, in.n)
		default:
			a = apply(in.op, a, b, r[in.c])
		}
		r[in.out] = a
	}
	return r[p.result]
}
