package bench

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/descent"
	_ "zerotohero/stages/descent/flow"
	_ "zerotohero/stages/descent/gd"
	"zerotohero/stages/instance"
	_ "zerotohero/stages/instance/dense"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/outcome"
)

// eta is the step of gradient descent.
const eta = 0.02

// A task is descents on ℓ_1: a stage, as the pipeline runs it, of instances with one start
// each. X is drawn again in it, once for the instances of a seed.
type task struct {
	instances []*artifact.Table
	method    string
	maxTime   float64 // 0 for no limit
	formula   string  // of ℓ_1, to have it from there
}

func (t task) run(ctx context.Context) ([]descent.Descent, error) {
	values := map[string]any{"loss": "ell", "a": 1.0, "method": t.method, "max_time": t.maxTime}
	if t.formula != "" {
		values["loss"], values["formula"] = "ell-as-formula", t.formula
	}
	if t.method == "gd" {
		values["eta"] = eta
	}
	params, err := descent.Kind.Resolve(values)
	if err != nil {
		return nil, err
	}
	var in pipeline.Inputs
	for _, table := range t.instances {
		in = append(in, pipeline.Input{
			Stage: "instance", Kind: instance.Kind.Name,
			Open: func() (*artifact.Table, error) { return table, nil },
		})
	}
	out, err := pipeline.NewStage("descent", descent.Kind, params).Run(ctx, in)
	if err != nil {
		return nil, err
	}
	return artifact.Rows[descent.Descent](out)
}

// draw draws an instance.
func draw(ctx context.Context, values map[string]any) (*artifact.Table, error) {
	params, err := instance.Kind.Resolve(values)
	if err != nil {
		return nil, err
	}
	return pipeline.NewStage("instance", instance.Kind, params).Run(ctx, nil)
}

// parallel calls f for 0 to n−1 on all cores, in ascending order of their beginning.
func parallel(n int, f func(i int) error) error {
	var mu sync.Mutex
	var failed error
	next := 0
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, next <= n && failed == nil
	}
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				if err := f(i); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return failed
}

// descend runs tasks on all cores. The descents are in the order of the tasks.
func descend(ctx context.Context, tasks []task) ([]descent.Descent, error) {
	each := make([][]descent.Descent, len(tasks))
	err := parallel(len(tasks), func(i int) (err error) {
		each[i], err = tasks[i].run(ctx)
		return err
	})
	return slices.Concat(each...), err
}

// draws makes tasks of one instance, with seeds from 1 at each alpha, in this order.
func draws(ctx context.Context, n int, alphas []float64, seeds int, method string) ([]task, error) {
	out := make([]task, len(alphas)*seeds)
	err := parallel(len(out), func(i int) error {
		seed := int64(1 + i%seeds)
		t, err := draw(ctx, map[string]any{"N": int64(n), "alpha": alphas[i/seeds],
			"seeds": pipeline.Range{First: seed, Last: seed}})
		out[i] = task{instances: []*artifact.Table{t}, method: method}
		return err
	})
	return out, err
}

func (s sizes) evaluationsRow() row {
	return row{
		name: fmt.Sprintf("evaluations-%d", s.n),
		what: fmt.Sprintf("gradient evaluations to an outcome, descent of η = %v against flow, N = %d, α = %d, "+
			"%d instances",
			eta, s.n, alpha, s.instances),
		target: target{unit: factor, value: 10},
		measure: func(ctx context.Context) (finding, error) {
			slow, err := draws(ctx, s.n, []float64{alpha}, s.instances, "gd")
			if err != nil {
				return finding{}, err
			}
			fast := append([]task(nil), slow...)
			for i := range fast {
				fast[i].method = "flow"
			}
			all, err := descend(ctx, append(slow, fast...))
			if err != nil {
				return finding{}, err
			}
			return compare(all[:s.instances], all[s.instances:]), nil
		},
	}
}

