package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
)

func planOf(stages int) *engine.Plan {
	kind := testApp().Kinds[0]
	p := &engine.Plan{}
	for k := range stages {
		s := pipeline.NewStage(fmt.Sprintf("draw/seeds=%d", k), kind, drawParams{})
		p.Items = append(p.Items, &engine.Item{Stage: s, Status: engine.Run})
	}
	return p
}

// The bars draw while stages come and go; neither may wait for the other for ever.
func TestLiveEnds(t *testing.T) {
	l := newLive(io.Discard, 2)
	p := planOf(3000)
	l.Planned(p)
	for k, i := range p.Items {
		l.Started(i.Stage)
		if k%100 == 0 {
			time.Sleep(2 * time.Millisecond)
			l.Note("note")
		}
		if k%1000 == 5 {
			l.Failed(i.Stage, errors.New("no luck"))
			continue
		}
		l.Done(i.Stage, engine.Ran, 0.001)
	}
	l.Close()
	l = newLive(io.Discard, 2)
	l.Planned(p)
	l.Started(p.Items[0].Stage)
	l.Stopping(1)
	l.Close()
}

// text is a writer that goroutines may share.
type text struct {
	mu sync.Mutex
	strings.Builder
}

func (w *text) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Builder.Write(b)
}

func TestLiveShows(t *testing.T) {
	var out text
	l := newLive(&out, 1)
	p := planOf(4)
	l.Planned(p)
	l.Started(p.Items[0].Stage)
	time.Sleep(500 * time.Millisecond)
	l.Done(p.Items[0].Stage, engine.Ran, 0.5)
	time.Sleep(500 * time.Millisecond)
	l.Close()
	wantAll(t, out.String(), "4 to run", "draw/seeds=0  0.", "0/4 stages", "not measured yet", "1/4 stages", "left")
}

// With one stage measured at five times its estimate, three left on two cores.
func TestETA(t *testing.T) {
	p := planOf(4)
	var l tally
	l.cores = 2
	l.plan(p)
	estimate := p.Items[0].Stage.Cost().Seconds
	l.finish(p.Items[0].Stage, engine.Ran, 5*estimate)
	want := time.Duration(3 * 5 * estimate / 2 * float64(time.Second))
	if got := l.eta(); got < want*99/100 || got > want*101/100 {
		t.Errorf("eta %v, want %v", got, want)
	}
}

func TestShortened(t *testing.T) {
	long := strings.Repeat("a", 40) + strings.Repeat("b", 40)
	if got := shortened(long, 21); got != strings.Repeat("a", 10)+"…"+strings.Repeat("b", 10) {
		t.Error(got)
	}
	if shortened("short", 21) != "short" {
		t.Error("a short name was cut")
	}
}
