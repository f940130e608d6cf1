package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkPlan makes the graph of many small stages, plans it in an empty store, and
// plans it again when all of them are fresh: what an idle command does.
//
//	go test ./pipeline/engine -run '^$' -bench Plan -benchtime 5x
func BenchmarkPlan(b *testing.B) {
	for _, stages := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(stages), func(b *testing.B) { benchmarkPlan(b, stages) })
	}
}

func benchmarkPlan(b *testing.B, stages int) {
	w := newBench(b)
	// Each block of seeds makes two stages that draw and two that change; the rest of
	// the paper is a few sums and a figure.
	w.paper = strings.Replace(w.paper, "1..30 by 10", fmt.Sprintf("1..%d by 1", stages/4), 1)
	b.Run("graph", func(b *testing.B) {
		for b.Loop() {
			w.graph()
		}
	})
	g, e := w.graph(), w.engine()
	b.Run("empty", func(b *testing.B) {
		for b.Loop() {
			if p, err := e.Plan(g); err != nil || p.Count(Run) != len(g.Stages) {
				b.Fatal(err)
			}
		}
	})
	if _, err := e.Run(context.Background(), g, Options{Cores: 2}); err != nil {
		b.Fatal(err)
	}
	b.Run("fresh", func(b *testing.B) {
		for b.Loop() {
			if p, err := e.Plan(g); err != nil || p.Count(Fresh) != len(g.Stages) {
				b.Fatal(err)
			}
		}
	})
}
