package engine

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline/digest"
)

// tasksOf makes tasks of lines "name: seconds bytes inputs".
func tasksOf(t *testing.T, text string) []*task {
	t.Helper()
	byName := make(map[string]*task)
	var out []*task
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		x := &task{name: strings.TrimSuffix(fields[0], ":")}
		if _, err := fmt.Sscan(strings.Join(fields[1:3], " "), &x.path, &x.bytes); err != nil {
			t.Fatal(err)
		}
		for _, in := range fields[3:] {
			x.inputs = append(x.inputs, byName[in])
		}
		byName[x.name] = x
		out = append(out, x)
	}
	return out
}

// keyOfTask is the name up to a star: a* and a** have the key of a.
func keyOfTask(t *task) digest.Key { return digest.Key(strings.TrimRight(t.name, "*")) }

// A driver does to a schedule what it is told, and notes what the schedule begins.
type driver struct {
	*schedule
	t   *testing.T
	log []string
}

func (d *driver) named(name string) *task {
	d.t.Helper()
	for _, t := range d.tasks {
		if t.name == name {
			return t
		}
	}
	d.t.Fatal("no task ", name)
	return nil
}

// advance enqueues what is ready and begins what the schedule has begun.
func (d *driver) advance() {
	for {
		if t := d.nextReady(); t != nil {
			d.enqueue(t, keyOfTask(t))
		} else if t := d.next(); t != nil {
			d.start(t)
			d.log = append(d.log, t.name)
		} else {
			return
		}
	}
}

// do is a command: "ok a", "fail a" and "damaged a b" say how running a ended, the last that
// its inputs b are damaged; the others are the schedule's.
func (d *driver) do(command string) {
	d.t.Helper()
	words := strings.Fields(command)
	if command == "stop" {
		d.stopping = true
		return
	}
	t := d.named(words[1])
	if !d.takeBack(t) {
		d.log = append(d.log, "("+t.name+")")
		return
	}
	switch words[0] {
	case "ok":
		d.done(t)
	case "fail":
		d.log = append(d.log, fmt.Sprint("skips ", d.fail(t)))
	case "damaged":
		again := []*task{t}
		for _, name := range words[2:] {
			again = append(again, d.named(name))
		}
		d.redo(again)
	case "drop":
	default:
		d.t.Fatal("no command ", command)
	}
}

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		name   string
		cores  int
		memory int64
		tasks  string
		do     string // commands, after each of which the schedule begins what it can
		begins string // what it begins, in order
		left   int
	}{
		{"inputs first", 4, 0, "a: 1 0\nb: 1 0\nc: 1 0 a b\nd: 1 0 c", "ok a, ok b, ok c, ok d", "a b c d", 0},
		{"by name", 3, 0, "c: 1 0\na: 1 0\nb: 1 0", "", "a b c", 3},
		{"longest path", 1, 0, "a: 5 0\nb: 1 0\nc: 9 0 b\nd: 2 0", "ok b, ok c, ok a, ok d", "b c a d", 0},
		{"cores", 2, 0, "a: 3 0\nb: 2 0\nc: 1 0", "ok b", "a b c", 2},
		{"memory", 9, 10, "a: 3 6\nb: 2 4\nc: 1 1", "ok b", "a b c", 2},
		{"not overtaken", 9, 10, "a: 3 6\nb: 2 5\nc: 1 1", "ok a", "a b c", 2},
		{"all of the memory", 9, 10, "a: 3 10\nb: 2 1", "ok a", "a b", 1},
		{"failure", 1, 0, "a: 9 0\nb: 8 0 a\nc: 7 0 b\nd: 1 0\ne: 1 0 d", "fail a, ok d, ok e", "a skips 2 d e", 0},
		{"failure, one of two inputs", 2, 0, "a: 2 0\nb: 1 0\nc: 1 0 a b", "fail a, ok b", "a b skips 1", 0},
		{"stop", 2, 0, "a: 2 0\nb: 1 0\nc: 1 0", "stop, ok a, ok b", "a b", 1},
		{"dropped", 2, 0, "a: 2 0\nb: 1 0 a", "stop, drop a", "a", 2},
		{"one key", 3, 0, "a: 2 0\na*: 1 0\nb: 1 0 a*", "ok a, ok a*, ok b", "a a* b", 0},
		{"one key, which fails", 3, 0, "a: 2 0\na*: 1 0\na**: 1 0", "fail a, ok a*", "a skips 0 a* a**", 1},
		{"damage", 1, 0, "a: 1 0\nb: 1 0 a\nc: 1 0 b", "ok a, damaged b a, ok a, ok b, ok c", "a b a b c", 0},
		{"damage of what others need", 2, 0, "a: 1 0\nb: 2 0 a\nc: 1 0 a\nd: 0 0 a",
			"ok a, damaged b a, ok c, ok a, ok b, ok d", "a b c a b d", 0},
		{"damage mended in vain", 2, 0, "a: 1 0\nb: 2 0 a\nc: 1 0 a", "ok a, damaged b a, fail a, ok c",
			"a b c a skips 2 (c)", 0},
		{"damage mended in vain, of what is done", 1, 0, "a: 1 0\nb: 2 0 a\nc: 1 0 a", "ok a, ok b, damaged c a, fail a",
			"a b c a skips 1", 0},
	} {
		d := &driver{schedule: newSchedule(c.cores, c.memory, tasksOf(t, c.tasks)), t: t}
		d.advance()
		for command := range strings.SplitSeq(c.do, ", ") {
			if command != "" {
				d.do(command)
				d.advance()
			}
		}
		if got := strings.Join(d.log, " "); got != c.begins {
			t.Errorf("%s: begins %s, want %s", c.name, got, c.begins)
		}
		if got := d.left(); got != c.left || d.ended() != (d.running == 0) {
			t.Errorf("%s: %d left, want %d; ended %t with %d running", c.name, got, c.left, d.ended(), d.running)
		}
	}
}

