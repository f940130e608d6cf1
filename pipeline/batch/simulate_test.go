package batch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"zerotohero/pipeline"
)

func arrayOf(name string, seconds []float64, after ...Dependency) Job {
	j := Job{Name: name, Cores: 1, After: after}
	for _, s := range seconds {
		j.Tasks = append(j.Tasks, Task{Seconds: s})
	}
	return j
}

// Schedules that can be said by hand.
func TestSimulateByHand(t *testing.T) {
	all, each := Dependency{Job: 0}, Dependency{Job: 0, Corresponding: true}
	for _, c := range []struct {
		jobs  []Job
		cores int
		want  Schedule
	}{
		{nil, 3, Schedule{Efficiency: 1}},
		{[]Job{arrayOf("a", []float64{4})}, 2,
			Schedule{Seconds: 4, Efficiency: 0.5, Bound: 4, Chain: []Link{{0, 4}}}},
		{[]Job{arrayOf("a", []float64{1, 2, 3})}, 1,
			Schedule{Seconds: 6, Efficiency: 1, Bound: 6, Chain: []Link{{0, 3}}, Full: 3}},
		{[]Job{arrayOf("a", []float64{3, 3, 2, 2, 2})}, 2, // Graham's example: two and three would take 6
			Schedule{Seconds: 7, Efficiency: 12.0 / 14, Bound: 6, Chain: []Link{{0, 2}}, Full: 5}},
		{[]Job{arrayOf("a", []float64{1, 5}), arrayOf("b", []float64{1, 1}, all)}, 2,
			Schedule{Seconds: 6, Efficiency: 8.0 / 12, Bound: 6, Chain: []Link{{0, 5}, {1, 1}}}},
		{[]Job{arrayOf("a", []float64{1, 5}), arrayOf("b", []float64{5, 1}, each)}, 2,
			Schedule{Seconds: 6, Efficiency: 1, Bound: 6, Chain: []Link{{0, 5}, {1, 1}}}},
		{[]Job{arrayOf("a", []float64{2}), arrayOf("b", []float64{3}),
			arrayOf("c", []float64{1}, all, Dependency{Job: 1})}, 5,
			Schedule{Seconds: 4, Efficiency: 6.0 / 20, Bound: 4, Chain: []Link{{1, 3}, {2, 1}}}},
	} {
		c.want.Cores = c.cores
		got, err := Simulate(c.jobs, c.cores, 0)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%+v on %d: %+v, %v, want %+v", c.jobs, c.cores, got, err, c.want)
		}
	}
	late, _ := Simulate([]Job{arrayOf("a", []float64{4}), arrayOf("b", []float64{4}, all)}, 1, 2)
	if late.Seconds != 12 || late.Efficiency != 8.0/12 {
		t.Errorf("with two seconds to start each: %+v", late)
	}
	if _, err := Simulate([]Job{{Name: "a", Cores: 3, Tasks: make([]Task, 1)}}, 2, 0); err == nil {
		t.Error("a task has more cores than there are")
	}
}

