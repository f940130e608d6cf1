package cli

import (
	"fmt"
	"io"
	"time"

	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/slurm"
)

// A follower tells how far a run on a cluster is, in a line when that changes.
type follower struct {
	out   io.Writer
	left  func(p slurm.Progress) float64 // seconds of a core
	start time.Time
	last  string
	drawn bool
}

// tell is told of the state at one time.
func (f *follower) tell(p slurm.Progress) {
	left := f.left(p)
	line := fmt.Sprintf("%d of %d stages done; tasks: %d running, %d queued", p.Done, p.Total, p.Running, p.Queued)
	if p.Failed > 0 {
		line += fmt.Sprintf("; %d failed, %d left out", p.Failed, p.Skipped)
	}
	if left > 0 {
		line += fmt.Sprintf("; about %s of core time left", format.Seconds(left))
		if p.Running > 0 {
			line += fmt.Sprintf(", %s on as many cores as now", format.Duration(duration(left/float64(p.Running))))
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

func (f *follower) close() {
	if f.drawn {
		fmt.Fprintln(f.out)
	}
}
