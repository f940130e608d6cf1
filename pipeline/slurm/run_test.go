package slurm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/batch"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
)

// A fakeSlurm is shell scripts in place of Slurm's commands, for what a real one does rarely.
type fakeSlurm struct {
	*Run
	t     *testing.T
	bin   string
	notes []string
	plan  *engine.Plan
	of    map[*pipeline.Stage]digest.Key
}

// probeOK answers a probe as a node does, and takes any job as number 7.
const probeOK = `case "$*" in *-probe*) echo "0 node $(date +%s)" >JOBS/probe/exit;; esac; echo 7`

// testPoll is how often these are asked.
const testPoll = 10 * time.Millisecond

func newFake(t *testing.T, stages ...string) *fakeSlurm {
	f := &fakeSlurm{t: t, bin: t.TempDir(), plan: &engine.Plan{}, of: make(map[*pipeline.Stage]digest.Key)}
	t.Setenv("PATH", f.bin+":/usr/bin:/bin")
	for _, name := range stages {
		s := &pipeline.Stage{Name: name}
		f.plan.Items = append(f.plan.Items, &engine.Item{Stage: s, Status: engine.Run})
		f.of[s] = digest.Key("1" + name)
	}
	f.Run = &Run{
		Place: place(t), Client: &Client{Pause: time.Millisecond}, Tries: 3,
		Plan:     func() (*engine.Plan, error) { return f.plan, nil },
		Identify: func(*engine.Plan) map[*pipeline.Stage]digest.Key { return f.of },
		Cut: func(list []*pipeline.Stage, l Limits, _ func(*pipeline.Stage) (float64, float64)) (jobs []batch.Job, err error) {
			for part := range slices.Chunk(list, l.Tasks) {
				j := batch.Job{Name: "fam", Seconds: 60, Bytes: 1 << 20, Cores: 1}
				for _, s := range part {
					j.Tasks = append(j.Tasks, batch.Task{Stages: []*pipeline.Stage{s}})
				}
				jobs = append(jobs, j)
			}
			return jobs, nil
		},
		Tell: func(Progress) {}, Note: func(text string) { f.notes = append(f.notes, text) },
	}
	f.poll = testPoll
	f.noted, f.gone, f.refused = make(map[string]bool), make(map[string]time.Time), make(map[digest.Key]string)
	for name, body := range map[string]string{"sbatch": probeOK, "squeue": "", "scontrol": "", "sinfo": "", "sacct": "exit 1",
		"scancel": ""} {
		f.script(name, body)
	}
	return f
}

// script has a command do something, and note how it was called.
func (f *fakeSlurm) script(name, body string) {
	text := "#!/bin/sh\necho \"$@\" >>" + f.bin + "/calls-" + name + "\n" + strings.ReplaceAll(body, "JOBS", f.jobs()) + "\n"
	if err := os.WriteFile(filepath.Join(f.bin, name), []byte(text), 0o755); err != nil {
		f.t.Fatal(err)
	}
}

// calls are those of a command, without probes.
func (f *fakeSlurm) calls(name string) (out []string) {
	text, _ := os.ReadFile(filepath.Join(f.bin, "calls-"+name))
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "-probe") {
			out = append(out, line)
		}
	}
	return out
}

// submitted is a submission of all stages as they are now, a task each, in the queue as job 5 or gone from there.
func (f *fakeSlurm) submitted(tries int) *Submission {
	j := batch.Job{Name: "fam", Seconds: 60, Bytes: 1 << 20, Cores: 1}
	for _, i := range f.plan.Items {
		j.Tasks = append(j.Tasks, batch.Task{Stages: []*pipeline.Stage{i.Stage}})
	}
	s := f.newSubmission(j, f.of, tries)
	if err := s.write(f.Place, f.Config); err != nil {
		f.t.Fatal(err)
	}
	s.Job = "5"
	if err := s.save(); err != nil {
		f.t.Fatal(err)
	}
	return s
}

func (f *fakeSlurm) put(s *Submission, task int, suffix, text string) {
	if err := os.WriteFile(s.list(task)+suffix, []byte(text), 0o666); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fakeSlurm) follow() (Result, error) {
	ctx, stop := context.WithTimeout(f.t.Context(), 10*time.Second)
	defer stop()
	return f.Follow(ctx)
}

func (f *fakeSlurm) want(notes string) {
	f.t.Helper()
	if !strings.Contains(strings.Join(f.notes, "\n"), notes) {
		f.t.Errorf("no note %q among %q", notes, f.notes)
	}
}

