// Package pipeline declares what a pipeline is made of: kinds of stage, stages,
// and the graph that joins them. It knows no physics and does no work itself;
// pipeline/engine runs a graph and pipeline/store keeps what it computed.
//
// To add a kind, copy the example below, example_test.go, and list the variable in the
// program's pipeline/cli.App; pipeline/pipelinetest runs it in tests.
package pipeline

import (
	"context"
	"fmt"
	"path"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"zerotohero/pipeline/artifact"
)

// A Kind is a way of computing an artifact, declared once as a package variable
// with Define and shared by all stages of that kind.
type Kind struct {
	Name string
	Doc  string // one line

	// Entry is the function that computes the artifact: the kind's code digest covers it
	// and all that it reaches.
	Entry Function

	// Export says that the row of the artifact is an Export, whose files people read.
	Export bool

	params  reflect.Type
	rows    reflect.Type
	reads   func(params any) []Read
	accepts func(params any, in []*Stage) error
	cost    func(params any, in []*Stage) Cost
	run     func(ctx context.Context, params any, in Inputs) (*artifact.Table, error)
}

// A Function is a function of a package; an empty name stands for all of the package.
type Function struct {
	Package string // import path
	Name    string
}

// A Definition is what a package says of its kind; P is its parameter struct, whose
// fields Fields describes, and R the row of its artifact, as package artifact describes
// rows. If that is Export, the kind exports.
type Definition[P, R any] struct {
	Name string
	Doc  string

	// Reads lists the kinds of which a stage of this kind takes inputs, and the columns
	// that it reads of each. Inputs of other kinds are refused.
	Reads []Read

	// ReadsFor lists further ones for these parameters. Optional.
	ReadsFor func(p P) []Read

	// Accepts says whether a stage with these parameters can work on these inputs, as far
	// as their parameters tell: that both are about the same lattice, say. It is asked before
	// anything is computed. Optional.
	Accepts func(p P, in []*Stage) error

	// Cost estimates one stage from its parameters and those of its inputs; it orders
	// and bounds the work, and never enters a key. Optional.
	Cost func(p P, in []*Stage) Cost

	// Run computes the rows of the artifact. It must be a pure function of p and in: no
	// clock, host, global state or randomness other than from seeds in p. It is a
	// function that the package declares, whose code is then the kind's; of any other,
	// all of the package counts.
	Run func(ctx context.Context, p P, in Inputs) ([]R, error)
}

// Define makes a kind of its definition.
func Define[P, R any](d Definition[P, R]) *Kind {
	k := &Kind{
		Name:   d.Name,
		Doc:    d.Doc,
		Export: reflect.TypeFor[R]() == reflect.TypeFor[Export](),
		params: reflect.TypeFor[P](),
		rows:   reflect.TypeFor[R](),
		reads:  func(any) []Read { return d.Reads },
		run: func(ctx context.Context, params any, in Inputs) (*artifact.Table, error) {
			rows, err := d.Run(ctx, params.(P), in)
			if err != nil {
				return nil, err
			}
			return artifact.New(rows)
		},
		accepts: func(params any, in []*Stage) error { return nil },
		cost:    func(params any, in []*Stage) Cost { return NewCost(0.02, 64<<20) },
	}
	pkg, _ := initialising()
	if f := runtime.FuncForPC(reflect.ValueOf(d.Run).Pointer()); f != nil {
		k.Entry = entry(pkg, f.Name())
	}
	if d.ReadsFor != nil {
		k.reads = func(params any) []Read { return append(slices.Clone(d.Reads), d.ReadsFor(params.(P))...) }
	}
	if d.Accepts != nil {
		k.accepts = func(params any, in []*Stage) error { return d.Accepts(params.(P), in) }
	}
	if d.Cost != nil {
		k.cost = func(params any, in []*Stage) Cost { return d.Cost(params.(P), in) }
	}
	return k
}

// entry is the entry of a kind that package pkg defines with the function of this name, as
// the runtime gives it: that function, if the package declares it. For any other, one of
// another package, a literal, a method, an instance of a generic function or the result of a
// call, it is all of the package, since the name does not tell all the code that runs.
func entry(pkg, full string) Function {
	of, name := splitFunction(full)
	if of != pkg || name == "init" || strings.ContainsAny(name, ".([-") {
		name = ""
	}
	return Function{pkg, name}
}