// What waits for another process is looked at again, unless its input was set back.
func TestScheduleWaits(t *testing.T) {
	s := newSchedule(2, 0, tasksOf(t, "a: 1 0\nb: 1 0 a"))
	a, b := s.tasks[0], s.tasks[1]
	begin := func(want *task) {
		t.Helper()
		if x := s.nextReady(); x != nil {
			s.enqueue(x, keyOfTask(x))
		}
		if x := s.next(); x != want {
			t.Fatalf("next is %v, want %v", x, want)
		}
	}
	begin(a)
	s.wait(a)
	begin(nil)
	if s.ended() {
		t.Error("ended while a task waits")
	}
	s.retry()
	begin(a)
	s.done(a) // the other process computed it
	begin(b)
	s.wait(b)
	s.redo([]*task{a})
	s.retry()
	begin(a)
	s.start(a)
	begin(nil)
}

// randomTasks has up to three inputs a task, and costs so coarse that equals are common.
func randomTasks(rng *rand.Rand, memory int64) []*task {
	tasks := make([]*task, 1+rng.IntN(40))
	for k := range tasks {
		t := &task{name: fmt.Sprint("t", k), path: float64(rng.IntN(4)), bytes: rng.Int64N(memory + 1)}
		if rng.IntN(8) == 0 && k > 0 {
			t.name = tasks[k-1].name + "*" // of the same key, and so the same inputs
			t.inputs = slices.Clone(tasks[k-1].inputs)
		} else if k > 0 {
			for range rng.IntN(4) {
				if in := tasks[rng.IntN(k)]; !slices.Contains(t.inputs, in) {
					t.inputs = append(t.inputs, in)
				}
			}
		}
		tasks[k] = t
	}
	return tasks
}

// needs is, for each task, all that it needs, found from the inputs alone.
func needs(tasks []*task) []map[int]bool {
	out := make([]map[int]bool, len(tasks))
	for k, t := range tasks {
		out[k] = make(map[int]bool)
		for _, in := range t.inputs {
			out[k][in.index] = true
			maps.Copy(out[k], out[in.index])
		}
	}
	return out
}

