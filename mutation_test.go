package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The few of every test are a sample; a run that shows something takes half an hour:
//
//	go test -run TestMutations -v -timeout 3h . -mutations 250
var (
	mutationCount = flag.Int("mutations", 3, "`number` of mutations that TestMutations makes")
	mutationSeed  = flag.Uint64("mutation-seed", 1, "`seed` by which they are drawn")
)

// No artifact changes while its key stays: when code is edited at one place, drawn at
// random among all that stages may run, then what has a key that it had before is what it
// was before. All of it is computed, in a store of its own.
func TestMutations(t *testing.T) {
	if *mutationCount < 1 {
		t.Skip("-mutations is not positive")
	}
	all := mutations(t)
	original := newOriginal(t)
	rng := rand.New(rand.NewPCG(*mutationSeed, 0))
	drawn := make(map[mutation]bool)
	count := make(map[effect]int)
	unbuilt := 0
	for made := 0; made < *mutationCount; {
		list := all[rng.IntN(len(all))]
		m := list[rng.IntN(len(list))]
		if drawn[m] {
			continue
		}
		drawn[m] = true
		program := filepath.Join(original.scratch, "hero")
		if err := m.edits(t).build(program); err != nil {
			if unbuilt++; unbuilt > 3**mutationCount+20 {
				t.Fatalf("%d mutations do not build; the last was %v: %v", unbuilt, m, err)
			}
			continue
		}
		made++
		effect, missed := original.compare(t, program)
		count[effect]++
		t.Logf("%d: %v: %s", made, m, effect)
		for _, what := range missed {
			t.Errorf("%v: %s", m, what)
		}
	}
	t.Logf("with seed %d: %v; %d more did not build", *mutationSeed, count, unbuilt)
	if *mutationCount > 20 && count[none] > *mutationCount/2 {
		t.Error("most mutations change nothing; the test shows little")
	}
}

// An effect is what a mutation does.
type effect string

const (
	none    effect = "nothing"
	keys    effect = "keys alone"
	outputs effect = "artifacts"
	fails   effect = "stages fail"
	ends    effect = "the program refuses, breaks off or takes too long"
)

// An original is what the code as it is computes, to compare with.
type original struct {
	store   string
	took    time.Duration
	cpu     time.Duration
	outputs map[string]string // digests of artifacts by key
	keys    map[string]string // by stage
	scratch string            // for what others compute
}

func newOriginal(t *testing.T) *original {
	ref := referenceRun(t)
	o := &original{
		store: filepath.Join(ref.dir, "data"), took: ref.took, cpu: ref.cpu,
		scratch: folder(t, read(t, "paper.toml")),
	}
	o.outputs = outputsByKey(t, o.store)
	o.keys = keysByStage(t, o.store)
	return o
}

// compare runs a program from nothing, and says what of it differs, and what it computes
// otherwise, or no more, though it has the same key.
func (o *original) compare(t *testing.T, program string) (e effect, missed []string) {
	t.Helper()
	store := filepath.Join(o.scratch, "data")
	defer os.RemoveAll(store)
	how := o.run(t, program, store)
	got := outputsByKey(t, store)
	shown := keysByStage(t, store)
	e = none
	for stage, key := range o.keys {
		now := shown[stage]
		switch {
		case now == "":
		case got[now] != o.outputs[key]:
			e = outputs
			if now == key {
				missed = append(missed, stage+" changed, and its key did not")
			}
		case now != key && e == none:
			e = keys
		}
	}
	if how == complete {
		return e, missed
	}
	// What the original computed and this program does not must not be fresh to it.
	again := filepath.Join(o.scratch, "again")
	defer os.RemoveAll(again)
	for _, part := range []string{"actions", "objects"} {
		if err := os.CopyFS(filepath.Join(again, part), os.DirFS(filepath.Join(o.store, part))); err != nil {
			t.Fatal(err)
		}
	}
	after := o.run(t, program, again)
	if how == partial {
		for stage, key := range keysByStage(t, again) {
			if key == o.keys[stage] && shown[stage] == "" {
				missed = append(missed, stage+" fails, and its key is that of before")
			}
		}
		return fails, missed
	}
	if after == complete && len(outputsByKey(t, again)) == len(o.outputs) {
		missed = append(missed, "the program does not come to its end, and all keys are those of before")
	}
	return ends, missed
}

// A completion is how far a run came.
type completion int

const (
	complete completion = iota
	partial             // some stages failed
	broken              // the program refused to run, crashed, or took too long
)

var stagesFailed = regexp.MustCompile(`\d stages? failed[:;]`)

