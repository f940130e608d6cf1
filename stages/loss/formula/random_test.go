package formula_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"zerotohero/stages/loss/formula"
)

var formulas = flag.Int("formulas", 60, "how many formulas TestRandomFormulas makes")

// Random formulas that are even are read or refused soon, whatever they are.
func TestRandomFormulas(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 4))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var expr func(depth int) string
	expr = func(depth int) string {
		if depth == 0 {
			return pick("u^2", "y^2", "(u^2 - y^2)", "(u^2 - y^2)", "2", "0.5", "abs(u)", "abs(y)", "1e3")
		}
		a := expr(depth - 1)
		switch r.IntN(5) {
		case 0:
			return fmt.Sprintf("%s(%s)", pick("sqrt", "abs", "exp", "log", "log1p", "tanh", "cosh", "logcosh"), a)
		case 1:
			return fmt.Sprintf("(%s)^%s", a, pick("2", "3", "-1", "0.5", "1.5", "4"))
		case 2:
			return fmt.Sprintf("%s(%s, %s)", pick("min", "max"), a, expr(depth-1))
		}
		return fmt.Sprintf("(%s %s %s)", a, pick("+", "-", "*", "/"), expr(depth-1))
	}
	read := 0
	for range *formulas {
		// As it is, and as a function of the residual, which is more often a loss.
		text := expr(1 + r.IntN(3))
		switch r.IntN(3) {
		case 0:
			text = fmt.Sprintf("(u^2 - y^2)^2*(%s)^2", text)
		case 1:
			text = fmt.Sprintf("(1 + y^2)*(%s)/(1 + y^2)", pick("log1p", "tanh", "logcosh", "sqrt")+"((u^2 - y^2)^2*("+text+")^2)")
		}
		start := time.Now()
		_, err := formula.Read("random", table{"formula": text})
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %v: %v", text, took, err)
		}
		if err == nil {
			read++
		}
	}
	t.Logf("%d of %d are losses", read, *formulas)
	if read == 0 {
		t.Error("none is a loss")
	}
}
