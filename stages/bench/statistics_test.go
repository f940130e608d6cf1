package bench

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

// The quartiles are those of R's quantile(x, c(1,2,3)/4), whose type 7 is the same.
func TestSummarize(t *testing.T) {
	for _, c := range []struct {
		sample []float64
		want   summary
	}{
		{[]float64{5, 1, 4, 2, 3}, summary{3, 2, 4, 5}},
		{[]float64{4, 3, 2, 1}, summary{2.5, 1.75, 3.25, 4}},
		{[]float64{7}, summary{7, 7, 7, 1}},
		{[]float64{2, 1}, summary{1.5, 1.25, 1.75, 2}},
	} {
		before := slices.Clone(c.sample)
		if got := summarize(c.sample); got != c.want || !slices.Equal(c.sample, before) {
			t.Errorf("%v: %+v, want %+v", before, got, c.want)
		}
	}
	if got := ratios([]float64{6, 2}, []float64{3, 4}); !slices.Equal(got, []float64{2, 0.5}) {
		t.Errorf("ratios %v", got)
	}
}

// Each side has one turn a round, each of them begins in turn, and turns are as long
// as asked for.
func TestAlternate(t *testing.T) {
	var turns []int
	fake := func(k int, seconds float64) side {
		return func(times int) (float64, error) {
			turns = append(turns, k, times)
			return seconds * float64(len(turns)), nil
		}
	}
	s := sizes{rounds: 2, least: time.Second}
	got, err := alternate(context.Background(), s, fake(0, 1), fake(1, 0.01))
	if err != nil {
		t.Fatal(err)
	}
	// After two turns each of one time: once in 4 s, and 1/0.08 times and one more.
	want := []int{0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 13, 1, 13, 0, 1}
	if !slices.Equal(turns, want) {
		t.Errorf("side and times of the turns %v, want %v", turns, want)
	}
	if len(got) != 2 || !slices.Equal(got[0], []float64{10, 16}) || !slices.Equal(got[1], []float64{0.12, 0.14}) {
		t.Errorf("seconds %v", got)
	}

	broken := errors.New("broken")
	if _, err := alternate(context.Background(), s, func(int) (float64, error) { return 1, broken }); err != broken {
		t.Errorf("error %v", err)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := alternate(stopped, s, fake(0, 1)); err != context.Canceled {
		t.Errorf("error %v", err)
	}
}

func TestTimed(t *testing.T) {
	n := 0
	if seconds, err := timed(func() error { n++; return nil })(7); err != nil || n != 7 || seconds < 0 {
		t.Errorf("%d calls, %v s, %v", n, seconds, err)
	}
	broken := errors.New("broken")
	if _, err := timed(func() error { return broken })(7); err != broken {
		t.Errorf("error %v", err)
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		s    summary
		u    unit
		want string
	}{
		{summary{2.917, 2.84, 3.1, 9}, factor, "2.92× (2.84× – 3.1×)"},
		{summary{0.836, 0.8, 0.9, 9}, percent, "84 % (80 % – 90 %)"},
		{summary{0.0381, 0, 0, 1}, seconds, "38.1 ms"},
		{summary{12.34, 0, 0, 1}, seconds, "12.3 s"},
		{summary{4.5e-5, 0, 0, 1}, seconds, "45 µs"},
	} {
		if got := c.s.format(c.u); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
