package slurm

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/batch"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
)

// A view is what is known of all tasks at one time. Of submissions it knows the stages that are to
// be run as they are now: what an earlier paper or program submitted is another's.
type view struct {
	plan       *engine.Plan
	identities map[*pipeline.Stage]digest.Key
	items      map[string]*engine.Item // by stage
	toRun      map[string]*pipeline.Stage
	under      map[string]map[int]bool // by hash of a submission, its tasks in the queue
	inFlight   map[string]*Submission  // by stage
	late       map[*Submission]bool    // ended, and what it wrote is not to be seen yet
	vanished   []vanished
	queued     int
	running    int
	reason     string            // why what is queued longest is
	kills      map[string][]fate // of a stage, how each try that was killed ended
	failed     map[string]Failure
}

// look finds out what is done, what is under way and what became of the rest. The run is this process's
// if it may take jobs out of the queue.
func (r *Run) look(ctx context.Context, mine bool) (*view, error) {
	// The queue first: what leaves it later is in the store by then, or counts as missing next time.
	queue, err := r.Client.Queue(ctx, r.comment())
	if err != nil {
		return nil, err
	}
	subs, err := r.submissions()
	if err != nil {
		return nil, err
	}
	if err := r.planAgain(queue); err != nil {
		return nil, err
	}
	v := &view{
		plan: r.plan, identities: r.identities, under: r.byHash(queue),
		items: make(map[string]*engine.Item, len(r.plan.Items)), toRun: make(map[string]*pipeline.Stage),
		inFlight: make(map[string]*Submission), late: make(map[*Submission]bool), kills: make(map[string][]fate),
		failed: make(map[string]Failure),
	}
	for _, i := range v.plan.Items {
		v.items[i.Stage.Name] = i
	}
	for _, s := range v.plan.ToRun() {
		v.toRun[s.Name] = s
		if why, ok := r.refused[v.identities[s]]; ok {
			v.failed[s.Name] = Failure{Stage: s.Name, Why: why, Log: r.lastLog(subs, s.Name)}
		}
	}
	v.count(queue)
	others := 0
	for _, s := range subs {
		if err := r.adopt(ctx, s, queue, mine); err != nil {
			return nil, err
		}
		if err := r.settle(v, s); err != nil {
			return nil, err
		}
		if !v.has(s) {
			others += len(v.under[s.hash])
		}
	}
	if others > 0 {
		r.note("in the queue there are tasks of an earlier paper or program too; cancel takes all out")
	}
	if err := r.askFates(ctx, v); err != nil {
		return nil, err
	}
	r.giveUp(v, subs)
	return v, nil
}

// planAgain looks into the store if something has left the queue, and now and then, since tasks go on.
func (r *Run) planAgain(queue []Queued) error {
	var tasks strings.Builder
	for _, q := range queue {
		fmt.Fprintln(&tasks, q.Job, q.Task)
	}
	if r.plan != nil && tasks.String() == r.queue && len(queue) > 0 && time.Since(r.planned) < planPolls*r.poll {
		return nil
	}
	var err error
	if r.plan, err = r.Plan(); err != nil {
		return err
	}
	r.identities = r.Identify(r.plan)
	r.planned, r.queue = time.Now(), tasks.String()
	return nil
}

// byHash lists the tasks in the queue by the submission that they are of.
func (r *Run) byHash(queue []Queued) map[string]map[int]bool {
	under := make(map[string]map[int]bool)
	for _, q := range queue {
		hash := q.Comment[len(r.comment()):]
		if under[hash] == nil {
			under[hash] = make(map[int]bool)
		}
		under[hash][q.Task] = true
	}
	return under
}

func (v *view) count(queue []Queued) {
	for _, q := range queue {
		switch {
		case strings.HasSuffix(q.Comment, probeComment):
		case q.State == "PENDING" || q.State == "CONFIGURING":
			v.queued++
			if v.reason == "" && q.Reason != "Dependency" && q.Reason != "None" {
				v.reason = q.Reason
			}
		default:
			v.running++
		}
	}
}

