package batch

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/internal/format"
)

// least is how many seconds a task should take, so that what a batch system and a new process
// take for each, some seconds, does not matter.
const least = 300

// apart is the factor of memory, or of time, from which on tasks do not ask for the same: it
// bounds what one asks for beyond its need. Below leastBytes, which any node has for a core, and within
// Limits.Chunk it does not matter.
const (
	apart      = 2
	leastBytes = 1 << 30
)

// toResolve is how many seconds a stage takes that turns out to be computed already.
const toResolve = 0.003

// A LimitError lists stages that need more than a task can ask for.
type LimitError struct {
	Limits Limits
	Stages []*pipeline.Stage
	Needs  []Estimate // of each of them
}

func (e *LimitError) Error() string {
	text := fmt.Sprintf("%s needs about %s and %s of memory, and a task can ask for ",
		e.Stages[0].Name, format.Seconds(e.Needs[0].Seconds), format.Bytes(e.Needs[0].Bytes))
	var most []string
	if e.Limits.Seconds > 0 {
		most = append(most, format.Seconds(e.Limits.Seconds))
	}
	if e.Limits.Bytes > 0 {
		most = append(most, format.Bytes(e.Limits.Bytes))
	}
	text += strings.Join(most, " and ")
	if n := len(e.Stages); n > 1 {
		text += fmt.Sprintf("; so do %s", format.Count(n-1, "more stage"))
	}
	return text
}

// Cut makes jobs of stages, which are listed after those of their inputs that are among them; the
// other inputs are there already. Each job comes after those that it waits for, and of
// those that wait for no other, the one with the longest path to the end comes first.
func Cut(stages []*pipeline.Stage, estimate func(*pipeline.Stage) Estimate, l Limits) ([]Job, error) {
	if !(l.Chunk > 0) || l.Tasks < 1 || l.Cores < 1 {
		return nil, errors.New("tasks take some time and a core, and a job has at least one")
	}
	c := &cutter{limits: l, of: make(map[*pipeline.Stage]*part, len(stages))}
	if err := c.add(stages, estimate); err != nil {
		return nil, err
	}
	for _, group := range c.groups() {
		c.cut(group)
	}
	return c.finish(), nil
}

// A cutter makes jobs.
type cutter struct {
	limits Limits
	parts  []*part
	of     map[*pipeline.Stage]*part
	jobs   []*job
}

// A part is a stage to be put into a task.
type part struct {
	stage *pipeline.Stage
	cost  Estimate
	needs []*part
	level int
	last  bool // only people read it
	in    *task
}

// A task is one in the making.
type task struct {
	parts []*part
	job   *job
	index int // in the job
}

// A job is one in the making.
type job struct {
	name  string
	tasks []*task
	after []*edge
	path  float64 // seconds of the longest chain of tasks that starts here
	index int     // among the finished ones
}

// An edge is a dependency in the making.
type edge struct {
	to            *job
	corresponding bool
}

// add takes up the stages, with their levels.
func (c *cutter) add(stages []*pipeline.Stage, estimate func(*pipeline.Stage) Estimate) error {
	listed := make(map[*pipeline.Stage]bool, len(stages))
	for _, s := range stages {
		if listed[s] {
			return fmt.Errorf("stage %s is listed twice", s.Name)
		}
		listed[s] = true
	}
	first := twins(stages)
	read := make(map[*part]bool)
	deepest := 0
	over := &LimitError{Limits: c.limits}
	for k, s := range stages {
		p := &part{stage: s, cost: estimate(s)}
		if l := c.limits; l.Bytes > 0 && p.cost.Bytes > l.Bytes || l.Seconds > 0 && p.cost.Seconds > l.Seconds {
			over.Stages, over.Needs = append(over.Stages, s), append(over.Needs, p.cost)
		}
		for _, in := range s.Inputs {
			if from := c.of[in]; from != nil {
				p.needs = append(p.needs, from)
			} else if listed[in] {
				return fmt.Errorf("stage %s is listed before its input %s", s.Name, in.Name)
			}
		}
		if from := c.of[stages[first[k]]]; from != nil {
			p.needs = append(p.needs, from)
			p.cost.Seconds = toResolve
		}
		for _, from := range p.needs {
			read[from] = true
			p.level = max(p.level, from.level+1)
		}
		c.of[s] = p
		c.parts = append(c.parts, p)
		deepest = max(deepest, p.level)
	}
	if over.Stages != nil {
		return over
	}
	for _, p := range c.parts {
		if p.stage.Kind.Export && !read[p] {
			p.last, p.level = true, deepest+1
		}
	}
	return nil
}

