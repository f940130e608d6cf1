package code

import (
	"strings"
	"testing"
)

const (
	descentFile = "stages/descent/descent.go"

	anyLoss = "ell plain bare"
)

// An edited module is the one of sources after an edit.
type edited struct {
	name    string
	files   map[string]string
	changed string // of "ell plain bare theory"
}

// editsOfDescent are those of the package of a kind.
func editsOfDescent(t *testing.T) []edited {
	return []edited{
		{"none", sources, ""},
		{"comment", edit(t, descentFile, "const least", "// least is little.\nconst least"), ""},
		{"blank lines", edit(t, descentFile, "func unused", "\n\n\nfunc   unused"), ""},
		{"package comment", edit(t, descentFile, "// Package descent goes down.\n", ""), ""},
		{"parentheses", edit(t, descentFile, "steps = 100", "steps = (100)"), ""},
		{"order", edit(t, descentFile, "steps = 100\n\tspare = 5", "spare = 5\n\tsteps = 100"), ""},
		{"unused import", edit(t, descentFile, "\t\"fmt\"\n", "\t\"fmt\"\n\t_ \"math\"\n"), ""},
		{"an import that is used", edit(t, descentFile, "\t\"fmt\"\n", "\tfmt \"other/fmt\"\n"), anyLoss},
		{"constant", edit(t, descentFile, "100", "101"), anyLoss},
		{"constant beside", edit(t, descentFile, "spare = 5", "spare = 6"), ""},
		{"place among constants", edit(t, descentFile, "\tup\n", "\tup\n\tsideways\n"), anyLoss},
		{"default", edit(t, descentFile, "0.02", "0.03"), ""},
		{"help", edit(t, descentFile, "which loss", "its name"), ""},
		{"no help", edit(t, descentFile, ` help:"which loss"`, ""), ""},
		{"unit", edit(t, descentFile, `unit:"1"`, `unit:"s"`), anyLoss},
		{"parameter name", edit(t, descentFile, `param:"eta"`, `param:"step"`), anyLoss},
		{"cost", edit(t, descentFile, "7 * weight", "8 * weight"), ""},
		{"what cost uses", edit(t, descentFile, "weight = 3", "weight = 4"), ""},
		{"doc of the kind", edit(t, descentFile, "\"goes down\"", "\"descends\""), ""},
		{"Validate", edit(t, descentFile, "eta is too small", "eta is small"), ""},
		{"what Validate uses", edit(t, descentFile, "least = 0.001", "least = 0.002"), ""},
		{"Validate that is called", edit(t, descentFile, "func run(p Params) {", "func run(p Params) {\n\t_ = p.Validate()"), anyLoss},
		{"unused function", edit(t, descentFile, "return 1 }", "return 2 }"), ""},
		{"unused error", edit(t, descentFile, "not used", "useless"), ""},
		{"new function", edit(t, descentFile, "func unused", "func more() {}\n\nfunc unused"), ""},
		{"exported method of a type", edit(t, descentFile, "return p.text()", "return p.text() + p.text()"), anyLoss},
		{"method that it calls", edit(t, descentFile, "return p.Loss }", "return p.Loss + p.Loss }"), anyLoss},
		{"method that nothing calls", edit(t, descentFile, `"hidden"`, `"secret"`), ""},
	}
}

