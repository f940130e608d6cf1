package report

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/BurntSushi/toml"

	"zerotohero/pipeline"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/quantity"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

type row struct {
	X int64 `arrow:"x"`
}

type numberParams struct {
	Seeds pipeline.Range `param:"seeds"`
	Times int            `param:"times" default:"1"`
}

func (p numberParams) Validate() error { return nil }

type figureParams struct {
	Figure string `param:"figure"`
}

func (p figureParams) Validate() error { return nil }

var numberKind = pipeline.Define(pipeline.Definition[numberParams, row]{
	Name: "number", Doc: "numbers of seeds", Reads: []pipeline.Read{pipeline.Reads[row]("number").OrNone()},
	Run: func(_ context.Context, p numberParams, _ pipeline.Inputs) ([]row, error) {
		if p.Times == 13 {
			return nil, fmt.Errorf("no luck")
		}
		return []row{{p.Seeds.First * int64(p.Times)}}, nil
	},
})

var figureKind = pipeline.Define(pipeline.Definition[figureParams, pipeline.Export]{
	Name: "figure", Doc: "files", Reads: []pipeline.Read{pipeline.Reads[row]("number")},
	Run: func(_ context.Context, p figureParams, _ pipeline.Inputs) ([]pipeline.Export, error) {
		width := map[string]int{"wide": 504}[p.Figure]
		if width == 0 {
			width = 244
		}
		svg := fmt.Sprintf(`<?xml version="1.0"?>
<svg width="%dpt" height="187pt" viewBox="0 0 %d 187" xmlns="http://www.w3.org/2000/svg"><defs><clipPath id="c"><path d="M0,0H90V90Z"/></clipPath></defs><path clip-path="url(#c)" d="M0,0H240V180Z"/></svg>
`, width, width)
		return []pipeline.Export{{
			Files:      []pipeline.File{{Name: p.Figure + ".svg", Content: []byte(svg)}},
			Caption:    []pipeline.Text{{Plain: "What α is.", HTML: "What <i>α</i> is."}},
			Quantities: quantities(),
		}}, nil
	},
})

// quantities are one without an interval, one with an open one, and one that does not exist.
func quantities() []pipeline.Quantity {
	nan := math.NaN()
	return []pipeline.Quantity{
		quantity.New("a", pipeline.Plain(`a "number"`), 2, nan, nan),
		quantity.New("a-N=64", pipeline.Plain(strings.Repeat("a long text ", 12)), -3e-07, -4.1e-07, math.Inf(1)),
		{Name: "b", Text: pipeline.Plain("of nothing"), Value: nan, Lo: nan, Hi: nan, None: pipeline.Plain("there is nothing")},
	}
}

func stage(t *testing.T, name string, k *pipeline.Kind, params map[string]any, in ...*pipeline.Stage) *pipeline.Stage {
	t.Helper()
	p, err := k.Resolve(params)
	if err != nil {
		t.Fatal(err)
	}
	return pipeline.NewStage(name, k, p, in...)
}

