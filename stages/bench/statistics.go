package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A summary is the median of a sample, with its quartiles.
type summary struct {
	median, lo, hi float64
	n              int
}

// summarize sorts a copy. The sample is not empty.
func summarize(sample []float64) summary {
	s := slices.Sorted(slices.Values(sample))
	return summary{quantile(s, 0.5), quantile(s, 0.25), quantile(s, 0.75), len(s)}
}

// quantile interpolates between the order statistics of a sorted sample, number k
// of n standing for the share k/(n−1) (Hyndman and Fan 1996, type 7).
func quantile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	k := min(int(at), len(sorted)-1)
	next := min(k+1, len(sorted)-1)
	return sorted[k] + (at-float64(k))*(sorted[next]-sorted[k])
}

// ratios divides samples of equal length term by term.
func ratios(above, below []float64) []float64 {
	out := make([]float64, len(above))
	for i := range out {
		out[i] = above[i] / below[i]
	}
	return out
}

// rates divides a count by each of a sample of seconds.
func rates(count float64, seconds []float64) []float64 {
	out := make([]float64, len(seconds))
	for i, s := range seconds {
		out[i] = count / s
	}
	return out
}

// A side does its work a number of times and gives the seconds for one.
type side func(times int) (float64, error)

// timed makes a side of work that is timed here.
func timed(work func() error) side {
	return func(times int) (float64, error) {
		start := time.Now()
		for range times {
			if err := work(); err != nil {
				return 0, err
			}
		}
		return time.Since(start).Seconds() / float64(times), nil
	}
}

// alternate lets the sides take turns, the first of a round being another one each
// time, and gives the seconds of each side by round. A turn repeats its work to last
// the least time, so that its data are back in the caches that they fit into after
// another side's. Two turns before the first round are not counted.
func alternate(ctx context.Context, s sizes, sides ...side) ([][]float64, error) {
	times := make([]int, len(sides))
	for k, f := range sides {
		seconds, err := f(1)
		if err == nil {
			seconds, err = f(1)
		}
		if err != nil {
			return nil, err
		}
		times[k] = 1 + int(s.least.Seconds()/seconds)
	}
	out := make([][]float64, len(sides))
	for round := range s.rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for j := range sides {
			k := (round + j) % len(sides)
			seconds, err := sides[k](times[k])
			if err != nil {
				return nil, err
			}
			out[k] = append(out[k], seconds)
		}
	}
	return out, nil
}

// median of a sample that is not empty.
func median(sample []float64) float64 { return summarize(sample).median }

// A unit is what a result is counted in.
type unit int

const (
	factor  unit = iota // "2.9×"
	percent             // of 1, "84 %"
	seconds             // "38 ms"
)

func (u unit) format(x float64) string {
	switch u {
	case factor:
		return fmt.Sprintf("%.3g×", x)
	case percent:
		return fmt.Sprintf("%.0f %%", 100*x)
	}
	return duration(x)
}

// duration gives seconds to three digits.
func duration(s float64) string {
	switch {
	case s >= 1:
		return fmt.Sprintf("%.3g s", s)
	case s >= 1e-3:
		return fmt.Sprintf("%.3g ms", 1e3*s)
	}
	return fmt.Sprintf("%.3g µs", 1e6*s)
}

// memory gives bytes to three digits.
func memory(bytes float64) string {
	if bytes >= 1e9 {
		return fmt.Sprintf("%.3g GB", bytes/1e9)
	}
	return fmt.Sprintf("%.3g MB", bytes/1e6)
}

// format gives the median, and the quartiles where there are any.
func (s summary) format(u unit) string {
	out := u.format(s.median)
	if s.n > 1 {
		out += fmt.Sprintf(" (%s – %s)", u.format(s.lo), u.format(s.hi))
	}
	return out
}
