package cli

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
)

const recomputeHelp = `
With --recompute it then computes stages again from their inputs in the store, keeps
nothing of that, and compares the bytes with those in the store: a sample of the named
figures and stages, or of all of the profile, of each kind as many as of another as far
as there are. What differs is shown by columns and rows. A stage whose code has changed
since it was computed is computed by the code of now, and said to be.
`

// recomputeFlags are those of verify that choose what is computed again.
type recomputeFlags struct {
	on     bool
	sample string
	seed   uint64
	budget string
	cores  int
	memory memoryFlag

	most  int // stages, 0 for all
	limit time.Duration
	bytes int64 // that stages may take at once
}

func (f *recomputeFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.on, "recompute", false, "compute a sample of stages again and compare the bytes")
	c.Flags().StringVar(&f.sample, "sample", "20", "with --recompute: how many stages, or all")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "with --recompute: of the choice of stages")
	c.Flags().StringVar(&f.budget, "budget", "5m", "with --recompute: time that the sample may take, or none for any")
	c.Flags().IntVarP(&f.cores, "jobs", "j", runtime.GOMAXPROCS(0), "with --recompute: stages computed at once")
	f.memory.add(c)
}

func (f *recomputeFlags) check(c *cobra.Command, patterns []string) error {
	if !f.on {
		for _, name := range []string{"sample", "seed", "budget", "jobs", "memory"} {
			if c.Flags().Changed(name) {
				return usage("--%s is about what --recompute computes, which is not given", name)
			}
		}
		if len(patterns) > 0 {
			return usage("verify reads the whole store; to compute %s again, add --recompute", strings.Join(patterns, " "))
		}
		return nil
	}
	var err error
	if f.sample != "all" {
		if f.most, err = strconv.Atoi(f.sample); err != nil || f.most < 1 {
			return usage("--sample is %q; it is a number of stages from 1 on, or all", f.sample)
		}
	}
	if f.budget != "none" {
		if f.limit, err = time.ParseDuration(f.budget); err != nil || f.limit <= 0 {
			return usage("--budget is %q; it is a time as 90s, 5m or 2h, or none", f.budget)
		}
	}
	if f.cores < 1 {
		return usage("-j is %d and must be at least 1", f.cores)
	}
	f.bytes, err = f.memory.limit()
	return err
}

// A recomputation is what --json has of it.
type recomputation struct {
	Build      string           `json:"build"`
	Machine    string           `json:"machine"`
	Candidates int              `json:"candidates"`  // stages that could have been chosen
	OverBudget int              `json:"over_budget"` // of those, left out for the time that they take
	Left       int              `json:"left"`        // chosen and not computed, because it was stopped
	Seed       uint64           `json:"seed"`
	Stages     []recomputedJSON `json:"stages"`
}

type recomputedJSON struct {
	Stage    string          `json:"stage"`
	Kind     string          `json:"kind"`
	Same     bool            `json:"same"`
	Seconds  float64         `json:"seconds"`
	Recorded float64         `json:"recorded"` // seconds that it took when it was recorded
	Digest   digest.Artifact `json:"digest"`   // of what came out; empty if nothing did
	Code     []string        `json:"code"`     // what of it has changed since
	Error    string          `json:"error"`
	Differs  []string        `json:"differs"`
}

// recompute computes a sample of some stages again.
func (w *workspace) recompute(out io.Writer, plan *engine.Plan, targets []*pipeline.Stage, f recomputeFlags) (
	*recomputation, error) {
	all, other, err := w.engine.Witnesses(plan)
	if err != nil {
		return nil, err
	}
	var named []engine.Witness
	for _, x := range all {
		if slices.Contains(targets, x.Stage) {
			named = append(named, x)
		}
	}
	if len(named) == 0 {
		return nil, fmt.Errorf("none of %s is in the store with what it was computed from; run first",
			format.Count(len(targets), "stage"))
	}
	chosen, over := sample(named, f.most, f.seed, f.limit.Seconds()*float64(f.cores))
	r := &recomputation{Build: w.build.String(), Machine: w.machine(), Candidates: len(named), OverBudget: over,
		Seed: f.seed, Stages: []recomputedJSON{}}
	w.writeSample(out, r, chosen, other)
	ctx, stop, release := interruptible()
	defer release()
	options := engine.Options{Cores: f.cores, Memory: f.bytes, Stop: stop}
	start, same, differ := time.Now(), 0, 0
	r.Left, err = w.engine.Recompute(ctx, chosen, options, func(x engine.Recomputed) {
		if x.Same() {
			same++
		} else {
			differ++
		}
		r.Stages = append(r.Stages, recomputedOf(x))
		writeRecomputed(out, x)
	})
	slices.SortFunc(r.Stages, func(a, b recomputedJSON) int { return strings.Compare(a.Stage, b.Stage) })
	var large *engine.MemoryError
	switch {
	case errors.As(err, &large):
		return r, Usage(errors.New(f.memory.refusal(large)))
	case err != nil:
		return r, err
	}
	fmt.Fprintf(out, "computed again: %s the same bit for bit, %d not, in %s\n", format.Count(same, "stage"), differ,
		format.Seconds(time.Since(start).Seconds()))
	if r.Left > 0 {
		err = &exit{exitInterrupted, fmt.Errorf("stopped with %s of the sample to go; the same command chooses the same",
			format.Count(r.Left, "stage"))}
	}
	if differ > 0 {
		err = errors.Join(fmt.Errorf("%s not as in the store when computed again", format.Count(differ, "stage")), err)
	}
	return r, err
}

