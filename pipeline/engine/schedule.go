package engine

import (
	"cmp"
	"container/heap"

	"zerotohero/pipeline/digest"
)

// A schedule decides which stages of a run are begun, and when. It reads no file and
// starts nothing: a runner asks it what is next and tells it what came of that.
//
// A task is ready once its inputs are done. The runner looks at each ready one, and it
// is done or failed at once or joins the queue. From there the runner begins the task
// with the longest path first, within cores and memory.
type schedule struct {
	cores  int
	memory int64 // bytes that tasks at once may take, 0 for no limit

	tasks    []*task
	ready    []*task                // those that the runner has not looked at
	queue    queue                  // to begin; entries whose state is not queued are out of date
	waiting  []*task                // for another process
	sharing  map[digest.Key][]*task // by the key of each running task, the others with that key, which wait for it
	running  int
	used     int64 // bytes of what runs
	stopping bool  // nothing else is begun
}

// A task is a stage in a schedule.
type task struct {
	index  int // in the plan
	name   string
	bytes  int64
	path   float64 // seconds of the longest chain of work that starts here
	inputs []*task

	users   []*task
	missing int // inputs that are not done
	state   state
	key     digest.Key // once it is queued
}

type state int

const (
	blocked state = iota // by an input, or taken back and not done
	ready
	queued
	waiting // for another process or task that computes its key
	running
	done
	failed // or needs one that failed
)

// newSchedule makes a schedule of tasks, each after its inputs, with name, bytes and
// inputs, and in path the seconds of its own work.
func newSchedule(cores int, memory int64, tasks []*task) *schedule {
	s := &schedule{cores: max(1, cores), memory: memory, tasks: tasks, sharing: make(map[digest.Key][]*task)}
	for k, t := range tasks {
		t.index, t.missing = k, len(t.inputs)
		for _, in := range t.inputs {
			in.users = append(in.users, t)
		}
		s.unblock(t)
	}
	for k := len(tasks) - 1; k >= 0; k-- {
		longest := 0.0
		for _, u := range tasks[k].users {
			longest = max(longest, u.path)
		}
		tasks[k].path += longest
	}
	return s
}

// unblock makes a blocked task ready if its inputs are done.
func (s *schedule) unblock(t *task) {
	if t.state == blocked && t.missing == 0 {
		t.state = ready
		s.ready = append(s.ready, t)
	}
}

// nextReady is a task for the runner to look at, nil if there is none.
func (s *schedule) nextReady() *task {
	for len(s.ready) > 0 {
		t := s.ready[0]
		s.ready = s.ready[1:]
		if t.state == ready {
			return t
		}
	}
	return nil
}

// enqueue has a ready task begun under its key. It must fit into the memory alone.
func (s *schedule) enqueue(t *task, key digest.Key) {
	t.state, t.key = queued, key
	heap.Push(&s.queue, t)
}

// next is the task to begin, nil if there is none or no room for it. One that needs memory
// is not overtaken, or it might wait for ever. The runner has to start it or say what
// became of it.
func (s *schedule) next() *task {
	for len(s.queue) > 0 && s.running < s.cores && !s.stopping {
		t := s.queue[0]
		if t.state == queued && s.memory > 0 && s.used+t.bytes > s.memory {
			return nil
		}
		heap.Pop(&s.queue)
		if t.state != queued {
			continue
		}
		if sharing, runs := s.sharing[t.key]; runs {
			t.state = waiting
			s.sharing[t.key] = append(sharing, t)
			continue
		}
		return t
	}
	return nil
}

// start counts a task as running.
func (s *schedule) start(t *task) {
	t.state = running
	s.running++
	s.used += t.bytes
	s.sharing[t.key] = nil
}

// wait sets a task aside whose key another process computes.
func (s *schedule) wait(t *task) {
	t.state = waiting
	s.waiting = append(s.waiting, t)
}

// retry puts what waits for other processes back into the queue.
func (s *schedule) retry() {
	for _, t := range s.waiting {
		if t.state == waiting {
			s.enqueue(t, t.key)
		}
	}
	s.waiting = nil
}

// takeBack counts a started task as running no more, and has the runner look at those
// that waited for its key. It reports whether the task is still wanted: it is not if one
// of its inputs was made again in vain meanwhile. If it is, the runner says what came of
// it; else, it is left undone.
func (s *schedule) takeBack(t *task) (wanted bool) {
	s.running--
	s.used -= t.bytes
	wanted = t.state == running
	if wanted {
		t.state = blocked
	}
	for _, other := range s.sharing[t.key] {
		if other.state == waiting {
			other.state = blocked
			s.unblock(other)
		}
	}
	delete(s.sharing, t.key)
	return wanted
}

// done ends a task.
func (s *schedule) done(t *task) {
	t.state = done
	for _, u := range t.users {
		u.missing--
		s.unblock(u)
	}
}

// fail ends a task and all that need it, and returns how many these are.
func (s *schedule) fail(t *task) (skipped int) {
	t.state = failed
	for _, u := range t.users {
		if u.state != failed && u.state != done {
			skipped += 1 + s.fail(u)
		}
	}
	return skipped
}

// redo has tasks done again, and what needs them and has not begun wait for that.
func (s *schedule) redo(tasks []*task) {
	for _, t := range tasks {
		if t.state == done {
			for _, u := range t.users {
				u.missing++
				if u.state == ready || u.state == queued || u.state == waiting {
					u.state = blocked
				}
			}
		}
		t.state = blocked
	}
	for _, t := range tasks {
		s.unblock(t)
	}
}

// ended reports whether nothing runs and, next having found nothing, nothing will.
func (s *schedule) ended() bool { return s.running == 0 && (s.stopping || len(s.waiting) == 0) }

// left counts the tasks that are neither done nor failed.
func (s *schedule) left() int {
	n := 0
	for _, t := range s.tasks {
		if t.state != done && t.state != failed {
			n++
		}
	}
	return n
}

// A queue is a heap of tasks, the longest path first; equals are in order of their names,
// so that runs of one plan begin alike.
type queue []*task

func (q queue) Len() int { return len(q) }
func (q queue) Less(a, b int) bool {
	return cmp.Or(cmp.Compare(q[b].path, q[a].path), cmp.Compare(q[a].name, q[b].name)) < 0
}
func (q queue) Swap(a, b int) { q[a], q[b] = q[b], q[a] }
func (q *queue) Push(t any)   { *q = append(*q, t.(*task)) }
func (q *queue) Pop() any {
	old := *q
	t := old[len(old)-1]
	*q = old[:len(old)-1]
	return t
}
