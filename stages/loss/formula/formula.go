// Package formula makes losses of formulas: a loss as data, which needs no Go.
//
//	[loss.cauchy]
//	formula = "(a + y^2) * log(1 + r^2/2)"
//	where   = { r = "(u^2 - y^2)/(a + y^2)" }
//	a = 1
//
// u is the student's pre-activation, ŷ elsewhere, and y the teacher's. Operators are + − * / ^,
// the last binding tightest and from the right, as in −u^2^3 = −(u^(2^3)); comparisons, &&, ||
// and ! make conditions. Functions are sqrt, abs, exp, log, log1p, tanh, cosh, logcosh, min,
// max and where(condition, x, y). Other names are parameters.
//
// Of the formula a graph is made with ℓ, and ℓ' and ℓ” by forward differentiation, exact but
// for rounding; a loss computes each by a tape of its operations. The infimum of ℓ” is searched for, and
// bounded by interval arithmetic (infimum.go). What a formula must be for descents and theory
// to make sense is checked on a grid of points (check.go): even, finite, smooth, and
// least, and not negative, at the signal.
package formula

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"

	"zerotohero/pipeline"
	"zerotohero/pipeline/spec"
	"zerotohero/stages/loss"
)

// Keys of a table that are not parameters.
const (
	keyText  = "formula"
	keyWhere = "where"
	keyInf   = loss.ClaimInfD2
	keyKink  = loss.ClaimKink
)

func init() {
	pipeline.RegisterForm(pipeline.Form[loss.Loss]{
		Key: keyText, Read: Read, Parse: fields, New: New,
	})
}

// reserved are names that a parameter cannot have.
var reserved = []string{"u", "y", "loss", keyText, keyWhere, keyInf, keyKink, "kind", "each", "over", "from", "seeds"}

func hint(name string, known []string) string { return spec.Hint(name, known) }

// Read makes parameters of a table of paper.toml: the formula in canonical form, with what
// names of where stand for in their place, and the values of its parameters. The loss is
// made once to check it.
func Read(name string, table map[string]any) (map[string]any, error) {
	texts, err := readTexts(table)
	if err != nil {
		return nil, err
	}
	e, err := texts.formula()
	if err != nil {
		return nil, err
	}
	params, err := readParams(table)
	if err != nil {
		return nil, err
	}
	names := e.variables()
	for _, n := range names {
		if _, ok := params[n]; !ok {
			return nil, texts.undefined(n, params)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(params)) {
		if !slices.Contains(names, n) && n != keyInf && n != keyKink {
			return nil, pipeline.BadParam(n, "is not in the formula; its parameters are %s; remove this one, or write "+
				"it in the formula", cmp.Or(strings.Join(names, ", "), "none"))
		}
	}
	params[keyText] = e.String()
	if _, err := New(name, params); err != nil {
		return nil, err
	}
	return params, nil
}

// readParams are the entries of a table that are not texts.
func readParams(table map[string]any) (map[string]any, error) {
	params := make(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(table)) {
		switch v := table[key].(type) {
		case int64:
			params[key] = float64(v)
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, pipeline.BadParam(key, "%v is not a finite number; an infimum of −∞ needs none", v)
			}
			params[key] = v
		case bool:
			params[key] = v
		default:
			if key != keyText && key != keyWhere {
				return nil, pipeline.BadParam(key, "a parameter of a formula is a number; write %s = 1", key)
			}
		}
		_, isTruth := params[key].(bool)
		switch {
		case params[key] == nil:
		case isTruth != (key == keyKink):
			return nil, pipeline.BadParam(key, "wants a number, and %s true or false", keyKink)
		case key == keyInf || key == keyKink:
		case slices.Contains(reserved, key) || functions[key] != opNumber:
			return nil, pipeline.BadParam(key, "is a word of formulas or of paper.toml; call the parameter something else")
		}
	}
	return params, nil
}

// fields are the parameters of a text, as pipeline.Form has them.
func fields(text string, given func(param string) bool) (canonical string, list []pipeline.Field, err error) {
	e, err := parsed(text)
	if err != nil {
		return "", nil, err
	}
	number := func(name, help string) pipeline.Field {
		return pipeline.Field{Name: name, Type: reflect.TypeFor[float64](), Help: help}
	}
	for _, n := range e.variables() {
		list = append(list, number(n, "parameter of the formula"))
	}
	if given(keyInf) {
		list = append(list, number(keyInf, "the infimum of ℓ''"))
	}
	if given(keyKink) {
		list = append(list, pipeline.Field{Name: keyKink, Type: reflect.TypeFor[bool](),
			Help: "ℓ' may jump at u = ±y"})
	}
	return e.String(), list, nil
}

func parsed(text string) (*expr, error) {
	e, bad := parse(text, nil)
	if bad == nil && e.truth() {
		bad = isCondition
	}
	if bad != nil {
		return nil, textError(nil, text, bad)
	}
	return e, nil
}

var isCondition = &mistake{0, "the formula is a condition, not a number; write where(condition, x, y)"}

func textError(entry []string, text string, bad *mistake) error {
	column := len([]rune(text[:min(max(bad.offset, 0), len(text))])) + 1
	return &pipeline.TextError{Entry: entry, Text: text, Column: column, Msg: bad.msg}
}

// losses holds those that were made, or why not, by name and parameters: making one takes
// some ten milliseconds, and every stage with it asks.
var losses sync.Map

type result struct {
	loss loss.Loss
	err  error
}

