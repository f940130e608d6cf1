package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/build"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

// The tests' pipeline: numbers are drawn from seeds, changed one by one, added up
// and put into a file. Its sources are a file system in memory, so that a test can
// edit them; what the edit would do to the results is in a program.

// A program stands for the compiled kinds.
type program struct {
	offset  int64 // added by change
	scale   int64 // multiplied by draw, then divided again: it changes nothing
	logFile string
	pause   time.Duration

	mu  sync.Mutex
	ran []string
}

type value struct {
	Seed int64 `arrow:"seed"`
	X    int64 `arrow:"x" unit:"1" doc:"a number"`
}

type drawParams struct {
	Seeds pipeline.Range `param:"seeds"`
	Group string         `param:"group" default:"a"`
}

type changeParams struct {
	Add int `param:"add" default:"0"`
}

type sumParams struct{}

type sheetParams struct {
	Figure string `param:"figure"`
}

// note keeps what ran; in a process of its own, in a file.
func (p *program) note(what string) {
	p.mu.Lock()
	p.ran = append(p.ran, what)
	p.mu.Unlock()
	if p.logFile != "" {
		f, err := os.OpenFile(p.logFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err == nil {
			fmt.Fprintln(f, what)
			f.Close()
		}
	}
	time.Sleep(p.pause)
}

func (p *program) kinds() []*pipeline.Kind {
	kinds := []*pipeline.Kind{p.draw(), p.change(), p.sum(), p.sheet()}
	for _, k := range kinds {
		k.Entry = pipeline.Function{Package: "example/stages/" + k.Name}
	}
	return kinds
}

func (p *program) draw() *pipeline.Kind {
	return pipeline.Define(pipeline.Definition[drawParams, value]{
		Name: "draw", Doc: "draws numbers",
		Cost: func(q drawParams, _ []*pipeline.Stage) pipeline.Cost {
			c := pipeline.Cost{Seconds: float64(q.Seeds.Len()), Bytes: 10}
			if q.Group == "b" {
				c.Bytes = ofDrawB
			}
			return c
		},
		Run: func(ctx context.Context, q drawParams, _ pipeline.Inputs) ([]value, error) {
			p.note("draw " + q.Group + q.Seeds.String())
			var rows []value
			for seed := q.Seeds.First; seed <= q.Seeds.Last; seed++ {
				sum := sha256.Sum256([]byte(fmt.Sprint(q.Group, seed)))
				x := int64(binary.LittleEndian.Uint32(sum[:]))
				rows = append(rows, value{seed, x * p.scale / p.scale})
			}
			return rows, nil
		},
	})
}

func (p *program) change() *pipeline.Kind {
	return pipeline.Define(pipeline.Definition[changeParams, value]{
		Name: "change", Doc: "changes numbers", Reads: []pipeline.Read{pipeline.Reads[value]("draw")},
		Run: func(ctx context.Context, q changeParams, in pipeline.Inputs) ([]value, error) {
			rows, err := pipeline.Rows[value](in[0])
			if err != nil {
				return nil, err
			}
			p.note(fmt.Sprint("change ", rows[0].X))
			for i := range rows {
				rows[i].X += int64(q.Add) + p.offset
			}
			return rows, nil
		},
	})
}

func (p *program) sum() *pipeline.Kind {
	return pipeline.Define(pipeline.Definition[sumParams, value]{
		Name: "sum", Doc: "adds numbers", Reads: []pipeline.Read{pipeline.Reads[value]("change")},
		Run: func(ctx context.Context, _ sumParams, in pipeline.Inputs) ([]value, error) {
			p.note("sum")
			var total value
			for _, i := range in {
				rows, err := pipeline.Rows[value](i)
				if err != nil {
					return nil, err
				}
				for _, r := range rows {
					total.X += r.X
				}
			}
			return []value{total}, nil
		},
	})
}

func (p *program) sheet() *pipeline.Kind {
	return pipeline.Define(pipeline.Definition[sheetParams, pipeline.Export]{
		Name: "figure", Doc: "writes numbers", Reads: []pipeline.Read{pipeline.Reads[value]("sum")},
		Run: func(ctx context.Context, q sheetParams, in pipeline.Inputs) ([]pipeline.Export, error) {
			p.note("figure " + q.Figure)
			rows, err := pipeline.Rows[value](in[0])
			if err != nil {
				return nil, err
			}
			return []pipeline.Export{{Files: []pipeline.File{{Name: q.Figure + ".txt", Content: []byte(fmt.Sprint(rows[0].X))}}}}, nil
		},
	})
}

func sources() map[string]string {
	return map[string]string{
		"go.mod":                  "module example\n\ngo 1.26\n",
		"stages/draw/draw.go":     "package draw\n\n// scale is arbitrary.\nconst scale = 1\n",
		"stages/change/change.go": "package change\n\nimport \"example/stages/offset\"\n\nvar _ = offset.Offset\n",
		"stages/offset/offset.go": "package offset\n\nconst Offset = 0\n",
		"stages/sum/sum.go":       "package sum\n",
		"stages/figure/figure.go": "package figure\n",
	}
}

const testPaper = `default-profile = "main"
profile.main = {}
[grid.g]
group = ["a", "b"]
seeds = "1..30 by 10"
[stage.draw]
kind = "draw"
each = "g"
[stage.change]
kind = "change"
each = "g"
from = ["draw"]
add = 1
[stage.total]
kind = "sum"
each = "g"
over = ["group"]
from = ["change"]
[stage.all]
kind = "sum"
from = ["change"]
[figure]
one = ["all"]
`

// A bench is a pipeline in folders of its own.
type bench struct {
	t       testing.TB
	dir     string
	paper   string
	sources map[string]string
	build   build.Build
	prog    *program
	store   *store.Store
}

func newBench(t testing.TB) *bench {
	return &bench{t: t, dir: t.TempDir(), paper: testPaper, sources: sources(), prog: &program{scale: 1}}
}

func (b *bench) graph() *pipeline.Graph {
	b.t.Helper()
	p, err := spec.Parse("paper.toml", []byte(b.paper))
	if err != nil {
		b.t.Fatal(err)
	}
	g, err := p.Graph("", b.prog.kinds())
	if err != nil {
		b.t.Fatal(err)
	}
	return g
}

func (b *bench) engine() *Engine {
	b.t.Helper()
	st, tree := b.parts()
	b.store = st
	if _, err := st.Prepare(); err != nil {
		b.t.Fatal(err)
	}
	return b.newEngine(st, tree, b.dir+"/out")
}

func (b *bench) newEngine(st *store.Store, tree *code.Tree, exports string) *Engine {
	b.t.Helper()
	e, err := New(Config{Store: st, Code: tree, Build: b.build, Exports: exports})
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

// parts are what an engine is made of.
func (b *bench) parts() (*store.Store, *code.Tree) {
	b.t.Helper()
	fsys := make(fstest.MapFS)
	for name, text := range b.sources {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := code.Load(fsys)
	if err != nil {
		b.t.Fatal(err)
	}
	st, err := store.Open(b.dir + "/data")
	if err != nil {
		b.t.Fatal(err)
	}
	return st, tree
}

// run brings everything up to date and returns what ran.
func (b *bench) run(cores int) (ran []string, sum *Summary) {
	b.t.Helper()
	b.prog.ran = nil
	sum, err := b.engine().Run(context.Background(), b.graph(), Options{Cores: cores})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range sum.Failures {
		b.t.Errorf("failed: %v", f)
	}
	return b.prog.ran, sum
}

// digests are those of all stages, which must be fresh.
func (b *bench) digests() map[string]digest.Artifact {
	b.t.Helper()
	plan := b.plan()
	l, missing := plan.Lock("all")
	if missing > 0 {
		b.t.Fatalf("%d stages are not computed", missing)
	}
	return l.Digests
}

func (b *bench) plan() *Plan {
	b.t.Helper()
	plan, err := b.engine().Plan(b.graph())
	if err != nil {
		b.t.Fatal(err)
	}
	return plan
}
