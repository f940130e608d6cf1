package batch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
)

type params struct {
	Number int `param:"number"`
}

type row struct {
	X int64 `arrow:"x" doc:"a number"`
}

func compute(context.Context, params, pipeline.Inputs) ([]row, error) { return nil, nil }

func draw(context.Context, params, pipeline.Inputs) ([]pipeline.Export, error) { return nil, nil }

var (
	kind    = pipeline.Define(pipeline.Definition[params, row]{Name: "compute", Run: compute})
	drawing = pipeline.Define(pipeline.Definition[params, pipeline.Export]{Name: "drawing", Run: draw})
)

// A sample is a graph with what each stage takes.
type sample struct {
	stages []*pipeline.Stage
	cost   map[*pipeline.Stage]Estimate
}

func (s *sample) estimate(of *pipeline.Stage) Estimate { return s.cost[of] }

func (s *sample) add(
	name string, k *pipeline.Kind, seconds float64, bytes int64, in ...*pipeline.Stage,
) *pipeline.Stage {
	if s.cost == nil {
		s.cost = make(map[*pipeline.Stage]Estimate)
	}
	stage := pipeline.NewStage(name, k, params{len(s.stages)}, in...)
	s.stages = append(s.stages, stage)
	s.cost[stage] = Estimate{seconds, 2 * seconds, bytes}
	return stage
}

// family adds stages that all take the same; inputs gives those of each.
func (s *sample) family(name string, n int, seconds float64, inputs func(k int) []*pipeline.Stage) []*pipeline.Stage {
	var out []*pipeline.Stage
	for k := range n {
		var in []*pipeline.Stage
		if inputs != nil {
			in = inputs(k)
		}
		out = append(out, s.add(fmt.Sprintf("%s/k=%d", name, k), kind, seconds, 64<<20, in...))
	}
	return out
}

// random is a graph of families that read others stage by stage, as a whole, or anything of them, and now and
// then stages of their own.
func random(r *rand.Rand) *sample {
	s := &sample{}
	var families [][]*pipeline.Stage
	scale := []float64{0.01, 10, 1000, 10000}[r.IntN(4)]
	for f := range 1 + r.IntN(7) {
		n := 1 + r.IntN(60)
		if len(families) > 0 && r.IntN(2) == 0 {
			n = len(families[r.IntN(len(families))])
		}
		var read [][]*pipeline.Stage
		for range min(len(families), r.IntN(3)) {
			read = append(read, families[r.IntN(len(families))])
		}
		how, chained := r.IntN(3), r.IntN(4) == 0
		same := r.IntN(2) == 0
		all := scale * r.ExpFloat64()
		var family []*pipeline.Stage
		for k := range n {
			var in []*pipeline.Stage
			for _, from := range read {
				switch {
				case how == 0:
					in = append(in, from[k%len(from)])
				case how == 1:
					in = append(in, from...)
				default:
					in = append(in, from[r.IntN(len(from))])
				}
			}
			if chained && k > 0 && r.IntN(3) > 0 {
				in = append(in, family[r.IntN(k)])
			}
			seconds := all
			if !same {
				seconds = scale * r.ExpFloat64()
			}
			family = append(family, s.add(fmt.Sprintf("f%d/k=%d", f, k), kind, seconds, int64(r.ExpFloat64()*4e9), in...))
		}
		families = append(families, family)
	}
	for f := range r.IntN(4) {
		s.add(fmt.Sprintf("drawing/%d", f), drawing, 0.1, 1<<20, families[r.IntN(len(families))]...)
	}
	return s
}

func randomLimits(r *rand.Rand) Limits {
	return Limits{
		Chunk: []float64{300, 3600, 20000}[r.IntN(3)],
		Tasks: []int{3, 20, 1000}[r.IntN(3)],
		Cores: 1 + r.IntN(3)/2*3,
	}
}

// ended gives the tasks that have ended when a task of a job begins: every job that it waits for, in
// turn, and those that they wait for.
func ended(jobs []Job, job, task int, out map[[2]int]bool) {
	for _, d := range jobs[job].After {
		for k := range jobs[d.Job].Tasks {
			if at := [2]int{d.Job, k}; (!d.Corresponding || k == task) && !out[at] {
				out[at] = true
				ended(jobs, d.Job, k, out)
			}
		}
	}
}