// groups are the parts of each family and level, lower levels first.
func (c *cutter) groups() [][]*part {
	type group struct {
		level int
		name  string
	}
	at := make(map[group]int)
	var out [][]*part
	for _, p := range c.parts {
		g := group{p.level, p.name()}
		k, known := at[g]
		if !known {
			k = len(out)
			at[g] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], p)
	}
	slices.SortStableFunc(out, func(a, b []*part) int { return cmp.Compare(a[0].level, b[0].level) })
	return out
}

// name is what the part's job is called.
func (p *part) name() string {
	if p.last {
		return p.stage.Kind.Name
	}
	return p.stage.Family()
}

// cut makes jobs of the parts of a group, those of different sizes apart.
func (c *cutter) cut(group []*part) {
	for _, parts := range classes(group, func(p *part) int { return class(float64(p.cost.Bytes), leastBytes) }) {
		tasks := c.fill(parts)
		along := c.along(parts, len(tasks))
		if along != nil {
			for _, tasks := range along {
				c.addJob(parts[0].name(), tasks)
			}
			continue
		}
		// The longest are begun first.
		slices.SortStableFunc(tasks, func(a, b *task) int { return cmp.Compare(c.seconds(b), c.seconds(a)) })
		byTime := classes(tasks, func(t *task) int { return class(c.seconds(t), c.limits.Chunk) })
		for _, tasks := range byTime {
			for tasks := range slices.Chunk(tasks, c.limits.Tasks) {
				c.addJob(parts[0].name(), tasks)
			}
		}
	}
}

// class counts by how many factors of apart a need is beyond what does not matter.
func class(need, floor float64) int {
	n := 0
	for ; need > floor && !math.IsInf(need, 1); need /= apart {
		n++
	}
	return n
}

// classes are the elements by class, the highest first.
func classes[T any](list []T, of func(T) int) [][]T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(of(b), of(a)) })
	var out [][]T
	for k, x := range list {
		if k == 0 || of(x) != of(list[k-1]) {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], x)
	}
	return out
}

// fill puts parts into tasks in their order. A task of several takes no longer than is
// aimed at: as many tasks as an array has, unless each would be short.
func (c *cutter) fill(parts []*part) []*task {
	total := 0.0
	for _, p := range parts {
		total += p.cost.Seconds
	}
	aim := min(max(total/float64(c.limits.Cores*c.limits.Tasks), least), c.limits.Chunk)
	var out []*task
	var now duration
	for _, p := range parts {
		with := now.with(p)
		if len(out) == 0 || with.on(c.limits.Cores) > aim {
			out = append(out, &task{})
			with = duration{}.with(p)
		}
		now = with
		t := out[len(out)-1]
		t.parts = append(t.parts, p)
	}
	return out
}

// A duration is that of stages which are computed one after another or at once.
type duration struct{ total, longest float64 }

func (d duration) with(p *part) duration {
	return duration{d.total + p.cost.Seconds, max(d.longest, p.cost.Seconds)}
}

// on is Graham's bound for what the stages take on a number of cores, in whatever order (SIAM J.
// Appl. Math. 17, 416, 1969).
func (d duration) on(cores int) float64 {
	return (d.total + float64(cores-1)*d.longest) / float64(cores)
}

func (c *cutter) seconds(t *task) float64 {
	var d duration
	for _, p := range t.parts {
		d = d.with(p)
	}
	return d.on(c.limits.Cores)
}
