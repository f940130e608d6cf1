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
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/batch"
	"zerotohero/pipeline/digest"
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
		if !errors.As(err, &e) || !e.Passing || e.Full || try+1 == tries {
			return err
		}
		if err := r.Client.pause(ctx, try); err != nil {
			return err
		}
		// It may have been submitted all the same: the queue knows.
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

// submit puts what is to be done into the queue, as far as that takes it.
func (r *Run) submit(ctx context.Context, v *view, todo []*pipeline.Stage) error {
	jobs, err := r.Cut(todo, r.limits, v.raised)
	if err != nil {
		return err
	}
	here := make(map[*pipeline.Stage]bool, len(todo))
	for _, s := range todo {
		here[s] = true
	}
	in := v.queued + v.running
	done := make([]*Submission, len(jobs))
	for k, j := range jobs {
		if _, err := os.Stat(r.cancelled()); err == nil {
			return errCancelled
		}
		if in+len(j.Tasks) > r.limits.Jobs {
			r.note(fmt.Sprintf("the queue has room for %d tasks: the rest is submitted as these end", r.limits.Jobs))
			return nil
		}
		after, ready := dependencies(j, here, done, v)
		if !ready {
			continue // what it needs was not submitted, or is not to be seen yet
		}
		s := r.newSubmission(j, v.identities, 1+v.tries(j))
		err := r.put(ctx, s, after)
		var e *CommandError
		switch {
		case err == nil:
		case errors.As(err, &e) && e.Full:
			r.full(e, in, len(j.Tasks))
			return nil
		case errors.As(err, &e) && !e.Passing && s.Tries > 1:
			r.refuse(v, j, e) // it asks for more than at first
			continue
		case in > 0:
			return fmt.Errorf("job %s: %w; what is in the queue goes on", j.Name, err)
		default:
			return fmt.Errorf("job %s: %w", j.Name, err)
		}
		done[k] = s
		in += len(j.Tasks)
		v.queued += len(j.Tasks)
		for _, members := range s.Tasks {
			v.fly(s, v.missing(members))
		}
	}
	return nil
}

// full is told of a queue that takes no job of so many tasks, with so many in it. If these are none, it may
// never take as many at once.
func (r *Run) full(e *CommandError, in, tasks int) {
	if in == 0 && tasks > 1 {
		r.limits.Tasks = (tasks + 1) / 2
		r.note(fmt.Sprintf("the queue does not take %d tasks at once (%s): trying %d", tasks, e.Text, r.limits.Tasks))
		return
	}
	r.note(fmt.Sprintf("the queue takes no more now (%s): the rest is submitted later", e.Text))
}

// refuse gives up the stages of a job that the cluster does not take.
func (r *Run) refuse(v *view, j batch.Job, e *CommandError) {
	for _, t := range j.Tasks {
		for _, s := range t.Stages {
			kills := v.kills[s.Name]
			why := e.Error()
			if n := len(kills); n > 0 {
				why = fmt.Sprintf("its task did not come to its end (%s), and the cluster refuses more time or memory: %v",
					kills[n-1].how, e)
			}
			r.refused[v.identities[s]] = why
		}
	}
}

// dependencies are what a job waits for: jobs of this submission, of whose stages batch.Cut has said what waits for
// what, and those in the queue that compute other inputs. It is not ready if one that it needs was not submitted.
func dependencies(j batch.Job, here map[*pipeline.Stage]bool, done []*Submission, v *view) (after []string, ready bool) {
	known := make(map[string]bool)
	for _, d := range j.After {
		s := done[d.Job]
		if s == nil {
			return nil, false
		}
		how := "afterok:"
		if d.Corresponding {
			how = "aftercorr:"
		}
		after = append(after, how+s.Job)
		known[s.Job] = true
	}
	for _, t := range j.Tasks {
		for _, s := range t.Stages {
			for _, in := range s.Inputs {
				from := v.inFlight[in.Name]
				switch {
				case from == nil || v.toRun[in.Name] == nil || here[in]:
				case v.late[from]:
					return nil, false // Slurm may have forgotten that job
				case !known[from.Job]:
					known[from.Job] = true
					after = append(after, "afterok:"+from.Job)
				}
			}
		}
	}
	return after, true
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

// Cancel takes what this paper has in the queue back, and says how many tasks that were. A process that
// follows the run, here or elsewhere, ends.
func (r *Run) Cancel(ctx context.Context) (tasks int, err error) {
	if _, err := os.Stat(r.jobs()); err == nil {
		if _, err := store.WriteFile(r.cancelled(), []byte("cancelled\n")); err != nil {
			return 0, err
		}
	}
	gone := make(map[string]bool) // jobs
	for try := 0; try < tries; try++ {
		queue, err := r.Client.Queue(ctx, r.comment())
		if err != nil {
			return tasks, err
		}
		var jobs []string
		for _, q := range queue {
			if !gone[q.Job] {
				tasks++
			}
			if !gone[q.Job] && !slices.Contains(jobs, q.Job) {
				jobs = append(jobs, q.Job)
			}
		}
		if len(jobs) == 0 {
			return tasks, nil
		}
		if err := r.Client.Cancel(ctx, jobs); err != nil {
			return tasks, err
		}
		for _, job := range jobs {
			gone[job] = true
		}
		// One may have been submitted meanwhile.
		if err := r.Client.pause(ctx, 0); err != nil {
			return tasks, err
		}
	}
	return tasks, nil
}

// Scripts writes the submissions of jobs and a script that submits them, and submits nothing.
func (r *Run) Scripts(jobs []batch.Job, identities map[*pipeline.Stage]digest.Key) (string, error) {
	if err := os.MkdirAll(filepath.Join(r.Store, "logs", r.id()), 0o777); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("#!/bin/sh -e\n")
	for k, j := range jobs {
		s := r.newSubmission(j, identities, 1)
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
