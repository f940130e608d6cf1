// Package pipeline declares what a pipeline is made of: kinds of stage, stages,
// and the graph that joins them. It knows no physics and does no work itself;
// pipeline/engine runs a graph and pipeline/store keeps what it computed.
package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"strings"

	"zerotohero/pipeline/artifact"
)

// A Kind is a way of computing an artifact, declared once as a package variable
// with Define and shared by all stages of that kind.
type Kind struct {
	Name     string
	Doc      string   // one line
	Requires []string // kinds of which a stage of this kind needs at least one input each

	// Package is the import path of the package that declares the parameters.
	// The kind's code digest covers it and what it imports in this module.
	Package string

	// Export says that the artifact is a table of files (see File) that people
	// read, to be written beside the store as well.
	Export bool

	params      reflect.Type
	requiresFor func(params any) []string
	cost        func(params any, in []*Stage) Cost
	run         func(ctx context.Context, params any, in Inputs) (*artifact.Table, error)
}

// A Definition is what a package says of its kind; P is its parameter struct,
// whose fields Fields describes.
type Definition[P any] struct {
	Name     string
	Doc      string
	Requires []string
	Export   bool

	// RequiresFor names further kinds needed by these parameters. Optional.
	RequiresFor func(p P) []string

	// Cost estimates one stage from its parameters and those of its inputs; it orders
	// and bounds the work, and never enters a key. Optional.
	Cost func(p P, in []*Stage) Cost

	// Run computes the artifact. It must be a pure function of p and in: no
	// clock, host, global state or randomness other than from seeds in p.
	Run func(ctx context.Context, p P, in Inputs) (*artifact.Table, error)
}

// Define makes a kind of its definition.
func Define[P any](d Definition[P]) *Kind {
	t := reflect.TypeFor[P]()
	k := &Kind{
		Name:     d.Name,
		Doc:      d.Doc,
		Requires: d.Requires,
		Export:   d.Export,
		Package:  t.PkgPath(),
		params:   t,
		run: func(ctx context.Context, params any, in Inputs) (*artifact.Table, error) {
			return d.Run(ctx, params.(P), in)
		},
		requiresFor: func(params any) []string { return nil },
		cost:        func(params any, in []*Stage) Cost { return Cost{Seconds: 0.1, Bytes: 64 << 20} },
	}
	if d.RequiresFor != nil {
		k.requiresFor = func(params any) []string { return d.RequiresFor(params.(P)) }
	}
	if d.Cost != nil {
		k.cost = func(params any, in []*Stage) Cost { return d.Cost(params.(P), in) }
	}
	return k
}

// Needs lists the kinds of which a stage with these parameters must have an input.
func (k *Kind) Needs(params any) []string {
	return append(append([]string(nil), k.Requires...), k.requiresFor(params)...)
}

// Cost is a stage's expected time on one core and its peak memory. A wrong
// estimate makes a run slower or larger, never different.
type Cost struct {
	Seconds float64
	Bytes   int64
}

// A Stage is a kind with its parameters and inputs.
type Stage struct {
	Name   string // family and the axes it is spread over, as in "descent/N=128,alpha=3,seeds=1-50"
	Kind   *Kind
	Params any // the kind's parameter struct, complete and valid
	Inputs []*Stage
}

// NewStage joins a kind with resolved parameters (see Kind.Resolve) and inputs.
func NewStage(name string, k *Kind, params any, inputs ...*Stage) *Stage {
	return &Stage{Name: name, Kind: k, Params: params, Inputs: inputs}
}

// Cost estimates the stage's own work, without its inputs'.
func (s *Stage) Cost() Cost { return s.Kind.cost(s.Params, s.Inputs) }

// Run computes the stage's artifact from its opened inputs.
func (s *Stage) Run(ctx context.Context, in Inputs) (*artifact.Table, error) {
	return s.Kind.run(ctx, s.Params, in)
}

// An Input is one artifact that a stage reads.
type Input struct {
	Stage string
	Kind  string
	Open  func() (*artifact.Table, error) // reads and checks the artifact; an error names it
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
	t, err := in.Open()
	if err != nil {
		return nil, err
	}
	return rows[T](in, t)
}

// RowsAndParams reads every row of an input as Rows does, and into params, a pointer,
// those parameters of its stage that it names, as encoding/json does.
func RowsAndParams[T any](in Input, params any) ([]T, error) {
	t, err := in.Open()
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(t.Params, params); err != nil {
		return nil, fmt.Errorf("%s: its parameters %q are not readable: %w; run that stage again", in.Stage, t.Params, err)
	}
	return rows[T](in, t)
}

func rows[T any](in Input, t *artifact.Table) ([]T, error) {
	out, err := artifact.Rows[T](t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Stage, err)
	}
	return out, nil
}

// A File is a row of an artifact that is exported: a figure in one format.
type File struct {
	Name    string `arrow:"name" doc:"file name under the folder of exported files"`
	Content []byte `arrow:"content" doc:"the file's bytes"`
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
		for _, need := range s.Kind.Needs(s.Params) {
			if !hasKind(s.Inputs, need) {
				return nil, fmt.Errorf("%s (%s) needs an input of kind %s and has none; add a family of that kind to its inputs", s.Name, s.Kind.Name, need)
			}
		}
	}
	return g, nil
}

func hasKind(stages []*Stage, kind string) bool {
	for _, s := range stages {
		if s.Kind.Name == kind {
			return true
		}
	}
	return false
}

// Match returns the stages that a pattern names: a stage's name, a family, a
// figure's name without its folder, or a glob over any of these, in the graph's order.
func (g *Graph) Match(pattern string) []*Stage {
	var out []*Stage
	for _, s := range g.Stages {
		family, rest, _ := strings.Cut(s.Name, "/")
		for _, name := range []string{s.Name, family, rest} {
			if ok, err := path.Match(pattern, name); name != "" && (name == pattern || err == nil && ok) {
				out = append(out, s)
				break
			}
		}
	}
	return out
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
