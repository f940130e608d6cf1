package cli

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	_ "zerotohero/stages/loss/ell"
	_ "zerotohero/stages/loss/plain"
	_ "zerotohero/stages/loss/pseudohuber"
	"zerotohero/stages/theory"
)

func run(args ...string) (string, error) {
	c := Command()
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	err := c.Execute()
	return out.String(), err
}

// decode runs a command with --json and reads what it prints.
func decode(t *testing.T, v any, args ...string) {
	t.Helper()
	out, err := run(append(args, "--json")...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	if err := json.Unmarshal([]byte(out), v); err != nil {
		t.Fatalf("%v: %v in %s", args, err, out)
	}
}

type bbp struct {
	Alpha, Error float64
	Edge         string
	Others       []bbp
}

// The numbers are physics.md's (2a, 2b), to the digits printed there.
func TestTransition(t *testing.T) {
	for _, c := range []struct {
		args  []string
		alpha float64
		edge  string
	}{
		{[]string{"transition"}, 1.13485, "sharp"},
		{[]string{"transition", "--at", "init", "--loss", "ell", "--a", "2"}, 1.69042, "smooth"},
		{[]string{"transition", "--formula", "(u^2 - y^2)^2/(a + y^2)/2", "--set", "a=2"}, 1.69042, "smooth"},
		{[]string{"transition", "--at", "wide", "--a", "0.5"}, 0.75, "smooth"},
		{[]string{"transition", "--at", "optimal"}, 0.5, "smooth"},
		{[]string{"transition", "--at", "threshold"}, 7.09396, "sharp"},
	} {
		var got bbp
		decode(t, &got, c.args...)
		if math.Abs(got.Alpha/c.alpha-1) > 1e-5 || got.Edge != c.edge || got.Error > 1e-6 || got.Others != nil {
			t.Errorf("%v: %+v", c.args, got)
		}
	}
	var got bbp
	decode(t, &got, "transition", "--at", "averaged", "--a", "0.01")
	if len(got.Others) != 2 || !(got.Alpha < got.Others[0].Alpha && got.Others[0].Alpha < got.Others[1].Alpha) {
		t.Errorf("averaged, a = 0.01: %+v", got)
	}
	out, err := run("transition")
	if err != nil || !strings.HasPrefix(out, "alpha = 1.13485") || !strings.Contains(out, "sharp edge, outlier appears") {
		t.Errorf("%s %v", out, err)
	}
}

func TestOutlier(t *testing.T) {
	type answer struct {
		Exists     bool
		Lambda, Q2 *float64
		Edge       struct{ Lambda float64 }
	}
	var o answer
	decode(t, &o, "outlier", "--alpha", "3")
	if !o.Exists || math.Abs(*o.Lambda+11.24834) > 1e-5 || math.Abs(*o.Q2-0.28381) > 1e-5 ||
		math.Abs(o.Edge.Lambda+11.10621) > 1e-5 {
		t.Errorf("%+v", o)
	}
	var none answer
	decode(t, &none, "outlier", "--alpha", "1")
	if none.Exists || none.Lambda != nil {
		t.Errorf("below the transition: %+v", none)
	}
	out, err := run("outlier", "--alpha", "1")
	if err != nil || !strings.HasPrefix(out, "no outlier") {
		t.Errorf("%s %v", out, err)
	}
}

func TestEdge(t *testing.T) {
	var e struct {
		Left  struct{ Lambda, G float64 }
		Right *struct{ Lambda float64 }
		Mu    float64
	}
	decode(t, &e, "edge", "--alpha", "3")
	if math.Abs(e.Left.Lambda+11.10621) > 1e-5 || e.Right != nil || !(e.Mu > 0) {
		t.Errorf("at init: %+v", e)
	}
	// At overlap m a part of the signal is known: another edge.
	left := e.Left.Lambda
	decode(t, &e, "edge", "--alpha", "3", "--m", "0.5")
	if e.Left.Lambda == left {
		t.Errorf("at m = 0.5: %+v", e)
	}
	decode(t, &e, "edge", "--alpha", "3", "--at", "wide")
	if e.Right == nil || !(e.Right.Lambda > e.Left.Lambda) || e.Mu != 0 {
		t.Errorf("wide student: %+v", e)
	}
}

// physics.md 2c, to the digits printed there; mu and mu_edge agree without jumps.
func TestThreshold(t *testing.T) {
	var got struct {
		Alpha, Chi, Z, Mu, Energy, D, Error float64
		MuEdge                              float64 `json:"mu_edge"`
	}
	decode(t, &got, "threshold", "--alpha", "7.09396")
	if math.Abs(got.Chi/0.307609-1) > 1e-5 || math.Abs(got.Z/0.550168-1) > 1e-5 || math.Abs(got.Energy/1.300775-1) > 1e-5 ||
		math.Abs(got.Mu-got.MuEdge) > 1e-8 || math.Abs(got.D) > 1e-4 {
		t.Errorf("%+v", got)
	}
	if out, err := run("threshold", "--alpha", "20"); err != nil || !strings.Contains(out, "an outlier") {
		t.Errorf("%s %v", out, err)
	}
}

func TestDensity(t *testing.T) {
	var d struct {
		Lambda, Rho, Weight, CDF []float64
		Mass                     float64
		Atoms                    []struct{ Lambda, Mass float64 }
	}
	decode(t, &d, "density", "--at", "wide", "--alpha", "0.25")
	if n := len(d.Lambda); n == 0 || len(d.Rho) != n || len(d.CDF) != n || len(d.Weight) != n ||
		math.Abs(d.Mass-1) > 1e-6 || len(d.Atoms) != 1 || d.Atoms[0].Mass != 0.75 {
		t.Errorf("%d points, mass %v, atoms %v", len(d.Lambda), d.Mass, d.Atoms)
	}
	out, err := run("density", "--at", "wide", "--alpha", "0.25")
	if lines := strings.Count(out, "\n"); err != nil || lines != len(d.Lambda)+2 {
		t.Errorf("%d lines of text, %v", lines, err)
	}
}

func TestSignal(t *testing.T) {
	type measured struct{ Value, Error *float64 }
	var s struct {
		Atoms []struct{ Lambda, Weight measured }
		Below struct {
			Lambda float64
			Weight measured
		}
		Lowest struct {
			Share  float64
			UpTo   measured `json:"up_to"`
			Weight measured
		}
		Mean, Mass float64
	}
	within := func(what string, m measured, want, tolerance float64) {
		t.Helper()
		if m.Value == nil || m.Error == nil || math.Abs(*m.Value-want) > tolerance || *m.Error > tolerance {
			t.Errorf("%s: %+v, want %v", what, m, want)
		}
	}
	// The atom is the outlier of physics.md 2a; nothing is below it.
	decode(t, &s, "signal", "--alpha", "3", "--below", "-11.2", "--share", "0.2")
	if len(s.Atoms) != 1 || s.Below.Lambda != -11.2 || s.Lowest.Share != 0.2 || math.Abs(s.Mass-1) > 1e-6 {
		t.Fatalf("%+v", s)
	}
	within("λ*", s.Atoms[0].Lambda, -11.24834, 1e-4)
	within("q²", s.Atoms[0].Weight, 0.28381, 1e-5)
	within("weight below the bulk", s.Below.Weight, 0.28381, 1e-5)
	if !(*s.Lowest.UpTo.Value > -11.10621) || !(*s.Lowest.Weight.Value > 0.28381+0.2) {
		t.Errorf("lowest fifth: %+v", s.Lowest)
	}
	// At threshold states no eigenvalue is below 0 before the transition.
	decode(t, &s, "signal", "--at", "threshold", "--alpha", "6")
	if len(s.Atoms) != 0 {
		t.Errorf("atoms %+v", s.Atoms)
	}
	within("weight below 0", s.Below.Weight, 0, 1e-5)
	out, err := run("signal", "--alpha", "1", "--at", "wide")
	if err != nil || strings.Count(out, "\n") != 4 || !strings.Contains(out, "below 0 ") {
		t.Errorf("%s %v", out, err)
	}
}

// An error names what is wrong; without a transition there is one as well.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		args string
		want string
	}{
		{"transition --to 1", "no transition with alpha in [0.1, 1]"},
		{"transition --from 3 --to 1", "range of alpha"},
		{"transition --at here", "at = \"here\""},
		{"transition --loss nothing", "unknown loss \"nothing\""},
		{"transition --loss plain", "no finite edge"},
		{"transition --loss plain --at threshold --a 1", "a: is a parameter of loss ell, pseudohuber, and loss is plain here"},
		{"transition --a -1", "a: -1 must be positive"},
		{"transition --formula u^2-y^ --set a=1", "column 7: the formula ends"},
		{"transition --formula a*(u^2-y^2)^2", "column 1: a has no value"},
		{"transition --formula (u^2-y^2)^2", "no finite edge"},
		{"transition --formula u^4 --set a", "--set a: write it as in --set a=1"},
		{"transition --formula u^4 --loss ell", "none of the others can be"},
		{"outlier", "alpha"},
		{"threshold", "alpha"},
		{"threshold --alpha 0.9", "no threshold state of ell(a=1) at alpha = 0.9"},
		{"transition --at threshold --to 7", "no transition"},
		{"transition --at threshold --m 0.5", "m = 0.5"},
		{"outlier --alpha 0", "alpha = 0"},
		{"density --alpha NaN", "alpha = NaN"},
		{"edge --alpha 1 --m 1", "m = 1"},
		{"edge --alpha 1 --m 0.5 --at optimal", "m = 0.5"},
		{"signal", "alpha"},
		{"signal --alpha 0", "alpha = 0"},
		{"signal --alpha 3 --share 1", "share = 1"},
		{"signal --alpha 3 --below Inf", "below = +Inf"},
		{"signal --at threshold --alpha 0.9", "no threshold state"},
		{"transition now", "now"},
		{"transitions", "transitions"},
	} {
		out, err := run(strings.Fields(c.args)...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.args, err, c.want)
		}
		if strings.Contains(out, "{") {
			t.Errorf("%s printed %q along with an error", c.args, out)
		}
	}
}

func TestCompletion(t *testing.T) {
	for flag, want := range map[string][]string{"--loss": {"ell", "plain", "pseudohuber"}, "--at": theory.Matrices()} {
		out, err := run(cobra.ShellCompRequestCmd, "transition", flag, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains("\n"+out, "\n"+w) {
				t.Errorf("%s does not complete to %s: %q", flag, w, out)
			}
		}
	}
}

// Every subcommand shows examples, and the examples run.
func TestExamples(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Example == "" && c.Name() != "help" && c.Name() != "completion" {
			t.Errorf("%s has no example", c.Name())
		}
		for _, line := range strings.Split(c.Example, "\n") {
			fields := strings.Fields(line)
			if len(fields) < 2 || fields[0] != "hero" || fields[1] != "theory" {
				continue
			}
			if _, err := run(fields[2:]...); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(Command())
}
