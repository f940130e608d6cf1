package batch

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
)

// Requests have a margin. Memory is estimated at most; what is added is for the program itself, with
// the graph that it holds.
const (
	secondsToStart = 60
	bytesToStart   = 256 << 20
	bytesMargin    = 1.2
	wholeSeconds   = 60
	wholeBytes     = 64 << 20
)

func (c *cutter) addJob(name string, tasks []*task) {
	j := &job{name: name, tasks: tasks}
	for k, t := range tasks {
		t.job, t.index = j, k
		for _, p := range t.parts {
			p.in = t
		}
	}
	c.jobs = append(c.jobs, j)
}

// finish orders the jobs and says what each asks for and waits for.
func (c *cutter) finish() []Job {
	for _, j := range c.jobs {
		j.after = j.depend()
	}
	for _, j := range slices.Backward(c.jobs) { // path has that of those that wait for it
		j.path += c.longest([]*job{j})
		for _, e := range j.after {
			e.to.path = max(e.to.path, j.path)
		}
	}
	// A job that is waited for has a longer path, and stands before where both are equal.
	ordered := slices.Clone(c.jobs)
	slices.SortStableFunc(ordered, func(a, b *job) int { return cmp.Compare(b.path, a.path) })
	count := make(map[string]int)
	for k, j := range ordered {
		j.index = k
		count[j.name]++
	}
	number := make(map[string]int)
	out := make([]Job, len(ordered))
	for k, j := range ordered {
		name := j.name
		if count[name] > 1 {
			number[name]++
			name = fmt.Sprintf("%s.%d", name, number[name])
		}
		out[k] = c.request(j)
		out[k].Name = name
		for _, e := range j.after {
			if !j.implied(e) {
				out[k].After = append(out[k].After, Dependency{e.to.index, e.corresponding})
			}
		}
		slices.SortFunc(out[k].After, func(a, b Dependency) int { return cmp.Compare(a.Job, b.Job) })
	}
	return out
}

// implied reports whether a job waits for another also through a third.
func (j *job) implied(e *edge) bool {
	type way struct {
		to  *job
		one bool // of its tasks is waited for, that with the index of the task which waits
	}
	var ways []way
	seen := make(map[way]bool)
	extend := func(w way, after []*edge) {
		for _, next := range after {
			w := way{next.to, w.one && next.corresponding}
			if next != e && next.to.path <= e.to.path && !seen[w] {
				seen[w] = true
				ways = append(ways, w)
			}
		}
	}
	extend(way{j, true}, j.after)
	for len(ways) > 0 {
		w := ways[len(ways)-1]
		ways = ways[:len(ways)-1]
		if w.to == e.to && (e.corresponding || !w.one) {
			return true
		}
		extend(w, w.to.after)
	}
	return false
}

// request makes a job of its tasks, with what they ask for.
func (c *cutter) request(j *job) Job {
	out := Job{Cores: c.limits.Cores}
	var bytes float64
	for _, t := range j.tasks {
		made := Task{Seconds: c.seconds(t)}
		var longest duration
		var most []float64
		for _, p := range t.parts {
			made.Stages = append(made.Stages, p.stage)
			longest.total += p.cost.Longest
			longest.longest = max(longest.longest, p.cost.Longest)
			most = append(most, float64(p.cost.Bytes))
		}
		slices.SortFunc(most, func(a, b float64) int { return cmp.Compare(b, a) })
		sum := 0.0
		for _, b := range most[:min(len(most), c.limits.Cores)] {
			sum += b
		}
		out.Tasks = append(out.Tasks, made)
		out.Seconds = max(out.Seconds, longest.on(c.limits.Cores))
		bytes = max(bytes, sum)
	}
	out.Seconds = whole(out.Seconds+secondsToStart, wholeSeconds)
	bytes = whole(bytesMargin*bytes+bytesToStart, wholeBytes)
	if c.limits.Seconds > 0 {
		out.Seconds = min(out.Seconds, c.limits.Seconds)
	}
	if c.limits.Bytes > 0 {
		bytes = min(bytes, float64(c.limits.Bytes))
	}
	out.Bytes = int64(min(bytes, math.MaxInt64/2))
	return out
}

// whole rounds up to a multiple.
func whole(x, of float64) float64 { return of * math.Ceil(x/of) }

// twins gives for each stage the index of the first that has its key, whatever the artifacts of
// inputs turn out to be: its own unless an earlier one has the same kind, parameters and inputs.
func twins(stages []*pipeline.Stage) []int {
	number := make(map[string]int)
	known := make(map[*pipeline.Stage]int)
	var identify func(s *pipeline.Stage) int
	identify = func(s *pipeline.Stage) int {
		if n, ok := known[s]; ok {
			return n
		}
		inputs := make([]int, len(s.Inputs))
		for k, in := range s.Inputs {
			inputs[k] = identify(in)
		}
		slices.Sort(inputs)
		text := fmt.Sprintf("%s %s %v", s.Kind.Name, s.Canonical(), inputs)
		n, ok := number[text]
		if !ok {
			n = len(number)
			number[text] = n
		}
		known[s] = n
		return n
	}
	first := make(map[int]int)
	out := make([]int, len(stages))
	for k, s := range stages {
		n := identify(s)
		if _, ok := first[n]; !ok {
			first[n] = k
		}
		out[k] = first[n]
	}
	return out
}