// paper is three families and three figures, of which one cannot be made.
func paper(t *testing.T, times int) *pipeline.Graph {
	t.Helper()
	var all, draws []*pipeline.Stage
	for _, n := range []int{16, 32} {
		for seed := range 7 {
			draws = append(draws, stage(t, fmt.Sprintf("draw/N=%d,seeds=%d-%d", n, seed, seed), numberKind, map[string]any{"seeds": pipeline.Range{First: int64(seed), Last: int64(seed)}, "times": int64(times)}))
		}
	}
	sum := stage(t, "sum", numberKind, map[string]any{"seeds": pipeline.Range{First: 1, Last: 1}, "times": int64(2)}, draws...)
	luck := stage(t, "a-family-with-a-name-that-is-very-long-indeed", numberKind, map[string]any{"seeds": pipeline.Range{First: 1, Last: 1}, "times": int64(13)})
	all = append(draws, sum, luck,
		stage(t, "figure/plain", figureKind, map[string]any{"figure": "plain"}, sum),
		stage(t, "figure/wide", figureKind, map[string]any{"figure": "wide"}, sum, draws[0]),
		stage(t, "figure/unlucky", figureKind, map[string]any{"figure": "unlucky"}, luck))
	g, err := pipeline.NewGraph(all)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A bench runs papers in a folder.
type bench struct {
	t      *testing.T
	folder string
	engine *engine.Engine
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Prepare(); err != nil {
		t.Fatal(err)
	}
	numberKind.Entry.Package, figureKind.Entry.Package = "example/stages/number", "example/stages/figure"
	numberKind.Entry.Name, figureKind.Entry.Name = "", ""
	tree, err := code.Load(fstest.MapFS{
		"go.mod":                  {Data: []byte("module example\n")},
		"stages/number/number.go": {Data: []byte("package number\n\nconst x = 1\n")},
		"stages/figure/figure.go": {Data: []byte("package figure\n\nconst x = 1\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	e, err := engine.New(engine.Config{Store: st, Code: tree, Exports: out})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t, out, e}
}

func (b *bench) run(g *pipeline.Graph) {
	b.t.Helper()
	if _, err := b.engine.Run(context.Background(), g, engine.Options{Cores: 2, Memory: 1 << 30}); err != nil {
		b.t.Fatal(err)
	}
}

// report writes the report of a graph and returns the names of the files written.
func (b *bench) report(g *pipeline.Graph) []string { return b.reportAfter(g, nil).Changed }

// reportAfter does so after a run that asked for some figures.
func (b *bench) reportAfter(g *pipeline.Graph, asked func(*pipeline.Stage) bool) Result {
	b.t.Helper()
	plan, err := b.engine.Plan(g)
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := Write(b.source(plan, asked))
	if err != nil {
		b.t.Fatal(err)
	}
	for i, name := range r.Changed {
		r.Changed[i] = filepath.Base(name)
	}
	return r
}

func (b *bench) source(plan *engine.Plan, asked func(*pipeline.Stage) bool) Source {
	return Source{
		Program: "hero", Profile: "all", Default: "all", Folder: b.folder, Plan: plan, Code: b.engine.CodeOf, Export: b.engine.Export, Asked: asked,
		Paper: spec.Report{
			Title: "A <test>", Abstract: "What it is about.", Titles: map[string]string{"plain": "A plain <figure>"},
			Findings: []spec.Finding{
				{At: "paper.toml:3", Parts: []spec.Part{{Words: "Below <"}, {Figure: "wide", Quantity: "a-N=64"}, {Words: " is "}, {Figure: "plain", Quantity: "b"}}},
				{At: "paper.toml:4", Parts: []spec.Part{{Words: "There is "}, {Figure: "unlucky", Quantity: "a"}}},
			},
		},
	}
}

func (b *bench) read(name string) string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.folder, name))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func wantAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in\n%s", p, text)
		}
	}
}

func TestReport(t *testing.T) {
	b := newBench(t)
	g := paper(t, 2)
	b.report(g)
	wantAll(t, b.read(PageFile), "0 up to date", "There is no drawing of it.", "new: never computed")

	b.run(g)
	if got := b.report(g); !slices.Equal(got, []string{TOMLFile, TeXFile, PageFile}) {
		t.Errorf("written after the run: %v", got)
	}
	page := b.read(PageFile)
	wantAll(t, page,
		"<title>A &lt;test&gt;</title>", "<h1>A &lt;test&gt;</h1>", "What it is about.", "17 up to date",
		`<a href="#figure-plain">A plain &lt;figure&gt;</a> <code>plain</code>`, `<a href="#figure-wide">wide</a></li>`,
		`<h2 id="figure-plain-name">A plain &lt;figure&gt; <code>plain</code></h2>`, `<h2 id="figure-wide-name">wide</h2>`, "3 figures from 19 stages",
		`<svg role="img" aria-labelledby="figure-plain-name" viewBox="0 0 244 187"`,
		`id="plain-c"`, "url(#plain-c)", `id="wide-c"`,
		"<p>What <i>α</i> is.</p>", `<a href="wide.svg">`,
		"N = 16, 32; seeds = 0-0, 1-1, 2-2, 3-3, 4-4, 5-5, 6-6", `<p class="parameters">times = 2</p>`,
		"N=32,seeds=6-6", "example/stages/number",
		"1 of 1 stage to run")
	if strings.Contains(page, "<?xml") {
		t.Error("the prologue of an SVG is in the page")
	}
	plan, err := b.engine.Plan(g)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range plan.Items {
		if i.Action != nil {
			wantAll(t, page, string(i.Action.Output), string(i.Code))
		}
	}

	if got := b.report(g); got != nil {
		t.Errorf("written though nothing ran: %v", got)
	}
	// Another paper: its figures are those of before, and the report says so.
	other := paper(t, 3)
	if got := b.report(other); !slices.Contains(got, PageFile) {
		t.Errorf("written for another paper: %v", got)
	}
	wantAll(t, b.read(PageFile), "This is how it was.", "14 of 14 stages to run</span><br>parameters: times was 2, is 3", "runs first and 11 more")
	wantAll(t, b.read(TOMLFile), "# plain: not up to date")
	wantAll(t, b.read(TeXFile), "% plain: not up to date")
}

