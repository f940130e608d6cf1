package label

import (
	"strings"
	"testing"
)

func TestPlainText(t *testing.T) {
	for _, c := range []struct{ in, plain, html string }{
		{"$N = 128$ & so on", "N = 128 & so on", "<i>N</i> = 128 &amp; so on"},
		{`$α_{\rm{BBP}}^{\rm{init}}$`, "α_BBP^init", "<i>α</i><sub>BBP</sub><sup>init</sup>"},
		{"$10^{-3}$, q², $m_0$, $λ^*$", "10⁻³, q², m₀, λ*",
			"10<sup>−3</sup>, q<sup>2</sup>, <i>m</i><sub>0</sub>, <i>λ</i><sup>*</sup>"},
		{"$μ_∞$, $e^{-x/2}$", "μ_∞, e^(−x/2)", "<i>μ</i><sub>∞</sub>, <i>e</i><sup>−<i>x</i>/2</sup>"},
	} {
		atoms, err := Parse(c.in)
		if err != nil {
			t.Fatal(err)
		}
		unjoin := strings.NewReplacer("\u00a0", " ")
		if got := unjoin.Replace(PlainText(atoms)); got != c.plain {
			t.Errorf("%q as text: %q", c.in, got)
		}
		if got := unjoin.Replace(HTML(atoms)); got != c.html {
			t.Errorf("%q as HTML: %q", c.in, got)
		}
	}
	if got := Wrap("one two\u00a0=\u00a0three four", 8); got != "one\ntwo = three\nfour\n" {
		t.Errorf("wrapped: %q", got)
	}
}
