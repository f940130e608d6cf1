package batch

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
)

// A Schedule is how jobs run on a number of cores, if all tasks take what is expected.
type Schedule struct {
	Cores   int
	Seconds float64 // until the last task ends

	// Efficiency is the share of the cores' time in which stages are computed.
	Efficiency float64

	// Bound is what no order of these tasks goes below: that of all cores being busy, or of tasks that
	// wait one for another.
	Bound float64

	// Chain ends with the task that ends last; each of its tasks begins when the one before ends,
	// as it waits for that, and the first begins when a core gets free after Full seconds,
	// or at once. With a short Full, more cores do not help.
	Chain []Link
	Full  float64
}

// A Link is a task in a chain.
type Link struct {
	Job     int // its index
	Seconds float64
}

// Simulate runs jobs on cores that nobody else uses and that have the memory. Tasks begin in the order
// of jobs as soon as what they wait for has ended; each takes start seconds beside its stages.
func Simulate(jobs []Job, cores int, start float64) (Schedule, error) {
	s := &simulation{jobs: jobs, free: cores, start: start, state: make([]jobState, len(jobs))}
	work, computing := 0.0, 0.0
	for k, j := range jobs {
		if j.Cores > cores {
			return Schedule{}, fmt.Errorf("the tasks of %s have %d cores, and there are %d", j.Name, j.Cores, cores)
		}
		for _, t := range j.Tasks {
			work += float64(j.Cores) * (t.Seconds + start)
			computing += float64(j.Cores) * t.Seconds
		}
		s.add(k)
	}
	for k := range jobs {
		s.release(k)
	}
	for s.begin(); len(s.running) > 0; s.begin() {
		s.end()
	}
	out := Schedule{Cores: cores, Seconds: s.now, Bound: max(work/float64(cores), LongestPath(jobs, start)), Efficiency: 1}
	if s.now > 0 {
		out.Efficiency = computing / (float64(cores) * s.now)
	}
	for r := s.last; r != nil; r = r.waitedFor {
		out.Chain = append(out.Chain, Link{r.job, r.end - r.begin})
		if r.begin > r.ready || r.waitedFor == nil {
			out.Full = r.begin
			break
		}
	}
	slices.Reverse(out.Chain)
	return out, nil
}

// LongestPath is how long jobs take where there are cores for all that do not wait.
func LongestPath(jobs []Job, start float64) float64 {
	ends := make([][]float64, len(jobs))
	last := make([]float64, len(jobs))
	longest := 0.0
	for k, j := range jobs {
		ends[k] = make([]float64, len(j.Tasks))
		for n, t := range j.Tasks {
			begin := 0.0
			for _, d := range j.After {
				if d.Corresponding {
					begin = max(begin, ends[d.Job][n])
				} else {
					begin = max(begin, last[d.Job])
				}
			}
			ends[k][n] = begin + start + t.Seconds
			last[k] = max(last[k], ends[k][n])
		}
		longest = max(longest, last[k])
	}
	return longest
}

// A simulation is the state of all tasks at a time.
type simulation struct {
	jobs    []Job
	state   []jobState
	start   float64
	free    int // cores
	now     float64
	queue   byPlace // ready to begin
	running byEnd
	last    *record // of the task that ended last
}

// A jobState is what the tasks of a job still wait for.
type jobState struct {
	left  int       // tasks that have not ended
	whole int       // jobs that all of its tasks wait for
	tasks []*record // in their order
	users []Dependency
}

// A record is a task's.
type record struct {
	job, task         int
	missing           int // corresponding tasks that it waits for
	ready, begin, end float64
	waitedFor         *record // that made it ready
}

func (s *simulation) add(k int) {
	state := &s.state[k]
	state.left = len(s.jobs[k].Tasks)
	state.tasks = make([]*record, state.left)
	for n := range state.tasks {
		state.tasks[n] = &record{job: k, task: n}
	}
	for _, d := range s.jobs[k].After {
		s.state[d.Job].users = append(s.state[d.Job].users, Dependency{k, d.Corresponding})
		if !d.Corresponding {
			state.whole++
			continue
		}
		for _, r := range state.tasks {
			r.missing++
		}
	}
}

// release queues the tasks of a job that wait for nothing.
func (s *simulation) release(k int) {
	for n := range s.state[k].tasks {
		s.releaseTask(k, n)
	}
}

func (s *simulation) releaseTask(k, n int) {
	if r := s.state[k].tasks[n]; s.state[k].whole == 0 && r.missing == 0 {
		r.ready, r.waitedFor = s.now, s.last
		heap.Push(&s.queue, r)
	}
}

// begin begins what there are cores for. The next is not overtaken by one with fewer cores.
func (s *simulation) begin() {
	for len(s.queue) > 0 && s.jobs[s.queue[0].job].Cores <= s.free {
		r := heap.Pop(&s.queue).(*record)
		r.begin = s.now
		r.end = s.now + s.start + s.jobs[r.job].Tasks[r.task].Seconds
		s.free -= s.jobs[r.job].Cores
		heap.Push(&s.running, r)
	}
}

// end goes on to when the next tasks end, all that do at once.
func (s *simulation) end() {
	s.now = s.running[0].end
	for len(s.running) > 0 && s.running[0].end == s.now {
		r := heap.Pop(&s.running).(*record)
		s.last = r
		s.free += s.jobs[r.job].Cores
		state := &s.state[r.job]
		state.left--
		for _, user := range state.users {
			switch {
			case user.Corresponding:
				s.state[user.Job].tasks[r.task].missing--
				s.releaseTask(user.Job, r.task)
			case state.left == 0:
				s.state[user.Job].whole--
				s.release(user.Job)
			}
		}
	}
}

// byPlace is a heap of tasks in the order of jobs.
type byPlace []*record

func (h byPlace) Len() int { return len(h) }
func (h byPlace) Less(a, b int) bool {
	return cmp.Or(cmp.Compare(h[a].job, h[b].job), cmp.Compare(h[a].task, h[b].task)) < 0
}
func (h byPlace) Swap(a, b int) { h[a], h[b] = h[b], h[a] }
func (h *byPlace) Push(r any)   { *h = append(*h, r.(*record)) }
func (h *byPlace) Pop() any     { return pop((*[]*record)(h)) }

// byEnd is a heap of tasks, that which ends first above.
type byEnd []*record

func (h byEnd) Len() int { return len(h) }
func (h byEnd) Less(a, b int) bool {
	return cmp.Or(cmp.Compare(h[a].end, h[b].end), cmp.Compare(h[a].job, h[b].job), cmp.Compare(h[a].task, h[b].task)) < 0
}
func (h byEnd) Swap(a, b int) { h[a], h[b] = h[b], h[a] }
func (h *byEnd) Push(r any)   { *h = append(*h, r.(*record)) }
func (h *byEnd) Pop() any     { return pop((*[]*record)(h)) }

func pop(h *[]*record) *record {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
