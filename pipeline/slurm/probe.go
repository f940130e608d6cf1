package slurm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// probeComment ends the comment of a probe.
const probeComment = "probe"

// probe has one small task say whether nodes see the store and can run the program, before many
// find out that they do not. One that is in the queue already is waited for.
func (r *Run) probe(ctx context.Context, v *view) error {
	dir := filepath.Join(r.jobs(), probeComment)
	if v.under[probeComment] != nil {
		return r.awaitProbe(ctx, dir, "before")
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	script := fmt.Sprintf("#!/bin/sh\ncd %s || exit 3\n%s\n%s --version >said 2>&1\ncode=$?\n"+
		"echo \"$code $(hostname) $(date +%%s)\" >exit\n", quote(dir), strings.Join(r.Before, "\n"), r.command(r.Program))
	args := append([]string{"--job-name=" + r.Name + "-" + r.id() + "-probe", "--comment=" + r.comment() + probeComment,
		"--time=2", "--mem=100M", "--ntasks=1", "--output=/dev/null"}, r.arguments()...)
	id, err := r.Client.Submit(ctx, script, args)
	var e *CommandError
	if errors.As(err, &e) && e.Full {
		r.note(fmt.Sprintf("the queue takes no more now (%s): waiting", e.Text))
	}
	if err != nil {
		return err // what passes is tried again at the next look, which sees a probe that was taken all the same
	}
	return r.awaitProbe(ctx, dir, id)
}

func (r *Run) awaitProbe(ctx context.Context, dir, id string) error {
	pause := min(r.poll, 2*time.Second)
	var gone, asked time.Time // when the probe left the queue, and when that was asked
	for {
		if text, err := os.ReadFile(filepath.Join(dir, "exit")); err == nil && strings.HasSuffix(string(text), "\n") {
			return r.probed(dir, strings.Fields(string(text)))
		}
		if time.Since(asked) >= r.poll {
			asked = time.Now()
			if _, err := os.Stat(r.cancelled()); err == nil {
				return errCancelled
			}
			queue, err := r.Client.Queue(ctx, r.comment()+probeComment)
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
		if !gone.IsZero() && time.Since(gone) > r.late() {
			return r.unseen(ctx, dir, id)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// unseen is the error of a probe that left nothing.
func (r *Run) unseen(ctx context.Context, dir, id string) error {
	how := "ended"
	for _, state := range r.Client.Fates(ctx, id) {
		how = "ended as " + state
	}
	return fmt.Errorf("the probe of the nodes (job %s) %s and left nothing in %s: nodes do not see the store %s, or may "+
		"not write to it; take a store on a file system that they share", id, how, dir, r.Store)
}

// probed reads what a probe said: exit code of the program, host and time.
func (r *Run) probed(dir string, said []string) error {
	if len(said) != 3 {
		return fmt.Errorf("the probe of the nodes says %q", strings.Join(said, " "))
	}
	if said[0] != "0" {
		return fmt.Errorf("on node %s the program does not run (exit code %s):\n%s\nsee wrapper and before in the "+
			"configuration", said[1], said[0], Tail(filepath.Join(dir, "said"), 10))
	}
	info, err := os.Stat(filepath.Join(dir, "exit"))
	if then, err2 := strconv.ParseInt(said[2], 10, 64); err == nil && err2 == nil {
		// The file server and this machine are compared too: what is old here was written by a probe before.
		here, there := time.Since(time.Unix(then, 0)), info.ModTime().Sub(time.Unix(then, 0))
		if off := min(here.Abs(), there.Abs()); off > 5*time.Minute {
			r.note(fmt.Sprintf("the clock of node %s is off by %v from here: times in records are its own", said[1],
				off.Round(time.Minute)))
		}
	}
	return nil
}