// Where every task has a core, schedules are as long as the longest path; on any number of cores none is shorter
// than its bound or longer than Graham's: what all cores busy and the longest path take together.
func TestSimulateWithinBounds(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 17))
		s := random(r)
		l := randomLimits(r)
		jobs := cut(t, s, l)
		start := float64(r.IntN(2) * 10)
		path, work := longestByHand(jobs, start), 0.0
		for _, j := range jobs {
			for _, task := range j.Tasks {
				work += task.Seconds + start
			}
		}
		if p := LongestPath(jobs, start); !near(p, path) {
			t.Fatalf("seed %d: the longest path takes %v, want %v", seed, p, path)
		}
		for _, slots := range []int{1, 2, 7, 1 << 20} {
			got, err := Simulate(jobs, slots*l.Cores, start)
			if err != nil {
				t.Fatal(err)
			}
			at := fmt.Sprintf("seed %d, %d tasks at once: %+v", seed, slots, got)
			if slots == 1<<20 && !near(got.Seconds, path) || slots == 1 && !near(got.Seconds, work) {
				t.Fatalf("%s: want %v", at, path)
			}
			if got.Seconds < got.Bound*(1-1e-9) || got.Seconds > (work/float64(slots)+path)*(1+1e-9) ||
				got.Seconds > 2*got.Bound*(1+1e-9) || !near(got.Bound, max(path, work/float64(slots))) {
				t.Fatalf("%s: path %v, work %v", at, path, work)
			}
			sum := got.Full
			for k, link := range got.Chain {
				sum += link.Seconds
				if k > 0 && link.Job <= got.Chain[k-1].Job {
					t.Fatalf("%s: the chain goes back", at)
				}
			}
			if !near(sum, got.Seconds) {
				t.Fatalf("%s: the chain adds up to %v", at, sum)
			}
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

// longestByHand follows each task to all that it waits for.
func longestByHand(jobs []Job, start float64) float64 {
	known := make(map[[2]int]float64)
	var end func(job, task int) float64
	end = func(job, task int) float64 {
		at := [2]int{job, task}
		if known[at] > 0 {
			return known[at]
		}
		begin := 0.0
		for _, d := range jobs[job].After {
			for k := range jobs[d.Job].Tasks {
				if !d.Corresponding || k == task {
					begin = max(begin, end(d.Job, k))
				}
			}
		}
		known[at] = begin + start + jobs[job].Tasks[task].Seconds
		return known[at]
	}
	longest := 0.0
	for j := range jobs {
		for k := range jobs[j].Tasks {
			longest = max(longest, end(j, k))
		}
	}
	return longest
}

// Beside an exhaustive search: no order of few tasks beats the bound, and the order of Cut is within
// Graham's factor 2-1/cores of the best.
func TestSimulateAgainstAllOrders(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 18))
		s := &sample{}
		var before []*pipeline.Stage
		for f := range 2 + r.IntN(2) {
			in := before[:min(len(before), r.IntN(3))]
			before = append(before, s.family(fmt.Sprint("f", f), 1+r.IntN(3), 4000*(1+r.Float64()),
				func(int) []*pipeline.Stage { return in })...)
		}
		jobs := cut(t, s, usual)
		for _, cores := range []int{2, 3} {
			got, err := Simulate(jobs, cores, 0)
			if err != nil {
				t.Fatal(err)
			}
			best := shortest(jobs, cores)
			if best < got.Bound*(1-1e-9) || got.Seconds < best*(1-1e-9) || got.Seconds > best*(2-1/float64(cores))*(1+1e-9) {
				t.Errorf("seed %d on %d: %+v, and the best order takes %v", seed, cores, got, best)
			}
		}
	}
}

// shortest is how long the best of all orders takes in which tasks can be begun, each as soon
// as a core is free and what it waits for has ended. One of these is a shortest schedule.
func shortest(jobs []Job, cores int) float64 {
	type at struct{ job, task int }
	var tasks []at
	for j := range jobs {
		for k := range jobs[j].Tasks {
			tasks = append(tasks, at{j, k})
		}
	}
	ends := make(map[at]float64)
	free := make([]float64, cores)
	best := math.Inf(1)
	var begin func(longest float64)
	begin = func(longest float64) {
		if longest >= best {
			return
		}
		if len(ends) == len(tasks) {
			best = longest
			return
		}
		for _, task := range tasks {
			if _, begun := ends[task]; begun {
				continue
			}
			ready, blocked := 0.0, false
			for _, d := range jobs[task.job].After {
				for k := range jobs[d.Job].Tasks {
					if d.Corresponding && k != task.task {
						continue
					}
					end, begun := ends[at{d.Job, k}]
					blocked = blocked || !begun
					ready = max(ready, end)
				}
			}
			if blocked {
				continue
			}
			first := 0
			for k := range free {
				if free[k] < free[first] {
					first = k
				}
			}
			was := free[first]
			end := max(ready, was) + jobs[task.job].Tasks[task.task].Seconds
			free[first], ends[task] = end, end
			begin(max(longest, end))
			free[first] = was
			delete(ends, task)
		}
	}
	begin(0)
	return best
}