func TestCutProperties(t *testing.T) {
	corresponding := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 16))
		s := random(r)
		l := randomLimits(r)
		jobs, err := Cut(s.stages, s.estimate, l)
		if err != nil {
			t.Fatal(err)
		}
		in := make(map[*pipeline.Stage][2]int)
		names := make(map[string]bool)
		for j, job := range jobs {
			if names[job.Name] || job.Cores != l.Cores || len(job.Tasks) == 0 || len(job.Tasks) > l.Tasks {
				t.Fatalf("seed %d: job %s has %d tasks of %d cores", seed, job.Name, len(job.Tasks), job.Cores)
			}
			names[job.Name] = true
			for k, task := range job.Tasks {
				checkTask(t, s, l, job, task)
				for _, stage := range task.Stages {
					if _, twice := in[stage]; twice {
						t.Fatalf("seed %d: %s is in two tasks", seed, stage.Name)
					}
					in[stage] = [2]int{j, k}
				}
			}
			for _, d := range job.After {
				if d.Job >= j || d.Corresponding && len(jobs[d.Job].Tasks) != len(job.Tasks) {
					t.Fatalf("seed %d: job %d waits for %+v", seed, j, d)
				}
				if d.Corresponding {
					corresponding++
				}
			}
		}
		if len(in) != len(s.stages) {
			t.Fatalf("seed %d: %d of %d stages are in a task", seed, len(in), len(s.stages))
		}
		for j, job := range jobs {
			for k, task := range job.Tasks {
				before := make(map[[2]int]bool)
				ended(jobs, j, k, before)
				for _, stage := range task.Stages {
					for _, from := range stage.Inputs {
						if !before[in[from]] {
							t.Fatalf("seed %d: %s does not wait for %s", seed, stage.Name, from.Name)
						}
					}
				}
			}
		}
		if again, _ := Cut(s.stages, s.estimate, l); !reflect.DeepEqual(jobs, again) {
			t.Fatalf("seed %d: other jobs the second time", seed)
		}
	}
	if corresponding < 50 {
		t.Errorf("only %d dependencies are of corresponding tasks", corresponding)
	}
}

// checkTask wants a task to be of stages that no other in it needs, neither long nor too large
// for what is asked for.
func checkTask(t *testing.T, s *sample, l Limits, job Job, task Task) {
	t.Helper()
	total, longest, asked, most := 0.0, 0.0, 0.0, int64(0)
	for _, stage := range task.Stages {
		c := s.cost[stage]
		total += c.Seconds
		asked = max(asked, c.Longest)
		longest = max(longest, c.Seconds)
		most = max(most, c.Bytes)
		for _, in := range stage.Inputs {
			if slices.Contains(task.Stages, in) {
				t.Fatalf("%s is in a task with its input", stage.Name)
			}
		}
		if base, _, _ := strings.Cut(job.Name, "."); stage.Family() != base && stage.Kind.Name != base {
			t.Fatalf("%s is in job %s", stage.Name, job.Name)
		}
	}
	if task.Seconds < max(longest, total/float64(l.Cores))*(1-1e-12) {
		t.Fatalf("a task of %v s in all and %v s at most is expected to take %v s", total, longest, task.Seconds)
	}
	if len(task.Stages) > 1 && task.Seconds > l.Chunk {
		t.Fatalf("a task of %d stages takes %v s", len(task.Stages), task.Seconds)
	}
	if job.Seconds < max(asked, task.Seconds) || job.Bytes < most {
		t.Fatalf("a task of %v s and %d bytes asks for %v s and %d bytes", asked, most, job.Seconds, job.Bytes)
	}
}