// A stage that failed by its own error is not tried again, and said with it; when that was said, asking again
// tries again. One whose input was not there, as on a network file system, is tried.
func TestOwnError(t *testing.T) {
	f := newFake(t, "a", "b")
	s := f.submitted(1)
	f.put(s, 0, ".exit", "1\n")
	f.put(s, 0, ".failed", `[{"stage": "a", "error": "13 brings no luck"}]`)
	f.put(s, 1, ".exit", "1\n")
	f.put(s, 1, ".failed", `[{"stage": "b", "error": "its input x is not in the store", "input": "x"}]`)
	v, err := f.look(t.Context(), true)
	if err != nil || v.failed["a"].Why != "13 brings no luck" || v.failed["b"].Stage != "" || len(v.kills["b"]) != 1 {
		t.Fatalf("%+v, %+v, %v", v.failed, v.kills, err)
	}
	f.plan.Items = f.plan.Items[:1]
	result, err := f.follow()
	if err != nil || len(result.Failures) != 1 || len(f.calls("sbatch")) != 0 {
		t.Errorf("%+v, %v, %q", result, err, f.calls("sbatch"))
	}
	if v, err = f.look(t.Context(), true); err != nil || len(v.failed) != 0 || len(v.inFlight) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

// What is in the queue of an earlier paper is of other stages, though they have the same names.
func TestEarlierPaper(t *testing.T) {
	f := newFake(t, "a", "b")
	s := f.submitted(1)
	f.put(s, 0, ".exit", "1\n")
	f.put(s, 0, ".failed", `[{"stage": "a", "error": "no"}]`)
	f.script("squeue", "echo '5|1|PENDING|Resources|"+f.comment()+s.hash+"'")
	v, err := f.look(t.Context(), true)
	if err != nil || v.inFlight["b"] == nil || v.failed["a"].Stage == "" {
		t.Fatalf("%+v, %v", v, err)
	}
	for stage := range f.of {
		f.of[stage] = "2" + f.of[stage][1:]
	}
	v, err = f.look(t.Context(), true)
	if todo, _ := v.todo(); err != nil || len(todo) != 2 {
		t.Errorf("%+v, %v", v, err)
	}
	f.want("of an earlier paper or program")

	// Both are in the queue then, each counts for its own stages, and cancel takes both and no other's.
	now := f.submitted(1)
	f.script("squeue", fmt.Sprintf("echo '5|1|PENDING|Resources|%s'; echo '8|0|RUNNING|None|%s'\n"+
		"echo '9|0|RUNNING|None|prog/other/x'",
		f.comment()+s.hash, f.comment()+now.hash))
	now.Job = "8"
	if err := now.save(); err != nil {
		t.Fatal(err)
	}
	v, err = f.look(t.Context(), true)
	if err != nil || v.inFlight["a"] == nil || v.inFlight["a"].hash != now.hash || v.queued != 1 || v.running != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := f.Cancel(t.Context()); err != nil || f.calls("scancel")[0] != "5 8\n" {
		t.Errorf("%v, %q", err, f.calls("scancel"))
	}
}

// Of tasks of several jobs that were killed accounting is asked once a look, and the controller for what that does
// not know. One that accounting takes to be running for ever has ended all the same.
func TestFatesOfSeveralJobs(t *testing.T) {
	f := newFake(t, "a", "b", "c")
	for k, i := range slices.Clone(f.plan.Items) {
		all := f.plan.Items
		f.plan.Items = []*engine.Item{i}
		s := f.submitted(1)
		s.Job = fmt.Sprint(50 + k)
		if err := s.save(); err != nil {
			t.Fatal(err)
		}
		f.put(s, 0, ".start", "")
		f.plan.Items = all
	}
	f.script("sacct", "echo '50_0|TIMEOUT|None|n'; echo '51_0|RUNNING|None|n'; echo '7_0|TIMEOUT|None|n'")
	f.script("scontrol", "[ $3 = 52 ] && echo JobId=52 ArrayTaskId=0 JobState=NODE_FAIL")
	v, err := f.look(t.Context(), true)
	if err != nil || len(f.calls("sacct")) != 1 || len(f.calls("scontrol")) != 1 || v.inFlight["b"] == nil {
		t.Fatalf("%+v, %v, %q, %q", v, err, f.calls("sacct"), f.calls("scontrol"))
	}
	time.Sleep(latePolls * testPoll)
	if v, err = f.look(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	for name, how := range map[string]string{"a": timeout, "b": unknown, "c": nodeFail} {
		if k := v.kills[name]; len(k) != 1 || k[0].how != how {
			t.Errorf("%s: %+v, want %s", name, k, how)
		}
	}
}

// A probe that waits in the queue is waited for, and not submitted again; one of another configuration, which
// may wait for ever, goes.
func TestProbeInQueue(t *testing.T) {
	f := newFake(t, "a")
	f.Tell = func(Progress) { f.plan.Items[0].Status = engine.Fresh }
	f.script("sbatch", ":") // a controller that takes a probe and answers nothing
	ctx, stop := context.WithTimeout(t.Context(), 5*testPoll)
	defer stop()
	f.Follow(ctx)
	f.Config.Partition = "other"
	for _, c := range []struct {
		partition        string
		cancels, submits int
	}{{"other", 1, 1}, {"other", 0, 0}} {
		for _, name := range []string{"sbatch", "scancel"} {
			os.Remove(filepath.Join(f.bin, "calls-"+name))
		}
		f.plan.Items[0].Status = engine.Run
		f.script("squeue", "echo '6|N/A|PENDING|PartitionDown|"+f.comment()+"probe'")
		f.script("sbatch", "echo 6")
		ctx, stop := context.WithTimeout(t.Context(), 10*testPoll)
		result, err := f.Follow(ctx)
		stop()
		probes, _ := os.ReadFile(filepath.Join(f.bin, "calls-sbatch"))
		if n := strings.Count(string(probes), "-probe"); err != nil || !result.Detached || n != c.submits ||
			len(f.calls("scancel")) != c.cancels {
			t.Errorf("%+v, %v; %d probes, %q", result, err, n, f.calls("scancel"))
		}
	}
	f.want("of another configuration")
}

// Tasks that end before their script can write anything are tried so often and no more; those that were
// taken out of the queue as what they wait for failed were not tried.
func TestNotBegun(t *testing.T) {
	f := newFake(t, "a")
	f.script("scontrol", "[ $1 = show ] && [ $2 = job ] && echo JobId=7 ArrayTaskId=0 JobState=FAILED Reason=NonZeroExitCode; true")
	result, err := f.follow()
	if err != nil || len(result.Failures) != 1 || len(f.calls("sbatch")) != 3 {
		t.Fatalf("%+v, %v, %q", result, err, f.calls("sbatch"))
	}
	f = newFake(t, "a")
	f.script("scontrol", `[ $2 = job ] || exit 0; n=$(grep -c . `+f.bin+`/calls-sbatch); [ $n -lt 7 ] &&
		echo JobId=7 ArrayTaskId=0 JobState=CANCELLED Reason=DependencyNeverSatisfied ||
		echo JobId=7 ArrayTaskId=0 JobState=NODE_FAIL`)
	result, err = f.follow()
	if err != nil || len(result.Failures) != 1 || len(f.calls("sbatch")) != 8 {
		t.Errorf("%+v, %v, %q", result, err, f.calls("sbatch"))
	}
}

// Of tasks that were killed Slurm is asked once a job, and what it says is kept.
func TestFatesOfMany(t *testing.T) {
	var names []string
	for k := range 200 {
		names = append(names, fmt.Sprint("s", k))
	}
	f := newFake(t, names...)
	s := f.submitted(1)
	for k := range names {
		f.put(s, k, ".start", "")
	}
	f.script("sacct", "echo '5_3|TIMEOUT|None|n1'; echo '5_[10-11,20%4]|CANCELLED by 0|None|None assigned'\n"+
		"echo '5_4|OUT_OF_MEMORY|None|n1'; echo '5_5|CANCELLED|None|n1'; echo '5_6|CANCELLED|None|None assigned'")
	for range 3 {
		if _, err := f.look(t.Context(), true); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(latePolls * testPoll)
	v, err := f.look(t.Context(), true)
	if err != nil || len(f.calls("sacct")) > 4 || len(f.calls("scontrol")) > 0 {
		t.Errorf("%v, asked %d times", err, len(f.calls("sacct")))
	}
	got := make(map[string]int)
	for _, k := range v.kills {
		got[k[0].how]++
	}
	if want := map[string]int{timeout: 1, outOfMemory: 1, cancelled: 4, unknown: 193}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// What a task wrote before it ended well may be seen late, whatever the clock of the file server.
func TestSeenLate(t *testing.T) {
	f := newFake(t, "a")
	s := f.submitted(1)
	f.put(s, 0, ".exit", "0\n")
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(s.list(0)+".exit", old, old); err != nil {
		t.Fatal(err)
	}
	v, err := f.look(t.Context(), true)
	if err != nil || v.inFlight["a"] == nil {
		t.Fatalf("%+v, %v", v, err)
	}
	// It is not waited for by another job: Slurm may have forgotten it.
	b := &pipeline.Stage{Name: "b", Inputs: []*pipeline.Stage{f.plan.Items[0].Stage}}
	j := batch.Job{Tasks: []batch.Task{{Stages: []*pipeline.Stage{b}}}}
	if _, ready := dependencies(j, nil, nil, v); ready {
		t.Error("a job would wait for one that has ended")
	}
	time.Sleep(latePolls * testPoll)
	if v, err = f.look(t.Context(), true); err != nil || len(v.kills["a"]) != 1 {
		t.Errorf("%+v, %v", v, err)
	}
}

// A queue that never takes so many tasks at once gets fewer, as configured or as found out; one that is
// full when the probe is submitted is waited for.
func TestFullQueue(t *testing.T) {
	done := func(f *fakeSlurm) {
		t.Helper()
		f.Tell = func(p Progress) {
			if p.Queued > 0 && len(f.calls("sbatch")) >= 1 {
				for _, i := range f.plan.Items { // all that was submitted is done
					i.Status = engine.Fresh
				}
			}
		}
		if result, err := f.follow(); err != nil || result.Failures != nil || result.Detached {
			t.Errorf("%+v, %v; %q", result, err, f.notes)
		}
	}
	f := newFake(t, "a", "b", "c")
	f.Jobs = 2
	done(f)
	if calls := f.calls("sbatch"); len(calls) != 1 || !strings.Contains(calls[0], "--array=0-1") {
		t.Errorf("%q", calls)
	}
	f.want("the queue has room for 2 tasks")

	f = newFake(t, "a", "b", "c", "d", "e")
	f.script("sbatch", `case "$*" in *--array=0-[2-9]*) echo 'sbatch: error: QOSMaxSubmitJobPerUserLimit' >&2; exit 1;; esac
		`+probeOK)
	done(f)
	f.want("trying 2")

	f = newFake(t, "a")
	f.script("sbatch", `case "$*" in *-probe*) [ -e JOBS/../x ] || { >JOBS/../x; echo 'error: QOSMaxSubmitJobPerUserLimit' >&2; exit 1; };; esac
		`+probeOK)
	done(f)
	f.want("the queue takes no more now")
}

// A request that was raised and is refused gives up its stages, and the others go on.
func TestRaisedTooFar(t *testing.T) {
	f := newFake(t, "a")
	s := f.submitted(1)
	f.put(s, 0, ".start", "")
	f.put(s, 0, ".fate", "1 OUT_OF_MEMORY\n")
	f.script("sbatch", `case "$*" in *-probe*) ;; *) echo 'error: Memory specification can not be satisfied' >&2; exit 1;; esac
		`+probeOK)
	result, err := f.follow()
	if err != nil || len(result.Failures) != 1 || !strings.Contains(result.Failures[0].Why, "OUT_OF_MEMORY") ||
		!strings.Contains(result.Failures[0].Why, "refuses more") {
		t.Errorf("%+v, %v", result, err)
	}
}

// A controller that does not answer ends nothing.
func TestControllerAway(t *testing.T) {
	f := newFake(t, "a")
	f.script("squeue", `n=$(grep -c . `+f.bin+`/calls-squeue); [ $n -lt 20 ] && { echo 'squeue: error: Unable to contact slurm controller' >&2; exit 1; }; exit 0`)
	f.Tell = func(Progress) { f.plan.Items[0].Status = engine.Fresh }
	if result, err := f.follow(); err != nil || result.Detached {
		t.Errorf("%+v, %v", result, err)
	}
	f.want("still trying")
}

// Of two that follow one run, one submits; it ends when the run is cancelled elsewhere, and what is
// cancelled can be begun anew.
func TestFollowedTwice(t *testing.T) {
	f := newFake(t, "a")
	f.script("squeue", "[ -e "+f.bin+"/cancelled ] || echo '7|0|RUNNING|None|"+f.comment()+f.firstHash()+"'")
	f.script("scancel", ">"+f.bin+"/cancelled")
	if err := os.MkdirAll(filepath.Join(f.Store, "jobs", f.id()), 0o777); err != nil {
		t.Fatal(err)
	}
	second := *f.Run
	following := make(chan struct{})
	f.Tell = func(Progress) {
		select {
		case <-following:
		default:
			close(following)
		}
	}
	ended := make(chan Result)
	go func() {
		result, _ := f.follow()
		ended <- result
	}()
	<-following
	var note string
	second.Note = func(text string) { note += text }
	ctx, stop := context.WithTimeout(t.Context(), 5*testPoll)
	defer stop()
	if result, err := second.Follow(ctx); err != nil || !result.Detached || !strings.Contains(note, "only watches") {
		t.Errorf("%+v, %v, %q", result, err, note)
	}
	if n, err := second.Cancel(t.Context()); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if result := <-ended; !result.Cancelled {
		t.Errorf("%+v", result)
	}
	before := len(f.calls("sbatch"))
	f.Tell = func(Progress) { f.plan.Items[0].Status = engine.Fresh }
	if result, err := f.follow(); err != nil || result.Cancelled || len(f.calls("sbatch")) != before+1 {
		t.Errorf("%+v, %v, %q", result, err, f.calls("sbatch"))
	}
}

// firstHash is that of the submission of all stages, first time.
func (f *fakeSlurm) firstHash() string {
	s := f.submitted(1)
	os.RemoveAll(s.dir)
	return s.hash
}

// A job that a controller made though sbatch failed, and again when it was tried again, stays once.
func TestSubmittedTwice(t *testing.T) {
	f := newFake(t, "a")
	s := f.submitted(1)
	f.script("squeue", fmt.Sprintf("for j in 5 6; do echo \"$j|0|PENDING|Priority|%s\"; done", f.comment()+s.hash))
	if _, err := f.look(t.Context(), true); err != nil || !slices.Equal(f.calls("scancel"), []string{"6\n"}) {
		t.Errorf("%v, %q", err, f.calls("scancel"))
	}
	// One whose number nobody noted is found by its comment.
	s.Job = ""
	s.save()
	f.script("squeue", fmt.Sprintf("echo \"9|0|PENDING|Priority|%s\"", f.comment()+s.hash))
	v, err := f.look(t.Context(), true)
	if todo, _ := v.todo(); err != nil || len(todo) != 0 || v.inFlight["a"].Job != "9" {
		t.Errorf("%+v, %v", v, err)
	}
}

// Time limits and memory of partitions, as sinfo says them.
func TestLargest(t *testing.T) {
	const out = "short*|1:00:00|4000|\nlong|2-00:00:00|64000\nlong|2-00:00:00|128000+\nfree|infinite|1\n"
	for partitions, want := range map[string][2]int64{
		"": {3600, 0}, "long": {2 * 86400, 128000 << 20}, "free": {0, 0}, "long,free": {0, 128000 << 20}, "none": {0, 0},
	} {
		seconds, bytes := largest(strings.Replace(out, "4000|", "4000", 1), partitions)
		if partitions == "" {
			want[1] = 4000 << 20
		}
		if seconds != float64(want[0]) || bytes != want[1] {
			t.Errorf("%q: %v s, %d bytes", partitions, seconds, bytes)
		}
	}
	for text, want := range map[string]float64{"05:00": 300, "1-12:00:00": 129600, "UNLIMITED": -1, "n/a": -1, "10": -1} {
		if s, ok := parseTime(text); ok != (want >= 0) || ok && s != want {
			t.Errorf("%s: %v, %v", text, s, ok)
		}
	}
}

// Failures of a task come back as they were written.
func TestFailuresOfTask(t *testing.T) {
	s := &Submission{dir: t.TempDir()}
	a, b := &pipeline.Stage{Name: "a"}, &pipeline.Stage{Name: "b"}
	err := WriteFailures(s.list(0)+failuresSuffix, []engine.Failure{
		{Stage: a, Err: errors.New("no <luck>")}, {Stage: b, Err: &engine.MissingInputError{Stage: b, Input: a}},
	})
	list, ok := s.failures(0)
	if err != nil || !ok || len(list) != 2 || list[0] != (stageFailure{"a", "no <luck>", ""}) || list[1].Input != "a" {
		t.Errorf("%+v, %v, %v", list, ok, err)
	}
	if _, ok := s.failures(1); ok {
		t.Error("a task without a file says something")
	}
}