// Reads lists what a stage with these parameters reads.
func (k *Kind) Reads(params any) []Read { return k.reads(params) }

// Cost is a stage's expected time on one core and its peak memory. A wrong
// estimate makes a run slower or larger, never different.
type Cost struct {
	Seconds float64
	Bytes   int64
}

// A Stage is a kind with its parameters and inputs.
type Stage struct {
	Name   string // family and the axes it is spread over, as in "walk/steps=128,bias=0.5,seeds=1-50"
	Kind   *Kind
	Params any // the kind's parameter struct, complete and valid
	Inputs []*Stage
}

// NewStage joins a kind with resolved parameters (see Kind.Resolve) and inputs.
func NewStage(name string, k *Kind, params any, inputs ...*Stage) *Stage {
	return &Stage{Name: name, Kind: k, Params: params, Inputs: inputs}
}

// Family is the name of the family that the stage is one of; a stage that exports, such as
// a figure, is a family by itself.
func (s *Stage) Family() string {
	if s.Kind.Export {
		return s.Name
	}
	family, _, _ := strings.Cut(s.Name, "/")
	return family
}

// Cost estimates the stage's own work, without its inputs'.
func (s *Stage) Cost() Cost { return s.Kind.cost(s.Params, s.Inputs) }

// Run computes the stage's artifact from its opened inputs.
func (s *Stage) Run(ctx context.Context, in Inputs) (*artifact.Table, error) {
	return s.Kind.run(ctx, s.Params, in)
}

// A Graph is a set of stages closed under inputs, each after its inputs.
type Graph struct {
	Stages []*Stage
}

// NewGraph orders stages so that inputs come first, keeping the given order
// otherwise. A repeated name, an input that is not among the stages, an input of
// a kind that is missing or a cycle is an error.
func NewGraph(stages []*Stage) (*Graph, error) {
	byName := make(map[string]*Stage, len(stages))
	for _, s := range stages {
		if byName[s.Name] != nil {
			return nil, fmt.Errorf("two stages are called %s; give one of the families another name", s.Name)
		}
		byName[s.Name] = s
	}
	g := &Graph{Stages: make([]*Stage, 0, len(stages))}
	const onPath, done = 1, 2
	state := make(map[*Stage]int, len(stages))
	var path []string
	var visit func(s *Stage) error
	visit = func(s *Stage) error {
		switch state[s] {
		case done:
			return nil
		case onPath:
			return fmt.Errorf("a cycle: %s; remove one of these inputs", strings.Join(append(path, s.Name), " needs "))
		}
		if byName[s.Name] != s {
			return fmt.Errorf("%s is an input but not a stage of the graph", s.Name)
		}
		state[s] = onPath
		path = append(path, s.Name)
		for _, in := range s.Inputs {
			if err := visit(in); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		state[s] = done
		g.Stages = append(g.Stages, s)
		return nil
	}
	for _, s := range stages {
		if err := visit(s); err != nil {
			return nil, err
		}
		if err := s.Check(); err != nil {
			return nil, fmt.Errorf("%s (%s): %w", s.Name, s.Kind.Name, err)
		}
	}
	return g, nil
}

// Match returns the stages that a pattern names: a stage's name, a family, a
// figure's name without its folder, or a glob over any of these, in the graph's order.
func (g *Graph) Match(pattern string) []*Stage {
	var out []*Stage
	for _, s := range g.Stages {
		if Matches(pattern, s.Name) {
			out = append(out, s)
		}
	}
	return out
}

// Matches reports whether a pattern names a stage, by the rules of Match.
func Matches(pattern, stage string) bool {
	family, rest, _ := strings.Cut(stage, "/")
	for _, name := range []string{stage, family, rest} {
		if ok, err := path.Match(pattern, name); name != "" && (name == pattern || err == nil && ok) {
			return true
		}
	}
	return false
}

// Closure returns the graph of these stages and all that they need.
func (g *Graph) Closure(targets []*Stage) *Graph {
	need := make(map[*Stage]bool)
	var mark func(s *Stage)
	mark = func(s *Stage) {
		if need[s] {
			return
		}
		need[s] = true
		for _, in := range s.Inputs {
			mark(in)
		}
	}
	for _, s := range targets {
		mark(s)
	}
	out := &Graph{}
	for _, s := range g.Stages {
		if need[s] {
			out.Stages = append(out.Stages, s)
		}
	}
	return out
}
