package quantity

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"zerotohero/pipeline"
)

func TestRound(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		what          string
		value, lo, hi float64
		want          string
	}{
		{"exact", 1.13485414, nan, nan, "1.1349"},
		{"exact, whole", -200, nan, nan, "-200"},
		{"exact, more than five digits", 123456, nan, nan, "123460"},
		{"exact, small", 1.234567e-13, nan, nan, "1.2346e-13"},
		{"exact, zero", 0, nan, nan, "0"},
		{"half is 0.090", 2.789, 2.701, 2.881, "2.789 [2.701, 2.881]"},
		{"half is 0.30", 2.789, 2.5, 3.1, "2.79 [2.50, 3.10]"},
		{"half is 0.1 less a rounding error", 3, 2.9, 3.1, "3.00 [2.90, 3.10]"},
		{"half is 150", 1234, 1100, 1400, "1234 [1100, 1400]"},
		{"open above", 3, 2.9, inf, "3.00 [2.90, inf]"},
		{"open below", 3, -inf, 3.1, "3.00 [-inf, 3.10]"},
		{"open at both ends", 3, -inf, inf, "3.0 [-inf, inf]"},
		{"no width", 3, 3, 3, "3.000 [3.000, 3.000]"},
		{"no negative zero", -0.001, -0.5, 0.5, "0.00 [-0.50, 0.50]"},
		{"small", 2e-9, 1e-9, 3e-9, "2.0e-09 [1.0e-09, 3.0e-09]"},
		{"at most six digits", 123456, 123455.9, 123456.1, "123456 [123456, 123456]"},
	} {
		got, lo, hi := Round(c.value, c.lo, c.hi)
		if lo != "" {
			got += fmt.Sprintf(" [%s, %s]", lo, hi)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func TestSplit(t *testing.T) {
	for in, want := range map[string][2]string{
		"2.70": {"2.70", ""}, "-inf": {"-inf", ""}, "1.2e-07": {"1.2", "-7"}, "1e+10": {"1", "10"}, "1e+00": {"1", "0"},
	} {
		mantissa, power := Split(in)
		if got := [2]string{mantissa, power}; got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	nan := math.NaN()
	good := New("a.b-c=1", pipeline.Plain("x"), 1, 0, 2)
	for want, change := range map[string]func(q *pipeline.Quantity){
		"letters":      func(q *pipeline.Quantity) { q.Name = "a b" },
		"no text":      func(q *pipeline.Quantity) { q.Text.Plain = " " },
		"it is none":   func(q *pipeline.Quantity) { q.None = pipeline.Plain("why") },
		"is NaN":       func(q *pipeline.Quantity) { q.Value = nan },
		"is +Inf":      func(q *pipeline.Quantity) { q.Value = math.Inf(1) },
		"one end":      func(q *pipeline.Quantity) { q.Lo = nan },
		"upside down":  func(q *pipeline.Quantity) { q.Lo = 3 },
		"from 0 to 0":  func(q *pipeline.Quantity) { q.Hi = 0 },
		"its digits":   func(q *pipeline.Quantity) { q.Rounded = "1.000" },
		`digits are "`: func(q *pipeline.Quantity) { q.Lo, q.Hi = nan, nan },
	} {
		q := good
		change(&q)
		if err := Check([]pipeline.Quantity{q}); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), q.Name) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if err := Check([]pipeline.Quantity{good, good}); err == nil || !strings.Contains(err.Error(), "two of this name") {
		t.Error(err)
	}
	both := []pipeline.Quantity{good, {Name: "n", Text: pipeline.Plain("x"), Value: nan, Lo: nan, Hi: nan,
		None: pipeline.Plain("why")}}
	if err := Check(both); err != nil {
		t.Error(err)
	}
	for _, q := range both {
		// A table has all of a quantity whose words are plain.
		if back := TableOf(q).Quantity(q.Name); fmt.Sprint(back) != fmt.Sprint(q) {
			t.Errorf("%v came back as %v", q, back)
		}
	}
}
