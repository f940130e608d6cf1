package formula

import (
	"go/scanner"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Beyond these a formula is a slip. What recursion there is stays shallow by maxDepth, and
// what where-names stand for may not grow without end by maxNodes.
const (
	maxText  = 4096 // bytes
	maxDepth = 100  // operations and parentheses within one another
	maxNodes = 5000 // operations and operands, names of where put in place
)

// An expr is a parsed expression. Leaves are numbers and names.
type expr struct {
	op   op
	name string  // of a leaf that is a name
	num  float64 // of a leaf that is a number
	args []*expr
	size int // nodes of the tree
	deep int
}

// A mistake is an error at a place of a text.
type mistake struct {
	offset int // in bytes
	msg    string
}

// A parser reads one text, of tokens as package go/scanner has them, by precedence
// climbing: Go's own parser has no power, and gives ^ the precedence of +.
type parser struct {
	text    string
	scanner scanner.Scanner
	base    int // of positions
	tok     token.Token
	lit     string
	at      int         // offset of the token
	second  token.Token // that follows, if Go has one token for two of a formula
	depth   int
	names   map[string]*expr // what names of where stand for
	bad     *mistake         // the first one
}

// parse reads an expression; names that it does not know are parameters.
func parse(text string, names map[string]*expr) (*expr, *mistake) {
	if len(text) > maxText {
		return nil, &mistake{maxText, "the formula goes on after " + strconv.Itoa(maxText) +
			" characters; write parts of it in where, or a package of Go"}
	}
	if !utf8.ValidString(text) {
		return nil, &mistake{0, "the formula is not valid UTF-8"}
	}
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(text))
	p := &parser{text: text, names: names, base: file.Base()}
	p.scanner.Init(file, []byte(text), func(pos token.Position, msg string) { p.fail(pos.Offset, msg) },
		scanner.ScanComments)
	p.next()
	e := p.binary(1)
	if p.tok != token.EOF {
		switch p.tok {
		case token.COMMENT:
			p.fail(p.at, "a formula has no comments; write them beside it after #")
		case token.RPAREN:
			p.fail(p.at, "this ) closes nothing")
		case token.ASSIGN:
			p.fail(p.at, "a formula assigns nothing; compare with ==")
		default:
			p.fail(p.at, "unexpected "+p.word()+"; an operator was to follow, as in 2 * u")
		}
	}
	if p.bad != nil {
		return nil, p.bad
	}
	return e, nil
}

func (p *parser) fail(offset int, msg string) {
	if p.bad == nil {
		p.bad = &mistake{offset, msg}
	}
	p.tok = token.EOF
}

func (p *parser) next() {
	if p.bad != nil {
		return
	}
	if p.second != token.ILLEGAL {
		p.tok, p.lit, p.at, p.second = p.second, "", p.at+1, token.ILLEGAL
		return
	}
	for {
		pos, tok, lit := p.scanner.Scan()
		if two, ok := pairs[tok]; ok {
			tok, p.second = two[0], two[1]
		}
		// The scanner ends lines as Go does; in a formula they are blanks.
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		if p.bad == nil {
			p.tok, p.lit, p.at = tok, lit, int(pos)-p.base
		}
		return
	}
}

// pairs are the tokens of Go that are two of a formula, as in u<-y.
var pairs = map[token.Token][2]token.Token{
	token.INC: {token.ADD, token.ADD}, token.DEC: {token.SUB, token.SUB}, token.ARROW: {token.LSS, token.SUB},
}

// word is the token at hand for an error.
func (p *parser) word() string {
	switch {
	case p.tok == token.EOF:
		return "end"
	case p.lit != "":
		return p.lit
	}
	return p.tok.String()
}

// binaries are the operators of two operands by precedence, loosest first, and all but the power
// group from the left.
var binaries = []map[token.Token]op{
	1: {token.LOR: opOr},
	2: {token.LAND: opAnd},
	3: {token.LSS: opLess, token.LEQ: opLessEqual, token.GTR: opGreater, token.GEQ: opGreaterEqual,
		token.EQL: opEqual, token.NEQ: opUnequal},
	4: {token.ADD: opAdd, token.SUB: opSub},
	5: {token.MUL: opMul, token.QUO: opDiv},
}

// precedence of signs and of the power, which binds tighter: −u^2 is −(u^2).
const (
	signs = 6
	power = 7
)

func (p *parser) binary(level int) *expr {
	if level == signs {
		return p.signed()
	}
	left := p.binary(level + 1)
	for p.bad == nil {
		o, ok := binaries[level][p.tok]
		if !ok {
			return left
		}
		at := p.at
		p.next()
		left = p.join(at, o, left, p.binary(level+1))
	}
	return left
}

func (p *parser) signed() *expr {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.at, "more than "+strconv.Itoa(maxDepth)+" parentheses, signs and powers within one another")
		return leaf(0)
	}
	defer func() { p.depth-- }()
	at := p.at
	switch p.tok {
	case token.ADD:
		p.next()
		return p.signed()
	case token.SUB:
		p.next()
		e := p.signed()
		if e.op == opNumber {
			return leaf(-e.num)
		}
		return p.join(at, opNeg, e)
	case token.NOT:
		p.next()
		return p.join(at, opNot, p.signed())
	}
	base := p.operand()
	if p.tok != token.XOR {
		return base
	}
	at = p.at
	p.next()
	return p.join(at, opPow, base, p.signed())
}

func leaf(x float64) *expr { return &expr{op: opNumber, num: x, size: 1, deep: 1} }

