package pipeline

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"zerotohero/pipeline/artifact"
)

// A Read is what a kind reads of the artifacts of another: the columns that the fields of
// a row type name, and perhaps parameters of their stages. A kind has row types of its
// own for what it reads, so that a column which it does not name changes nothing for it.
type Read struct {
	Kind     string
	Rows     reflect.Type
	Params   reflect.Type // struct with json tags that name parameters; nil for none
	Optional bool         // a stage may have no such input
}

// Reads says that a kind reads rows T of at least one artifact of another kind.
func Reads[T any](kind string) Read { return Read{Kind: kind, Rows: reflect.TypeFor[T]()} }

// ReadsWith is Reads, of the parameters Q of its stage too (see RowsAndParams).
func ReadsWith[T, Q any](kind string) Read {
	return Read{Kind: kind, Rows: reflect.TypeFor[T](), Params: reflect.TypeFor[Q]()}
}

// OrNone makes a read optional.
func (r Read) OrNone() Read {
	r.Optional = true
	return r
}

// Fits checks that the artifacts of a kind have the columns and parameters that are read.
func (r Read) Fits(k *Kind) error {
	type pair struct{ view, params, rows, of reflect.Type }
	key := pair{r.Rows, r.Params, k.rows, k.params}
	if err, known := fits.Load(key); known {
		err, _ := err.(error)
		return err
	}
	err := r.fits(k)
	fits.Store(key, err)
	return err
}

var fits sync.Map // what Fits found before

func (r Read) fits(k *Kind) error {
	if err := artifact.Fits(r.Rows, k.rows); err != nil {
		return fmt.Errorf("of kind %s it reads rows %s: %w; correct that row type", k.Name, r.Rows, err)
	}
	if r.Params == nil {
		return nil
	}
	have := k.Fields()
	for i := range r.Params.NumField() {
		name := r.Params.Field(i).Tag.Get("json")
		at := slices.IndexFunc(have, func(f Field) bool { return f.Name == name })
		if at < 0 {
			return fmt.Errorf("of kind %s it reads the parameter %s, which that kind does not have; correct %s",
				k.Name, name, r.Params)
		}
		if got := have[at].Type; got != r.Params.Field(i).Type && registryFor(got) == nil {
			return fmt.Errorf("of kind %s it reads the parameter %s as %s, and it is %s; correct %s",
				k.Name, name, r.Params.Field(i).Type, got, r.Params)
		}
	}
	return nil
}

// An InputError says which input of a stage does not suit it, and why. An empty Stage
// stands for the inputs as a whole.
type InputError struct {
	Stage string
	Msg   string
}

func (e *InputError) Error() string {
	if e.Stage == "" {
		return e.Msg
	}
	return e.Stage + ": " + e.Msg
}

// BadInput makes an InputError; a kind's Accepts returns it.
func BadInput(s *Stage, format string, args ...any) error {
	e := &InputError{Msg: fmt.Sprintf(format, args...)}
	if s != nil {
		e.Stage = s.Name
	}
	return e
}

// Check says whether the stage can work on its inputs, as far as can be told before they
// are computed: that it has the kinds it reads and no others, that these have the
// columns it reads, and what the kind's Accepts checks. Errors are *InputError or
// *ParamError.
func (s *Stage) Check() error {
	reads := s.Kind.Reads(s.Params)
	for _, r := range reads {
		if !r.Optional && !slices.ContainsFunc(s.Inputs, func(in *Stage) bool { return in.Kind.Name == r.Kind }) {
			return BadInput(nil, "it needs an input of kind %s and has none; add a family of that kind to its inputs",
				r.Kind)
		}
	}
	var before *Kind // of the input before: inputs of one kind come together
	for _, in := range s.Inputs {
		if in.Kind == before {
			continue
		}
		before = in.Kind
		known := false
		for _, r := range reads {
			if r.Kind != in.Kind.Name {
				continue
			}
			known = true
			if err := r.Fits(in.Kind); err != nil {
				return BadInput(in, "%v", err)
			}
		}
		if !known {
			return BadInput(in, "a stage of kind %s reads nothing of kind %s; take it out of its inputs",
				s.Kind.Name, in.Kind.Name)
		}
	}
	return s.Kind.accepts(s.Params, s.Inputs)
}

// An Input is one artifact that a stage reads.
type Input struct {
	Stage string
	Kind  string
	Open  func() (*artifact.Table, error) // reads and checks the artifact; an error names it

	reads []Read // what the reading kind declares; nil outside an engine
}