// has reports whether a submission has a stage as it is now.
func (v *view) has(s *Submission) bool {
	for _, members := range s.Tasks {
		for _, m := range members {
			if i := v.items[m.Stage]; i != nil && v.identities[i.Stage] == m.Identity {
				return true
			}
		}
	}
	return false
}

// missing are the stages of a task that are to be run, as they are now.
func (v *view) missing(members []Member) (names []string) {
	for _, m := range members {
		if s := v.toRun[m.Stage]; s != nil && v.identities[s] == m.Identity {
			names = append(names, m.Stage)
		}
	}
	return names
}

// adopt takes the number of a job that was submitted by someone who did not live to note it. Of two
// jobs, which a controller makes that answers very late, one goes.
func (r *Run) adopt(ctx context.Context, s *Submission, queue []Queued, mine bool) error {
	for _, q := range queue {
		switch {
		case q.Comment != r.comment()+s.hash || q.Job == s.Job:
		case s.Job == "":
			s.Job = q.Job
			if err := s.save(); err != nil {
				return err
			}
		case mine:
			r.note(fmt.Sprintf("job %s is job %s submitted twice, and cancelled", q.Job, s.Job))
			if err := r.Client.Cancel(ctx, []string{q.Job}); err != nil {
				return err
			}
		}
	}
	return nil
}

// A vanished task has left the queue, and only Slurm may know how.
type vanished struct {
	*Submission
	task   int
	names  []string // of its stages that are missing
	exited bool     // its script said that the program was stopped
}

// settle finds out about the tasks of a submission, as far as the queue and the store tell.
func (r *Run) settle(v *view, s *Submission) error {
	for task, members := range s.Tasks {
		if v.under[s.hash][task] {
			delete(r.gone, s.list(task))
		}
		names := v.missing(members)
		if len(names) == 0 {
			continue
		}
		if v.under[s.hash][task] {
			v.fly(s, names)
			continue
		}
		if f, ok := s.fate(task); ok {
			v.killed(names, f)
			continue
		}
		if s.Job == "" && !s.begun(task) {
			continue // it was never submitted
		}
		code, exited := s.exit(task)
		if !exited || stopped(code) {
			v.vanished = append(v.vanished, vanished{s, task, names, exited})
		} else if err := r.ended(v, s, task, code, names); err != nil {
			return err
		}
	}
	return nil
}

// askFates has Slurm say how tasks ended that left the queue, all at once: a thousand may have been killed.
func (r *Run) askFates(ctx context.Context, v *view) error {
	var jobs []string
	for _, t := range v.vanished {
		if t.Job != "" && !slices.Contains(jobs, t.Job) {
			jobs = append(jobs, t.Job)
		}
	}
	fates := r.Client.Fates(ctx, jobs)
	for _, t := range v.vanished {
		how, known := fates[t.Job][t.task]
		switch {
		case known && !over(how) && !r.isLate(t.Submission, t.task):
			v.fly(t.Submission, t.names) // the queue was asked too early, or accounting is behind
			continue
		case known && !over(how):
			how = unknown // accounting was never told of its end
		case (!known || how == completed || how == failed) && !t.exited && !r.isLate(t.Submission, t.task):
			v.late[t.Submission] = true
			v.fly(t.Submission, t.names)
			continue
		case !known || how == completed || how == failed:
			how = unknown
		}
		if err := r.kill(v, t.Submission, t.task, t.names, how); err != nil {
			return err
		}
	}
	return nil
}

// stopped reports whether an exit code is that of a program which was asked to stop, or killed.
func stopped(code int) bool { return code == 130 || code == 143 || code == 137 }

func (v *view) fly(s *Submission, names []string) {
	for _, name := range names {
		v.inFlight[name] = s
	}
}

// isLate reports whether a task has been gone for so long that what it wrote would be seen. The time is
// measured here, as clocks of file servers differ.
func (r *Run) isLate(s *Submission, task int) bool {
	id := s.list(task)
	if r.gone[id].IsZero() {
		r.gone[id] = time.Now()
	}
	return time.Since(r.gone[id]) >= r.late()
}