// A run speaks of the figures that it was asked for. What the report has of others stays,
// and so does the page, unless they are up to date.
func TestPartialRun(t *testing.T) {
	b := newBench(t)
	g := paper(t, 2)
	b.run(g)
	b.report(g)
	before := map[string]string{}
	for _, name := range []string{TOMLFile, TeXFile, PageFile} {
		before[name] = b.read(name)
	}
	only := func(name string) func(*pipeline.Stage) bool {
		return func(s *pipeline.Stage) bool { return s.Name == "figure/"+name }
	}
	// A store that knows nothing, and one that has other figures than the paper's.
	empty := newBench(t)
	empty.folder = b.folder
	for what, use := range map[string]func() Result{
		"an empty store": func() Result { return empty.reportAfter(g, only("none")) },
		"another paper":  func() Result { return b.reportAfter(paper(t, 3), only("none")) },
	} {
		r := use()
		if r.Changed != nil || !slices.Equal(r.Left, []string{"plain", "wide", "unlucky"}) {
			t.Errorf("%s: %+v", what, r)
		}
		for name, text := range before {
			if b.read(name) != text {
				t.Errorf("%s: %s changed", what, name)
			}
		}
	}
	// Without a run too a store cannot say that what it never had is not up to date.
	empty.report(g)
	if b.read(TOMLFile) != before[TOMLFile] || b.read(TeXFile) != before[TeXFile] {
		t.Error("the report of an empty store changed the numbers")
	}
	wantAll(t, b.read(PageFile), "0 up to date")

	// The figure that was asked for and could not be made is marked, and keeps its numbers;
	// the others are not marked.
	b.reportAfter(paper(t, 3), only("plain"))
	wantAll(t, b.read(TOMLFile), "# plain: not up to date", "[plain.a]\ntext = \"a \\\"number\\\"\"", "[wide.a]")
	wantAll(t, b.read(TeXFile), "% plain: not up to date", "hero@plain/b", "hero@wide/a-N=64")
	if strings.Contains(b.read(TOMLFile), "# wide") {
		t.Errorf("not as asked:\n%s", b.read(TOMLFile))
	}
	// A mark stays too, until the figure is up to date.
	b.reportAfter(paper(t, 3), only("wide"))
	wantAll(t, b.read(TOMLFile), "# plain: not up to date", "# wide: not up to date")
	b.run(g)
	b.reportAfter(g, only("none"))
	if b.read(TOMLFile) != before[TOMLFile] || b.read(TeXFile) != before[TeXFile] {
		t.Error("the numbers are not what they were, when the figures are again")
	}
}