// run runs the smoke profile in a store, within bounds that the original is far from.
func (o *original) run(t *testing.T, program, store string) completion {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute+20*o.took)
	defer cancel()
	args := []string{program, "run", "--profile", "smoke", "--store", store, "-j", "2"}
	if runtime.GOOS == "linux" {
		limits := fmt.Sprintf("ulimit -v 6000000; ulimit -f 2000000; ulimit -t %d", 5+int(3*o.cpu.Seconds()))
		args = append([]string{"sh", "-c", limits + `; exec "$@"`, "sh"}, args...)
	}
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Dir = o.scratch
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return complete
	case !errors.As(err, &exit):
		t.Fatal(err)
	case ctx.Err() == nil && stagesFailed.MatchString(string(out)):
		return partial
	}
	return broken
}

// outputsByKey lists what the actions of a store gave.
func outputsByKey(t *testing.T, store string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	eachRecord(t, filepath.Join(store, "actions"), func(_, key, output string) { out[key] = output })
	return out
}

// keysByStage lists the actions that a store's view shows.
func keysByStage(t *testing.T, store string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	eachRecord(t, filepath.Join(store, "view", "smoke"), func(stage, key, _ string) { out[stage] = key })
	return out
}

func eachRecord(t *testing.T, dir string, f func(name, key, output string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a program that refused to run leaves nothing
		}
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		var r struct{ Key, Output string }
		if err := json.Unmarshal([]byte(read(t, path)), &r); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		name, err := filepath.Rel(dir, path)
		f(strings.TrimSuffix(name, ".json"), r.Key, r.Output)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A mutation is an edit of a source file at one place that changes, as a rule, what the
// code computes.
type mutation struct {
	file        string // below the module's root
	line        int
	declaration string
	from, to    int // bytes of the file that go
	before      string
	after       string
}

func (m mutation) String() string {
	return fmt.Sprintf("%s:%d (%s): %s → %s", m.file, m.line, m.declaration, short(m.before),
		cmp.Or(short(m.after), "nothing"))
}

// short is a text on one line, cut where it is long.
func short(text string) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return string(r)
}

// edits is the file as the mutation has it.
func (m mutation) edits(t *testing.T) edits {
	t.Helper()
	text := read(t, m.file)
	return edits{m.file: text[:m.from] + m.after + text[m.to:]}
}

// mutations lists those of all code that stages may run on this platform, by declaration:
// that of the packages in the program below stages and figures, without its commands.
func mutations(t *testing.T) [][]mutation {
	t.Helper()
	c := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,GoFiles,SFiles", ".")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %v", c.Args, err)
	}
	var all [][]mutation
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p struct {
			ImportPath, Dir string
			GoFiles, SFiles []string
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		dir, ok := strings.CutPrefix(p.ImportPath, "zerotohero/")
		top, _, _ := strings.Cut(dir, "/")
		if !ok || top == "pipeline" || dir == "stages/bench" || dir == "stages/theory/cli" {
			continue
		}
		for _, name := range p.GoFiles {
			all = append(all, goMutations(t, filepath.Join(dir, name))...)
		}
		for _, name := range p.SFiles {
			all = append(all, assemblyMutations(t, filepath.Join(dir, name))...)
		}
	}
	return slices.DeleteFunc(all, func(list []mutation) bool { return len(list) == 0 })
}

func goMutations(t *testing.T, file string) [][]mutation {
	t.Helper()
	text := read(t, file)
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]mutation
	mutate := func(name string, n ast.Node) {
		m := &mutator{file: file, text: text, fset: fset, declaration: name, skip: make(map[ast.Node]bool)}
		ast.Walk(m, n)
		all = append(all, m.found)
	}
	for _, decl := range tree.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			mutate(d.Name.Name, d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					mutate(s.Name.Name, s)
				case *ast.ValueSpec:
					mutate(s.Names[0].Name, s)
				}
			}
		}
	}
	return all
}

// A mutator finds the mutations of a declaration. Some will not compile.
type mutator struct {
	file, text, declaration string
	fset                    *token.FileSet
	skip                    map[ast.Node]bool
	found                   []mutation
}

// replace has what stands between two places replaced; format may show it.
func (m *mutator) replace(from, to token.Pos, format string) {
	at := m.fset.Position(from)
	i, j := at.Offset, m.fset.Position(to).Offset
	after := format
	if strings.Contains(format, "%s") {
		after = strings.Replace(format, "%s", m.text[i:j], 1)
	}
	m.found = append(m.found, mutation{m.file, at.Line, m.declaration, i, j, m.text[i:j], after})
}

