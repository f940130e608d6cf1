package cli

import (
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/slurm"
)

// What is left counts queued tasks, which take some seconds each to start, on the cores that tasks have now.
func TestFollower(t *testing.T) {
	var out strings.Builder
	f := &follower{out: &out, start: time.Now(), expected: func(list []*pipeline.Stage) float64 {
		return 100 * float64(len(list))
	}}
	stages := make([]*pipeline.Stage, 10)
	p := slurm.Progress{Done: stages[:4], Left: stages[4:], Running: 2, Queued: 12, Used: 400}
	f.tell(p)
	// 600 s of cores, and twelve starts of 10 s, on two cores.
	if want := "12 queued; about 10 min of core time left, 6 min on as many cores as now"; !strings.Contains(out.String(), want) {
		t.Errorf("%s, want %q", out.String(), want)
	}
	f.tell(p)
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("%d lines for one state\n%s", n, out.String())
	}
	// A note does not go on in a line that is drawn.
	f.drawn = true
	f.note("waiting")
	if !strings.HasSuffix(out.String(), "\n\nwaiting\n") || f.drawn {
		t.Errorf("%q", out.String())
	}
}