// editsBeside are those of what a kind uses, and of the module.
func editsBeside(t *testing.T) []edited {
	return []edited{
		{"a dependency", edit(t, "stages/loss/loss.go", "losses[name]", "losses[name+name]"), anyLoss},
		{"a function of a dependency that is not used", edit(t, "stages/loss/loss.go", "Sprint", "Sprintln"), ""},
		{"variable of a dependency", edit(t, "stages/loss/loss.go", "Loss{}", "Loss{\"\": nil}"), anyLoss},
		{"initialisation of a dependency", edit(t, "stages/loss/loss.go", "func Name", "func init() {}\n\nfunc Name"), anyLoss},
		{"variable that is computed", edit(t, "stages/loss/loss.go", "func Name", "var x = Name(nil)\n\nfunc Name"), anyLoss},
		{"received variable", edit(t, "stages/loss/loss.go", "func Name", "var x = <-make(chan int)\n\nfunc Name"), anyLoss},
		{"engine", edit(t, "pipeline/pipeline.go", "engineonly.Note", "engineonly.Other"), ""},
		{"test", with("stages/descent/descent_test.go", "package descent\n\nvar x = 1"), ""},
		{"generator", edit(t, "stages/internal/rng/gen.go", "generator.Run()", ""), ""},
		{"go line", edit(t, "go.mod", "go 1.26", "go 1.27"), ""},
		{"choice", edit(t, "stages/loss/ell/ell.go", "x * x", "x * x * x"), "ell"},
		{"choice with a module", edit(t, "stages/loss/plain/plain.go", "unused.Abs(x)", "-unused.Abs(x)"), "plain"},
		{"description of a choice", edit(t, "stages/loss/ell/ell.go", "the paper's loss", "a loss"), ""},
		{"description of an explicit instance", edit(t, "stages/loss/plain/plain.go", "no parameter", "none"), ""},
		{"name of a choice", edit(t, "stages/loss/ell/ell.go", `"ell"`, `"l"`), "ell"},
		{"Validate of a choice", edit(t, "stages/loss/ell/ell.go", "error { return nil }",
			"error { return error(nil) }"), ""},
		{"Accepts of a choice", edit(t, "stages/loss/ell/ell.go", "inputs.Some(in)", "inputs.Some(in[1:])"), ""},
		{"what Accepts of a choice uses", edit(t, "stages/internal/inputs/inputs.go", "len(in) == 0", "len(in) == 1"), ""},
		{"cost of a choice", edit(t, "stages/loss/ell/ell.go", "return 2", "return 3"), ""},
		{"new choice", with("stages/loss/cube/cube.go", "package cube\n\nfunc init() {}\n"), ""},
		{"second file of a choice", with("stages/loss/ell/more.go", "package ell\n\nfunc init() {}\n"), "ell"},
		{"file for another platform", edit(t, "stages/internal/rng/rng_arm64.go", "wide = true", "wide = !wide"), anyLoss},
		{"variable for another platform", edit(t, "stages/internal/rng/rng_arm64.go", "wide = false", "wide = true"), anyLoss},
		{"build constraint", edit(t, "stages/internal/rng/rng_arm64.go", "package rng",
			"//go:build linux\n\npackage rng"), anyLoss},
		{"assembly", edit(t, "stages/internal/rng/rng_amd64.s", "RET", "NOP"), anyLoss},
		{"directive", edit(t, "stages/internal/rng/rng.go", "//go:noescape\n", ""), anyLoss},
		{"new file", with("stages/loss/more.go", "package loss\n"), ""},
		{"embedded file", with("stages/theory/table.txt", "1 2 4\n"), "theory"},
		{"file beside", with("stages/theory/notes.txt", "1 2 4\n"), ""},
		{"module", edit(t, "go.mod", "linalg v1.2.0", "linalg v1.3.0"), "theory"},
		{"module of a module", edit(t, "go.mod", "deep v0.3.0", "deep v0.3.1"), "theory"},
		{"module of a choice", edit(t, "go.mod", "unused v1.0.0", "unused v1.0.1"), "plain"},
		{"replaced module", with("go.mod",
			sources["go.mod"]+"\nreplace example.org/deep => example.org/fork v1.1.0\n"), "theory"},
		{"replaced version", with("go.mod",
			sources["go.mod"]+"\nreplace example.org/deep v0.3.0 => example.org/fork v1.0.0\n"), "theory"},
		{"replaced other version", with("go.mod", sources["go.mod"]+"\nreplace example.org/deep v0.2.0 => ../deep\n"), ""},
	}
}

// TestEdits states for each edit which digests change.
func TestEdits(t *testing.T) {
	for _, test := range append(editsOfDescent(t), editsBeside(t)...) {
		var got []string
		for _, q := range []asked{ell, plain, bare, theory} {
			if manifest(t, sources, q).Sum != manifest(t, test.files, q).Sum {
				got = append(got, q.name)
			}
		}
		if strings.Join(got, " ") != test.changed {
			t.Errorf("%s: changed %q, want %q", test.name, got, test.changed)
		}
	}
}