func cut(t *testing.T, s *sample, l Limits) []Job {
	t.Helper()
	jobs, err := Cut(s.stages, s.estimate, l)
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

var usual = Limits{Chunk: 3600, Tasks: 1000, Cores: 1}

func summary(jobs []Job) string {
	var out []string
	for _, j := range jobs {
		text := fmt.Sprintf("%s:%d", j.Name, len(j.Tasks))
		for _, d := range j.After {
			mark := "<"
			if d.Corresponding {
				mark = "="
			}
			text += mark + jobs[d.Job].Name
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

// Small cases whose cut can be said by hand.
func TestCutByHand(t *testing.T) {
	one := func(list []*pipeline.Stage) func(int) []*pipeline.Stage {
		return func(k int) []*pipeline.Stage { return list[k : k+1] }
	}
	whole := func(list []*pipeline.Stage) func(int) []*pipeline.Stage {
		return func(int) []*pipeline.Stage { return list }
	}
	for _, c := range []struct {
		name   string
		make   func(s *sample)
		limits Limits
		want   string
	}{
		{"short ones share a task of five minutes", func(s *sample) { s.family("a", 100, 6, nil) }, usual, "a:2"},
		{"long ones have a task each", func(s *sample) { s.family("a", 7, 5000, nil) }, usual, "a:7"},
		{"of many, tasks take the chunk", func(s *sample) { s.family("a", 800, 600, nil) },
			Limits{Chunk: 3600, Tasks: 50, Cores: 1}, "a.1:50 a.2:50 a.3:34"},
		{"where axes match, a task waits for one", func(s *sample) { s.family("b", 8, 500, one(s.family("a", 8, 400, nil))) },
			usual, "a:8 b:8=a"},
		{"and in short tasks of several too", func(s *sample) { s.family("b", 100, 30, one(s.family("a", 100, 30, nil))) },
			usual, "a:10 b:10=a"},
		{"but not in tasks that are too long", func(s *sample) { s.family("b", 100, 2000, one(s.family("a", 100, 30, nil))) },
			usual, "a:10 b:100<a"},
		{"nor in many that are too short", func(s *sample) { s.family("b", 100, 1, one(s.family("a", 100, 900, nil))) },
			usual, "a:100 b:1<a"},
		{"what is implied is left out", func(s *sample) {
			a := s.family("a", 3, 1, nil)
			b := s.family("b", 3, 1, whole(a))
			s.family("c", 1, 1, whole(append(slices.Clone(a), b...)))
		}, usual, "a:1 b:1<a c:1<b"},
		{"what people read is last", func(s *sample) {
			a := s.family("a", 1, 1, nil)
			s.add("drawing/x", drawing, 1, 1, a...)
			b := s.family("b", 1, 1, whole(a))
			s.add("drawing/y", drawing, 1, 1, b...)
		}, usual, "a:1 b:1<a drawing:1<b"},
		{"the longest path is first", func(s *sample) {
			s.family("a", 1, 10, nil)
			s.family("c", 1, 100, whole(s.family("b", 1, 1, nil)))
		}, usual, "b:1 c:1<b a:1"},
		{"memory that differs is asked for apart", func(s *sample) {
			for k, bytes := range []int64{1 << 20, 3 << 30, 1 << 28, 40 << 30} {
				s.add(fmt.Sprintf("a/k=%d", k), kind, 1000, bytes)
			}
		}, usual, "a.1:1 a.2:1 a.3:2"},
		{"and so is time beyond the chunk", func(s *sample) {
			for k, seconds := range []float64{4000, 1000, 2000, 200000, 5000} {
				s.add(fmt.Sprintf("a/k=%d", k), kind, seconds, 1)
			}
		}, usual, "a.1:1 a.2:2 a.3:2"},
	} {
		s := &sample{}
		c.make(s)
		if got := summary(cut(t, s, c.limits)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A stage that has the key of another waits for it, and is computed in no time.
func TestTwins(t *testing.T) {
	s := &sample{cost: make(map[*pipeline.Stage]Estimate)}
	for _, name := range []string{"a/k=1", "b/k=1", "c/k=1"} {
		x := pipeline.NewStage(name, kind, params{1})
		y := pipeline.NewStage("of-"+name, kind, params{2}, x)
		s.stages = append(s.stages, x, y)
		s.cost[x], s.cost[y] = Estimate{Seconds: 1000}, Estimate{Seconds: 500}
	}
	jobs := cut(t, s, usual)
	if got := summary(jobs); got != "a:1 of-a:1<a b:1<a c:1<a of-b:1<of-a<b of-c:1<of-a<c" {
		t.Error(got)
	}
	if got := LongestPath(jobs, 0); got < 1500 || got > 1501 {
		t.Errorf("the longest path takes %v s", got)
	}
}

// What was computed before is no longer waited for, and bad lists are errors.
func TestCutOfPart(t *testing.T) {
	s := &sample{}
	a := s.family("a", 2, 1, nil)
	b := s.family("b", 2, 1, func(int) []*pipeline.Stage { return a })
	jobs, err := Cut(b, s.estimate, usual)
	if err != nil || summary(jobs) != "b:1" {
		t.Errorf("%s, %v", summary(jobs), err)
	}
	for _, c := range []struct {
		stages []*pipeline.Stage
		want   string
	}{
		{append(slices.Clone(b), a...), "stage b/k=0 is listed before its input a/k=0"},
		{append(slices.Clone(a), a[0]), "stage a/k=0 is listed twice"},
	} {
		if _, err := Cut(c.stages, s.estimate, usual); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	if _, err := Cut(a, s.estimate, Limits{}); err == nil {
		t.Error("no error without limits")
	}
	if jobs, err := Cut(nil, s.estimate, usual); len(jobs) != 0 || err != nil {
		t.Errorf("%v, %v", jobs, err)
	}
}

func TestLimits(t *testing.T) {
	s := &sample{}
	s.add("a/k=0", kind, 1000, 1<<30)
	s.add("a/k=1", kind, 5000, 1<<30)
	s.add("a/k=2", kind, 1000, 9<<30)
	l := usual
	l.Seconds, l.Bytes = 4000, 8<<30
	_, err := Cut(s.stages, s.estimate, l)
	var limit *LimitError
	if !errors.As(err, &limit) || len(limit.Stages) != 2 ||
		limit.Stages[0].Name != "a/k=1" || limit.Stages[1].Name != "a/k=2" {
		t.Fatalf("%v", err)
	}
	l.Seconds, l.Bytes = 6000, 9<<30
	for _, j := range cut(t, s, l) {
		if j.Seconds > l.Seconds || j.Bytes > l.Bytes {
			t.Errorf("%s asks for %v s and %d bytes", j.Name, j.Seconds, j.Bytes)
		}
	}
}
