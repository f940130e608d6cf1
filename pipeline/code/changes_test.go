package code

import (
	"slices"
	"strings"
	"testing"
)

func TestChanges(t *testing.T) {
	now := edit(t, "stages/descent/descent.go", "100", "101")
	now["stages/loss/more.go"] = "package loss\n\nfunc init() {}\n"
	now["stages/theory/table.txt"] = "4"
	now["go.mod"] = strings.Replace(now["go.mod"], "deep v0.3.0", "deep v0.4.0", 1)
	tests := []struct {
		a, b Manifest
		want []string
	}{
		{manifest(t, sources, ell), manifest(t, sources, ell), nil},
		{manifest(t, sources, ell), manifest(t, now, ell),
			[]string{"stages/descent.steps changed", "stages/loss.init is new"}},
		{manifest(t, now, ell), manifest(t, sources, plain), []string{
			"example.org/unused is new", "stages/descent.steps changed", "stages/loss.init is gone",
			"zerotohero/stages/loss/ell is gone", "zerotohero/stages/loss/plain is new"}},
		{manifest(t, sources, theory), manifest(t, now, theory), []string{
			"example.org/deep v0.3.0 is now v0.4.0", "stages/theory/table.txt changed"}},
		{Manifest{Packages: []Package{{Path: "p", Sum: "1"}, {Path: "q", Sum: "1"}}},
			Manifest{Packages: []Package{{Path: "p", Sum: "2"}}},
			[]string{"p changed", "q is gone"}},
	}
	for _, test := range tests {
		if got := Changes(test.a, test.b); !slices.Equal(got, test.want) {
			t.Errorf("changes %q, want %q", got, test.want)
		}
	}
}
