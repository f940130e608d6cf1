// Command hero reproduces "From Zero to Hero: How local curvature at artless initial
// conditions leads away from bad minima" (Bonnaire, Biroli, Cammarota,
// arXiv:2403.02418) from paper.toml. See README.md.
package main

import (
	"embed"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/figures"
	"zerotohero/figures/curves"
	"zerotohero/pipeline"
	"zerotohero/pipeline/build"
	"zerotohero/pipeline/cli"
	"zerotohero/stages/basin"
	"zerotohero/stages/bench"
	"zerotohero/stages/comparison"
	"zerotohero/stages/descent"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/growth"
	"zerotohero/stages/hessian"
	"zerotohero/stages/instance"
	"zerotohero/stages/landscape"
	"zerotohero/stages/prediction"
	"zerotohero/stages/scaling"
	"zerotohero/stages/spectral"
	"zerotohero/stages/theory"
	"zerotohero/stages/theory/best"
	theorycli "zerotohero/stages/theory/cli"

	// Figures, losses, matrices, methods of descent and spectral estimators; a new one gets a line here.
	_ "zerotohero/figures/bestloss"
	_ "zerotohero/figures/curvature"
	_ "zerotohero/figures/descent"
	_ "zerotohero/figures/dynamics"
	_ "zerotohero/figures/dynamicscompare"
	_ "zerotohero/figures/equator"
	_ "zerotohero/figures/finitesize"
	_ "zerotohero/figures/flowvsgd"
	_ "zerotohero/figures/growth"
	_ "zerotohero/figures/initspectrum"
	_ "zerotohero/figures/losses"
	_ "zerotohero/figures/phases"
	_ "zerotohero/figures/predictors"
	_ "zerotohero/figures/signal"
	_ "zerotohero/figures/spectral"
	_ "zerotohero/figures/success"
	_ "zerotohero/figures/thresholds"
	_ "zerotohero/figures/thresholdstates"
	_ "zerotohero/figures/transition"
	_ "zerotohero/stages/descent/anneal"
	_ "zerotohero/stages/descent/flow"
	_ "zerotohero/stages/descent/gd"
	_ "zerotohero/stages/descent/heavyball"
	_ "zerotohero/stages/descent/kick"
	_ "zerotohero/stages/descent/langevin"
	_ "zerotohero/stages/descent/nesterov"
	_ "zerotohero/stages/descent/sgd"
	_ "zerotohero/stages/instance/deferred"
	_ "zerotohero/stages/instance/dense"
	_ "zerotohero/stages/loss/ell"
	_ "zerotohero/stages/loss/formula"
	_ "zerotohero/stages/loss/plain"
	_ "zerotohero/stages/loss/pseudohuber"
	_ "zerotohero/stages/spectral/averaged"
	_ "zerotohero/stages/spectral/inithessian"
	_ "zerotohero/stages/spectral/optimal"
)

// kinds are all kinds of stage; a new one gets a line here.
var kinds = []*pipeline.Kind{
	instance.Kind,
	spectral.Kind,
	descent.Kind,
	hessian.Kind,
	landscape.Kind,
	prediction.Kind,
	dynamics.Kind,
	dynamics.TransitionKind,
	theory.DensityKind,
	theory.TransitionKind,
	theory.OutlierKind,
	theory.SignalKind,
	theory.OverlapKind,
	best.Kind,
	finitesize.Kind,
	comparison.Kind,
	basin.Kind,
	basin.EdgeKind,
	scaling.Kind,
	growth.Kind,
	growth.LawKind,
	figures.Kind,
}

// sources are all of the module's, as compiled here: code digests are made of those of
// the kinds, and a program older than the sources beside paper.toml is noticed.
//
//go:generate go run ./pipeline/code/external stages figures
//go:embed go.mod main.go pipeline stages figures/*.go figures/*/*.go figures/*/*.tmpl figures/internal
var sources embed.FS

// citationFile has the version.
//
//go:embed CITATION.cff
var citationFile []byte

func main() {
	os.Exit(cli.Main(cli.App{
		Name:  "hero",
		Short: "Reproduce the phase retrieval paper “From Zero to Hero”",
		Long: `hero computes the paper “From Zero to Hero: How local curvature at artless initial
conditions leads away from bad minima” (arXiv:2403.02418) as a pipeline: paper.toml
lists its stages and figures, data/ keeps what was computed, and only what an edit
changes is computed again.`,
		Examples: cli.Examples{
			Figure: "success",
			Family: "curve-fit",
			Stage:  "init-threshold/a=1",
			Stages: "curve-descent/N=128,*",
		},
		Exports:  "figures/out",
		Kinds:    kinds,
		Sources:  sources,
		Citation: citationFile,
		Documents: []string{"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "go.sum", ".gitignore",
			"*_test.go", ".ci/run", ".ci/tools/*"},
		Commands: []*cobra.Command{theorycli.Command(), theorycli.LossCommand(curves.File), bench.Command()},
		Build:    func() (build.Build, error) { return build.Read(sources, deviations) },
		Rebuild:  "make hero",
		Machine:  bench.Machine,
	}))
}

// deviations lists what of a build's settings can change the last bits of results: the
// Makefile's are without.
func deviations(set map[string]string) []string {
	var out []string
	tags := strings.FieldsFunc(set["-tags"], func(r rune) bool { return r == ',' || r == ' ' })
	if !slices.Contains(tags, "noasm") {
		out = append(out, "without -tags=noasm")
	}
	for _, tag := range tags {
		// tinygo chooses a library for JSON, which no result goes through.
		if tag != "noasm" && tag != "tinygo" {
			out = append(out, "with the tag "+tag)
		}
	}
	fuses := set["GOARCH"] != "amd64" || set["GOAMD64"] != "v1"
	if fuses && !strings.Contains(set["-gcflags"], "all=-d=fmahash=qn") {
		out = append(out, "without -gcflags=all=-d=fmahash=qn")
	}
	if x := set["-asmflags"]; x != "" {
		out = append(out, "with -asmflags="+x)
	}
	if x := set["-ldflags"]; strings.Contains(x, "-X") {
		out = append(out, "with -ldflags="+x)
	}
	if set["-compiler"] != "gc" {
		out = append(out, "with the compiler "+set["-compiler"])
	}
	if x := set["GOEXPERIMENT"]; x != "" {
		out = append(out, "with GOEXPERIMENT="+x)
	}
	return out
}
