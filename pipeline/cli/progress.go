package cli

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/cupwriter"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
)

// plain writes a line for each stage.
type plain struct {
	estimate
	out io.Writer
}

func (p *plain) Planned(plan *engine.Plan) {
	p.plan(plan)
	fmt.Fprint(p.out, countByStatus(plan))
	if p.total > 0 {
		fmt.Fprintf(p.out, ", %s", p.etaText())
	}
	fmt.Fprintln(p.out)
}

func (p *plain) Waiting(s *pipeline.Stage) { p.Note(waitingFor(s)) }
func (p *plain) Started(s *pipeline.Stage) { p.start(s) }

func (p *plain) Done(s *pipeline.Stage, how engine.Outcome, measured float64) {
	if !p.finish(s, how, measured) {
		return
	}
	took := string(how)
	if how == engine.Ran {
		took = format.Seconds(measured)
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

func (p *plain) Stopping(int)     { p.Note(p.stopping()) }
func (p *plain) Note(text string) { fmt.Fprintln(p.out, text) }
func (p *plain) Close()           {}

// The smallest terminal on which live draws.
const (
	minCols = 20
	minRows = 4
)

// maxLines is how many stages live shows at most: no terminal is higher.
const maxLines = 100

// live keeps a bar of the whole run and a line for each running stage at the foot of a
// terminal. All of it is one bar of mpb's with rows above it, so that what is drawn is
// what is running at that moment: a bar for each stage is drawn at least once after the
// stage has ended, and of short stages there are many between two drawings. mpb draws from
// goroutines of its own and is given what it shows through atomics: a lock held while
// the bar is touched would never be freed.
type live struct {
	estimate
	out    io.Writer
	screen *screen

	progress *mpb.Progress
	bar      *mpb.Bar // nil if nothing is to run
	lines    []atomic.Pointer[task]
	forecast atomic.Pointer[forecast]
}

// A task is what a line shows.
type task struct {
	stage *pipeline.Stage
	start time.Time
}

// A forecast is the time left as seen at some time.
type forecast struct {
	at       time.Time
	left     time.Duration
	measured bool
}

func (f *forecast) text() string {
	return " " + timeLeft(max(0, f.left-time.Since(f.at)), f.measured)
}

// A screen is the terminal as mpb sees it. If not all rows fit, mpb miscounts and does not
// erase what it drew: so it is told of a terminal that is high enough for any, and row
// itself heeds the height. The last column stays empty, as a full line wraps on some
// terminals.
type screen struct {
	*cupwriter.Writer
	size func() (cols, rows int)
	rows atomic.Int64
}

func (s *screen) IsTerminal() bool { return true }

func (s *screen) GetTermSize() (width, height int, err error) {
	cols, rows := s.size()
	s.rows.Store(int64(rows))
	return max(cols, minCols) - 1, maxLines + minRows, nil
}

// Flush writes what is to be seen. The next drawing begins at the left, wherever the
// cursor has gone with what was typed.
func (s *screen) Flush(lines int) error {
	err := s.Writer.Flush(lines)
	up := s.String()
	s.Reset()
	s.WriteString("\r" + up)
	return err
}

// newLive draws on a terminal whose size is asked for at each drawing.
func newLive(out io.Writer, cores int, size func() (cols, rows int)) *live {
	s := &screen{Writer: cupwriter.New(out, true), size: size}
	return &live{estimate: estimate{cores: cores}, out: out, screen: s}
}

func (l *live) updateForecast() { l.forecast.Store(&forecast{time.Now(), l.eta(), l.measured()}) }

func (l *live) Planned(plan *engine.Plan) {
	l.plan(plan)
	fmt.Fprintln(l.out, countByStatus(plan))
	if l.total == 0 {
		return
	}
	l.updateForecast()
	l.lines = make([]atomic.Pointer[task], min(l.cores, l.total, maxLines))
	var rows []mpb.BarFiller
	for k := range l.lines {
		rows = append(rows, l.row(k))
	}
	l.progress = mpb.New(mpb.WithConsoleWriter(l.screen), mpb.WithWidth(72), mpb.WithRefreshRate(200*time.Millisecond))
	// A bar whose total is known from the start ends when it is reached, and notes after
	// that would be lost; this one ends in Close.
	l.bar = l.progress.AddBar(0,
		mpb.BarTopExtender(rows...),
		mpb.PrependDecorators(decor.CountersNoUnit("%d/%d stages ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return l.forecast.Load().text() })),
	)
	l.bar.SetTotal(int64(l.total), false)
}

// row draws a line, or nothing where it has no stage or no room: below there are the
// bar and the row of the cursor, and above a row stays free, as some terminals keep a
// screen that is cleared from its very beginning among what has left it.
func (l *live) row(k int) mpb.BarFillerFunc {
	return func(w io.Writer, s decor.Statistics) error {
		t := l.lines[k].Load()
		if t == nil || int64(k) >= l.screen.rows.Load()-3 {
			return nil
		}
		took := format.Duration(time.Since(t.start))
		_, err := fmt.Fprintf(w, "  %s  %s\n", shortened(t.stage.Name, s.AvailableWidth-len("    ")-len(took)), took)
		return err
	}
}

func (l *live) Waiting(s *pipeline.Stage) { l.Note(waitingFor(s)) }

func waitingFor(s *pipeline.Stage) string {
	return "waiting for " + s.Name + ", which is being computed elsewhere"
}

func (l *live) Started(s *pipeline.Stage) {
	t := &task{s, l.start(s)}
	for k := range l.lines {
		if l.lines[k].CompareAndSwap(nil, t) {
			return
		}
	}
}

func (l *live) Done(s *pipeline.Stage, how engine.Outcome, measured float64) {
	for k := range l.lines {
		if t := l.lines[k].Load(); t != nil && t.stage == s {
			l.lines[k].Store(nil)
		}
	}
	if l.finish(s, how, measured) {
		l.updateForecast()
		l.bar.Increment()
	}
}

func (l *live) Failed(s *pipeline.Stage, err error) {
	l.Done(s, "", 0)
	l.Note(s.Name + " failed: " + err.Error())
}

func (l *live) Stopping(int) { l.Note(l.stopping()) }

func (l *live) Note(text string) {
	out := l.out
	if l.bar != nil {
		out = l.progress
	}
	fmt.Fprintln(out, text)
}

// Close removes the bar and its lines, and leaves the notes.
func (l *live) Close() {
	if l.bar != nil {
		l.bar.Abort(true)
		l.progress.Wait()
	}
}

// shortened cuts the middle out of a long name, of which both ends matter.
func shortened(name string, limit int) string {
	r := []rune(name)
	if len(r) <= limit {
		return name
	}
	half := max(limit-1, 0) / 2
	return string(r[:half]) + "…" + strings.TrimLeft(string(r[len(r)-half:]), ",")
}
