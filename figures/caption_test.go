package figures

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"gonum.org/v1/plot/vg"
)

func TestPlainText(t *testing.T) {
	for _, c := range []struct{ in, plain, html string }{
		{"$N = 128$ & so on", "N = 128 & so on", "<i>N</i> = 128 &amp; so on"},
		{`$α_{\rm{BBP}}^{\rm{init}}$`, "α_BBP^init", "<i>α</i><sub>BBP</sub><sup>init</sup>"},
		{"$10^{-3}$, q², $m_0$, $λ^*$", "10⁻³, q², m₀, λ*", "10<sup>−3</sup>, q<sup>2</sup>, <i>m</i><sub>0</sub>, <i>λ</i><sup>*</sup>"},
		{"$μ_∞$, $e^{-x/2}$", "μ_∞, e^(−x/2)", "<i>μ</i><sub>∞</sub>, <i>e</i><sup>−<i>x</i>/2</sup>"},
	} {
		atoms, err := parseMarkup(c.in)
		if err != nil {
			t.Fatal(err)
		}
		unjoin := strings.NewReplacer("\u00a0", " ")
		if got := unjoin.Replace(plainText(atoms)); got != c.plain {
			t.Errorf("%q as text: %q", c.in, got)
		}
		if got := unjoin.Replace(htmlText(atoms)); got != c.html {
			t.Errorf("%q as HTML: %q", c.in, got)
		}
	}
	if got := wrapped("one two\u00a0=\u00a0three four", 8); got != "one\ntwo = three\nfour\n" {
		t.Errorf("wrapped: %q", got)
	}
}

func TestDigits(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		q    Quantity
		want string
	}{
		{Exact("x", "x", 1.13485414), "$1.1349$"},
		{Exact("x", "x", -200), "$-200$"},
		{Exact("x", "x", 1.234567e-13), "$1.2346 × 10^{-13}$"},
		{Exact("x", "x", 0), "$0$"},
		{Estimate("x", "x", 2.789, 2.701, 2.881), "$2.789$ [$2.701$, $2.881$]"},
		{Estimate("x", "x", 2.789, 2.5, 3.1), "$2.79$ [$2.50$, $3.10$]"},
		{Estimate("x", "x", 1234, 1100, 1400), "$1234$ [$1100$, $1400$]"},
		{Estimate("x", "x", 3, 2.9, inf), "$3.00$ [$2.90$, $∞$]"},
		{Estimate("x", "x", 3, -inf, inf), "$3.0$ [$-∞$, $∞$]"},
		{Estimate("x", "x", -0.001, -0.5, 0.5), "$0.00$ [$-0.50$, $0.50$]"},
		{Estimate("x", "x", 2e-9, 1e-9, 3e-9), "$2.0 × 10^{-9}$ [$1.0 × 10^{-9}$, $3.0 × 10^{-9}$]"},
		{Quantity{"x", "x", 7, nan, nan}, "$7$"},
	} {
		if got := c.q.String(); got != c.want {
			t.Errorf("%v: %s, want %s", c.q, got, c.want)
		}
	}
}