// A simulation runs a schedule with random events and checks what it begins.
type simulation struct {
	*schedule
	t        *testing.T
	rng      *rand.Rand
	bad      []bool  // whether a task fails
	outcomes []state // done or failed by itself
	ran      []int
	now      []*task // that run
}

func newSimulation(t *testing.T, rng *rand.Rand) *simulation {
	cores, memory := 1+rng.IntN(4), 1+rng.Int64N(20)
	tasks := randomTasks(rng, memory)
	s := &simulation{
		schedule: newSchedule(cores, memory, tasks), t: t, rng: rng,
		bad: make([]bool, len(tasks)), outcomes: make([]state, len(tasks)), ran: make([]int, len(tasks)),
	}
	for k := range s.bad {
		s.bad[k] = rng.IntN(10) == 0
	}
	return s
}

// run is the loop of a runner. Of ready tasks some have their artifact already, of those to
// begin some wait for another process.
func (s *simulation) run() {
	for range 10_000 {
		for x := s.nextReady(); x != nil; x = s.nextReady() {
			if s.rng.IntN(5) == 0 {
				s.end(x)
			} else {
				s.enqueue(x, keyOfTask(x))
			}
		}
		if x := s.next(); x != nil {
			if s.rng.IntN(6) == 0 {
				s.wait(x)
			} else {
				s.begin(x)
			}
			continue
		}
		if s.ended() {
			return
		}
		if len(s.now) == 0 || s.rng.IntN(3) == 0 {
			s.retry()
			continue
		}
		k := s.rng.IntN(len(s.now))
		x := s.now[k]
		s.now = slices.Delete(s.now, k, k+1)
		if !s.takeBack(x) {
			s.t.Errorf("%s is not wanted", x.name)
		}
		s.end(x)
	}
	s.t.Error("it does not end")
}

func (s *simulation) end(x *task) {
	if s.bad[x.index] {
		s.fail(x)
		s.outcomes[x.index] = failed
	} else {
		s.done(x)
		s.outcomes[x.index] = done
	}
}

func (s *simulation) begin(x *task) {
	var used int64
	for _, other := range s.now {
		used += other.bytes
		if keyOfTask(other) == keyOfTask(x) {
			s.t.Errorf("%s runs beside %s", x.name, other.name)
		}
	}
	if len(s.now) >= s.cores || used+x.bytes > s.memory {
		s.t.Errorf("%s begins beside %d tasks of %d bytes", x.name, len(s.now), used)
	}
	for _, in := range x.inputs {
		if s.outcomes[in.index] != done {
			s.t.Errorf("%s begins before its input %s", x.name, in.name)
		}
	}
	for _, other := range s.tasks {
		if other.state == queued && other.path > x.path {
			s.t.Errorf("%s begins before %s, whose path is longer", x.name, other.name)
		}
	}
	s.ran[x.index]++
	s.start(x)
	s.now = append(s.now, x)
}

// check wants each task to have failed that is bad or needs a bad one, and no other.
func (s *simulation) check() {
	for k, needed := range needs(s.tasks) {
		skipped := false
		for below := range needed {
			skipped = skipped || s.bad[below]
		}
		want := map[bool]state{true: failed, false: done}[skipped || s.bad[k]]
		if x := s.tasks[k]; x.state != want || skipped == (s.outcomes[k] != blocked) || s.ran[k] > 1 {
			s.t.Errorf("%s ended %d, want %d; it ran %d times", x.name, x.state, want, s.ran[k])
		}
	}
}

// On random graphs, whatever fails, is restored or waits: nothing runs before its inputs or
// twice, cores and memory are kept, and what fails stops exactly what needs it.
func TestRandomSchedules(t *testing.T) {
	for seed := range uint64(2000) {
		s := newSimulation(t, rand.New(rand.NewPCG(seed, 1)))
		s.run()
		s.check()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
