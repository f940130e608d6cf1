package pipeline

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A Form is a way to write alternatives of T as data rather than as packages: a table
// [loss.cauchy] of paper.toml, say, that holds a text. There is one at most for each T, in a
// package that registers it with RegisterForm, and that package's code is the code of
// every alternative written so.
//
// The parameters of such an alternative are its text, under the form's key and in
// canonical form, and what the text asks for. They say all that it is: two
// tables that mean the same give the same keys of stages, and a stage is made again from its
// parameters alone.
type Form[T any] struct {
	Key string // the parameter that holds the text

	// Read makes values of parameters of the table that writes an alternative down, the text
	// among them, and checks what can be checked. An error about a text is a *TextError, one
	// about another entry a *ParamError.
	Read func(name string, table map[string]any) (values map[string]any, err error)

	// Parse gives the canonical form of a text, and the parameters beside it, of type
	// float64, bool or string. Those that are optional are listed if they are given.
	Parse func(text string, given func(param string) bool) (canonical string, fields []Field, err error)

	// New makes the alternative of its name and parameters, the text included. It is asked
	// when parameters are read too, as Validate is elsewhere, and its errors are of the
	// same kinds.
	New func(name string, params map[string]any) (T, error)
}

// A TextError is a mistake in a text of a table, at a place in it.
type TextError struct {
	Entry  []string // keys of the text in its table, as in where.r; none for the form's own
	Text   string
	Column int // of the mistake, from 1, in characters; 0 for the text as a whole
	Msg    string
}

// Error has the text below the message and a mark below the place.
func (e *TextError) Error() string {
	if e.Column == 0 {
		return e.Msg
	}
	// A text of several lines, or of thousands of characters, would not show the place.
	const around = 60
	text, mark := []rune(e.Text), e.Column-1
	mark = min(max(mark, 0), len(text))
	from, to := 0, len(text)
	for i, r := range text {
		if r == '\n' && i < mark {
			from = i + 1
		}
		if r == '\n' && i >= mark {
			to = i
			break
		}
	}
	from, to = max(from, mark-around), min(to, mark+around)
	line := strings.ReplaceAll(string(text[from:to]), "\t", " ")
	return fmt.Sprintf("column %d: %s\n    %s\n    %s^", e.Column, e.Msg, line, strings.Repeat(" ", mark-from))
}

// form is a Form of any type.
type form struct {
	key, pkg string
	read     func(name string, table map[string]any) (map[string]any, error)
	parse    func(text string, given func(param string) bool) (string, []Field, error)
	make     func(name string, params map[string]any) (any, error)
}

// RegisterForm adds the form in which alternatives of T may be written as data. It is
// called from init, as Register is.
func RegisterForm[T any](f Form[T]) {
	r := registryOf(reflect.TypeFor[T]())
	pkg, ok := initialising()
	if !ok {
		panic(fmt.Sprintf("pipeline.RegisterForm of %s: call it from init of the package that declares it", r.what()))
	}
	if r.form != nil {
		r.mistakes = append(r.mistakes,
			fmt.Sprintf("%s and %s both register a form of %s; keep one", r.form.pkg, pkg, r.what()))
		return
	}
	r.form = &form{key: f.Key, pkg: pkg, read: f.Read, parse: f.Parse,
		make: func(name string, params map[string]any) (any, error) { return f.New(name, params) }}
}

// made is an alternative that a form makes of these values, nil if there is no form or
// no text for it.
func (r *registry) made(name string, values map[string]any) (*alternative, error) {
	if r.form == nil {
		return nil, nil
	}
	text, ok := values[r.form.key].(string)
	if !ok {
		return nil, nil
	}
	given := func(param string) bool { _, ok := values[param]; return ok }
	canonical, fields, err := r.form.parse(text, given)
	if err != nil {
		return nil, err
	}
	fields = append([]Field{{Name: r.form.key, Type: reflect.TypeFor[string]()}}, fields...)
	return &alternative{name: name, doc: canonical, pkg: r.form.pkg, params: structOf(fields)}, nil
}

// structOf is a struct of parameters with these fields.
func structOf(fields []Field) reflect.Type {
	list := make([]reflect.StructField, len(fields))
	for i, f := range fields {
		list[i] = reflect.StructField{Name: fmt.Sprintf("Param%d", i), Type: f.Type,
			Tag: reflect.StructTag(fmt.Sprintf("param:%q help:%q", f.Name, f.Help))}
	}
	return reflect.StructOf(list)
}

// valuesOf are the parameters in a struct by name.
func valuesOf(params any) map[string]any {
	out := make(map[string]any)
	v := reflect.ValueOf(params)
	for _, f := range fieldsOf(v.Type()) {
		out[f.Name] = v.FieldByIndex(f.index).Interface()
	}
	return out
}

// A Writable is a sort of alternative that has a form.
type Writable struct {
	What string // loss, method: the name of tables of such
	Key  string
	of   *registry
}

// Writables lists what the program has forms of, sorted.
func Writables() []Writable {
	registriesMu.Lock()
	defer registriesMu.Unlock()
	var out []Writable
	for _, r := range registries {
		if r.form != nil {
			out = append(out, Writable{r.what(), r.form.key, r})
		}
	}
	slices.SortFunc(out, func(a, b Writable) int { return strings.Compare(a.What, b.What) })
	return out
}

// Read makes values of parameters of the table that writes an alternative down, as
// Kind.Resolve takes them beside the name.
func (w Writable) Read(name string, table map[string]any) (map[string]any, error) {
	if a := w.of.byName[name]; a != nil {
		return nil, fmt.Errorf("%s %s is one of %s already; call this one something else", w.What, name, a.pkg)
	}
	return w.of.form.read(name, table)
}

// Chooses reports whether a parameter chooses among such alternatives.
func (w Writable) Chooses(f Field) bool { return registryFor(f.Type) == w.of }
