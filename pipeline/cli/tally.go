package cli

import (
	"fmt"
	"runtime"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
)

// engineSeconds is what the engine itself takes for a stage beyond what its record says,
// to key, lock, show and export it, which no kind's estimate has: 2 to 4 ms on a local
// disk, as many small stages take longer on one core than their records together.
const engineSeconds = 0.003

// doubt is for how many estimated seconds of its own an estimate counts beside what is
// measured, so that the first stages, or a kind's, do not speak for all.
const doubt = 0.5

// A tally counts what is done of a run and estimates what is left. Estimated costs
// are taken in proportion, by kind: the run itself shows how long a unit takes.
type tally struct {
	cores       int
	total, done int // stages planned to run
	kinds       map[*pipeline.Kind]*work
	all         work
	planned     map[*pipeline.Stage]bool
	started     map[*pipeline.Stage]time.Time
}

// Work is of the stages of a kind, in seconds.
type work struct {
	left        float64 // estimated, of those not done
	spent, cost float64 // measured and estimated, of those that ran
}

// costOf is what a stage is estimated to take, as the tally counts it.
func costOf(s *pipeline.Stage) float64 { return s.Cost().Seconds + engineSeconds }

func (t *tally) plan(p *engine.Plan) {
	t.kinds = make(map[*pipeline.Kind]*work)
	t.planned = make(map[*pipeline.Stage]bool)
	t.started = make(map[*pipeline.Stage]time.Time)
	for _, i := range p.Items {
		if i.Status != engine.Run {
			continue
		}
		t.planned[i.Stage] = true
		t.total++
		kind := i.Stage.Kind
		if t.kinds[kind] == nil {
			t.kinds[kind] = &work{}
		}
		t.kinds[kind].left += costOf(i.Stage)
	}
}

func (t *tally) start(s *pipeline.Stage) time.Time {
	now := time.Now()
	t.started[s] = now
	return now
}

// finish takes a stage off what is left; it reports whether it was on it.
func (t *tally) finish(s *pipeline.Stage, how engine.Outcome, measured float64) bool {
	delete(t.started, s)
	if !t.planned[s] {
		return false
	}
	delete(t.planned, s)
	t.done++
	kind, cost := t.kinds[s.Kind], costOf(s)
	kind.left -= cost
	if how == engine.Ran {
		for _, w := range []*work{kind, &t.all} {
			w.spent += measured + engineSeconds
			w.cost += cost
		}
	}
	return true
}

// scale is how long an estimated second of a kind takes: as measured on its stages, and
// for want of these on all.
func (t *tally) scale(k *pipeline.Kind) float64 {
	scale := (t.all.spent + doubt) / (t.all.cost + doubt)
	if w := t.kinds[k]; w != nil {
		scale = (w.spent + doubt*scale) / (w.cost + doubt)
	}
	return scale
}

func (t *tally) measured() bool { return t.all.cost > 0 }

// running is the seconds that what is running has still to go: of all of it together,
// and of the longest. What has taken longer than expected has none.
func (t *tally) running() (together, longest float64) {
	for s, at := range t.started {
		left := max(costOf(s)*t.scale(s.Kind)-time.Since(at).Seconds(), 0)
		together += left
		longest = max(longest, left)
	}
	return together, longest
}

// eta is the time left.
func (t *tally) eta() time.Duration {
	left, longest := t.running()
	for kind, w := range t.kinds {
		left += max(w.left, 0) * t.scale(kind)
	}
	for s := range t.started {
		if t.planned[s] {
			left -= costOf(s) * t.scale(s.Kind)
		}
	}
	atOnce := min(t.cores, t.total-t.done)
	if !t.measured() {
		// Once measured, stages on fewer cores than there are jobs take the longer.
		atOnce = min(atOnce, runtime.GOMAXPROCS(0))
	}
	return duration(max(left/float64(max(1, atOnce)), longest))
}

// leftText says how long is left, as measured or not.
func leftText(left time.Duration, measured bool) string {
	switch {
	case !measured:
		return "about " + rounded(left) + " left, not measured yet"
	case left < 100*time.Millisecond:
		return "nearly done"
	}
	return "about " + rounded(left) + " left"
}

// etaText is empty when nothing is left.
func (t *tally) etaText() string {
	if t.total == t.done {
		return ""
	}
	return leftText(t.eta(), t.measured())
}

// stopping says what the end of a run waits for, how long, and how not to.
func (t *tally) stopping() string {
	if len(t.started) == 0 {
		return "stopping: nothing is running"
	}
	_, longest := t.running()
	left := "about " + rounded(duration(longest))
	switch {
	case longest == 0:
		left = "which takes longer than expected"
	case !t.measured():
		left += ", not measured yet"
	}
	return fmt.Sprintf("stopping: nothing else is begun, what is running (%s) is finished first, %s; a second ^C or SIGTERM drops it",
		counted(len(t.started), "stage"), left)
}

// duration is at most the 285 years that a time.Duration holds.
func duration(seconds float64) time.Duration {
	return time.Duration(min(seconds, 9e9) * float64(time.Second))
}
