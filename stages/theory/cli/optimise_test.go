package cli

import (
	"math"
	"strings"
	"testing"
)

// The lowest transition of ℓ_a is that of physics.md 2h, and no lower at the parameters around.
func TestOptimise(t *testing.T) {
	var got struct {
		Alpha, Error float64
		Values       map[string]float64
		Bound        []string
	}
	decode(t, &got, "optimise", "--least", "0.5", "--most", "3", "--scan", "5")
	if math.Abs(got.Alpha-1.11340) > 1e-5 || math.Abs(got.Values["a"]-1.1088) > 1e-4 || len(got.Bound) > 0 || !(got.Error < 1e-6) {
		t.Errorf("%+v", got)
	}
	out, err := run("optimise", "--least", "2", "--most", "3", "--scan", "3")
	if err != nil || !strings.Contains(out, "at a = 2, a at an end of the range") {
		t.Errorf("%s, %v", out, err)
	}
	for args, want := range map[string]string{
		"--minimise x":   "known are alpha-averaged",
		"--over b":       "names b",
		"--loss plain":   "names a",
		"--least 0":      "least",
		"--to 0.2":       "no loss tried has a transition",
		"--over a,a,a,a": "4 parameters",
		"--least 1,2":    "least: has 3 values for 1 parameters",
	} {
		if _, err := run(append([]string{"optimise", "--scan", "3", "--least", "1", "--most", "2"}, strings.Fields(args)...)...); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}
