package cli

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
)

// A tally counts what is done of a run and estimates what is left. Estimated costs
// are taken in proportion: the run itself shows how long a unit takes.
type tally struct {
	cores       int
	total, done int     // stages planned to run
	left        float64 // estimated seconds of those not done
	spent, cost float64 // measured and estimated seconds of those that ran
	planned     map[*pipeline.Stage]bool
	started     map[*pipeline.Stage]time.Time
}

func (t *tally) plan(p *engine.Plan) {
	t.planned = make(map[*pipeline.Stage]bool)
	t.started = make(map[*pipeline.Stage]time.Time)
	for _, i := range p.Items {
		if i.Status == engine.Run {
			t.planned[i.Stage] = true
			t.total++
			t.left += i.Stage.Cost().Seconds
		}
	}
}

// finish takes a stage off what is left; it reports whether it was on it.
func (t *tally) finish(s *pipeline.Stage, how engine.Outcome, measured float64) bool {
	delete(t.started, s)
	if !t.planned[s] {
		return false
	}
	delete(t.planned, s)
	t.done++
	cost := s.Cost().Seconds
	t.left -= cost
	if how == engine.Ran {
		t.spent += measured
		t.cost += cost
	}
	return true
}

// eta is the time left, 0 while that cannot be said.
func (t *tally) eta() time.Duration {
	left := t.left
	if t.cost > 0 {
		left *= t.spent / t.cost
	}
	running := 0.0
	for _, at := range t.started {
		running += time.Since(at).Seconds()
	}
	left = max(left-running, 0) / float64(max(1, min(t.cores, t.total-t.done)))
	return time.Duration(left * float64(time.Second))
}

func (t *tally) etaText() string {
	if t.total == t.done {
		return ""
	}
	if t.cost == 0 {
		return "about " + rounded(t.eta()) + " left, not measured yet"
	}
	return "about " + rounded(t.eta()) + " left"
}

// plain writes a line for each stage.
type plain struct {
	tally
	out io.Writer
}

func (p *plain) Planned(plan *engine.Plan) {
	p.plan(plan)
	fmt.Fprintf(p.out, "%d stages: %d fresh, %d to restore, %d to run",
		len(plan.Items), plan.Count(engine.Fresh), plan.Count(engine.Restore), p.total)
	if p.total > 0 {
		fmt.Fprintf(p.out, ", %s", p.etaText())
	}
	fmt.Fprintln(p.out)
}

func (p *plain) Waiting(s *pipeline.Stage) {
	p.Note(elsewhere(s))
}

func (p *plain) Started(s *pipeline.Stage) { p.started[s] = time.Now() }

func (p *plain) Done(s *pipeline.Stage, how engine.Outcome, measured float64) {
	if !p.finish(s, how, measured) {
		return
	}
	took := ""
	switch {
	case how == engine.Ran:
		took = seconds(measured)
	default:
		took = string(how)
	}
	eta := p.etaText()
	if eta != "" {
		eta = ", " + eta
	}
	fmt.Fprintf(p.out, "[%d/%d] %s (%s%s)\n", p.done, p.total, s.Name, took, eta)
}

func (p *plain) Failed(s *pipeline.Stage, err error) {
	p.finish(s, "", 0)
	fmt.Fprintf(p.out, "[%d/%d] %s failed: %v\n", p.done, p.total, s.Name, err)
}

func (p *plain) Stopping(running int) { p.Note(stopping(running)) }
func (p *plain) Note(text string)     { fmt.Fprintln(p.out, text) }
func (p *plain) Close()               {}

// live keeps a bar of the whole run and a line for each running stage at the foot
// of a terminal. Bars draw from goroutines of their own and are given what they show
// through atomics: a lock held while a bar is touched would never be freed.
type live struct {
	tally
	progress *mpb.Progress
	bar      *mpb.Bar
	lines    map[*pipeline.Stage]*mpb.Bar
	foot     atomic.Pointer[forecast]
}

// A forecast is the time left as seen at some time.
type forecast struct {
	at       time.Time
	left     time.Duration
	measured bool
}

func (f *forecast) text() string {
	left := "about " + rounded(max(0, f.left-time.Since(f.at))) + " left"
	if !f.measured {
		left += ", not measured yet"
	}
	return " " + left
}

func newLive(out io.Writer, cores int) *live {
	return &live{
		tally:    tally{cores: cores},
		progress: mpb.New(mpb.WithOutput(out), mpb.WithWidth(72), mpb.WithRefreshRate(200*time.Millisecond), mpb.WithAutoRefresh()),
		lines:    make(map[*pipeline.Stage]*mpb.Bar),
	}
}

func (l *live) look() {
	l.foot.Store(&forecast{time.Now(), l.eta(), l.cost > 0})
}

func (l *live) Planned(plan *engine.Plan) {
	l.plan(plan)
	fmt.Fprintf(l.progress, "%d stages: %d fresh, %d to restore, %d to run\n",
		len(plan.Items), plan.Count(engine.Fresh), plan.Count(engine.Restore), l.total)
	if l.total == 0 {
		return
	}
	l.look()
	l.bar = l.progress.AddBar(int64(l.total),
		mpb.BarPriority(1<<20), // below the stages
		mpb.PrependDecorators(decor.CountersNoUnit("%d/%d stages ")),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
			if s.Completed || s.Aborted {
				return ""
			}
			return l.foot.Load().text()
		})),
	)
}

func (l *live) Waiting(s *pipeline.Stage) { l.Note(elsewhere(s)) }

func elsewhere(s *pipeline.Stage) string {
	return "waiting for " + s.Name + ", which is being computed elsewhere"
}

func (l *live) Started(s *pipeline.Stage) {
	start := time.Now()
	l.started[s] = start
	name := shortened(s.Name, 60)
	l.lines[s] = l.progress.New(0, mpb.NopStyle(), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string {
			return "  " + name + "  " + rounded(time.Since(start))
		})))
}

func (l *live) end(s *pipeline.Stage, how engine.Outcome, measured float64) {
	if line := l.lines[s]; line != nil {
		line.Abort(true)
		delete(l.lines, s)
	}
	if l.finish(s, how, measured) {
		l.look()
		l.bar.Increment()
	}
}

func (l *live) Done(s *pipeline.Stage, how engine.Outcome, measured float64) {
	l.end(s, how, measured)
}

func (l *live) Failed(s *pipeline.Stage, err error) {
	l.end(s, "", 0)
	l.Note(s.Name + " failed: " + err.Error())
}

func (l *live) Stopping(running int) { l.Note(stopping(running)) }
func (l *live) Note(text string)     { fmt.Fprintln(l.progress, text) }

func (l *live) Close() {
	for _, s := range l.lines {
		s.Abort(true)
	}
	if l.bar != nil {
		l.bar.Abort(false)
	}
	l.progress.Wait()
}

func stopping(running int) string {
	return fmt.Sprintf("stopping once what is running is done (%s); ^C again drops it", counted(running, "stage"))
}

// rounded writes a duration as people say it.
func rounded(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

func seconds(s float64) string {
	if s < 1 {
		return fmt.Sprintf("%.2f s", s)
	}
	return rounded(time.Duration(s * float64(time.Second)))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// shortened cuts the middle out of a long name, of which both ends matter.
func shortened(name string, limit int) string {
	r := []rune(name)
	if len(r) <= limit {
		return name
	}
	half := (limit - 1) / 2
	return string(r[:half]) + "…" + strings.TrimLeft(string(r[len(r)-half:]), ",")
}
