// Package bench is the command "hero bench": what the project promises of its speed,
// measured with both sides of each comparison in one run.
//
// Machines and what else they do differ from minute to minute, so the sides take
// turns, and what is reported is the median of the ratios of the turns, with their
// quartiles. Targets are told met or missed; missing one is not an error.
package bench

import (
	"context"
	"fmt"
	"path"
	"runtime/debug"
	"strings"
	"time"
)

// sizes are how much is measured.
type sizes struct {
	small, large int // N of the single gradients; X of the large one is beyond the caches
	batch        int // N of the gradients of several students
	students     int
	rounds       int
	least        time.Duration // of one turn, which repeats its work to fill it

	dense      int // N of a descent where X is dense and one where it is deferred
	drawn      int // N of an evaluation where X is deferred
	directions int // known of X there
	null       int // N of the descent of the null model

	n         int       // N of the descents
	instances int       // on which flow and gradient descent are compared
	alphas    []float64 // of the descents on the clock
	descents  int       // at each of them
}

var full = sizes{
	small: 1024, large: 4096, batch: 1024, students: 16, rounds: 21, least: 20 * time.Millisecond,
	dense: 16384, drawn: 65536, directions: 300, null: 1_000_000,
	n: 512, instances: 24, alphas: []float64{2.5, 3, 3.5, 4}, descents: 100,
}

// A row is one promise.
type row struct {
	name    string
	what    string
	target  target
	measure func(ctx context.Context) (finding, error)
}

// A target is a bound on a row's result.
type target struct {
	unit  unit
	most  bool // an upper bound, not a lower one
	value float64
	also  string // what else is asked for, by the row's fault
}

func (t target) holds(x float64) bool {
	if t.most {
		return x <= t.value
	}
	return x >= t.value
}

func (t target) String() string {
	out := "≥ "
	if t.most {
		out = "≤ "
	}
	out += t.unit.format(t.value)
	if t.also != "" {
		out += ", " + t.also
	}
	return out
}

// A finding is what a row measured.
type finding struct {
	ours, other string  // each side in its own units, other "" if there is none
	result      summary // in the target's unit
	note        string  // sentences
	fault       string  // why the target is missed whatever the result, or ""
	skipped     string  // why nothing was measured and what to do, or ""
}

// A line is a row with what it found.
type line struct {
	row
	finding
}

// verdict says whether the target was met.
func (l line) verdict() string {
	switch {
	case l.skipped != "":
		return "skipped"
	case l.fault == "" && l.target.holds(l.result.median):
		return "met"
	}
	return "missed"
}

// remarks are the sentences under the table.
func (l line) remarks() string {
	var out []string
	for _, s := range []string{l.what + ".", l.note, l.fault, l.skipped} {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

// rows are all promises, in the order in which they are measured.
func rows(s sizes) []row {
	return []row{
		s.bandwidthRow(),
		s.gonumRow(s.small),
		s.gonumRow(s.large),
		s.numpyRow(),
		s.studentsRow(),
		s.evaluationRow(),
		transitionRow(s),
		thresholdRow(s),
		s.formulaRow(),
		s.evaluationsRow(),
		s.descentsRow(),
		s.denseRow(),
		s.nullRow(),
	}
}

// choose keeps the rows that a pattern matches, all if there is none.
func choose(all []row, patterns []string) ([]row, error) {
	if len(patterns) == 0 {
		return all, nil
	}
	wanted := make(map[string]bool)
	for _, pattern := range patterns {
		found := false
		for _, r := range all {
			ok, err := path.Match(pattern, r.name)
			if err != nil {
				return nil, fmt.Errorf("pattern %q: %w", pattern, err)
			}
			if ok {
				found, wanted[r.name] = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("no row matches %q; there are %s", pattern, strings.Join(names(all), ", "))
		}
	}
	var out []row
	for _, r := range all {
		if wanted[r.name] {
			out = append(out, r)
		}
	}
	return out, nil
}

func names(all []row) []string {
	var out []string
	for _, r := range all {
		out = append(out, r.name)
	}
	return out
}

// measure measures rows one after another and tells before each what comes.
func measure(ctx context.Context, chosen []row, progress func(r row)) ([]line, error) {
	var out []line
	for _, r := range chosen {
		progress(r)
		f, err := r.measure(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		out = append(out, line{r, f})
		// The matrices of one row are not to crowd those of the next.
		debug.FreeOSMemory()
	}
	return out, nil
}
