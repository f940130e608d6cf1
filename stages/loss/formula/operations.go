package formula

import (
	"math"
	"slices"

	"zerotohero/stages/internal/portable"
)

// An op is an operation of an expression or of a program.
type op uint8

const (
	opNumber op = iota
	opName
	opAdd
	opSub
	opMul
	opDiv
	opNeg
	opPow   // to a number that does not depend on u or y, or e^(b log a)
	opWhere // of a condition, 1 or 0, and two numbers
	opMin
	opMax
	opSqrt
	opAbs
	opExp
	opLog
	opLog1p
	opTanh
	opCosh
	opLogCosh
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opEqual
	opUnequal
	opAnd
	opOr
	opNot

	// Of programs alone.
	opSinh
	opSign
	opSquare
	opPowInt // to an integer
)

// functions are the operations that a formula calls by name.
var functions = map[string]op{
	"sqrt": opSqrt, "abs": opAbs, "exp": opExp, "log": opLog, "log1p": opLog1p, "tanh": opTanh, "cosh": opCosh,
	"logcosh": opLogCosh, "min": opMin, "max": opMax, "where": opWhere,
}

func functionNames() []string {
	var out []string
	for name := range functions {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// arity is the number of arguments of a function.
func (o op) arity() int {
	switch o {
	case opWhere:
		return 3
	case opMin, opMax:
		return 2
	}
	return 1
}

// compares reports whether an operation makes a condition of two numbers.
func (o op) compares() bool { return o >= opLess && o <= opUnequal }

// logical reports whether an operation makes or takes a condition.
func (o op) logical() bool { return o >= opLess && o <= opNot || o == opWhere }

// symbol is how an operation is written, and its precedence, 0 for leaves and functions.
func (o op) symbol() (level int, symbol string) {
	switch o {
	case opOr:
		return 1, " || "
	case opAnd:
		return 2, " && "
	case opLess:
		return 3, " < "
	case opLessEqual:
		return 3, " <= "
	case opGreater:
		return 3, " > "
	case opGreaterEqual:
		return 3, " >= "
	case opEqual:
		return 3, " == "
	case opUnequal:
		return 3, " != "
	case opAdd:
		return 4, " + "
	case opSub:
		return 4, " - "
	case opMul:
		return 5, "*"
	case opDiv:
		return 5, "/"
	case opNeg:
		return signs, "-"
	case opNot:
		return signs, "!"
	case opPow:
		return power, "^"
	}
	for _, name := range functionNames() {
		if functions[name] == o {
			return 0, name
		}
	}
	return 0, ""
}

// apply is an operation on numbers; conditions are 1 and 0. The bits are the same on every
// platform, and those of a program that has the operation.
func apply(o op, a, b, c float64) float64 {
	switch o {
	case opAdd:
		return a + b
	case opSub:
		return a - b
	case opMul:
		return float64(a * b)
	case opDiv:
		return a / b
	case opNeg:
		return -a
	case opSquare:
		return float64(a * a)
	case opPowInt:
		return powInt(a, int(b))
	case opPow:
		if a < 0 {
			return math.NaN()
		}
		return portable.Pow(a, b)
	case opSqrt:
		return math.Sqrt(a)
	case opAbs:
		return math.Abs(a)
	case opSign:
		return sign(a)
	case opWhere:
		if a != 0 {
			return b
		}
		return c
	case opMin:
		return math.Min(a, b)
	case opMax:
		return math.Max(a, b)
	}
	if o >= opLess && o <= opNot {
		return truth(o, a, b)
	}
	return transcendental(o, a)
}

func transcendental(o op, a float64) float64 {
	switch o {
	case opExp:
		return portable.Exp(a)
	case opLog:
		return portable.Log(a)
	case opLog1p:
		return portable.Log1p(a)
	case opTanh:
		return portable.Tanh(a)
	case opCosh:
		return portable.Cosh(a)
	case opSinh:
		return portable.Sinh(a)
	case opLogCosh:
		return portable.LogCosh(a)
	}
	return math.NaN()
}

func truth(o op, a, b float64) float64 {
	var t bool
	switch o {
	case opLess:
		t = a < b
	case opLessEqual:
		t = a <= b
	case opGreater:
		t = a > b
	case opGreaterEqual:
		t = a >= b
	case opEqual:
		t = a == b
	case opUnequal:
		t = a != b
	case opAnd:
		t = a != 0 && b != 0
	case opOr:
		t = a != 0 || b != 0
	case opNot:
		t = a == 0
	}
	if t {
		return 1
	}
	return 0
}

func sign(a float64) float64 {
	switch {
	case a > 0:
		return 1
	case a < 0:
		return -1
	}
	return a // 0, or no number
}

// powInt is a^n by squaring.
func powInt(a float64, n int) float64 {
	if n < 0 {
		return 1 / powInt(a, -n)
	}
	out := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			out = float64(out * a)
		}
		a = float64(a * a)
	}
	return out
}
