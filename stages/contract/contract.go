// Package contract checks the inputs of a stage by their parameters alone, before
// anything is computed: what the Accepts of several kinds share. Of kinds it imports
// instance, and knows the others by the names of kinds and parameters.
package contract

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
	"zerotohero/stages/loss"
	"zerotohero/stages/outcome"
)

// lossOf is the loss that a stage is about: of its own parameters, or else of the first of
// its inputs that has one.
func lossOf(s *pipeline.Stage) (c loss.Choice, ok bool) {
	if c, ok = loss.Of(s); ok {
		return c, true
	}
	for _, in := range s.Inputs {
		if c, ok = lossOf(in); ok {
			return c, true
		}
	}
	return c, false
}

// IsOf says whether a stage is about this loss, with all its parameters, or about none.
func IsOf(s *pipeline.Stage, l loss.Choice) bool {
	c, ok := lossOf(s)
	return !ok || reflect.DeepEqual(c, l)
}

// SameLoss wants all inputs to be about the loss of the stage that has them.
func SameLoss(own loss.Choice, in []*pipeline.Stage) error {
	for _, s := range in {
		if !IsOf(s, own) {
			c, _ := lossOf(s)
			return pipeline.BadInput(s, "it is of loss %v, and this stage of loss %v; they must be equal", c, own)
		}
	}
	return nil
}

// A Protocol is how descents were made, as far as it must be the same for all that are
// counted together.
type Protocol struct {
	Loss   loss.Choice
	Method pipeline.Choice // of a method, with its parameters
	From   string          // random, or the estimator of spectral starts
}

// ProtocolOf is that of a descent, or of the first descent that a stage rests on.
func ProtocolOf(s *pipeline.Stage) Protocol {
	for s.Kind.Name != "descent" {
		// Of the inputs, those with inputs of their own lead to descents.
		i := slices.IndexFunc(s.Inputs, func(in *pipeline.Stage) bool { return len(in.Inputs) > 0 })
		if i < 0 {
			return Protocol{}
		}
		s = s.Inputs[i]
	}
	p := Protocol{Method: pipeline.ChoiceOf(s, "method"), From: outcome.FromRandom}
	p.Loss, _ = loss.Of(s)
	for _, in := range pipeline.StagesOf("spectral", s.Inputs) {
		p.From = pipeline.ParamsOf[estimatorParams](in).Estimator
	}
	return p
}

type estimatorParams struct {
	Estimator string `json:"estimator"`
}

// String is the protocol in words.
func (p Protocol) String() string {
	return fmt.Sprintf("loss %v, method %v, starts %s", p.Loss, p.Method, p.From)
}

// SameProtocol wants the descents that all inputs rest on to be made alike.
func SameProtocol(in []*pipeline.Stage) error {
	for _, s := range in {
		if a, b := ProtocolOf(in[0]), ProtocolOf(s); !reflect.DeepEqual(a, b) {
			return pipeline.BadInput(s, "it has %v, and %s has %v; give each a stage of its own", b, in[0].Name, a)
		}
	}
	return nil
}

// A Block is instances of consecutive seeds.
type Block struct {
	instance.Params
	Stage *pipeline.Stage // which has them, or works on them
}

// String names the instances.
func (b Block) String() string {
	model := ""
	if b.Null {
		model = " of the null model"
	}
	return fmt.Sprintf("N = %d, M = %d, seeds %v%s", b.N, b.M(), b.Seeds, model)
}

// Blocks lists the instances of stages of kind instance, and those that others have
// among their inputs.
func Blocks(stages ...*pipeline.Stage) []Block {
	var out []Block
	for _, s := range stages {
		of := []*pipeline.Stage{s}
		if s.Kind.Name != "instance" {
			of = s.Inputs
		}
		for _, p := range instance.ParamsOf(of) {
			out = append(out, Block{p, s})
		}
	}
	return out
}

func compare(a, b Block) int {
	return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.M(), b.M()), cmp.Compare(a.Seeds.First, b.Seeds.First))
}

// DistinctInstances wants no two blocks to have instances of the same N, M and seed, by
// which rows are told apart; what is the verb of the error, as in "descends on".
func DistinctInstances(what string, blocks []Block) error {
	blocks = slices.Clone(blocks)
	slices.SortStableFunc(blocks, compare)
	for i, b := range blocks {
		if i == 0 {
			continue
		}
		if a := blocks[i-1]; a.N == b.N && a.M() == b.M() && b.Seeds.First <= a.Seeds.Last {
			return pipeline.BadInput(b.Stage,
				"it %s instances of N = %d, M = %d, seed %d, and so does %s; give each once",
				what, b.N, b.M(), b.Seeds.First, a.Stage.Name)
		}
	}
	return nil
}

// DistinctSizes wants no two inputs to rest on descents at the same N and M.
func DistinctSizes(in []*pipeline.Stage) error {
	type size struct{ n, m int }
	at := make(map[size]*pipeline.Stage)
	for _, s := range in {
		for _, b := range Blocks(pipeline.StagesOf("descent", s.Inputs)...) {
			k := size{b.N, b.M()}
			if before := at[k]; before != nil && before != s {
				return pipeline.BadInput(s, "it is at N = %d, M = %d, and so is %s; give one of them",
					k.n, k.m, before.Name)
			}
			at[k] = s
		}
	}
	return nil
}

// Missing finds a block with instances that are not among others, if there is one.
func Missing(want, among []Block) (b Block, missing bool) {
	type of struct {
		n, m int
		null bool
	}
	have := make(map[of][]pipeline.Range)
	for _, b := range among {
		k := of{b.N, b.M(), b.Null}
		have[k] = append(have[k], b.Seeds)
	}
	for _, ranges := range have {
		slices.SortFunc(ranges, func(a, b pipeline.Range) int { return cmp.Compare(a.First, b.First) })
	}
	for _, b := range want {
		next := b.Seeds.First // the first seed not yet found
		for _, r := range have[of{b.N, b.M(), b.Null}] {
			if r.First <= next {
				next = max(next, r.Last+1)
			}
		}
		if next <= b.Seeds.Last {
			return b, true
		}
	}
	return b, false
}

// Dense wants X of all instances among the inputs to be one that can be drawn again.
func Dense(in []*pipeline.Stage) error {
	for _, b := range Blocks(pipeline.StagesOf("instance", in)...) {
		if b.Deferred() {
			return pipeline.BadInput(b.Stage, "its X is deferred, drawn by a descent and gone with it, "+
				"and this kind needs all of X; take instances with matrix = \"dense\", "+
				"or for the spectrum at large N the kind dynamics and the parameter signal of descents")
		}
	}
	return nil
}

// Instances wants the instances that descents were on to be among the inputs, each once.
func Instances(in []*pipeline.Stage) error {
	instances := Blocks(pipeline.StagesOf("instance", in)...)
	if err := DistinctInstances("has", instances); err != nil {
		return err
	}
	if b, missing := Missing(Blocks(pipeline.StagesOf("descent", in)...), instances); missing {
		return pipeline.BadInput(b.Stage,
			"it descends on instances of %v, which are not all among the inputs; "+
				"add the instance family that it descends on", b)
	}
	return nil
}
