package cli

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/store"
)

func planOf(stages int) *engine.Plan {
	kind := testApp().Kinds[0]
	p := &engine.Plan{}
	for k := range stages {
		s := pipeline.NewStage(fmt.Sprintf("draw/name=long-enough-for-any-terminal,seeds=%d", k), kind, drawParams{})
		p.Items = append(p.Items, &engine.Item{Stage: s, Status: engine.Run})
	}
	return p
}

// The bar draws while stages come and go; neither may wait for the other for ever. Of
// what is dropped nothing stays, and all notes do.
func TestLiveEnds(t *testing.T) {
	d := &display{t: t, cols: 80, rows: 24}
	l := newLive(d, 2, d.size)
	p := planOf(3000)
	l.Planned(p)
	for k, i := range p.Items {
		l.Started(i.Stage)
		if k%100 == 0 {
			time.Sleep(2 * time.Millisecond)
			l.Note("note")
		}
		if k%1000 == 999 {
			l.Failed(i.Stage, errors.New("no luck"))
			continue
		}
		l.Done(i.Stage, engine.Ran, 0.001)
	}
	l.Close()
	if text := d.text(); strings.Count(text, "note\n") != 30 || strings.Count(text, "failed: no luck\n") != 3 {
		t.Errorf("not all notes are in\n%s", text)
	}
	d = &display{t: t, cols: 80, rows: 24}
	l = newLive(d, 2, d.size)
	l.Planned(p)
	l.Started(p.Items[0].Stage)
	l.Stopping(1)
	l.Close()
	wantAll(t, d.text(), "stopping: ")
	if stageLine.MatchString(d.text()) || barLine.MatchString(d.text()) {
		t.Errorf("what was dropped is still shown:\n%s", d.text())
	}
}

// A run with nothing to do says so.
func TestLiveIdle(t *testing.T) {
	d := &display{t: t, cols: 80, rows: 24}
	l := newLive(d, 2, d.size)
	l.Planned(planOf(0))
	l.Note("a note")
	l.Close()
	if text := d.text(); text != "0 stages: 0 fresh, 0 to restore, 0 to run\na note\n\n" {
		t.Error(text)
	}
}

func TestLiveShows(t *testing.T) {
	d := &display{t: t, cols: 80, rows: 24}
	var all strings.Builder
	d.seen = func(d *display) { all.WriteString(d.text()) }
	l := newLive(d, 1, d.size)
	p := planOf(4)
	l.Planned(p)
	l.Started(p.Items[0].Stage)
	time.Sleep(500 * time.Millisecond)
	l.Done(p.Items[0].Stage, engine.Ran, 0.5)
	l.Started(p.Items[1].Stage)
	time.Sleep(500 * time.Millisecond)
	d.mu.Lock()
	if text := d.text(); strings.Contains(text, "seeds=0") || !strings.Contains(text, "seeds=1") {
		t.Errorf("not what is running:\n%s", text)
	}
	d.mu.Unlock()
	l.Close()
	wantAll(t, all.String(), "4 to run", "terminal,seeds=0  0.", "0/4 stages", "not measured yet", "1/4 stages", "left")
}

// began lets a stage begin some seconds ago.
func (e *estimate) began(s *pipeline.Stage, seconds float64) {
	e.started[s] = time.Now().Add(-duration(seconds))
}

func near(t *testing.T, what string, got time.Duration, want float64) {
	t.Helper()
	if math.Abs(got.Seconds()-want) > 0.01*want+0.001 {
		t.Errorf("%s is %v, want %g s", what, got, want)
	}
}

// The first estimate counts what the engine takes; later ones what was measured, of
// which little does not speak for much.
func TestETA(t *testing.T) {
	p := planOf(1004)
	l := estimate{cores: 1}
	l.plan(p)
	stage := func(k int) *pipeline.Stage { return p.Items[k].Stage }
	one := stage(0).Cost().Seconds + engineSeconds
	near(t, "the first estimate", l.eta(), 1004*one)

	l.finish(stage(0), engine.Ran, 5*one-engineSeconds)
	if left := l.eta().Seconds(); left < 1003*one || left > 1003*5*one {
		t.Errorf("the second estimate is %v s", left)
	}
	for k := 1; k < 1000; k++ {
		l.finish(stage(k), engine.Ran, 5*one-engineSeconds)
	}
	near(t, "the last estimate", l.eta(), 4*5*one)
	l.cores = 2
	near(t, "that on two cores", l.eta(), 2*5*one)
	l.began(stage(1000), 2*one)
	near(t, "that in the middle of a stage", l.eta(), (4*5-2)*one/2)
	l.cores = 4
	l.began(stage(1001), 1*one)
	near(t, "that of the longest", l.eta(), (4*5-3)*one/4)
	for k := 1002; k < 1004; k++ {
		l.finish(stage(k), engine.Restored, 0)
	}
	near(t, "that of the longest", l.eta(), 4*one)
}

// ^C says how long what is running takes, and what a second one does.
func TestStoppingSays(t *testing.T) {
	p := planOf(400)
	l := estimate{cores: 2}
	l.plan(p)
	if got := l.stopping(); got != "stopping: nothing is running" {
		t.Error(got)
	}
	one := l.costOf(p.Items[0].Stage)
	l.began(p.Items[398].Stage, 0)
	wantAll(t, l.stopping(), "(1 stage)", "about 0.1 s, not measured yet", "a second ^C or SIGTERM drops it")
	for k := range 397 {
		l.finish(p.Items[k].Stage, engine.Ran, 100*one)
	}
	// At a hundred times the estimate, one has still to go that, the other half.
	l.began(p.Items[399].Stage, 50*one)
	wantAll(t, l.stopping(), "(2 stages)", "about 10 s; a second")
	l.began(p.Items[398].Stage, 1000*one)
	wantAll(t, l.stopping(), "about 5.")
	l.began(p.Items[399].Stage, 1000*one)
	wantAll(t, l.stopping(), "longer than expected")
}

func TestShortened(t *testing.T) {
	long := strings.Repeat("a", 40) + strings.Repeat("b", 40)
	if got := shortened(long, 21); got != strings.Repeat("a", 10)+"…"+strings.Repeat("b", 10) {
		t.Error(got)
	}
	if shortened("short", 21) != "short" {
		t.Error("a short name was cut")
	}
	if got := shortened(long, -3); got != "…" {
		t.Error(got)
	}
}

// What is in the store already tells how long the rest takes, before any of it has run.
func TestETAOfEarlierStages(t *testing.T) {
	p := planOf(2000)
	for _, i := range p.Items[:1000] {
		i.Status, i.Action = engine.Fresh, &store.Action{Seconds: 3 * i.Stage.Cost().Seconds}
	}
	l := estimate{cores: 1}
	l.plan(p)
	// The factor is drawn to 1 as by a few of a thousand stages, less than 1 %.
	near(t, "the first estimate", l.eta(), 1000*(3*p.Items[0].Stage.Cost().Seconds+engineSeconds))
	if !l.measured() || strings.Contains(l.etaText(), "not measured") {
		t.Error(l.etaText())
	}
}
