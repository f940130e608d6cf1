package figures_test

import (
	"fmt"
	"strings"
	"testing"

	"zerotohero/figures"
	_ "zerotohero/figures/descent"
	"zerotohero/figures/internal/figurestest"
	_ "zerotohero/figures/success"
)

func TestUnknownFigure(t *testing.T) {
	_, err := figurestest.Render("trajectory", nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{"descent", "success"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%v: does not list %s", err, name)
		}
	}
	p, err := figures.Kind.Resolve(map[string]any{"figure": "success"})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, r := range figures.Kind.Reads(p) {
		kinds = append(kinds, r.Kind)
	}
	if got := fmt.Sprint(kinds); got != "[finitesize theory-transition]" {
		t.Errorf("success reads %v", got)
	}
}
