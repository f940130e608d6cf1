package spec

import (
	"fmt"
	"strings"
	"testing"
)

// A setting gives a family's parameter another value in every profile that has the family, over
// what the profile says, and leaves all else as it is.
func TestSettings(t *testing.T) {
	for _, profile := range []string{"laptop", "smoke"} {
		p, err := Parse("paper.toml", []byte(goodPaper), "curve-descent.eta=0.25", `curve-descent.loss=plain`, "fit.bins=7",
			"curve-descent.at=[1.0, 2.5]")
		if err != nil {
			t.Fatal(err)
		}
		g, err := p.Graph(profile, testKinds)
		if err != nil {
			t.Fatal(err)
		}
		plain := mustGraph(t, goodPaper, profile)
		if len(g.Stages) != len(plain.Stages) {
			t.Fatalf("%d stages, not %d", len(g.Stages), len(plain.Stages))
		}
		for i, s := range g.Stages {
			got, was := fmt.Sprintf("%+v", s.Params), fmt.Sprintf("%+v", plain.Stages[i].Params)
			switch s.Family() {
			case "curve-descent":
				if d := s.Params.(descentParams); d.Eta != 0.25 || d.Loss != "plain" || len(d.At) != 2 || d.Fast != (profile == "smoke") {
					t.Errorf("%s: %s", s.Name, got)
				}
			case "fit":
				if s.Params.(fitParams).Bins != 7 {
					t.Errorf("%s: %s", s.Name, got)
				}
			default:
				if got != was {
					t.Errorf("%s: %s, not %s", s.Name, got, was)
				}
			}
		}
	}
}

func TestSettingErrors(t *testing.T) {
	for setting, want := range map[string]string{
		"x":                       "it has no family and parameter with a value; write --set FAMILY.PARAM=VALUE",
		"fit=3":                   "it has no family",
		"fit.bins":                "it has no family",
		"fit.bins=":               `"" is no value`,
		"fit.bins=1\nb = 2":       "a value is one line",
		"fit.bins=[1":             `"[1" is no value`,
		"fit.bins.x=1":            `"fit.bins.x" is not the name of a family`,
		"fit.kind=descent":        "kind is no parameter of a stage",
		"fat.bins=3":              "--set fat.bins=3: no family of stages is called fat; did you mean fit?",
		"fit.bin=3":               "--set fit.bin=3: stage fit has no key bin",
		"fit.bins=x":              "--set fit.bins=x: fit: bins: wants an integer, got the string",
		"curve-descent.eta=-1":    "--set curve-descent.eta=-1: curve-descent/N=64,alpha=2,seeds=1-50: eta: is -1 and must be positive",
		"curve-descent.alpha=2":   "alpha is given here and is an axis of grid curve (line 3) too",
		"curve-instance.N = 3":    `"curve-instance.N " is not the name`,
		"size.bins=99999999999.5": "wants an integer",
	} {
		p, err := Parse("paper.toml", []byte(goodPaper), setting)
		if err == nil {
			_, err = p.Graph("", testKinds)
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "--set ") {
			t.Errorf("%s: %v, want %s", setting, err, want)
		}
	}
}
