package cli

import (
	"fmt"
	"runtime"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/calibration"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
)

// engineSeconds is what the engine takes for a stage beyond the time in its record, to key,
// lock, link and export it: 2 to 4 ms on a local disk, by the time that many small stages
// take on one core less that in their records.
const engineSeconds = 0.003

// priorSeconds is the weight of an estimate, in seconds, when it is averaged with what is
// measured, so that the first few stages do not decide alone.
const priorSeconds = 0.5

// An estimate counts what is done of a run and says how long the rest takes. Costs are those that
// the stages of the plan which are fresh tell of, scaled, by kind, by what stages of this run took.
type estimate struct {
	learned     *calibration.Calibration
	cores       int
	total, done int // stages planned to run
	kinds       map[*pipeline.Kind]*work
	all         work
	planned     map[*pipeline.Stage]bool
	started     map[*pipeline.Stage]time.Time
}

// work is that of the stages of a kind, in seconds.
type work struct {
	left        float64 // estimated, of those not done
	spent, cost float64 // measured and estimated, of those that ran
}

// costOf is how many seconds a stage should take, the engine's included.
func (e *estimate) costOf(s *pipeline.Stage) float64 { return expected(s, e.learned) }

func (e *estimate) plan(p *engine.Plan) {
	e.kinds = make(map[*pipeline.Kind]*work)
	e.planned = make(map[*pipeline.Stage]bool)
	e.started = make(map[*pipeline.Stage]time.Time)
	var before []calibration.Measurement
	for _, i := range p.Items {
		if i.Action != nil {
			before = append(before, calibration.MeasurementOf(i.Stage, i.Action))
		}
	}
	e.learned = calibration.New(before, "")
	for _, i := range p.Items {
		if i.Status != engine.Run {
			continue
		}
		e.planned[i.Stage] = true
		e.total++
		kind := i.Stage.Kind
		if e.kinds[kind] == nil {
			e.kinds[kind] = &work{}
		}
		e.kinds[kind].left += e.costOf(i.Stage)
	}
}

func (e *estimate) start(s *pipeline.Stage) time.Time {
	now := time.Now()
	e.started[s] = now
	return now
}

// finish takes a stage off what is left; it reports whether it was on it.
func (e *estimate) finish(s *pipeline.Stage, how engine.Outcome, measured float64) bool {
	delete(e.started, s)
	if !e.planned[s] {
		return false
	}
	delete(e.planned, s)
	e.done++
	kind, cost := e.kinds[s.Kind], e.costOf(s)
	kind.left -= cost
	if how == engine.Ran {
		for _, w := range []*work{kind, &e.all} {
			w.spent += measured + engineSeconds
			w.cost += cost
		}
	}
	return true
}

// scale is how long a second of a kind's cost takes, as measured on its stages and, as far
// as they are few, on all.
func (e *estimate) scale(k *pipeline.Kind) float64 {
	scale := (e.all.spent + priorSeconds) / (e.all.cost + priorSeconds)
	if w := e.kinds[k]; w != nil {
		scale = (w.spent + priorSeconds*scale) / (w.cost + priorSeconds)
	}
	return scale
}

// measured reports whether the time left is more than an estimate.
func (e *estimate) measured() bool { return e.all.cost > 0 || e.learned.Stages() > 0 }

// running is the seconds that what is running has still to go: of all of it together,
// and of the longest. What has taken longer than expected has none.
func (e *estimate) running() (together, longest float64) {
	for s, at := range e.started {
		left := max(e.costOf(s)*e.scale(s.Kind)-time.Since(at).Seconds(), 0)
		together += left
		longest = max(longest, left)
	}
	return together, longest
}

// eta is the time left.
func (e *estimate) eta() time.Duration {
	left, longest := e.running()
	for kind, w := range e.kinds {
		left += max(w.left, 0) * e.scale(kind)
	}
	for s := range e.started {
		if e.planned[s] {
			left -= e.costOf(s) * e.scale(s.Kind)
		}
	}
	atOnce := min(e.cores, e.total-e.done)
	if e.all.cost == 0 {
		// Once measured, stages on fewer cores than there are jobs take the longer.
		atOnce = min(atOnce, runtime.GOMAXPROCS(0))
	}
	return duration(max(left/float64(max(1, atOnce)), longest))
}

// timeLeft says how long is left, as measured or not.
func timeLeft(left time.Duration, measured bool) string {
	switch {
	case !measured:
		return "about " + format.Duration(left) + " left, not measured yet"
	case left < 100*time.Millisecond:
		return "nearly done"
	}
	return "about " + format.Duration(left) + " left"
}

// etaText is empty when nothing is left.
func (e *estimate) etaText() string {
	if e.total == e.done {
		return ""
	}
	return timeLeft(e.eta(), e.measured())
}

// stopping says what the end of a run waits for, how long, and how not to.
func (e *estimate) stopping() string {
	if len(e.started) == 0 {
		return "stopping: nothing is running"
	}
	_, longest := e.running()
	left := "about " + format.Duration(duration(longest))
	switch {
	case longest == 0:
		left = "which takes longer than expected"
	case !e.measured():
		left += ", not measured yet"
	}
	return fmt.Sprintf("stopping: nothing else is begun, what is running (%s) is finished first, %s; "+
		"a second ^C or SIGTERM drops it", format.Count(len(e.started), "stage"), left)
}

// duration is at most the 285 years that a time.Duration holds.
func duration(seconds float64) time.Duration {
	return time.Duration(min(seconds, 9e9) * float64(time.Second))
}
