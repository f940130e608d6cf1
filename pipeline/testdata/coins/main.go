// Command coins tosses coins: a paper of two kinds, on package pipeline alone.
package main

import (
	"embed"
	"os"

	"example.org/coins/figure"
	"example.org/coins/toss"
	"zerotohero/pipeline"
	"zerotohero/pipeline/cli"
)

//go:embed go.mod main.go toss figure
var sources embed.FS

func main() {
	os.Exit(cli.Main(cli.App{
		Name:     "coins",
		Short:    "How often a coin shows heads",
		Long:     "coins tosses biased coins and counts heads.",
		Examples: cli.Examples{Figure: "heads", Stages: "toss/bias=0.5,*"},
		Exports:  "plots",
		Kinds:    []*pipeline.Kind{toss.Kind, figure.Kind},
		Sources:  sources,
	}))
}
