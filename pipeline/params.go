package pipeline

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Range is a block of consecutive integers, both ends included: seeds First to Last.
type Range struct {
	First, Last int64
}

// Len is the number of integers in the block.
func (r Range) Len() int { return int(r.Last - r.First + 1) }

// String writes the block as in a stage's name: "1-50".
func (r Range) String() string { return fmt.Sprintf("%d-%d", r.First, r.Last) }

// MarshalText writes the block as String does.
func (r Range) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Range) UnmarshalText(text []byte) error {
	first, last, ok := strings.Cut(string(text), "-")
	a, err1 := strconv.ParseInt(first, 10, 64)
	b, err2 := strconv.ParseInt(last, 10, 64)
	if !ok || err1 != nil || err2 != nil || a > b || a < 0 {
		return fmt.Errorf("%q is not a block of seeds like 1-50", text)
	}
	*r = Range{a, b}
	return nil
}

// A ParamError says which parameter is wrong and why.
type ParamError struct {
	Param string
	Msg   string
}

func (e *ParamError) Error() string { return e.Param + ": " + e.Msg }

// BadParam makes a ParamError; a parameter struct's Validate returns it.
func BadParam(param, format string, args ...any) error {
	return &ParamError{param, fmt.Sprintf(format, args...)}
}

// A Field describes one parameter of a kind or of a choice, from the tags of its struct:
//
//	Rate float64 `param:"rate" default:"0.02" help:"steps per unit of time"`
//
// Types: int, float64, string, bool, Range, slices of int, float64 and string, and Chosen.
// Structs that are embedded give their fields.
type Field struct {
	Name    string
	Type    reflect.Type
	Default string // as text; lists are separated by commas
	HasDef  bool
	Help    string
	index   []int
}

// fieldsOf lists the parameters of a struct in the order of their declaration, without
// those of choices.
func fieldsOf(t reflect.Type) []Field {
	if list, ok := fieldLists.Load(t); ok {
		return list.([]Field)
	}
	var out []Field
	for _, f := range reflect.VisibleFields(t) {
		name, ok := f.Tag.Lookup("param")
		if !ok {
			continue
		}
		def, has := f.Tag.Lookup("default")
		out = append(out, Field{
			Name: name, Type: f.Type, Default: def, HasDef: has, Help: f.Tag.Get("help"), index: f.Index,
		})
	}
	fieldLists.Store(t, out)
	return out
}

var fieldLists sync.Map // of []Field by reflect.Type

// allFields lists the parameters of a struct, each followed by those of all alternatives
// that it chooses from. A name that several alternatives have is listed once.
func allFields(t reflect.Type) []Field {
	var out []Field
	seen := make(map[string]bool)
	add := func(list ...Field) {
		for _, f := range list {
			if !seen[f.Name] {
				seen[f.Name] = true
				out = append(out, f)
			}
		}
	}
	for _, f := range fieldsOf(t) {
		add(f)
		if r := registryFor(f.Type); r != nil {
			for _, name := range r.names() {
				add(allFields(r.byName[name].params)...)
			}
		}
	}
	return out
}

// Fields lists the kind's parameters in the order of their declaration, with those of
// every choice that it offers.
func (k *Kind) Fields() []Field { return allFields(k.params) }

// Resolve makes the kind's parameter struct from values (as TOML decodes them,
// Range values as such) and defaults, and validates it. Errors are *ParamError.
func (k *Kind) Resolve(values map[string]any) (any, error) {
	p := reflect.New(k.params).Elem()
	r := &resolver{values: values, owner: make(map[string]string)}
	if err := r.fill(p, "kind "+k.Name); err != nil {
		return nil, err
	}
	if err := r.unknown("kind " + k.Name); err != nil {
		return nil, err
	}
	if err := validate(p.Interface()); err != nil {
		return nil, err
	}
	return p.Interface(), nil
}