// New makes a loss of its parameters. ℓ of a formula that is not what a loss has to be is an error.
func New(name string, params map[string]any) (loss.Loss, error) {
	var key strings.Builder
	fmt.Fprintf(&key, "%s\n", name)
	for _, n := range slices.Sorted(maps.Keys(params)) {
		fmt.Fprintf(&key, "%s=%v\n", n, params[n])
	}
	if r, ok := losses.Load(key.String()); ok {
		return r.(result).loss, r.(result).err
	}
	l, err := build(name, params)
	losses.Store(key.String(), result{l, err})
	return l, err
}

func build(name string, params map[string]any) (loss.Loss, error) {
	text, _ := params[keyText].(string)
	e, err := parsed(text)
	if err != nil {
		return loss.Loss{}, err
	}
	f := newFunction(e, params)
	kink, _ := params[keyKink].(bool)
	if msg := f.check(kink); msg != "" {
		return loss.Loss{}, &pipeline.TextError{Text: text, Msg: f.with() + msg}
	}
	l := loss.Loss{Name: name + f.list(params), Value: f.even(f.value), D1: f.odd(f.d1), D2: f.even(f.d2),
		Blocks: loss.Blocks{Value: f.value.blocks(false), D1: f.d1.blocks(true), D2: f.d2.blocks(false)}}
	l.InfD2, err = f.infD2(params, l.D2)
	return l, err
}

// A function is a formula with its derivatives, compiled.
type function struct {
	graph         *graph
	jet           jet
	names         []string // of parameters
	params        map[string]float64
	value, d1, d2 *program
}

func newFunction(e *expr, params map[string]any) *function {
	f := &function{graph: newGraph(), names: e.variables(), params: make(map[string]float64)}
	for _, n := range f.names {
		f.params[n] = math.NaN()
		if x, ok := params[n].(float64); ok {
			f.params[n] = x
		}
	}
	d := &differentiator{f.graph, f.params, make(map[*expr]jet)}
	f.jet = d.jet(e)
	f.value, f.d1, f.d2 = f.graph.compile(f.jet.v), f.graph.compile(f.jet.d), f.graph.compile(f.jet.dd)
	return f
}

// even computes a program at |y| and |u|, so that the bits are those of ±y and ±u.
func (f *function) even(p *program) func(y, u float64) float64 {
	return func(y, u float64) float64 { return p.at(math.Abs(y), math.Abs(u)) }
}

// odd computes a program at |y| and |u|, with the sign of u.
func (f *function) odd(p *program) func(y, u float64) float64 {
	return func(y, u float64) float64 {
		if u < 0 {
			return -p.at(math.Abs(y), -u)
		}
		return p.at(math.Abs(y), u)
	}
}

// list writes the parameters as the name of a choice does.
func (f *function) list(params map[string]any) string {
	var out []string
	for _, n := range f.names {
		out = append(out, fmt.Sprintf("%s=%v", n, params[n]))
	}
	for _, n := range []string{keyInf, keyKink} {
		if v, ok := params[n]; ok {
			out = append(out, fmt.Sprintf("%s=%v", n, v))
		}
	}
	if out == nil {
		return ""
	}
	return "(" + strings.Join(out, ",") + ")"
}

// with names the values of the parameters, for an error.
func (f *function) with() string {
	var out []string
	for _, n := range f.names {
		out = append(out, fmt.Sprintf("%s = %v", n, f.params[n]))
	}
	if out == nil {
		return ""
	}
	return "with " + strings.Join(out, ", ") + " "
}

// infD2 is the infimum of ℓ”, found, or given and checked.
func (f *function) infD2(params map[string]any, d2 func(y, u float64) float64) (float64, error) {
	found := f.graph.infimum(f.jet.dd, d2)
	scale := math.Max(1, math.Abs(found.value))
	given, ok := params[keyInf].(float64)
	switch {
	case !ok && (math.IsInf(found.value, -1) || found.err <= 0.1*scale):
		return found.value, nil
	case !ok:
		return 0, pipeline.BadParam(keyInf, "%sthe infimum of ℓ'' is not found: it is at most %v, at y = %.4g, u = %.4g, and "+
			"the bound from below is %.4g; write %s = … if you know it", f.with(), found.value, found.y, found.u,
			found.value-found.err, keyInf)
	case found.value < given-float64(1e-9*scale):
		return 0, pipeline.BadParam(keyInf, "%v is no bound of ℓ'', which is %v at y = %.4g, u = %.4g; correct it, or remove it "+
			"to have it found", given, d2(found.y, found.u), found.y, found.u)
	case given < found.value-math.Max(1e-6*scale, math.Min(found.err, 0.1*scale)):
		return 0, pipeline.BadParam(keyInf, "%v is below the infimum of ℓ'', which is %v, at y = %.4g, u = %.4g; correct it, or "+
			"remove it to have it found", given, found.value, found.y, found.u)
	}
	return given, nil
}

// InfimumError is how far below the infimum found ℓ” may come with y and u to 10, by interval
// bounds, of a formula with these parameters; infinite if it is unbounded anyway.
func InfimumError(text string, param func(name string) (any, bool)) (float64, error) {
	e, err := parsed(text)
	if err != nil {
		return 0, err
	}
	params := make(map[string]any)
	for _, n := range e.variables() {
		params[n], _ = param(n)
	}
	f := newFunction(e, params)
	found := f.graph.infimum(f.jet.dd, f.even(f.d2))
	if math.IsInf(found.value, -1) {
		return math.Inf(1), nil
	}
	return found.err, nil
}
