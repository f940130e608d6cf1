package inputs

import "testing"

func TestLossNames(t *testing.T) {
	for _, c := range []struct {
		of                        Loss
		title, key, words, string string
	}{
		{Loss{"ell", 0.3}, "$ℓ_a$, $a = 0.3$", "ell-a=0.3", "the loss $ℓ_a$ with $a = 0.3$", "loss ell with a = 0.3"},
		{Loss{"pseudohuber", 1}, "pseudo-Huber, $a = 1$", "pseudohuber-a=1", `the loss \it{pseudohuber} with $a = 1$`,
			"loss pseudohuber with a = 1"},
		{Loss{"plain", 0}, "plain loss", "plain", `the loss \it{plain}`, "loss plain"},
		{Loss{"mine", 0}, "mine", "mine", `the loss \it{mine}`, "loss mine"},
		{Loss{"mine(b=0.5,c=1e+06)", 2}, "mine, $b = 0.5$, $c = 10^{6}$, $a = 2$", "mine-b=0.5-c=1e+06-a=2",
			`the loss \it{mine} with $b = 0.5$, $c = 10^{6}$ and $a = 2$`, "loss mine(b=0.5,c=1e+06) with a = 2"},
		{Loss{"mine(b_0=0.5)", 0}, `mine, $\rm{b\_0} = 0.5$`, "mine-b_0=0.5", `the loss \it{mine} with $\rm{b\_0} = 0.5$`,
			"loss mine(b_0=0.5)"},
	} {
		if c.of.Title() != c.title || c.of.Key() != c.key || c.of.Words() != c.words || c.of.String() != c.string {
			t.Errorf("%q, %q, %q, %q", c.of.Title(), c.of.Key(), c.of.Words(), c.of)
		}
	}
}
