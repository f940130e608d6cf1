package slurm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"zerotohero/pipeline/batch"
	"zerotohero/pipeline/store"
)

// put writes a submission and submits it, once.
func (r *Run) put(ctx context.Context, s *Submission, after []string) error {
	if err := s.write(r.Place, r.Config); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(r.Store, "logs", r.id()), 0o777); err != nil {
		return err
	}
	script, err := os.ReadFile(filepath.Join(s.dir, scriptFile))
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		s.Job, err = r.Client.Submit(ctx, string(script), s.arguments(r.Place, r.Config, after))
		if err == nil {
			return s.save()
		}
		var e *CommandError
		if !errors.As(err, &e) || !e.Passing || e.Full || try == 5 {
			return err
		}
		// It may have been submitted all the same: the queue knows.
		select {
		case <-time.After(r.Client.Pause << min(try, 4)):
		case <-ctx.Done():
			return ctx.Err()
		}
		queue, err := r.Client.Queue(ctx, r.comment()+s.hash)
		if err != nil {
			return err
		}
		if len(queue) > 0 {
			s.Job = queue[0].Job
			return s.save()
		}
	}
}

// age is how long ago a task's program ended.
func (s *Submission) age(task int) time.Duration {
	info, err := os.Stat(s.list(task) + ".exit")
	if err != nil {
		return late
	}
	return time.Since(info.ModTime())
}

// fate is how a task that was killed ended, kept for when Slurm has forgotten it.
func (r *Run) fate(ctx context.Context, s *Submission, task int) string {
	file := s.list(task) + ".fate"
	if text, err := os.ReadFile(file); err == nil {
		return strings.TrimSpace(string(text))
	}
	fate := r.Client.Fate(ctx, s.Job, task)
	if fate == "COMPLETED" || fate == "FAILED" {
		fate = "" // by a signal from elsewhere
	}
	if _, err := store.WriteFile(file, []byte(fate+"\n")); err != nil {
		r.note(err.Error())
	}
	r.note(fmt.Sprintf("task %d of %s was killed (%s); what it had computed counts", task, s.Name, orUnknown(fate)))
	return fate
}

func orUnknown(fate string) string {
	if fate == "" {
		return "nobody knows what"
	}
	return fate
}

// lastLog is the log of the last task that had a stage.
func (r *Run) lastLog(subs []*Submission, stage string) string {
	file, tries := "", 0
	for _, s := range subs {
		for task, names := range s.Stages {
			if slices.Contains(names, stage) && s.Tries >= tries {
				file, tries = r.log(s, task), s.Tries
			}
		}
	}
	return file
}

