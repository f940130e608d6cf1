package best

import (
	"math"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/loss"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/loss/formula"
	_ "zerotohero/stages/loss/plain"
	_ "zerotohero/stages/loss/pseudohuber"
	"zerotohero/stages/theory"
)

func class(t *testing.T, name string) loss.Choice {
	t.Helper()
	c, err := pipeline.Choose[loss.Loss](name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// alpha is the transition at a, as the kind theory-transition has it.
func alpha(t *testing.T, s Search, a float64) float64 {
	t.Helper()
	tr, found, err := s.first([]float64{math.Log(a)}, s.From, s.To)
	if err != nil || !found {
		t.Fatalf("a = %v: %v, %v", a, found, err)
	}
	return tr.Alpha
}

// The minimum is where golden sections of the same transitions bracket it. It is a kink, of slopes
// below 1 in ln a, so that their α is above by less than the bracket.
func TestLowestIsAMinimum(t *testing.T) {
	for _, name := range []string{"ell", "pseudohuber"} {
		s := Search{At: theory.AtInit, Loss: class(t, name), Vary: []string{"a"}, Least: []float64{0.1}, Most: []float64{10}, From: 0.1, To: 100,
			Scan: 7, Tol: 1e-9}
		b, err := s.Run()
		if err != nil {
			t.Fatal(err)
		}
		lo, hi := 0.3, 5.0
		const section = 0.6180339887498949
		for hi/lo > 1+1e-5 {
			x, y := hi*math.Pow(lo/hi, section), lo*math.Pow(hi/lo, section)
			if alpha(t, s, x) < alpha(t, s, y) {
				hi = y
			} else {
				lo = x
			}
		}
		want := alpha(t, s, math.Sqrt(lo*hi))
		if b.Bound[0] || !b.Found || b.Alpha > want+b.Error || b.Alpha < want-1e-5 || math.Abs(b.Values[0]/lo-1) > 1e-3 || b.Error > 1e-6 {
			t.Errorf("%s: %v ± %v at a = %v, by golden sections %v at %v", name, b.Alpha, b.Error, b.Values, want, lo)
		}
		for _, x := range b.Tried {
			if x.Alpha < b.Alpha {
				t.Errorf("%s: %v at a = %v is lower", name, x.Alpha, x.Values)
			}
		}
	}
}

// Where α falls to the end of the range the end is found, and said to be one.
func TestBound(t *testing.T) {
	s := Search{At: theory.AtInit, Loss: class(t, "ell"), Vary: []string{"a"}, Least: []float64{2}, Most: []float64{8}, From: 0.1, To: 100, Scan: 3, Tol: 1e-9}
	b, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	if want := alpha(t, s, 2); !b.Bound[0] || math.Abs(b.Values[0]-2) > 1e-6 || math.Abs(b.Alpha-want) > 1e-6 {
		t.Errorf("%+v, want %v", b, want)
	}
	s.To = 0.2
	if b, err = s.Run(); err != nil || b.Found || len(b.Tried) != 3 {
		t.Errorf("%+v, %v", b, err)
	}
}

// robust is the class of physics.md 2h at some parameters.
func robust(t *testing.T, a, b float64) loss.Choice {
	t.Helper()
	values, err := formula.Read("robust", map[string]any{"a": a, "b": b,
		"formula": "(a + y^2) * c/b * ((1 + r^2/c)^(b/2) - 1)",
		"where":   map[string]any{"r": "(u^2 - y^2)/(a + y^2)", "c": "abs(2 - b)"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := pipeline.Choose[loss.Loss]("robust", values)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The class of two parameters has the others in it: pseudo-Huber to rounding, and ℓ_a and Cauchy, whose α is
// 1.3006597 (physics.md 2), as limits with corrections of the first order.
func TestRobustJoins(t *testing.T) {
	ell, err := class(t, "ell").With(map[string]any{"a": 1.0})
	if err != nil {
		t.Fatal(err)
	}
	of := func(c loss.Choice) float64 {
		return alpha(t, Search{At: theory.AtInit, Loss: c, Vary: []string{"a"}, Least: []float64{0.1}, Most: []float64{10},
			From: 0.1, To: 100}, 1)
	}
	for _, c := range []struct{ b, want, within float64 }{
		{1, of(class(t, "pseudohuber")), 1e-10}, {1.999, of(ell), 1e-3}, {0.001, 1.3006597, 1e-3},
	} {
		if got := of(robust(t, 1, c.b)); math.Abs(got-c.want) > c.within {
			t.Errorf("b = %v: %v, want %v", c.b, got, c.want)
		}
	}
}

// Of two parameters no loss around the lowest is lower.
func TestLowestOfTwoIsAMinimum(t *testing.T) {
	s := Search{At: theory.AtInit, Loss: robust(t, 1, 1), Vary: []string{"a", "b"}, Least: []float64{1, 0.1},
		Most: []float64{6, 1}, From: 0.5, To: 3, Scan: 3, Tol: 1e-4}
	b, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	if b.Bound[0] || b.Bound[1] || b.Error > 1e-3 || len(b.Tried) != 9 {
		t.Errorf("%+v", b)
	}
	for _, x := range []float64{0.8, 0.95, 1, 1.05, 1.2} {
		for _, y := range []float64{0.7, 1, 1.3} {
			near, found, err := s.first([]float64{math.Log(x * b.Values[0]), math.Log(y * b.Values[1])}, s.From, s.To)
			if err != nil || !found || near.Alpha < b.Alpha-b.Error {
				t.Errorf("%+v, %v: lower than %v ± %v at %v", near, err, b.Alpha, b.Error, b.Values)
			}
		}
	}
}

func TestKind(t *testing.T) {
	rows := pipelinetest.Run[Row](t, Kind, map[string]any{"vary": []any{"a"}, "least": []any{0.5}, "most": []any{2.0}, "scan": int64(3)})
	if r := rows[0]; len(rows) != 1 || !r.Found || r.Loss != "ell" || len(r.Tried) != 3 || math.Abs(r.Alpha-1.1134) > 1e-4 {
		t.Errorf("%+v", rows)
	}
	for _, values := range []map[string]any{
		{}, {"vary": []any{}}, {"vary": []any{"b"}}, {"vary": []any{"a"}, "least": []any{0.0}}, {"vary": []any{"a"}, "least": []any{3.0}, "most": []any{2.0}},
		{"vary": []any{"a"}, "scan": int64(2)}, {"vary": []any{"a"}, "loss": "plain"}, {"vary": []any{"a"}, "at": "nowhere"},
		{"vary": []any{"a"}, "from": -1.0},
	} {
		if _, err := Kind.Resolve(values); err == nil {
			t.Errorf("%v is accepted", values)
		}
	}
}
