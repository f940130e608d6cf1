package cli

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"zerotohero/pipeline/engine"
)

// A display is a terminal, as far as what live writes needs one: it keeps all lines, of
// which the last are on the screen. Anything else written to it fails the test.
type display struct {
	t          *testing.T
	cols, rows int
	seen       func(d *display) // after each write, optional

	mu       sync.Mutex
	lines    [][]rune
	row, col int
	rest     string // of an escape sequence or a rune
}

var (
	up      = regexp.MustCompile(`^\x1b\[(\d+)A`)
	partial = regexp.MustCompile(`^\x1b(\[\d*)?$`)
)

func (d *display) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := d.rest + string(b)
	for d.rest = ""; text != ""; {
		switch m := up.FindStringSubmatch(text); {
		case m != nil:
			n := 0
			fmt.Sscan(m[1], &n)
			// No further than the screen goes: what has left it stays as it is.
			d.row, text = max(d.row-n, len(d.lines)-d.rows, 0), text[len(m[0]):]
		case strings.HasPrefix(text, "\x1b[J"):
			if d.row == max(0, len(d.lines)-d.rows) && d.col == 0 {
				d.t.Error("all of the screen is cleared, which tmux keeps among what has left it")
			}
			d.at(0)
			d.lines = d.lines[:d.row+1]
			d.lines[d.row] = d.lines[d.row][:min(d.col, len(d.lines[d.row]))]
			text = text[3:]
		case partial.MatchString(text):
			d.rest, text = text, ""
		case text[0] == '\r':
			d.col, text = 0, text[1:]
		case text[0] == '\n':
			d.row, d.col, text = d.row+1, 0, text[1:]
			d.at(0)
		case text[0] < ' ':
			d.t.Errorf("the terminal is sent %q", text)
			return len(b), nil
		default:
			var r rune
			for k, c := range text + "x" {
				if k > 0 {
					text = text[k:]
					break
				}
				r = c
			}
			if d.col == d.cols {
				d.row, d.col = d.row+1, 0
			}
			d.at(d.col)[d.col] = r
			d.col++
		}
	}
	if d.seen != nil {
		d.seen(d)
	}
	return len(b), nil
}

// at is the line of the cursor, up to a column.
func (d *display) at(col int) []rune {
	for len(d.lines) <= d.row {
		d.lines = append(d.lines, nil)
	}
	for len(d.lines[d.row]) <= col {
		d.lines[d.row] = append(d.lines[d.row], ' ')
	}
	return d.lines[d.row]
}

// text is all lines, those that have left the screen too.
func (d *display) text() string {
	var b strings.Builder
	for _, line := range d.lines {
		fmt.Fprintln(&b, strings.TrimRight(string(line), " "))
	}
	return b.String()
}

func (d *display) size() (cols, rows int) { return d.cols, d.rows }

var (
	stageLine = regexp.MustCompile(`(?m)^  .* \d+\.\d s$`)
	barLine   = regexp.MustCompile(`(?m)^\d+/\d+ stages`)
)

// Bursts of short stages: whatever the terminal, there are never more lines of stages
// than jobs, none wraps, and nothing of them stays.
func TestLiveInBursts(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {40, 10}, {20, 4}, {200, 60}} {
		for _, jobs := range []int{1, 2, 8, 300} {
			t.Run(fmt.Sprintf("%dx%d -j %d", size[0], size[1], jobs), func(t *testing.T) {
				t.Parallel()
				most := 0
				d := &display{t: t, cols: size[0], rows: size[1]}
				d.seen = func(d *display) {
					text := d.text()
					n := len(stageLine.FindAllString(text, -1))
					most = max(most, n)
					others := strings.Count(text, "\n") - n - len(barLine.FindAllString(text, -1))
					if n > min(jobs, size[1]-3) || len(barLine.FindAllString(text, -1)) > 1 || others > 5 {
						t.Errorf("%d lines of stages, %d others:\n%s", n, others, text)
						d.seen = nil
					}
				}
				l := newLive(d, jobs, d.size)
				p := planOf(600)
				l.Planned(p)
				for k, i := range p.Items {
					l.Started(i.Stage)
					if k%300 == 299 {
						time.Sleep(250 * time.Millisecond)
					}
					if done := k - jobs + 1; done >= 0 {
						l.Done(p.Items[done].Stage, engine.Ran, 0.001)
					}
				}
				l.Note("a note")
				l.Close()
				d.seen = nil
				if most == 0 {
					t.Error("no stage was shown")
				}
				text := strings.ReplaceAll(d.text(), "\n", "")
				if want := "600 stages: 0 fresh, 0 to restore, 600 to runa note"; text != want {
					t.Errorf("what stays is\n%s", d.text())
				}
			})
		}
	}
}

// The terminal gets smaller than what is drawn on it, and what is typed moves the cursor.
func TestLiveShrinks(t *testing.T) {
	d := &display{t: t, cols: 60, rows: 24}
	var mu sync.Mutex
	rows := 24
	l := newLive(d, 8, func() (int, int) { mu.Lock(); defer mu.Unlock(); return 60, rows })
	p := planOf(8)
	l.Planned(p)
	for _, i := range p.Items {
		l.Started(i.Stage)
	}
	time.Sleep(500 * time.Millisecond)
	lines := func() int { d.mu.Lock(); defer d.mu.Unlock(); return len(stageLine.FindAllString(d.text(), -1)) }
	if n := lines(); n != 8 {
		t.Errorf("%d lines of stages, want 8", n)
	}
	mu.Lock()
	rows = 5
	mu.Unlock()
	d.Write([]byte("ab"))
	l.Note("a note")
	time.Sleep(500 * time.Millisecond)
	if n := lines(); n != 2 {
		t.Errorf("%d lines of stages, want 2:\n%s", n, d.text())
	}
	l.Close()
	if text := d.text(); text != "8 stages: 0 fresh, 0 to restore, 8 to run\na note\n\n" {
		t.Errorf("what stays is\n%s", text)
	}
}