// Tail is the end of a log, of so many lines.
func Tail(file string, lines int) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// probe has one small task say whether nodes see the store and can run the program, before many
// find out that they do not.
func (r *Run) probe(ctx context.Context) error {
	dir := filepath.Join(r.jobs(), "probe")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	command := make([]string, 0, len(r.Wrapper)+1)
	for _, word := range append(slices.Clone(r.Wrapper), r.Program) {
		command = append(command, quote(word))
	}
	script := fmt.Sprintf("#!/bin/sh\ncd %s || exit 3\n%s\n%s --version >said 2>&1\ncode=$?\necho \"$code $(hostname) $(date +%%s)\" >exit\n",
		quote(dir), strings.Join(r.Before, "\n"), strings.Join(command, " "))
	args := append([]string{"--job-name=" + r.Name + "-" + r.id() + "-probe", "--comment=" + r.comment() + "probe", "--time=2",
		"--mem=100M", "--ntasks=1", "--output=/dev/null"}, r.arguments()...)
	var id string
	for try := 0; ; try++ {
		var err error
		if id, err = r.Client.Submit(ctx, script, args); err == nil {
			break
		}
		var e *CommandError
		if !errors.As(err, &e) || !e.Passing || try == 5 {
			return err
		}
		select {
		case <-time.After(r.Client.Pause << min(try, 4)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return r.awaitProbe(ctx, dir, id)
}

func (r *Run) awaitProbe(ctx context.Context, dir, id string) error {
	pause := min(r.poll, 2*time.Second)
	var gone time.Time // when the probe left the queue
	var asked time.Time
	for {
		if text, err := os.ReadFile(filepath.Join(dir, "exit")); err == nil && strings.HasSuffix(string(text), "\n") {
			return r.probed(dir, strings.Fields(string(text)))
		}
		if time.Since(asked) >= r.poll {
			asked = time.Now()
			queue, err := r.Client.Queue(ctx, r.comment()+"probe")
			if err != nil {
				return err
			}
			switch {
			case len(queue) > 0 && queue[0].State == "PENDING" && queue[0].Reason != "None":
				r.note("a probe of the nodes waits in the queue: " + queue[0].Reason)
			case len(queue) == 0 && gone.IsZero():
				gone = time.Now()
			}
		}
		if wait := min(late, 4*r.poll); !gone.IsZero() && time.Since(gone) > wait {
			return fmt.Errorf("job %s ran and left nothing in %s: nodes do not see the store %s, or may not write to it; "+
				"take a store on a file system that they share", id, dir, r.Store)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// probed reads what a probe said: exit code of the program, host and time.
func (r *Run) probed(dir string, said []string) error {
	if len(said) != 3 {
		return fmt.Errorf("the probe of the nodes says %q", strings.Join(said, " "))
	}
	if said[0] != "0" {
		return fmt.Errorf("on node %s the program does not run (exit code %s):\n%s\nsee wrapper and before in the configuration",
			said[1], said[0], Tail(filepath.Join(dir, "said"), 10))
	}
	if then, err := strconv.ParseInt(said[2], 10, 64); err == nil {
		if off := time.Since(time.Unix(then, 0)); off.Abs() > 5*time.Minute {
			r.note(fmt.Sprintf("the clock of node %s is off by %v from here: times in records are its own", said[1],
				off.Round(time.Minute)))
		}
	}
	return nil
}

// CopyProgram keeps a copy of a program in the store, by its digest, so that a new build here does
// not change what tasks run.
func CopyProgram(storeDir, program, name string) (string, error) {
	data, err := os.ReadFile(program)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	to := filepath.Join(storeDir, "bin", hex.EncodeToString(sum[:16]), name)
	if _, err := store.WriteFile(to, data); err != nil {
		return "", err
	}
	return to, os.Chmod(to, 0o755)
}

// Cancel takes what this paper has in the queue back, and says how many tasks that were.
func (r *Run) Cancel(ctx context.Context) (tasks int, err error) {
	queue, err := r.Client.Queue(ctx, r.comment())
	if err != nil || len(queue) == 0 {
		return 0, err
	}
	var jobs []string
	for _, q := range queue {
		if !slices.Contains(jobs, q.Job) {
			jobs = append(jobs, q.Job)
		}
	}
	return len(queue), r.Client.Cancel(ctx, jobs)
}

// Finish forgets the submissions of a run that is done.
func (r *Run) Finish() error { return os.RemoveAll(r.jobs()) }

// Scripts writes the submissions of jobs and a script that submits them, and submits nothing.
func (r *Run) Scripts(jobs []batch.Job) (string, error) {
	if err := os.MkdirAll(filepath.Join(r.Store, "logs", r.id()), 0o777); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("#!/bin/sh -e\n")
	for k, j := range jobs {
		s := r.newSubmission(j, 1)
		if err := s.write(r.Place, r.Config); err != nil {
			return "", err
		}
		var after []string
		for _, d := range j.After {
			how := "afterok"
			if d.Corresponding {
				how = "aftercorr"
			}
			after = append(after, fmt.Sprintf("%s:$job%d", how, d.Job))
		}
		fmt.Fprintf(&b, "job%d=$(sbatch --parsable", k)
		for _, a := range s.arguments(r.Place, r.Config, nil) {
			b.WriteString(" " + quote(a))
		}
		if after != nil {
			fmt.Fprintf(&b, ` "--dependency=%s"`, strings.Join(after, ","))
		}
		fmt.Fprintf(&b, " %s)\n", quote(filepath.Join(s.dir, scriptFile)))
	}
	file := filepath.Join(r.jobs(), "submit.sh")
	_, err := store.WriteFile(file, []byte(b.String()))
	return file, err
}
