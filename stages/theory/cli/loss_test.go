package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func runLoss(args ...string) (string, error) {
	c := LossCommand()
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
