package pipeline

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"
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

// A Field describes one parameter of a kind, from the tags of its struct:
//
//	Eta float64 `param:"eta" default:"0.02" help:"step of the descent"`
//
// Types: int, float64, string, bool, Range, and slices of int, float64 and string.
type Field struct {
	Name    string
	Type    reflect.Type
	Default string // as text; lists are separated by commas
	HasDef  bool
	Help    string
	index   int
}

// Fields lists the kind's parameters in the order of their declaration.
func (k *Kind) Fields() []Field {
	var out []Field
	for i := range k.params.NumField() {
		f := k.params.Field(i)
		name, ok := f.Tag.Lookup("param")
		if !ok {
			continue
		}
		def, has := f.Tag.Lookup("default")
		out = append(out, Field{Name: name, Type: f.Type, Default: def, HasDef: has, Help: f.Tag.Get("help"), index: i})
	}
	return out
}

// Resolve makes the kind's parameter struct from values (as TOML decodes them,
// Range values as such) and defaults, and validates it. Errors are *ParamError.
func (k *Kind) Resolve(values map[string]any) (any, error) {
	p := reflect.New(k.params).Elem()
	known := make(map[string]bool)
	for _, f := range k.Fields() {
		known[f.Name] = true
		v, given := values[f.Name]
		if !given {
			if !f.HasDef {
				return nil, BadParam(f.Name, "is required by kind %s and not given", k.Name)
			}
			if err := setText(p.Field(f.index), f.Default); err != nil {
				return nil, BadParam(f.Name, "bad default: %v", err)
			}
			continue
		}
		if err := setValue(p.Field(f.index), v); err != nil {
			return nil, BadParam(f.Name, "%v", err)
		}
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if !known[name] {
			return nil, BadParam(name, "is not a parameter of kind %s", k.Name)
		}
	}
	if v, ok := p.Interface().(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return nil, err
		}
	}
	return p.Interface(), nil
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

// Canonical encodes a stage's parameters: JSON with sorted names, every default
// written out, and each number in its shortest form, so that two ways of writing
// the same meaning give the same bytes.
func (s *Stage) Canonical() []byte {
	v := reflect.ValueOf(s.Params)
	m := make(map[string]any)
	for _, f := range s.Kind.Fields() {
		field := v.Field(f.index)
		if f.Type.Kind() == reflect.Float64 && field.Float() == 0 {
			m[f.Name] = 0.0 // -0 and 0 are one value
			continue
		}
		m[f.Name] = field.Interface()
	}
	// encoding/json sorts map keys and writes shortest floats; Resolve has
	// excluded NaN and infinities, the only values it refuses.
	b, err := json.Marshal(m)
	if err != nil {
		return []byte(fmt.Sprintf("%q", err.Error()))
	}
	return b
}

// Texts gives each parameter as text, strings without quotes: what selects the
// variants of code that a stage uses.
func (s *Stage) Texts() map[string]string {
	v := reflect.ValueOf(s.Params)
	m := make(map[string]string)
	for _, f := range s.Kind.Fields() {
		m[f.Name] = fmt.Sprint(v.Field(f.index).Interface())
	}
	return m
}