// Declared makes the input refuse all reads but these, which the kind declares.
func (in Input) Declared(reads []Read) Input {
	in.reads = reads
	return in
}

// check wants a read to be one that the kind declares.
func (in Input) check(rows, params reflect.Type) error {
	if in.reads == nil || slices.ContainsFunc(in.reads, func(r Read) bool {
		return r.Kind == in.Kind && r.Rows == rows && (params == nil || r.Params == params)
	}) {
		return nil
	}
	return fmt.Errorf("a mistake in the code: %s is read as %s, which the kind does not declare in Reads",
		in.Stage, rows)
}

// Inputs are the artifacts that a stage reads, ordered by kind and canonical parameters.
type Inputs []Input

// Of returns the inputs of one kind, in order.
func (in Inputs) Of(kind string) Inputs {
	var out Inputs
	for _, i := range in {
		if i.Kind == kind {
			out = append(out, i)
		}
	}
	return out
}

// Rows reads every row of an input into T by the names of its columns.
func Rows[T any](in Input) ([]T, error) {
	if err := in.check(reflect.TypeFor[T](), nil); err != nil {
		return nil, err
	}
	t, err := in.Open()
	if err != nil {
		return nil, err
	}
	return rows[T](in, t)
}

// RowsAndParams reads every row of an input as Rows does, and those parameters of its
// stage that Q names, as encoding/json does.
func RowsAndParams[T, Q any](in Input) (list []T, params Q, err error) {
	if err := in.check(reflect.TypeFor[T](), reflect.TypeFor[Q]()); err != nil {
		return nil, params, err
	}
	t, err := in.Open()
	if err != nil {
		return nil, params, err
	}
	if err := json.Unmarshal(t.Params, &params); err != nil {
		return nil, params, fmt.Errorf("%s: its parameters %q are not readable: %w; run that stage again",
			in.Stage, t.Params, err)
	}
	list, err = rows[T](in, t)
	return list, params, err
}

func rows[T any](in Input, t *artifact.Table) ([]T, error) {
	out, err := artifact.Rows[T](t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Stage, err)
	}
	return out, nil
}

// StagesOf returns those of some stages that are of a kind, in order.
func StagesOf(kind string, stages []*Stage) []*Stage {
	var out []*Stage
	for _, s := range stages {
		if s.Kind.Name == kind {
			out = append(out, s)
		}
	}
	return out
}

// ParamsOf reads those parameters of a stage that the json tags of Q's fields name; what
// the stage does not have, or has as another type, stays zero. It lets a kind look at the
// parameters of its inputs without knowing the kinds behind them. A choice is read as
// its name.
func ParamsOf[Q any](s *Stage) Q {
	var q Q
	v := reflect.ValueOf(&q).Elem()
	for i := range v.NumField() {
		p, ok := param(reflect.ValueOf(s.Params), v.Type().Field(i).Tag.Get("json"))
		if ok && p.Type() == v.Field(i).Type() {
			v.Field(i).Set(p)
		}
	}
	return q
}

// ChoiceOf is what a parameter of a stage chooses, among the parameters of other choices
// too, as ParamsOf reads them; nil if the stage has no parameter of that name that chooses.
func ChoiceOf(s *Stage, name string) Choice {
	v, ok := field(reflect.ValueOf(s.Params), name)
	if !ok {
		return nil
	}
	c, _ := v.Interface().(Choice)
	return c
}

// param finds a parameter by name, among those of choices too. That of a choice is its name.
func param(params reflect.Value, name string) (value reflect.Value, ok bool) {
	v, ok := field(params, name)
	if !ok {
		return v, false
	}
	if c, choice := v.Interface().(chooser); choice {
		chosen, _ := c.chosen()
		return reflect.ValueOf(chosen), true
	}
	return v, true
}

// field finds the field of a parameter as param does.
func field(params reflect.Value, name string) (value reflect.Value, ok bool) {
	fields := fieldsOf(params.Type())
	for _, f := range fields {
		if f.Name == name {
			return params.FieldByIndex(f.index), true
		}
	}
	for _, f := range fields {
		if registryFor(f.Type) == nil {
			continue
		}
		if _, inner := params.FieldByIndex(f.index).Interface().(chooser).chosen(); inner != nil {
			if v, ok := field(reflect.ValueOf(inner), name); ok {
				return v, true
			}
		}
	}
	return reflect.Value{}, false
}
