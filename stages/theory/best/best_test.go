package best

import (
	"math"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/loss"
	_ "zerotohero/stages/loss/ell"
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
	tr, found, err := s.first([]float64{math.Log(a)})
	if err != nil || !found {
		t.Fatalf("a = %v: %v, %v", a, found, err)
	}
	return tr.Alpha
}

// The minimum is where golden sections of the same transitions bracket it. It is a kink, of slopes
// below 1 in ln a, so that their α is above by less than the bracket.
func TestLowestIsAMinimum(t *testing.T) {
	for _, name := range []string{"ell", "pseudohuber"} {
		s := Search{At: theory.AtInit, Loss: class(t, name), Vary: []string{"a"}, Least: 0.1, Most: 10, From: 0.1, To: 100,
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
		if b.Bound || !b.Found || b.Alpha > want+b.Error || b.Alpha < want-1e-5 || math.Abs(b.Values[0]/lo-1) > 1e-3 || b.Error > 1e-6 {
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
	s := Search{At: theory.AtInit, Loss: class(t, "ell"), Vary: []string{"a"}, Least: 2, Most: 8, From: 0.1, To: 100, Scan: 3, Tol: 1e-9}
	b, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	if want := alpha(t, s, 2); !b.Bound || math.Abs(b.Values[0]-2) > 1e-6 || math.Abs(b.Alpha-want) > 1e-6 {
		t.Errorf("%+v, want %v", b, want)
	}
	s.To = 0.2
	if b, err = s.Run(); err != nil || b.Found || len(b.Tried) != 3 {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestKind(t *testing.T) {
	rows := pipelinetest.Run[Row](t, Kind, map[string]any{"vary": []any{"a"}, "least": 0.5, "most": 2.0, "scan": int64(3)})
	if r := rows[0]; len(rows) != 1 || !r.Found || r.Loss != "ell" || len(r.Tried) != 3 || math.Abs(r.Alpha-1.1134) > 1e-4 {
		t.Errorf("%+v", rows)
	}
	for _, values := range []map[string]any{
		{}, {"vary": []any{}}, {"vary": []any{"b"}}, {"vary": []any{"a"}, "least": 0.0}, {"vary": []any{"a"}, "least": 3.0, "most": 2.0},
		{"vary": []any{"a"}, "scan": int64(2)}, {"vary": []any{"a"}, "loss": "plain"}, {"vary": []any{"a"}, "at": "nowhere"},
		{"vary": []any{"a"}, "from": -1.0},
	} {
		if _, err := Kind.Resolve(values); err == nil {
			t.Errorf("%v is accepted", values)
		}
	}
}
