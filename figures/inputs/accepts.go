package inputs

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/outcome"
)

// params are the parameters of stages that figures look at; what a stage does not have is zero.
type params struct {
	At        string         `json:"at"`
	Method    string         `json:"method"`
	Estimator string         `json:"estimator"`
	Times     []float64      `json:"times"`
	Keep      []float64      `json:"keep"`
	Alpha     float64        `json:"alpha"`
	N         int            `json:"N"`
	Seeds     pipeline.Range `json:"seeds"`
	Null      bool           `json:"null"`
}

// At gives the stages of theory that are about a matrix: the Hessian at init or threshold, or an estimator.
func At(matrix, kind string, in []*pipeline.Stage) []*pipeline.Stage {
	return slices.DeleteFunc(pipeline.StagesOf(kind, in),
		func(s *pipeline.Stage) bool { return pipeline.ParamsOf[params](s).At != matrix })
}

// LossOf is the loss that a stage is about: of its own parameters, or else of the first
// that has one of the stages which it rests on; nil if it is about none.
func LossOf(s *pipeline.Stage) pipeline.Choice { return choiceOf(s, "loss") }

func choiceOf(s *pipeline.Stage, param string) pipeline.Choice {
	if c := pipeline.ChoiceOf(s, param); c != nil {
		return c
	}
	for _, in := range s.Inputs {
		if c := choiceOf(in, param); c != nil {
			return c
		}
	}
	return nil
}

// IsOf says whether a stage is about a loss, with all its parameters.
func IsOf(s *pipeline.Stage, loss pipeline.Choice) bool { return reflect.DeepEqual(LossOf(s), loss) }

// descentOf is the first descent that a stage rests on, or the stage itself; nil if there
// is none.
func descentOf(s *pipeline.Stage) *pipeline.Stage {
	if s.Kind.Name == "descent" {
		return s
	}
	for _, in := range s.Inputs {
		if d := descentOf(in); d != nil {
			return d
		}
	}
	return nil
}

// MethodOf names the method of the descents that a stage rests on.
func MethodOf(s *pipeline.Stage) string {
	if d := descentOf(s); d != nil {
		return pipeline.ParamsOf[params](d).Method
	}
	return ""
}

// EstimatorOf names the estimator of a spectral stage.
func EstimatorOf(s *pipeline.Stage) string {
	return pipeline.ParamsOf[params](s).Estimator
}

// StartOf says where the descents that a stage rests on start: random, or the name of an
// estimator.
func StartOf(s *pipeline.Stage) string {
	if d := descentOf(s); d != nil {
		for _, start := range pipeline.StagesOf("spectral", d.Inputs) {
			return EstimatorOf(start)
		}
	}
	return outcome.FromRandom
}

// TimesOf are the times that a stage is about.
func TimesOf(s *pipeline.Stage) []float64 {
	times := pipeline.ParamsOf[params](s).Times
	if len(times) > 0 {
		return times
	}
	// All that its descents kept, and their end.
	for _, d := range pipeline.StagesOf("descent", s.Inputs) {
		times = append(times, pipeline.ParamsOf[params](d).Keep...)
	}
	slices.Sort(times)
	return append(slices.Compact(times), math.Inf(1))
}