// operators are replaced by their partners, both ways.
var operators = map[token.Token]token.Token{
	token.ADD: token.SUB, token.MUL: token.QUO, token.LSS: token.LEQ, token.GTR: token.GEQ, token.EQL: token.NEQ,
	token.LAND: token.LOR, token.SHL: token.SHR, token.AND: token.OR,
	token.ADD_ASSIGN: token.SUB_ASSIGN, token.MUL_ASSIGN: token.QUO_ASSIGN, token.INC: token.DEC,
}

func (m *mutator) operator(at token.Pos, op token.Token) {
	for a, b := range operators {
		if a == op || b == op {
			other := a
			if a == op {
				other = b
			}
			m.replace(at, at+token.Pos(len(op.String())), other.String())
		}
	}
}

// Visit makes mutator an ast.Visitor.
func (m *mutator) Visit(n ast.Node) ast.Visitor {
	if n == nil || m.skip[n] {
		return nil
	}
	switch n := n.(type) {
	case *ast.Field: // without its tag
		ast.Walk(m, n.Type)
		return nil
	case *ast.ForStmt:
		m.skip[n.Post] = true // loops would not end
	case *ast.BasicLit:
		m.literal(n)
	case *ast.Ident:
		switch n.Name {
		case "true":
			m.replace(n.Pos(), n.End(), "false")
		case "false":
			m.replace(n.Pos(), n.End(), "true")
		}
	case *ast.BinaryExpr:
		m.operator(n.OpPos, n.Op)
	case *ast.UnaryExpr:
		if n.Op == token.SUB || n.Op == token.NOT {
			m.replace(n.OpPos, n.OpPos+1, "")
		}
	case *ast.IncDecStmt:
		m.operator(n.TokPos, n.Tok)
	case *ast.AssignStmt:
		m.operator(n.TokPos, n.Tok)
		if n.Tok != token.DEFINE {
			m.replace(n.Pos(), n.End(), "")
		}
	case *ast.ExprStmt:
		m.replace(n.Pos(), n.End(), "")
	case *ast.IfStmt:
		m.replace(n.Cond.Pos(), n.Cond.End(), "!(%s)")
	case *ast.ReturnStmt:
		for _, r := range n.Results {
			m.result(r)
		}
	}
	return m
}

func (m *mutator) literal(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT:
		if v, err := strconv.ParseUint(n.Value, 0, 63); err == nil {
			m.replace(n.Pos(), n.End(), strconv.FormatUint(v+1, 10))
		}
	case token.FLOAT:
		if v, err := strconv.ParseFloat(n.Value, 64); err == nil && v == 0 {
			m.replace(n.Pos(), n.End(), "0.5")
		} else if err == nil {
			m.replace(n.Pos(), n.End(), strconv.FormatFloat(1.5*v, 'e', -1, 64))
		}
	case token.STRING:
		m.replace(n.End()-1, n.End(), "x%s")
	}
}

// result changes a value that is returned, if it may be a number.
func (m *mutator) result(r ast.Expr) {
	switch r := r.(type) {
	case *ast.BasicLit, *ast.CompositeLit, *ast.FuncLit:
		return
	case *ast.UnaryExpr:
		if r.Op == token.AND {
			return
		}
	case *ast.Ident:
		switch r.Name {
		case "nil", "err", "true", "false":
			return
		}
	}
	m.replace(r.Pos(), r.End(), "-(%s)")
	m.replace(r.Pos(), r.End(), "(%s) + 1")
}

var (
	assemblyFunction    = regexp.MustCompile(`^TEXT ·(\w+)`)
	assemblyInstruction = regexp.MustCompile(`\bV(ADD|SUB|FMADD231|FNMADD231)(PD|SD)\b`)
	otherInstruction    = map[string]string{"ADD": "SUB", "SUB": "ADD", "FMADD231": "FNMADD231",
		"FNMADD231": "FMADD231"}
)

// assemblyMutations turn sums into differences.
func assemblyMutations(t *testing.T, file string) [][]mutation {
	t.Helper()
	if !strings.HasSuffix(file, "_"+runtime.GOARCH+".s") {
		return nil
	}
	var all [][]mutation
	name, offset, number := "", 0, 0
	for line := range strings.Lines(read(t, file)) {
		number++
		if f := assemblyFunction.FindStringSubmatch(line); f != nil {
			name = f[1]
			all = append(all, nil)
		}
		if i := assemblyInstruction.FindStringSubmatchIndex(line); i != nil && len(all) > 0 {
			op := line[i[2]:i[3]]
			last := &all[len(all)-1]
			*last = append(*last, mutation{file, number, name, offset + i[2], offset + i[3], op, otherInstruction[op]})
		}
		offset += len(line)
	}
	return all
}