// join makes an operation, of operands of the sorts that it takes.
func (p *parser) join(at int, o op, args ...*expr) *expr {
	e := &expr{op: o, args: args, size: 1}
	for _, a := range args {
		e.size += a.size
		e.deep = max(e.deep, a.deep)
	}
	e.deep++
	switch {
	case p.bad != nil:
		return leaf(0)
	case e.size > maxNodes:
		p.fail(at, "with what names of where stand for the formula has more than "+strconv.Itoa(maxNodes)+" terms")
	case e.deep > 4*maxDepth:
		p.fail(at, "more than "+strconv.Itoa(4*maxDepth)+" operations within one another")
	}
	for i, a := range args {
		wants := o.logical() && o != opWhere && !o.compares() || o == opWhere && i == 0
		if wants && !a.truth() {
			p.fail(at, "this wants a condition such as u < y, and has a number")
		}
		if !wants && a.truth() {
			p.fail(at, "this wants a number, and has a condition; write where(condition, x, y)")
		}
	}
	return e
}

// truth reports whether an expression is a condition.
func (e *expr) truth() bool { return e.op.logical() && e.op != opWhere }

func (p *parser) operand() *expr {
	at, lit := p.at, p.lit
	switch p.tok {
	case token.LPAREN:
		p.next()
		e := p.binary(1)
		if p.tok != token.RPAREN {
			p.fail(at, "this ( is not closed")
			return e
		}
		p.next()
		return e
	case token.INT, token.FLOAT:
		x, err := strconv.ParseFloat(lit, 64)
		if err != nil || strings.ContainsAny(lit, "xXoObB_pP") {
			p.fail(at, lit+" is not a finite decimal number")
		}
		p.next()
		return leaf(x)
	case token.EOF:
		p.fail(at, "the formula ends where a number or name was to follow")
		return leaf(0)
	case token.COMMENT:
		p.fail(at, "a formula has no comments; write them beside it after #")
		return leaf(0)
	}
	// Words of Go such as range are names here.
	if p.tok != token.IDENT && !p.tok.IsKeyword() {
		msg := "unexpected " + p.word() + "; a number or name was to follow"
		if p.tok == token.MUL {
			msg += ", and a power is written u^2"
		}
		if p.tok == token.OR {
			msg += ", and |u| is written abs(u)"
		}
		p.fail(at, msg)
		return leaf(0)
	}
	p.next()
	if p.tok == token.LPAREN {
		return p.call(at, lit)
	}
	if o, known := functions[lit]; known {
		p.fail(at, lit+" is a function; write "+lit+"("+strings.Repeat("x, ", o.arity()-1)+"x)")
	}
	if e := p.names[lit]; e != nil {
		return e
	}
	return &expr{op: opName, name: lit, size: 1, deep: 1}
}

func (p *parser) call(at int, name string) *expr {
	o, known := functions[name]
	if !known {
		msg := "no function is called " + name + "; " + hint(name, functionNames())
		if p.names[name] != nil || name == "u" || name == "y" {
			msg = name + " is no function; write " + name + " * (…) for a product"
		}
		p.fail(at, msg)
		return leaf(0)
	}
	var args []*expr
	open := p.at
	for p.next(); p.tok != token.RPAREN || len(args) > 0; p.next() {
		args = append(args, p.binary(1))
		if p.tok != token.COMMA {
			break
		}
	}
	if p.tok != token.RPAREN {
		p.fail(open, "this ( is not closed")
		return leaf(0)
	}
	if len(args) != o.arity() {
		p.fail(at, name+" takes "+strconv.Itoa(o.arity())+" arguments, not "+strconv.Itoa(len(args)))
		return leaf(0)
	}
	p.next()
	// cosh is infinite long before its logarithm is much.
	if o == opLog && args[0].op == opCosh {
		o, args = opLogCosh, args[0].args
	}
	return p.join(at, o, args...)
}

// variables lists the names in an expression that are neither u nor y, sorted.
func (e *expr) variables() []string {
	var out []string
	seen := make(map[*expr]bool)
	var visit func(e *expr)
	visit = func(e *expr) {
		if seen[e] {
			return
		}
		seen[e] = true
		if e.op == opName && e.name != "u" && e.name != "y" && !slices.Contains(out, e.name) {
			out = append(out, e.name)
		}
		for _, a := range e.args {
			visit(a)
		}
	}
	visit(e)
	slices.Sort(out)
	return out
}

// String writes the expression in canonical form: blanks about +, − and conditions, and those
// parentheses alone that the meaning asks for. Parsed again it is the same.
func (e *expr) String() string {
	var b strings.Builder
	e.write(&b, 0)
	return b.String()
}

func (e *expr) write(b *strings.Builder, outer int) {
	level, symbol := e.op.symbol()
	if e.op == opNumber && e.num < 0 {
		level = signs
	}
	if level != 0 && level < outer {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	switch {
	case e.op == opName:
		b.WriteString(e.name)
	case e.op == opNumber:
		b.WriteString(strconv.FormatFloat(e.num, 'g', -1, 64))
	case level == 0:
		b.WriteString(symbol + "(")
		for i, a := range e.args {
			if i > 0 {
				b.WriteString(", ")
			}
			a.write(b, 0)
		}
		b.WriteByte(')')
	case level == signs:
		b.WriteString(symbol)
		e.args[0].write(b, signs)
	case level == power:
		e.args[0].write(b, power+1)
		b.WriteString(symbol)
		e.args[1].write(b, signs)
	default:
		e.args[0].write(b, level)
		b.WriteString(symbol)
		e.args[1].write(b, level+1)
	}
}
