package cli

import (
	"fmt"
	"io"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/slurm"
)

// A follower tells how far a run on a cluster is, in a line when that changes.
type follower struct {
	out      io.Writer
	expected func([]*pipeline.Stage) float64 // seconds of a core
	start    time.Time
	last     string
	drawn    bool
}

// left is how many seconds of a core are left, as measured on what is done.
func (f *follower) left(p slurm.Progress) float64 {
	return f.expected(p.Left) * (p.Used + priorSeconds) / (f.expected(p.Done) + priorSeconds)
}

// tell is told of the state at one time. The time left is that of the cores that tasks have now, if none wait
// longer for them; what is queued takes some seconds to start too.
func (f *follower) tell(p slurm.Progress) {
	line := fmt.Sprintf("%d of %d stages done", len(p.Done), len(p.Done)+len(p.Left)+p.Failed)
	if p.Used > 0 {
		line += fmt.Sprintf(" in %s of core time", format.Seconds(p.Used))
	}
	line += fmt.Sprintf("; tasks: %d running, %d queued", p.Running, p.Queued)
	if p.Failed > 0 {
		line += fmt.Sprintf("; %d failed, %d left out", p.Failed, p.Skipped)
	}
	if left := f.left(p); left > 0 {
		line += fmt.Sprintf("; about %s of core time left", format.Seconds(left))
		if p.Running > 0 {
			wait := (left + secondsToStart*float64(p.Queued)) / float64(p.Running)
			line += fmt.Sprintf(", %s on as many cores as now", format.Duration(duration(wait)))
		}
	}
	if line == f.last {
		return
	}
	f.last = line
	if terminal(f.out) != nil {
		f.drawn = true
		fmt.Fprintf(f.out, "\r%s\x1b[K", line)
		return
	}
	fmt.Fprintf(f.out, "%s (%s)\n", line, format.Duration(time.Since(f.start).Round(time.Second)))
}

// note tells something in a line of its own.
func (f *follower) note(text string) {
	f.close()
	fmt.Fprintln(f.out, text)
}

// close ends the line that is drawn, if one is; the next is drawn below.
func (f *follower) close() {
	if f.drawn {
		fmt.Fprintln(f.out)
		f.drawn, f.last = false, ""
	}
}