// ended takes up a task whose program came to its end and of which stages are missing.
func (r *Run) ended(v *view, s *Submission, task, code int, names []string) error {
	list, said := s.failures(task)
	if (code == 0 || !said) && !r.isLate(s, task) {
		v.late[s] = true
		v.fly(s, names)
		return nil
	}
	why := make(map[string]string)
	for _, f := range list {
		if f.Input == "" {
			why[f.Stage] = f.Error
		}
	}
	var rest []string
	for _, name := range names {
		if text, own := why[name]; own {
			v.failed[name] = Failure{name, text, r.log(s, task)}
		} else {
			rest = append(rest, name) // an input was not there yet, say, or the disk was full
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return r.kill(v, s, task, rest, fmt.Sprintf("exit code %d", code))
}

// kill notes a task that did not come to its end, for when Slurm has forgotten it.
func (r *Run) kill(v *view, s *Submission, task int, names []string, how string) error {
	f := fate{how: how, left: len(names), idle: len(names) == len(s.Tasks[task])}
	if err := s.noteFate(task, f); err != nil {
		return err
	}
	if how != dependency {
		r.note(fmt.Sprintf("task %d of %s did not come to its end (%s); what it had computed counts", task, s.Name, how))
	}
	v.killed(names, f)
	return nil
}

func (v *view) killed(names []string, f fate) {
	if f.how == dependency {
		return // it did not begin
	}
	for _, name := range names {
		v.kills[name] = append(v.kills[name], f)
	}
}

// giveUp fails stages that were tried often enough.
func (r *Run) giveUp(v *view, subs []*Submission) {
	for name, kills := range v.kills {
		idle := 0
		for _, f := range kills {
			if f.idle {
				idle++
			}
		}
		if v.inFlight[name] == nil && idle >= r.Tries && v.failed[name].Stage == "" {
			v.failed[name] = Failure{Stage: name, Log: r.lastLog(subs, name), Why: fmt.Sprintf(
				"its tasks did not come to their end %d times, the last time by %s", len(kills), kills[len(kills)-1].how)}
		}
	}
}

// lastLog is the log of the last task that had a stage.
func (r *Run) lastLog(subs []*Submission, stage string) string {
	file, tries := "", 0
	for _, s := range subs {
		for task, members := range s.Tasks {
			if s.Tries >= tries && slices.ContainsFunc(members, func(m Member) bool { return m.Stage == stage }) {
				file, tries = r.log(s, task), s.Tries
			}
		}
	}
	return file
}

// todo are the stages to be submitted, and how many cannot be, as they need one that failed.
func (v *view) todo() (todo []*pipeline.Stage, skipped int) {
	blocked := make(map[string]bool)
	for _, i := range v.plan.Items { // inputs first
		name := i.Stage.Name
		if v.toRun[name] == nil {
			continue
		}
		needs := slices.ContainsFunc(i.Stage.Inputs, func(in *pipeline.Stage) bool {
			return blocked[in.Name] || v.failed[in.Name].Stage != ""
		})
		switch {
		case v.failed[name].Stage != "":
		case needs:
			blocked[name] = true
			skipped++
		case v.inFlight[name] == nil:
			todo = append(todo, i.Stage)
		}
	}
	return todo, skipped
}

func (v *view) failures() (out []Failure) {
	for _, i := range v.plan.Items {
		if f := v.failed[i.Stage.Name]; f.Stage != "" {
			out = append(out, f)
		}
	}
	return out
}

// mostRaised is by how much requests are raised at most.
const mostRaised = 8

// raised says by how much a stage may ask for more than at first, as it was killed for that: twice
// the memory or time for each time, one and a half times both where nobody knows why.
func (v *view) raised(s *pipeline.Stage) (time, memory float64) {
	time, memory = 1, 1
	for _, f := range v.kills[s.Name] {
		switch f.how {
		case timeout, deadline:
			time *= 2
		case outOfMemory:
			memory *= 2
		case unknown:
			time, memory = 1.5*time, 1.5*memory
		}
	}
	return math.Min(time, mostRaised), math.Min(memory, mostRaised)
}

// tries is how often a stage of a job was killed, at most.
func (v *view) tries(j batch.Job) int {
	n := 0
	for _, t := range j.Tasks {
		for _, s := range t.Stages {
			n = max(n, len(v.kills[s.Name]))
		}
	}
	return n
}