// compare compares the evaluations and the outcomes of descents from the same starts.
func compare(gd, flow []descent.Descent) finding {
	var evaluations, others []float64
	var total, totalOther float64
	var recovered, recoveredOther, only, onlyOther, unresolved int
	for i := range flow {
		evaluations = append(evaluations, float64(flow[i].Evaluations))
		others = append(others, float64(gd[i].Evaluations))
		total += float64(flow[i].Evaluations)
		totalOther += float64(gd[i].Evaluations)
		a, b := flow[i].Outcome == outcome.Recovered, gd[i].Outcome == outcome.Recovered
		switch {
		case a && b:
			recovered, recoveredOther = recovered+1, recoveredOther+1
		case a:
			recovered, only = recovered+1, only+1
		case b:
			recoveredOther, onlyOther = recoveredOther+1, onlyOther+1
		}
		for _, o := range []string{flow[i].Outcome, gd[i].Outcome} {
			if o == outcome.Unresolved || o == outcome.Diverged {
				unresolved++
			}
		}
	}
	f := finding{
		ours:   fmt.Sprintf("%.4g flow", median(evaluations)),
		other:  fmt.Sprintf("%.4g gd", median(others)),
		result: summarize(ratios(others, evaluations)),
		note: fmt.Sprintf("In all %.3g×. Recovered: %d by flow, %d by gradient descent, of %d; "+
			"%d and %d by one of them alone.",
			totalOther/total, recovered, recoveredOther, len(flow), only, onlyOther),
	}
	if unresolved > 0 {
		f.note += fmt.Sprintf(" %d descents were unresolved or diverged.", unresolved)
	}
	// McNemar's test: of starts whose outcomes differ, either method recovers half, so
	// that the difference has the standard error √(their number).
	if math.Abs(float64(only-onlyOther)) > 2*math.Sqrt(float64(only+onlyOther)) {
		f.fault = "The recovery rates differ by more than two standard errors."
	}
	return f
}

func (s sizes) descentsRow() row {
	return row{
		name: fmt.Sprintf("descents-%d", s.n),
		what: fmt.Sprintf("%d descents by flow at each of α = %s, N = %d, one start an instance, all cores: "+
			"the instances of a seed together, against one by one",
			s.descents, list(s.alphas), s.n),
		target: target{unit: seconds, most: true, value: 10},
		measure: func(ctx context.Context) (finding, error) {
			start := time.Now()
			apart, err := draws(ctx, s.n, s.alphas, s.descents, "flow")
			if err != nil {
				return finding{}, err
			}
			drawing := time.Since(start).Seconds()
			together := make([]task, s.descents)
			for seed := range together {
				together[seed].method = "flow"
				for a := range s.alphas {
					together[seed].instances = append(together[seed].instances, apart[a*s.descents+seed].instances...)
				}
			}
			alone, wallAlone, _, err := clock(ctx, apart)
			if err != nil {
				return finding{}, err
			}
			all, wall, busy, err := clock(ctx, together)
			if err != nil {
				return finding{}, err
			}
			recovered := make([]float64, len(s.alphas))
			evaluations := 0.0
			fault := ""
			for i, d := range all {
				seed, a := i/len(s.alphas), i%len(s.alphas)
				if d.Outcome == outcome.Recovered {
					recovered[a]++
				}
				evaluations += float64(d.Evaluations)
				if !slices.Equal(d.Student, alone[a*s.descents+seed].Student) {
					fault = "A descent ended elsewhere in company than alone."
				}
			}
			return finding{
				ours:   duration(wall),
				other:  duration(wallAlone) + " one by one",
				result: summarize([]float64{wall}),
				fault:  fault,
				note: fmt.Sprintf("Wall time with redrawing X; the cores, %d, "+
					"worked %s on it. Instances of a seed share X and the passes over it. Drawing them took %s "+
					"before. %.0f evaluations a descent; recovered %s of %d.",
					runtime.GOMAXPROCS(0), duration(busy), duration(drawing), evaluations/float64(len(all)),
					list(recovered), s.descents),
			}, nil
		},
	}
}

// clock runs tasks, and measures the time in seconds on the wall and of the processor.
func clock(ctx context.Context, tasks []task) (all []descent.Descent, wall, busy float64, err error) {
	start, before := time.Now(), processorTime()
	all, err = descend(ctx, tasks)
	return all, time.Since(start).Seconds(), processorTime() - before, err
}

func list(x []float64) string {
	var out []string
	for _, v := range x {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, ", ")
}