func TestNumbers(t *testing.T) {
	b := newBench(t)
	g := paper(t, 2)
	b.run(g)
	b.report(g)
	// They are those of the rows, whatever lies beside the report.
	if err := os.WriteFile(filepath.Join(b.folder, "plain.toml"), []byte("[a]\nvalue = 7\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	b.report(g)
	var got map[string]map[string]quantity.Table
	if _, err := toml.Decode(b.read(TOMLFile), &got); err != nil {
		t.Fatal(err)
	}
	for _, want := range quantities() {
		for _, figure := range []string{"plain", "wide"} {
			have := got[figure][want.Name].Quantity(want.Name)
			if fmt.Sprint(have) != fmt.Sprint(want) {
				t.Errorf("%s: %v, want %v", figure, have, want)
			}
		}
	}
	page := b.read(PageFile)
	const open = `<b>−3.0 × 10<sup>−7</sup></b> <span class="interval">[−4.1 × 10<sup>−7</sup>, ∞]</span>`
	wantAll(t, page, "<summary>3 numbers</summary>", `<th scope="row">a &#34;number&#34; <code>plain/a</code></th><td><b>2</b></td></tr>`,
		"<td>"+open+"</td>", `<td>none (there is nothing)</td>`)
	// Findings have them, and wait for those of a figure that cannot be made.
	wantAll(t, page, `<li>Below &lt;<a class="quantity" href="#figure-wide" title="`+strings.Repeat("a long text ", 12)+`">`+open+
		`</a> is <a class="quantity" href="#figure-plain" title="of nothing">none (there is nothing)</a></li>`, "not computed yet: unlucky/a.")
	if strings.Contains(page, "There is <a") {
		t.Error("a finding is there without its quantity")
	}
	wantAll(t, b.read(TeXFile),
		`\DeclareRobustCommand\hero[1]{`,
		`\@namedef{hero@plain/a}{\ensuremath{2}}`+"\n",
		`\@namedef{hero@wide/a-N=64}{\ensuremath{-3.0\times10^{-7}}}`+"\n",
		`\@namedef{hero@interval@wide/a-N=64}{\ensuremath{[-4.1\times10^{-7},\,\infty ]}}`+"\n",
		`\@namedef{hero@plain/b}{\textrm{none}}`+"\n",
		`\@namedef{hero@interval@plain/b}{\textrm{none}}`+"\n")

	for want, wrong := range map[string]pipeline.Quantity{
		"letters":   quantity.New("a_b", pipeline.Plain("x"), 1, math.NaN(), math.NaN()),
		"those of ": {Name: "c", Text: pipeline.Plain("x"), Value: 1, Lo: math.NaN(), Hi: math.NaN(), Rounded: "1.00"},
		"two of th": quantities()[0],
	} {
		plan, err := b.engine.Plan(g)
		if err != nil {
			t.Fatal(err)
		}
		export := func(*engine.Item) (*pipeline.Export, error) {
			return &pipeline.Export{Quantities: append(quantities(), wrong)}, nil
		}
		src := b.source(plan, nil)
		src.Export = export
		_, err = Write(src)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "figure/plain") {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

// A finding about a quantity that a figure does not have is an error, if the figure is up to
// date, and about another profile than the report no matter.
func TestFindings(t *testing.T) {
	b := newBench(t)
	g := paper(t, 2)
	b.run(g)
	plan, err := b.engine.Plan(g)
	if err != nil {
		t.Fatal(err)
	}
	src := b.source(plan, nil)
	src.Paper.Findings[0].Parts[1].Quantity = "a-N=65"
	r, err := Write(src)
	if want := "report: paper.toml:3: figure wide has no quantity a-N=65; did you mean a-N=64? known are a, a-N=64, b"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if len(r.Changed) != 2 || filepath.Base(r.Changed[0]) != TOMLFile || filepath.Base(r.Changed[1]) != TeXFile {
		t.Errorf("written for all that: %v", r.Changed)
	}
	src.Profile = "few"
	if _, err := Write(src); err != nil {
		t.Fatal(err)
	}
	page := b.read(PageFile)
	wantAll(t, page, "They are about profile all, whose page has them.")
	if strings.Contains(page, "Below") {
		t.Error("a finding about another profile is on the page")
	}
	// What was computed before an edit is not up to date, and neither are findings about it.
	b.report(paper(t, 3))
	wantAll(t, b.read(PageFile), `none (there is nothing)</a> <span class="warning">Not up to date.</span></li>`)
}

func TestTeXNumber(t *testing.T) {
	for in, want := range map[string]string{"2.70": "2.70", "-inf": `-\infty `, "1.2e-07": `1.2\times10^{-7}`, "1e+10": `1\times10^{10}`, "1e+00": `1\times10^{0}`} {
		if got := texNumber(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestInline(t *testing.T) {
	if got, _ := inline([]byte("7"), "x", "y"); got != "" {
		t.Errorf("no SVG gives %q", got)
	}
	got, width := inline([]byte(`<svg width='5' viewBox='0,0,12.5,3' ><use href="#a" xlink:href='#b'/><a id='a' href="#a"/></svg> `), "x", "y")
	if want := `<svg role="img" aria-labelledby="y" viewBox='0,0,12.5,3' ><use href="#x-a" xlink:href='#x-b'/><a id='x-a' href="#x-a"/></svg>`; string(got) != want || width != 12.5 {
		t.Errorf("%v %s", width, got)
	}
}

// A figure's chain leads back to what it comes from, and to nothing else.
func TestChain(t *testing.T) {
	b := newBench(t)
	plan, err := b.engine.Plan(paper(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	all := familiesOf(plan)
	var names []string
	for _, f := range all[len(all)-2].chain(all) {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); len(all) != 6 || got != "wide sum draw" {
		t.Errorf("of %d families, the chain of wide: %s", len(all), got)
	}
}