func TestDescription(t *testing.T) {
	p := NewPanel("$x$", "$y$")
	p.Add(Curve{X: []float64{1, 2}, Y: []float64{1, 2}, Style: Line(Blue)})
	d := drawing(SingleColumn, 5*vg.Centimeter, p.Draw)
	d.Caption = "What $α$ is.\n\nAnd <b>."
	d.Numbers = []Quantity{Estimate("a-N=64", `$α_{50}$ "half"`, 2, 1, math.Inf(1)), Exact("b", "exact", 3)}
	files, err := d.Render("fig")
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]string{}
	for _, f := range files {
		by[f.Name] = string(f.Content)
	}
	if by["fig.txt"] != "What α is.\n\nAnd <b>.\n" {
		t.Errorf("caption: %q", by["fig.txt"])
	}
	if !strings.Contains(by["fig.html"], "<p>And &lt;b&gt;.</p>") || !strings.Contains(by["fig.html"], "<td>1.0 to ∞</td>") {
		t.Errorf("fragment: %s", by["fig.html"])
	}
	var got map[string]struct {
		Text     string
		Value    float64
		Lo, Hi   *float64
		Rounded  string
		Interval []string
	}
	if _, err := toml.Decode(by["fig.toml"], &got); err != nil {
		t.Fatalf("%v\n%s", err, by["fig.toml"])
	}
	a, b := got["a-N=64"], got["b"]
	if a.Text != `α₅₀ "half"` || a.Value != 2 || *a.Lo != 1 || !math.IsInf(*a.Hi, 1) || a.Rounded != "2.0" || a.Interval[1] != "inf" {
		t.Errorf("%+v", a)
	}
	if b.Lo != nil || b.Hi != nil || b.Value != 3 || b.Interval != nil {
		t.Errorf("%+v", b)
	}

	nan := math.NaN()
	for want, wrong := range map[string]func(d *Drawing){
		"no caption":  func(d *Drawing) { d.Caption = " \n" },
		"missing":     func(d *Drawing) { d.Caption = "$x" },
		"two of this": func(d *Drawing) { d.Numbers = append(d.Numbers, Exact("b", "again", 1)) },
		"a name has":  func(d *Drawing) { d.Numbers = []Quantity{Exact("a b", "x", 1)} },
		"its value":   func(d *Drawing) { d.Numbers = []Quantity{Exact("a", "x", nan)} },
		"one end":     func(d *Drawing) { d.Numbers = []Quantity{Estimate("a", "x", 1, 0, nan)} },
		"upside down": func(d *Drawing) { d.Numbers = []Quantity{Estimate("a", "x", 1, 2, 0)} },
		"from 0 to 0": func(d *Drawing) { d.Numbers = []Quantity{{Name: "a", Text: "x", Value: 1}} },
		"no text":     func(d *Drawing) { d.Numbers = []Quantity{Exact("a", "", 1)} },
		"closing":     func(d *Drawing) { d.Numbers = []Quantity{Exact("a", "x_{", 1)} },
	} {
		bad := d
		wrong(&bad)
		if files, err := bad.Render("fig7"); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "fig7") || files != nil {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// Wilson's interval for 2 of 10 as tabulated by Brown, Cai and DasGupta (2001) and by R's
// prop.test(2, 10, correct = FALSE): 0.0567 to 0.5098.
func TestWilson(t *testing.T) {
	if lo, hi := wilson(2, 10); math.Abs(lo-0.0567) > 5e-5 || math.Abs(hi-0.5098) > 5e-5 {
		t.Errorf("2 of 10: %v to %v", lo, hi)
	}
	if lo, hi := wilson(0, 5); lo != 0 || hi > 0.5 {
		t.Errorf("0 of 5: %v to %v", lo, hi)
	}
}

// A caption says how large the sample is, and quotes the numbers as they are listed.
func TestCaptionsQuoteTheirNumbers(t *testing.T) {
	for name, want := range map[string][]string{
		"init-spectrum": {"10 instances of N = 80 at each α", "μ_∞", "the theory's put in its place", "± one standard error"},
		"descent":       {"α = 3 and N = 100", "10 recovered, 6 trapped, 2 unresolved and 2 diverged of 20", "0.56 [0.34, 0.75]"},
		"success":       {"N = 64, 128 and 1024", "3.00 [2.90, 3.10] for N = 64", "N = 1024 do not determine a curve", "27 of 1350"},
	} {
		files, err := drawWith(name, goodInputs()[name])
		if err != nil {
			t.Fatal(err)
		}
		caption := regexp.MustCompile(`\s+`).ReplaceAllString(string(files[3].Content), " ")
		for _, w := range want {
			if !strings.Contains(caption, w) {
				t.Errorf("%s: no %q in %s", name, w, caption)
			}
		}
	}
}
