// Command hero reproduces "From Zero to Hero: How local curvature at artless initial
// conditions leads away from bad minima" (Bonnaire, Biroli, Cammarota,
// arXiv:2403.02418) from paper.toml. See README.md.
package main

import (
	"embed"
	"os"

	"github.com/spf13/cobra"

	"zerotohero/figures"
	"zerotohero/pipeline"
	"zerotohero/pipeline/cli"
	"zerotohero/stages/descent"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/hessian"
	"zerotohero/stages/instance"
	"zerotohero/stages/theory"
	theorycli "zerotohero/stages/theory/cli"
)

// kinds are all kinds of stage; a new one gets a line here.
var kinds = []*pipeline.Kind{
	instance.Kind,
	descent.Kind,
	hessian.Kind,
	theory.DensityKind,
	theory.TransitionKind,
	finitesize.Kind,
	figures.Kind,
}

// sources are what the kinds' code digests are made of, as compiled here.
//
//go:generate go run ./pipeline/code/external stages figures
//go:embed go.mod stages figures/*.go
var sources embed.FS

func main() {
	os.Exit(cli.Main(cli.App{
		Name:  "hero",
		Short: "Reproduce the phase retrieval paper “From Zero to Hero”",
		Long: `hero computes the paper “From Zero to Hero: How local curvature at artless initial
conditions leads away from bad minima” (arXiv:2403.02418) as a pipeline: paper.toml
lists its stages and figures, data/ keeps what was computed, and only what an edit
changes is computed again.`,
		Kinds:    kinds,
		Sources:  sources,
		Commands: []*cobra.Command{theorycli.Command()},
	}))
}