// AllTimes are the times that any of the stages is about, ascending.
func AllTimes(in []*pipeline.Stage) []float64 {
	var out []float64
	for _, s := range in {
		out = append(out, TimesOf(s)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Agree wants stages to be alike in a property, which what names.
func Agree[T any](in []*pipeline.Stage, what string, of func(*pipeline.Stage) T) error {
	if len(in) == 0 {
		return nil
	}
	first := of(in[0])
	for _, s := range in[1:] {
		if v := of(s); !reflect.DeepEqual(v, first) {
			return pipeline.BadInput(s, "its %s is %v, and that of %s is %v; the figure shows one %s: leave one of "+
				"the two out", what, v, in[0].Name, first, what)
		}
	}
	return nil
}

// OneLoss wants stages to be about one loss, with all its parameters. A stage that is
// about none goes with any.
func OneLoss(in []*pipeline.Stage) error {
	about := slices.DeleteFunc(slices.Clone(in), func(s *pipeline.Stage) bool { return LossOf(s) == nil })
	return Agree(about, "loss", LossOf)
}

// OneMethod wants descents by one method.
func OneMethod(in []*pipeline.Stage) error { return Agree(in, "method of descent", MethodOf) }

// OneStart wants descents from one kind of start.
func OneStart(in []*pipeline.Stage) error { return Agree(in, "kind of start", StartOf) }

// OneLevel wants intervals at one level of the inputs of each kind.
func OneLevel(in []*pipeline.Stage) error {
	first := make(map[string]*pipeline.Stage)
	for _, s := range in {
		before := first[s.Kind.Name]
		if before == nil {
			first[s.Kind.Name] = s
			continue
		}
		if a, b := pipeline.ParamsOf[Level](before).Confidence, pipeline.ParamsOf[Level](s).Confidence; a != b {
			return pipeline.BadInput(s, "it has intervals at the level %v, and %s at %v; the figure names one for "+
				"the inputs of kind %s: give both families the same confidence", b, before.Name, a, s.Kind.Name)
		}
	}
	return nil
}

// A Block is instances of consecutive seeds.
type Block struct {
	Size
	Seeds pipeline.Range
	Null  bool            // of the null model
	Stage *pipeline.Stage // which works on them
}

// SizeWords writes sizes for errors.
func SizeWords(s Size) string { return fmt.Sprintf("N = %d, M = %d", s.N, s.M) }

// BlocksOf lists the instances that the rows of stages are about.
func BlocksOf(stages ...*pipeline.Stage) []Block {
	var out []Block
	for _, s := range stages {
		for _, i := range instancesOf(nil, s) {
			p := pipeline.ParamsOf[params](i)
			b := Block{Size: Size{N: int64(p.N)}, Seeds: p.Seeds, Null: p.Null, Stage: s}
			if m, ok := i.Params.(interface{ M() int }); ok {
				b.M = int64(m.M())
			}
			out = append(out, b)
		}
	}
	return out
}

// instancesOf adds the instances of a stage: those of its descents if it has such, and of
// all its inputs if not. A stage on descents may be given more instances than these have.
func instancesOf(out []*pipeline.Stage, s *pipeline.Stage) []*pipeline.Stage {
	if s.Kind.Name == "instance" {
		return append(out, s)
	}
	via := ""
	for _, kind := range []string{"descent", "instance"} {
		if via == "" && slices.ContainsFunc(s.Inputs, func(in *pipeline.Stage) bool { return in.Kind.Name == kind }) {
			via = kind
		}
	}
	for _, in := range s.Inputs {
		if via == "" || in.Kind.Name == via {
			out = instancesOf(out, in)
		}
	}
	return out
}

// OneSize wants all instances to be of one size, and returns their blocks.
func OneSize(in []*pipeline.Stage) ([]Block, error) {
	blocks := BlocksOf(in...)
	for _, b := range blocks {
		if a := blocks[0]; b.Size != a.Size {
			return nil, pipeline.BadInput(b.Stage,
				"it is at %s, and %s at %s; the figure shows one size: leave one of the two out", SizeWords(b.Size),
				a.Stage.Name, SizeWords(a.Size))
		}
	}
	return blocks, nil
}

// Signal wants instances that have a signal.
func Signal(blocks []Block) error {
	for _, b := range blocks {
		if b.Null {
			return pipeline.BadInput(b.Stage, "its instances are of the null model, and the figure is about descents "+
				"with a signal in their labels; give it a family on instances with null = false")
		}
	}
	return nil
}

// Once wants no two blocks to have instances of the same N, M and seed, by which rows are
// told apart.
func Once(blocks []Block) error {
	blocks = slices.Clone(blocks)
	slices.SortStableFunc(blocks, func(a, b Block) int {
		return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.M, b.M), cmp.Compare(a.Seeds.First, b.Seeds.First))
	})
	for i, b := range blocks {
		if i == 0 {
			continue
		}
		if a := blocks[i-1]; a.Size == b.Size && b.Seeds.First <= a.Seeds.Last {
			return pipeline.BadInput(b.Stage, "it has rows for %s, seed %d, and so has %s; give the figure one of them",
				SizeWords(b.Size), b.Seeds.First, a.Stage.Name)
		}
	}
	return nil
}

// OnceEach wants rows that are told apart by a property of their stage besides N, M and
// seed to be there once.
func OnceEach[K comparable](in []*pipeline.Stage, of func(*pipeline.Stage) []K) error {
	var order []K
	groups := make(map[K][]*pipeline.Stage)
	for _, s := range in {
		for _, k := range of(s) {
			if groups[k] == nil {
				order = append(order, k)
			}
			groups[k] = append(groups[k], s)
		}
	}
	for _, k := range order {
		if err := Once(BlocksOf(groups[k]...)); err != nil {
			return err
		}
	}
	return nil
}

// OnceN wants no two stages of a property to have a row for the same N.
func OnceN(in []*pipeline.Stage, of func(*pipeline.Stage) string) error {
	type row struct {
		n  int64
		of string
	}
	seen := make(map[row]*pipeline.Stage)
	for _, s := range in {
		what := of(s)
		for _, n := range nsOf(s) {
			k := row{n, what}
			if before := seen[k]; before != nil {
				return pipeline.BadInput(s, "it has a row for N = %d, %s, and so has %s; give the figure one of them",
					n, what, before.Name)
			}
			seen[k] = s
		}
	}
	return nil
}

// LossWords writes the loss that a stage is about, for errors and to tell rows apart.
func LossWords(s *pipeline.Stage) string {
	if c := LossOf(s); c != nil {
		return "loss " + c.String()
	}
	return "no loss"
}

// AlphaOf is the parameter alpha of a stage of theory.
func AlphaOf(s *pipeline.Stage) float64 {
	return pipeline.ParamsOf[params](s).Alpha
}

// nsOf lists the N of the instances that a stage is about, each once.
func nsOf(s *pipeline.Stage) []int64 {
	var out []int64
	for _, i := range instancesOf(nil, s) {
		if n := int64(pipeline.ParamsOf[params](i).N); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// Meets says whether two blocks have an instance in common.
func (b Block) Meets(c Block) bool {
	return b.Size == c.Size && b.Null == c.Null && b.Seeds.First <= c.Seeds.Last && c.Seeds.First <= b.Seeds.Last
}

// HasTheory wants a stage of theory, which what describes, for the loss of each stage.
func HasTheory(in, theory []*pipeline.Stage, what string) error {
	for _, s := range in {
		if about := LossOf(s); !slices.ContainsFunc(theory, func(t *pipeline.Stage) bool { return IsOf(t, about) }) {
			return pipeline.BadInput(s, "it is for %s, and no input of kind %s is; add one", LossWords(s), what)
		}
	}
	return nil
}

// HasAlpha wants a stage of theory, which what describes, for the α of each block.
func HasAlpha(blocks []Block, theory []*pipeline.Stage, what string) error {
	for _, b := range blocks {
		if !slices.ContainsFunc(theory, func(t *pipeline.Stage) bool { return b.Has(AlphaOf(t)) }) {
			return pipeline.BadInput(b.Stage, "it is at alpha = %v, and no input of kind %s is; add one", b.Alpha(),
				what)
		}
	}
	return nil
}
