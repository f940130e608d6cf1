package pipeline

import (
	"cmp"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// A Chosen is a parameter that chooses by name among alternatives: a method, a model, a
// figure. T is what they make. Each alternative is a package of its own that calls
// Register from init, as image formats and database drivers do, and a program imports
// those that it has for their effect. That makes the code of a choice known: the code
// digest of a stage takes in the packages of what its parameters choose, and no other
// alternative.
//
// An alternative has parameters of its own. They stand beside the parameter that
// chooses, in paper.toml and in keys, and exist only where their owner is chosen.
type Chosen[T any] struct {
	Name   string
	params any // the alternative's parameter struct, complete and valid
}

// New makes what was chosen.
func (c Chosen[T]) New() (T, error) {
	v, err := registryOf(reflect.TypeFor[T]()).new(c.Name, c.params)
	if err != nil {
		var none T
		return none, err
	}
	return v.(T), nil
}

// A Choice is a Chosen of any type, for code that does not know what it makes.
// reflect.DeepEqual compares choices with all their parameters.
type Choice interface {
	fmt.Stringer
	Param(name string) (value any, ok bool)
	Except(params ...string) string
}

// Params is the parameter struct of what was chosen.
func (c Chosen[T]) Params() any { return c.params }

// Param is one of its parameters; ok says whether it has it.
func (c Chosen[T]) Param(name string) (value any, ok bool) {
	if c.params == nil {
		return nil, false
	}
	v, ok := param(reflect.ValueOf(c.params), name)
	if !ok {
		return nil, false
	}
	return v.Interface(), true
}

// String writes the choice with its parameters, as in round(radius=1).
func (c Chosen[T]) String() string { return c.Except() }

// Except writes the choice as String does, without some of its parameters: choices that
// differ in these alone give the same text.
func (c Chosen[T]) Except(params ...string) string {
	if c.params == nil {
		return c.Name
	}
	var list []string
	v := reflect.ValueOf(c.params)
	r := c.registry()
	for _, f := range fieldsOf(v.Type()) {
		text := r.form != nil && f.Name == r.form.key && r.byName[c.Name] == nil // the name stands for it
		if slices.Contains(params, f.Name) || text {
			continue
		}
		list = append(list, fmt.Sprintf("%s=%v", f.Name, v.FieldByIndex(f.index).Interface()))
	}
	if list == nil {
		return c.Name
	}
	return c.Name + "(" + strings.Join(list, ",") + ")"
}

// Choose is the choice of a name with values of its parameters, as Kind.Resolve takes them.
func Choose[T any](name string, values map[string]any) (Chosen[T], error) {
	var c Chosen[T]
	all := map[string]any{"name": name}
	for k, v := range values {
		all[k] = v
	}
	r := &resolver{values: all, owner: make(map[string]string)}
	if err := r.choose(reflect.ValueOf(&c).Elem(), Field{Name: "name"}); err != nil {
		return c, err
	}
	return c, r.unknown(registryOf(reflect.TypeFor[T]()).what() + " " + name)
}

// Choices lists the names of the alternatives of T, sorted, each with what it is in
// one line.
func Choices[T any]() []NamedChoice {
	var out []NamedChoice
	for name, a := range registryOf(reflect.TypeFor[T]()).byName {
		out = append(out, NamedChoice{Name: name, Doc: a.doc, Package: a.pkg})
	}
	slices.SortFunc(out, func(a, b NamedChoice) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// A NamedChoice is an alternative.
type NamedChoice struct {
	Name, Doc string
	Package   string // import path of the package that registered it
}

// Choices lists the names that a parameter which chooses may have, sorted; none of others.
func (f Field) Choices() []string {
	if r := registryFor(f.Type); r != nil {
		return r.names()
	}
	return nil
}

// Register adds an alternative of T, which new makes of its own parameters, a struct
// as those of kinds are, with Validate if they want checking. It is called while a package
// is initialised, by a package that registers no other alternative of T and does not
// declare T: the code of an alternative is that package. Any other registration is among
// Mistakes, and an error wherever T is to be chosen; a call at another time panics.
func Register[T, P any](name, doc string, new func(p P) (T, error)) {
	r := registryOf(reflect.TypeFor[T]())
	pkg, ok := initialising()
	if !ok {
		panic(fmt.Sprintf("pipeline.Register of %s %s: call it from init of the package that declares it",
			r.what(), name))
	}
	if mistake := r.mistake(pkg, name); mistake != "" {
		r.mistakes = append(r.mistakes, mistake)
		return
	}
	r.byName[name] = &alternative{
		name: name, doc: doc, pkg: pkg, params: reflect.TypeFor[P](),
		new: func(params any) (any, error) { return new(params.(P)) },
	}
}

// mistake is why a package may not register an alternative, "" if it may.
func (r *registry) mistake(pkg, name string) string {
	if pkg == r.of.PkgPath() {
		return fmt.Sprintf("%s registers the %s %s and declares the type %s itself; "+
			"declare each in a package of its own", pkg, r.what(), name, r.of.Name())
	}
	if other := r.byName[name]; other != nil {
		return fmt.Sprintf("%s and %s both register a %s called %s; rename one", other.pkg, pkg, r.what(), name)
	}
	for _, other := range r.byName {
		if other.pkg == pkg {
			return fmt.Sprintf("%s registers %s and %s; declare each %s in a package of its own, "+
				"or a change of one would leave results of the other as they are, or run them again",
				pkg, other.name, name, r.what())
		}
	}
	return ""
}

// Mistakes lists what is wrong with how packages registered alternatives. A program that
// has any does not know what code its results come from, and must not work.
func Mistakes() []string {
	registriesMu.Lock()
	defer registriesMu.Unlock()
	var out []string
	for _, r := range registries {
		out = append(out, r.mistakes...)
	}
	slices.Sort(out)
	return out
}

// initialising gives the package that called the function that called this one; ok says
// whether that was its initialisation.
func initialising() (pkg string, ok bool) {
	pc := make([]uintptr, 8)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	f, _ := frames.Next()
	pkg, name := splitFunction(f.Function)
	return pkg, name == "init" || strings.HasPrefix(name, "init.")
}

// splitFunction splits a function's name, as the runtime has it, into import path and
// the name in the package.
func splitFunction(full string) (pkg, name string) {
	slash := strings.LastIndexByte(full, '/') + 1
	dot := strings.IndexByte(full[slash:], '.')
	if dot < 0 {
		return full, ""
	}
	// The runtime writes a dot in the last element as %2e.
	return full[:slash] + strings.ReplaceAll(full[slash:slash+dot], "%2e", "."), full[slash+dot+1:]
}

// A registry holds the alternatives of one type. Packages register while they are
// initialised, one after another, and nothing changes later.
type registry struct {
	of       reflect.Type
	byName   map[string]*alternative
	form     *form // in which alternatives may be written as data, nil if there is none
	mistakes []string
}

type alternative struct {
	name, doc string
	pkg       string
	params    reflect.Type
	new       func(params any) (any, error)
}

var (
	registriesMu sync.Mutex
	registries   = make(map[reflect.Type]*registry)
)

func registryOf(t reflect.Type) *registry {
	registriesMu.Lock()
	defer registriesMu.Unlock()
	if registries[t] == nil {
		registries[t] = &registry{of: t, byName: make(map[string]*alternative)}
	}
	return registries[t]
}

// new makes an alternative of its parameters.
func (r *registry) new(name string, params any) (any, error) {
	if a := r.byName[name]; a != nil {
		return a.new(params)
	}
	if r.form == nil || params == nil {
		return nil, fmt.Errorf("no %s is called %q", r.what(), name)
	}
	return r.form.make(name, valuesOf(params))
}

// what is what people call an alternative: method, model, figure.
func (r *registry) what() string { return strings.ToLower(r.of.Name()) }

func (r *registry) names() []string {
	var out []string
	for name := range r.byName {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// known lists the alternatives for an error.
func (r *registry) known() string {
	var out []string
	for _, name := range r.names() {
		out = append(out, fmt.Sprintf("%s (%s)", name, r.byName[name].doc))
	}
	return strings.Join(out, ", ")
}

// owners lists the alternatives that have a parameter, themselves or by a choice of their own.
func (r *registry) owners(param string) []string {
	var out []string
	for _, name := range r.names() {
		for _, f := range allFields(r.byName[name].params) {
			if f.Name == param {
				out = append(out, name)
				break
			}
		}
	}
	return out
}

// A chooser is a Chosen of any type.
type chooser interface {
	registry() *registry
	with(name string, params any) any
	chosen() (name string, params any)
}

func (Chosen[T]) registry() *registry                 { return registryOf(reflect.TypeFor[T]()) }
func (Chosen[T]) with(name string, params any) any    { return Chosen[T]{name, params} }
func (c Chosen[T]) chosen() (name string, params any) { return c.Name, c.params }

var chooserType = reflect.TypeFor[chooser]()

// registryFor is the registry of a field's type, nil if it is no Chosen.
func registryFor(t reflect.Type) *registry {
	if !t.Implements(chooserType) {
		return nil
	}
	return reflect.Zero(t).Interface().(chooser).registry()
}

// With is the same choice with other values of some parameters, as Kind.Resolve takes them.
func (c Chosen[T]) With(values map[string]any) (Chosen[T], error) {
	all := make(map[string]any)
	if c.params != nil {
		v := reflect.ValueOf(c.params)
		for _, f := range fieldsOf(v.Type()) {
			all[f.Name] = v.FieldByIndex(f.index).Interface()
		}
	}
	for name, v := range values {
		all[name] = v
	}
	return Choose[T](c.Name, all)
}
