// Command hero reproduces "From Zero to Hero: How local curvature at artless initial
// conditions leads away from bad minima" (Bonnaire, Biroli, Cammarota,
// arXiv:2403.02418) from paper.toml. See README.md.
package main

import (
	"embed"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/figures"
	_ "zerotohero/figures/curvature"
	_ "zerotohero/figures/descent"
	_ "zerotohero/figures/dynamics"
	_ "zerotohero/figures/finitesize"
	_ "zerotohero/figures/flowvsgd"
	_ "zerotohero/figures/initspectrum"
	_ "zerotohero/figures/losses"
	_ "zerotohero/figures/phases"
	_ "zerotohero/figures/spectral"
	_ "zerotohero/figures/success"
	_ "zerotohero/figures/thresholds"
	_ "zerotohero/figures/thresholdstates"
	_ "zerotohero/figures/transition"
	"zerotohero/pipeline"
	"zerotohero/pipeline/cli"
	"zerotohero/stages/bench"
	"zerotohero/stages/descent"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/hessian"
	"zerotohero/stages/instance"
	"zerotohero/stages/landscape"
	"zerotohero/stages/scaling"
	"zerotohero/stages/spectral"
	"zerotohero/stages/theory"
	theorycli "zerotohero/stages/theory/cli"
)

// kinds are all kinds of stage; a new one gets a line here.
var kinds = []*pipeline.Kind{
	instance.Kind,
	spectral.Kind,
	descent.Kind,
	hessian.Kind,
	landscape.Kind,
	dynamics.Kind,
	dynamics.TransitionKind,
	theory.DensityKind,
	theory.TransitionKind,
	theory.OutlierKind,
	finitesize.Kind,
	scaling.Kind,
	figures.Kind,
}

// sources are what the kinds' code digests are made of, as compiled here.
//
//go:generate go run ./pipeline/code/external stages figures
//go:embed go.mod stages figures/*.go figures/*/*.go
var sources embed.FS

func main() {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = new(debug.BuildInfo)
	}
	os.Exit(cli.Main(cli.App{
		Name:  "hero",
		Short: "Reproduce the phase retrieval paper “From Zero to Hero”",
		Long: `hero computes the paper “From Zero to Hero: How local curvature at artless initial
conditions leads away from bad minima” (arXiv:2403.02418) as a pipeline: paper.toml
lists its stages and figures, data/ keeps what was computed, and only what an edit
changes is computed again.`,
		Kinds:     kinds,
		Sources:   sources,
		Commands:  []*cobra.Command{theorycli.Command(), bench.Command()},
		BuildNote: buildNote(info),
	}))
}

// buildNote tells a build without the Makefile's flags, which alone make artifacts
// equal to the bit on every platform.
func buildNote(info *debug.BuildInfo) string {
	set := make(map[string]string)
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	var lacks []string
	if !strings.Contains(set["-tags"], "noasm") {
		lacks = append(lacks, "-tags=noasm")
	}
	if mayFuse := set["GOARCH"] != "amd64" || set["GOAMD64"] != "v1"; mayFuse && !strings.Contains(set["-gcflags"], "all=-d=fmahash=qn") {
		lacks = append(lacks, "-gcflags=all=-d=fmahash=qn")
	}
	if lacks == nil {
		return ""
	}
	return "this hero was built without " + strings.Join(lacks, " and ") + ", so that results can differ in the last bits; build it with make hero"
}