// machine is what of this machine computes.
func (w *workspace) machine() string {
	if w.app.Machine == nil {
		return runtime.GOARCH
	}
	return w.app.Machine()
}

func (w *workspace) writeSample(out io.Writer, r *recomputation, chosen []engine.Witness, other int) {
	rest := ""
	if r.OverBudget > 0 {
		rest += fmt.Sprintf("; %d left out for their time (--budget)", r.OverBudget)
	}
	if other > 0 {
		rest += fmt.Sprintf("; %s in the store with other parameters or inputs, and not comparable",
			format.Count(other, "stage"))
	}
	fmt.Fprintf(out, "computing %d of %s again (seed %d%s)\non %s, %s\n", len(chosen),
		format.Count(r.Candidates, "stage"), r.Seed, rest, r.Machine, r.Build)
}

func writeRecomputed(out io.Writer, x engine.Recomputed) {
	what := "same"
	switch {
	case x.Err != nil:
		what = "failed"
	case !x.Same():
		what = "different"
	}
	fmt.Fprintf(out, "%-10s %s (%s, %s when recorded)\n", what, x.Stage.Name, format.Seconds(x.Seconds),
		format.Seconds(x.Action.Seconds))
	if len(x.Code) > 0 {
		fmt.Fprintf(out, "           its code has changed since it was recorded: %s\n", strings.Join(x.Code, "; "))
	}
	for _, line := range differences(x) {
		fmt.Fprintf(out, "           %s\n", line)
	}
}

// differences says what came of a stage that is not the same.
func differences(x engine.Recomputed) []string {
	switch {
	case x.Err != nil:
		return []string{x.Err.Error()}
	case x.Unread != nil:
		return []string{fmt.Sprintf("%v, so that what differs is not known", x.Unread)}
	case x.Differs == nil:
		return nil
	}
	if lines := x.Differs.Lines(); lines != nil {
		return lines
	}
	return []string{"the same values in other bytes"}
}

func recomputedOf(x engine.Recomputed) recomputedJSON {
	out := recomputedJSON{Stage: x.Stage.Name, Kind: x.Stage.Kind.Name, Same: x.Same(), Seconds: x.Seconds,
		Recorded: x.Action.Seconds, Digest: x.Digest, Code: notNil(x.Code), Differs: []string{}}
	if x.Err != nil {
		out.Error = x.Err.Error()
	} else {
		out.Differs = notNil(differences(x))
	}
	return out
}

// sample chooses stages: of each kind in turn one, in an order that the seed and the names
// decide, until there are so many (0: all), or no more of the seconds that they took when they
// were recorded (0: any). Over is how many were left out for the latter.
func sample(of []engine.Witness, most int, seed uint64, seconds float64) (chosen []engine.Witness, over int) {
	kinds := groupBy(of, func(x engine.Witness) string { return x.Stage.Kind.Name })
	slices.SortFunc(kinds, func(a, b []engine.Witness) int {
		return strings.Compare(a[0].Stage.Kind.Name, b[0].Stage.Kind.Name)
	})
	for _, k := range kinds {
		slices.SortFunc(k, func(a, b engine.Witness) int { return strings.Compare(a.Stage.Name, b.Stage.Name) })
		h := fnv.New64a()
		io.WriteString(h, k[0].Stage.Kind.Name)
		rng := rand.New(rand.NewPCG(seed, h.Sum64()))
		rng.Shuffle(len(k), func(i, j int) { k[i], k[j] = k[j], k[i] })
	}
	if most == 0 {
		most = len(of)
	}
	left := seconds
	for round := 0; len(chosen)+over < len(of) && len(chosen) < most; round++ {
		for _, k := range kinds {
			if round >= len(k) || len(chosen) == most {
				continue
			}
			if took := k[round].Action.Seconds; seconds > 0 && took > left {
				over++
				continue
			} else if seconds > 0 {
				left -= took
			}
			chosen = append(chosen, k[round])
		}
	}
	return chosen, over
}

// joined is two errors in one, with the exit code of the first that has one.
func joined(a, b error) error {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	both := errors.Join(a, b)
	var e *exit
	if errors.As(both, &e) {
		return &exit{e.code, both}
	}
	return both
}
