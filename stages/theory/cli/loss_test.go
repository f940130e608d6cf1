package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func runLoss(args ...string) (string, error) {
	c := LossCommand(func(title, suffix string, names []string, functions []func(y, u float64) float64) ([]byte, error) {
		if suffix != ".svg" {
			return nil, errors.New("no such format")
		}
		return fmt.Appendf(nil, "%s: %v, %v at (1, 2)", title, names, functions[2](1, 2)), nil
	})
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	err := c.Execute()
	return out.String(), err
}

// The command draws three curves and prints what theory says of the loss; of one in
// paper.toml, if there is a paper here.
func TestLoss(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"ell"}, {"--formula", "(u^2 - y^2)^2/(a + y^2)/2", "--set", "a=1"}} {
		out, err := runLoss(args...)
		for _, want := range []string{"ℓ at y = 1", "ℓ' at y = 1", "ℓ'' at y = 1", "infimum of ℓ''  -2",
			"init: alpha = 1.13485413", "threshold: alpha = 7.0939"} {
			if err != nil || !strings.Contains(out, want) {
				t.Errorf("%v: no %q in\n%s%v", args, want, out, err)
			}
		}
	}
	for _, args := range [][]string{nil, {"ell", "plain"}, {"ell", "--formula", "u^4"}, {"mine"}, {"ell", "--set", "b=1"}} {
		if out, err := runLoss(args...); err == nil {
			t.Errorf("%v is no error:\n%s", args, out)
		}
	}
	const paper = "default-profile = \"p\"\nprofile.p = {}\n[loss.mine]\nformula = \"(u^2-y^2)^2/(1+y^2)\"\n"
	if err := os.WriteFile(filepath.Join(".", paperFile), []byte(paper), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := runLoss("mine"); err != nil || !strings.Contains(out, "infimum of ℓ''  -4, found by search; bounded to within") {
		t.Errorf("%s%v", out, err)
	}
}

// -o writes the picture, and replaces no file unless it is told to.
func TestLossPicture(t *testing.T) {
	t.Chdir(t.TempDir())
	if out, err := runLoss("ell", "-o", "x.svg"); err != nil || !strings.Contains(out, "infimum of ℓ''") {
		t.Errorf("%s%v", out, err)
	}
	const want = "ell(a=1): [ℓ ℓ' ℓ''], 11 at (1, 2)" // (6u² − 2y²)/(a + y²)
	if got, err := os.ReadFile("x.svg"); err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
	for want, args := range map[string][]string{
		"x.svg is there already; --force replaces it": {"plain", "-o", "x.svg"},
		"-o x.jpg: no such format":                    {"plain", "-o", "x.jpg"},
		"open no/x.svg":                               {"plain", "-o", "no/x.svg"},
	} {
		if _, err := runLoss(args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", args, err, want)
		}
	}
	if got, err := os.ReadFile("x.svg"); err != nil || string(got) != want {
		t.Errorf("replaced by %q, %v", got, err)
	}
	if _, err := runLoss("plain", "-o", "x.svg", "--force"); err != nil {
		t.Error(err)
	}
}
