package main

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/batch"
	"zerotohero/pipeline/calibration"
	"zerotohero/pipeline/store"
)

var records = flag.String("records", "", "folder of a store of the default profile, for TestCalibration")

// Stages of one random half of a store predict those of the other better than the kinds' estimates alone:
// as families, as stages, and as the tasks of jobs, none of which takes longer than it asks for.
//
//	go test -run TestCalibration -v . -records "$PWD/data"
func TestCalibration(t *testing.T) {
	if *records == "" {
		t.Skip("without -records there are no times to compare with")
	}
	s, err := store.Open(*records)
	if err != nil {
		t.Fatal(err)
	}
	all := calibration.Measurements(s.Records(), kinds)
	if len(all) < 500 {
		t.Skipf("%d stages on record are too few", len(all))
	}
	var raw, learned deviation
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 16))
		var halves [2][]calibration.Measurement
		for _, m := range all {
			k := r.IntN(2)
			halves[k] = append(halves[k], m)
		}
		for k := range halves {
			raw.compare(t, calibration.New(nil, ""), halves[k])
			learned.compare(t, calibration.New(halves[1-k], ""), halves[k])
		}
	}
	for k, e := range []*deviation{&raw, &learned} {
		name := []string{"estimates alone", "with the other half"}[k]
		t.Logf("%s: families off by %.0f %% on average, %.0f %% at most; stages %.0f %% in the median; all of it %.2f; "+
			"tasks measured over expected %.2f to %.2f (5 to 95 %%), %d of %d beyond what they ask for", name,
			100*math.Expm1(mean(e.families)), 100*math.Expm1(slices.Max(e.families)), 100*math.Expm1(share(e.stages, 0.5)),
			e.measured/e.expected, share(e.tasks, 0.05), share(e.tasks, 0.95), e.over, len(e.tasks)+e.short)
	}
	if mean(learned.families) > mean(raw.families)/2 || share(learned.stages, 0.5) > share(raw.stages, 0.5) ||
		learned.over > 0 {
		t.Errorf("%d tasks take longer than they ask for, or estimates are hardly better than before", learned.over)
	}
}

// A deviation is how far times are from what is expected.
type deviation struct {
	families, stages   []float64 // absolute logarithms, of families over 5 s and stages over 50 ms
	tasks              []float64 // measured over expected, of those over 3 s
	short, over        int       // tasks that are shorter, and that take longer than they ask for
	measured, expected float64
}

func (e *deviation) compare(t *testing.T, c *calibration.Calibration, measured []calibration.Measurement) {
	t.Helper()
	type sum struct{ measured, expected float64 }
	families := make(map[string]*sum)
	took := make(map[*pipeline.Stage]float64)
	var stages []*pipeline.Stage
	for _, m := range measured {
		seconds := m.Stage.Cost().Seconds * c.Of(m.Stage).Value
		if m.Stage.Cost().Seconds > 0.05 {
			e.stages = append(e.stages, math.Abs(math.Log(m.Seconds/seconds)))
		}
		f := families[m.Stage.Family()]
		if f == nil {
			f = &sum{}
			families[m.Stage.Family()] = f
		}
		f.measured += m.Seconds
		f.expected += seconds
		took[m.Stage] = m.Seconds
		stages = append(stages, m.Stage)
	}
	for _, f := range families {
		e.measured += f.measured
		e.expected += f.expected
		if f.measured > 5 {
			e.families = append(e.families, math.Abs(math.Log(f.measured/f.expected)))
		}
	}
	jobs, err := batch.Cut(stages, func(s *pipeline.Stage) batch.Estimate {
		cost, f := s.Cost(), c.Of(s)
		return batch.Estimate{Seconds: f.Value * cost.Seconds, Longest: 1.5 * f.High * cost.Seconds, Bytes: cost.Bytes}
	}, batch.Limits{Chunk: 60, Tasks: 1000, Cores: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		for _, task := range j.Tasks {
			seconds := 0.0
			for _, s := range task.Stages {
				seconds += took[s]
			}
			if seconds > j.Seconds {
				e.over++
			}
			if task.Seconds > 3 {
				e.tasks = append(e.tasks, seconds/task.Seconds)
			} else {
				e.short++
			}
		}
	}
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, x := range list {
		sum += x
	}
	return sum / float64(len(list))
}

// share is the quantile of a list.
func share(list []float64, q float64) float64 {
	return slices.Sorted(slices.Values(list))[int(q*float64(len(list)-1))]
}
