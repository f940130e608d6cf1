package pipeline_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// here are words of the program and the paper that this repository holds, its module path
// among them.
var here = regexp.MustCompile(`(?i:\bhero|zerotohero|laptop|figures/out|phase retrieval|` +
	`\bstudents?\b|\bhessian|\beigen|\bcurve-|2403\.02418)|[a-z]Hero`)

// mentions lists where a file has a word of the program or paper, imports excepted.
func mentions(name string, text []byte) ([]string, error) {
	imports := make(map[int]bool) // lines
	if filepath.Ext(name) == ".go" {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, text, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, spec := range f.Imports {
			imports[fset.Position(spec.Path.Pos()).Line] = true
		}
	}
	var out []string
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if word := here.FindString(line); word != "" && !imports[n] {
			out = append(out, fmt.Sprintf("%s:%d: %q in: %s", name, n, word, strings.TrimSpace(line)))
		}
	}
	return out, nil
}

// TestNamesNobody holds the engine to knowing no program and no paper: a program says who
// it is in cli.App.
func TestNamesNobody(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found, err := mentions(path, text)
		for _, f := range found {
			t.Error(f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("looked at %d files only", files)
	}
}

// TestMentions has what TestNamesNobody must find, and must not.
func TestMentions(t *testing.T) {
	for _, test := range []struct {
		text string
		want int
	}{
		{"package x\n\nimport \"zerotohero/pipeline\"\n", 0},
		{"package x\n\nimport (\n\tp \"zerotohero/pipeline\"\n)\n\nfunc otherOutput() {}\n", 0},
		{"package x\n\nconst x = \"zerotohero/stages\"\n", 1},
		{"package x\n\n// run it with hero run\n", 1},
		{"package x\n\nvar runHero = `Hero`\n", 1},
		{"package x\n\nconst x = \"[profile.laptop]\"\n\nvar y = \"figures/out/\"\n", 2},
	} {
		got, err := mentions("x.go", []byte(test.text))
		if err != nil || len(got) != test.want {
			t.Errorf("%d mentions %q (%v), want %d in\n%s", len(got), got, err, test.want, test.text)
		}
	}
}

// goCommand runs the go command in a folder and returns what it printed.
func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.Command("go", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"))
	var errs strings.Builder
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return string(out)
}

// coins builds the program of testdata/coins, in a module of its own beside this one, and
// returns the folder of its paper and a function that runs it.
func coins(t *testing.T) (dir string, run func(line string) string) {
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/coins")); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go .*$`).Find(text)
	for name, text := range map[string]string{
		"go.mod":  fmt.Sprintf("module example.org/coins\n\n%s\n", version),
		"go.work": fmt.Sprintf("%s\n\nuse (\n\t.\n\t%q\n)\n", version, filepath.ToSlash(root)),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(t.TempDir(), "coins")
	goCommand(t, dir, "build", "-o", program, ".")
	return dir, func(line string) string {
		t.Helper()
		c := exec.Command(program, strings.Fields(line)...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("coins %s: %v\n%s", line, err, out)
		}
		return string(out)
	}
}

// TestAnotherPaper runs a program of two kinds, in another module, on the engine alone.
func TestAnotherPaper(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	dir, run := coins(t)
	for path := range strings.FieldsSeq(goCommand(t, dir, "list", "-deps", ".")) {
		if strings.HasPrefix(path, "zerotohero") && path != "zerotohero/pipeline" &&
			!strings.HasPrefix(path, "zerotohero/pipeline/") {
			t.Errorf("the program needs %s", path)
		}
	}
	said := func(line string, want ...string) {
		t.Helper()
		out := run(line)
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("coins %s: no %q in\n%s", line, w, out)
			}
		}
		if word := here.FindString(out); word != "" && !strings.HasPrefix(line, "explain") { // that names the machine too
			t.Errorf("coins %s says %q:\n%s", line, word, out)
		}
	}
	said("--help", "coins tosses biased coins", "coins [command]")
	said("run --help",
		"  coins run                       # everything\n"+
			"  coins run heads                 # one figure\n"+
			"  coins run 'toss/bias=0.5,*'     # some stages\n", "go to plots,")
	said("explain --help", "coins explain plots/heads.pdf", "coins explain 'FAMILY' --all")
	said("show --help", "coins show STAGE\n", "data/view/FAMILY.arrow")
	said("plan", "toss, 4 stages such as toss/bias=0.3,seeds=1-10", "5 to run")
	said("run -j 2", "5 stages: 5 ran", "wrote plots/heads.svg", "wrote plots/report.html")
	said("run", "5 stages: 0 ran, 5 fresh")
	said("run --profile few", "2 stages: 1 ran, 1 restored", "wrote plots/few/heads.svg")
	said("verify --update", "wrote paper.lock: 5 artifacts")
	said("verify", "0 damaged or missing", "all 5 artifacts of profile main reproduced")
	said("explain plots/heads.svg", "figure/heads (figure)", "example.org/coins/figure", "4 stages of toss, 4 computed")
	said("explain toss/bias=0.5,seeds=1-10", "example.org/coins/toss\n", "example.org/coins/toss")
	said("show toss/bias=0.5,seeds=1-10", "tosses that showed heads")
	said("status", "toss", "profile main")
	said("graph", "toss, 4 stages")
	source := filepath.Join(dir, "toss", "toss.go")
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(source, append(text, "\nvar more int\n"...), 0o666); err != nil {
		t.Fatal(err)
	}
	said("plan", "this coins is not built from the sources here, which differ in toss/toss.go; build it with go build\n")
	saysOwn(t, dir)
}

// saysOwn wants files that the program wrote to name it and its paper, and nothing of this one.
func saysOwn(t *testing.T, dir string) {
	t.Helper()
	for name, want := range map[string]string{
		"paper.lock":        "# The digest of every artifact of profile main; written by verify --update.\n",
		"plots/numbers.tex": `\coins{figure/number}`,
		"plots/report.html": "How often a coin shows heads",
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s has no %q:\n%s", name, want, text)
		}
		if word := here.Find(text); word != nil {
			t.Errorf("%s says %q", name, word)
		}
	}
}