// Decode makes the kind's parameter struct of what Stage.Canonical has written, for this or an
// earlier version of the kind: then there may be an error.
func (k *Kind) Decode(canonical []byte) (any, error) {
	var values map[string]any
	if err := json.Unmarshal(canonical, &values); err != nil {
		return nil, err
	}
	for _, f := range k.Fields() {
		text, ok := values[f.Name].(string)
		if f.Type != reflect.TypeFor[Range]() || !ok {
			continue
		}
		var r Range
		if err := r.UnmarshalText([]byte(text)); err != nil {
			return nil, BadParam(f.Name, "%v", err)
		}
		values[f.Name] = r
	}
	return k.Resolve(values)
}

func validate(params any) error {
	if v, ok := params.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}

// A resolver fills parameter structs from one set of values.
type resolver struct {
	values map[string]any
	owner  map[string]string // the kind or alternative that each parameter belongs to
	made   []madeChoice
}

// A madeChoice is a choice that was made, for errors about parameters of alternatives.
type madeChoice struct {
	*registry
	param, name string
}

// fill sets the fields of a struct of parameters, which belongs to owner.
func (r *resolver) fill(p reflect.Value, owner string) error {
	for _, f := range fieldsOf(p.Type()) {
		if other, taken := r.owner[f.Name]; taken {
			return BadParam(f.Name, "is a parameter of %s and of %s; rename one of them in the code", other, owner)
		}
		r.owner[f.Name] = owner
		field := p.FieldByIndex(f.index)
		if registryFor(f.Type) != nil {
			if err := r.choose(field, f); err != nil {
				return err
			}
			continue
		}
		v, given := r.values[f.Name]
		if !given {
			if !f.HasDef {
				return BadParam(f.Name, "is required by %s and not given", owner)
			}
			if err := setText(field, f.Default); err != nil {
				return BadParam(f.Name, "bad default: %v", err)
			}
			continue
		}
		if err := setValue(field, v); err != nil {
			return BadParam(f.Name, "%v", err)
		}
	}
	return nil
}

// choose sets a field of type Chosen, with the parameters of what is chosen.
func (r *resolver) choose(field reflect.Value, f Field) error {
	reg := registryFor(field.Type())
	if reg.mistakes != nil {
		return BadParam(f.Name, "%s", strings.Join(reg.mistakes, "; "))
	}
	r.owner[f.Name] = "all"
	name := f.Default
	if v, given := r.values[f.Name]; given {
		text, ok := v.(string)
		if !ok {
			return BadParam(f.Name, "wants the name of a %s, got %s", reg.what(), valueWord(v))
		}
		name = text
	} else if !f.HasDef {
		return BadParam(f.Name, "is required and not given; known are %s", reg.known())
	}
	a := reg.byName[name]
	if a == nil {
		return BadParam(f.Name, "unknown %s %q; known are %s; "+
			"one that has a package is known once the program's main package imports that",
			reg.what(), name, reg.known())
	}
	r.made = append(r.made, madeChoice{reg, f.Name, name})
	params := reflect.New(a.params).Elem()
	if err := r.fill(params, reg.what()+" "+name); err != nil {
		return err
	}
	if err := validate(params.Interface()); err != nil {
		return err
	}
	field.Set(reflect.ValueOf(field.Interface().(chooser).with(name, params.Interface())))
	return nil
}

// unknown finds a value that is no parameter, or one of an alternative that is not chosen.
func (r *resolver) unknown(what string) error {
	for _, name := range slices.Sorted(maps.Keys(r.values)) {
		if _, known := r.owner[name]; known {
			continue
		}
		for _, m := range r.made {
			if owners := m.owners(name); owners != nil {
				return BadParam(name, "is a parameter of %s %s, and %s is %s here; remove it where %s does not have it",
					m.what(), strings.Join(owners, ", "), m.param, m.name, m.name)
			}
		}
		return BadParam(name, "is not a parameter of %s", what)
	}
	return nil
}

func setText(dst reflect.Value, text string) error {
	var err error
	switch dst.Kind() {
	case reflect.Int:
		var n int64
		n, err = strconv.ParseInt(text, 10, 64)
		dst.SetInt(n)
	case reflect.Float64:
		var x float64
		x, err = strconv.ParseFloat(text, 64)
		if err == nil && (math.IsNaN(x) || math.IsInf(x, 0)) {
			err = fmt.Errorf("%s is not a finite number", text)
		}
		dst.SetFloat(x)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		dst.SetBool(b)
	case reflect.String:
		dst.SetString(text)
	case reflect.Slice:
		if text == "" {
			dst.Set(reflect.MakeSlice(dst.Type(), 0, 0))
			return nil
		}
		parts := strings.Split(text, ",")
		list := reflect.MakeSlice(dst.Type(), len(parts), len(parts))
		for i, part := range parts {
			if err := setText(list.Index(i), strings.TrimSpace(part)); err != nil {
				return err
			}
		}
		dst.Set(list)
	default:
		err = fmt.Errorf("a parameter cannot be of type %s", dst.Type())
	}
	return err
}

