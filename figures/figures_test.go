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
	if got := figures.Kind.Needs(figures.Params{Figure: "success"}); fmt.Sprint(got) != "[finitesize theory-transition]" {
		t.Errorf("success needs %v", got)
	}
}
