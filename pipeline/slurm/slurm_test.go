package slurm

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/batch"
)

func TestConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cluster.toml")
	if c, err := ReadConfig(file); err != nil || c.poll != leastPoll {
		t.Errorf("%+v, %v without a file", c, err)
	}
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("[slurm]\naccount = \"a b\"\npartition = \"p\"\nextra = [\"--x\"]\npoll = \"1m\"\n")
	c, err := ReadConfig(file)
	if err != nil || c.poll != time.Minute || !slices.Equal(c.arguments(), []string{"--account=a b", "--partition=p", "--x"}) {
		t.Errorf("%+v, %v", c, err)
	}
	for text, want := range map[string]string{
		"[slurm]\nacount = 1\n": "slurm.acount means nothing", "[slurm]\naccount = 1\n": "cluster.toml", "[slurm\n": "cluster.toml",
		"[slurm]\npoll = \"0s\"\n": "poll", "[slurm]\narray = -1\n": "must not be negative",
	} {
		write(text)
		if _, err := ReadConfig(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// What sbatch says, of several releases of Slurm, and what it means.
func TestClassify(t *testing.T) {
	for _, c := range []struct {
		text          string
		passing, full bool
		advice        string
	}{
		{"sbatch: error: Batch job submission failed: Socket timed out on send/recv operation", true, false, "controller"},
		{"sbatch: error: Unable to contact slurm controller (connect failure)", true, false, "controller"},
		{"sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying", true, false, "controller"},
		{"sbatch: error: QOSMaxSubmitJobPerUserLimit", true, true, "no more jobs"},
		{"sbatch: error: AssocMaxSubmitJobLimit\nBatch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)", true, true, "no more jobs"},
		{"sbatch: error: QOSMaxWallDurationPerJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy", false, false, "allows a job less"},
		{"sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified", false, false, "account"},
		{"sbatch: error: invalid partition specified: none", false, false, "partition"},
		{"sbatch: error: Memory specification can not be satisfied", false, false, "no node"},
		{"sbatch: error: Batch job submission failed: Requested node configuration is not available", false, false, "no node"},
		{"sbatch: error: Batch job submission failed: Invalid job array specification", false, false, "array"},
		{"sbatch: error: something else", false, false, ""},
	} {
		e := classify("sbatch", c.text)
		if e.Passing != c.passing || e.Full != c.full || !strings.Contains(e.Advice, c.advice) || (c.advice == "") != (e.Advice == "") {
			t.Errorf("%s: %+v", c.text, e)
		}
	}
}

func TestNoSlurm(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	c := &Client{Pause: time.Millisecond}
	if _, err := c.Queue(context.Background(), "x"); err == nil || !strings.Contains(err.Error(), "there is no squeue") {
		t.Error(err)
	}
	if _, err := c.Submit(context.Background(), "", nil); err == nil || !strings.Contains(err.Error(), "there is no sbatch") {
		t.Error(err)
	}
}

func place(t *testing.T) Place {
	return Place{Name: "prog", Store: t.TempDir(), Profile: "it's", Paper: "paper", Program: "/x y/prog"}
}

func job(names ...string) batch.Job {
	j := batch.Job{Name: "fam", Seconds: 90, Bytes: 100 << 20, Cores: 1}
	for _, n := range names {
		j.Tasks = append(j.Tasks, batch.Task{Stages: []*pipeline.Stage{{Name: n}}})
	}
	return j
}

// A submission is found again as it was written, and what becomes of its tasks.
func TestSubmission(t *testing.T) {
	p := place(t)
	s := p.newSubmission(job("a/x=1", "b"), nil, 1)
	if err := s.write(p, Config{Before: []string{"module load x"}, Wrapper: []string{"run it"}, Scratch: "/tmp/s"}); err != nil {
		t.Fatal(err)
	}
	script, _ := os.ReadFile(filepath.Join(s.dir, scriptFile))
	for _, want := range []string{"module load x\n", "export TMPDIR='/tmp/s'\n",
		`'run it' '/x y/prog' run --profile 'it'\''s' --store `, `--stages "$list" --failures "$list.failed" -j 1 --memory 104857600`} {
		if !strings.Contains(string(script), want) {
			t.Errorf("no %q in\n%s", want, script)
		}
	}
	again := p.newSubmission(job("a/x=1", "b"), nil, 1)
	if again.hash != s.hash || p.newSubmission(job("a/x=1", "b"), nil, 2).hash == s.hash || p.newSubmission(job("a/x=1"), nil, 1).hash == s.hash {
		t.Error("the name does not follow from the content")
	}
	all, err := p.submissions()
	if err != nil || len(all) != 1 || all[0].hash != s.hash || all[0].Tasks[0][0].Stage != "a/x=1" {
		t.Fatalf("%+v, %v", all, err)
	}
	s = all[0]
	put := func(name, text string) {
		if err := os.WriteFile(s.list(0)+name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := s.exit(0); ok || s.begun(0) {
		t.Error("it has begun")
	}
	put(".start", "1 host\n")
	if _, ok := s.exit(0); ok || !s.begun(0) {
		t.Error("it has not begun")
	}
	put(".exit", "1\n")
	if code, ok := s.exit(0); !ok || code != 1 {
		t.Error(code, ok)
	}
	f := fate{timeout, 1, true}
	if err := s.noteFate(0, f); err != nil {
		t.Fatal(err)
	}
	if got, ok := s.fate(0); !ok || got != f {
		t.Errorf("%+v, %v", got, ok)
	}
	// Another paper's jobs are others.
	other := p
	other.Profile = "other"
	if other.id() == p.id() || strings.HasPrefix(other.comment(), p.comment()) {
		t.Error("two profiles have the same jobs")
	}
}

// Requests are raised for what a task lacked.
func TestRaised(t *testing.T) {
	s := &pipeline.Stage{Name: "a"}
	v := &view{kills: map[string][]fate{"a": {{how: timeout}, {how: outOfMemory}, {how: nodeFail}, {how: unknown}}}}
	if time, memory := v.raised(s); time != 3 || memory != 3 {
		t.Errorf("%v, %v", time, memory)
	}
	if time, memory := v.raised(&pipeline.Stage{Name: "b"}); time != 1 || memory != 1 {
		t.Errorf("%v, %v", time, memory)
	}
}

// A command that answers late, and one that fails for a while.
func TestAsksAgain(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\nn=$(cat " + dir + "/n 2>/dev/null || echo 0)\necho $((n+1)) >" + dir + "/n\n" +
		"[ $n -lt 2 ] && { echo 'squeue: error: Unable to contact slurm controller' >&2; exit 1; }\necho '7|3|RUNNING|None|prog/x/abc'\n"
	if err := os.WriteFile(filepath.Join(dir, "squeue"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	q, err := (&Client{Pause: time.Millisecond}).Queue(t.Context(), "prog/x/")
	if err != nil || len(q) != 1 || q[0] != (Queued{"7", 3, "RUNNING", "None", "prog/x/abc"}) {
		t.Errorf("%+v, %v", q, err)
	}
	var e *CommandError
	if _, err := (&Client{}).Submit(t.Context(), "", []string{"--help"}); errors.As(err, &e) && e.Passing {
		t.Errorf("%v", err)
	}
}