func setValue(dst reflect.Value, v any) error {
	wrong := fmt.Errorf("wants %s, got %s", typeWord(dst.Type()), valueWord(v))
	switch dst.Kind() {
	case reflect.Int:
		switch n := v.(type) {
		case int64:
			dst.SetInt(n)
		case float64:
			// 128.0 means 128; 128.5 is a mistake.
			if n != math.Trunc(n) || math.Abs(n) > 1<<53 {
				return wrong
			}
			dst.SetInt(int64(n))
		default:
			return wrong
		}
	case reflect.Float64:
		switch x := v.(type) {
		case int64:
			dst.SetFloat(float64(x))
		case float64:
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("wants a finite number, got %v", x)
			}
			dst.SetFloat(x)
		default:
			return wrong
		}
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			return wrong
		}
		out := reflect.MakeSlice(dst.Type(), len(list), len(list))
		for i, e := range list {
			if err := setValue(out.Index(i), e); err != nil {
				return fmt.Errorf("element %d: %w", i+1, err)
			}
		}
		dst.Set(out)
	default:
		rv := reflect.ValueOf(v)
		if !rv.IsValid() || rv.Type() != dst.Type() {
			return wrong
		}
		dst.Set(rv)
	}
	return nil
}

func typeWord(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[Range]():
		return `a block of seeds like "1..50"`
	case t.Kind() == reflect.Int:
		return "an integer"
	case t.Kind() == reflect.Float64:
		return "a number"
	case t.Kind() == reflect.String:
		return "a string"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice:
		return "a list, each element " + typeWord(t.Elem())
	}
	return t.String()
}

func valueWord(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("the string %q", v)
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case map[string]any:
		return "a table"
	}
	return fmt.Sprint(v)
}

// Canonical encodes a stage's parameters: JSON with sorted names, those of choices among
// the others, every default written out, and each number in its shortest form, so that two
// ways of writing the same meaning give the same bytes.
func (s *Stage) Canonical() []byte {
	m := make(map[string]any)
	collect(m, reflect.ValueOf(s.Params))
	// encoding/json sorts map keys and writes shortest floats; Resolve has
	// excluded NaN and infinities, the only values it refuses.
	b, err := json.Marshal(m)
	if err != nil {
		return []byte(fmt.Sprintf("%q", err.Error()))
	}
	return b
}

func collect(m map[string]any, v reflect.Value) {
	for _, f := range fieldsOf(v.Type()) {
		field := v.FieldByIndex(f.index)
		if f.Type.Kind() == reflect.Float64 && field.Float() == 0 {
			m[f.Name] = 0.0 // -0 and 0 are one value
			continue
		}
		if c, ok := field.Interface().(chooser); ok {
			name, params := c.chosen()
			m[f.Name] = name
			if params != nil {
				collect(m, reflect.ValueOf(params))
			}
			continue
		}
		m[f.Name] = field.Interface()
	}
}

// Choices lists the packages of what the stage's parameters choose, sorted: their code
// is part of the stage's.
func (s *Stage) Choices() []string {
	out := choicesIn(nil, reflect.ValueOf(s.Params))
	slices.Sort(out)
	return slices.Compact(out)
}

func choicesIn(out []string, v reflect.Value) []string {
	for _, f := range fieldsOf(v.Type()) {
		r := registryFor(f.Type)
		if r == nil {
			continue
		}
		name, params := v.FieldByIndex(f.index).Interface().(chooser).chosen()
		if a := r.byName[name]; a != nil {
			out = append(out, a.pkg)
		}
		if params != nil {
			out = choicesIn(out, reflect.ValueOf(params))
		}
	}
	return out
}
