package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

// clashing are parameters of every type that a flag can have, some with the names of other
// flags.
type clashing struct {
	M      float64        `param:"m" default:"1" help:"has the name of the overlap"`
	JSON   bool           `param:"json" default:"false" help:"has the name of a flag of the output"`
	Help   string         `param:"help" default:"none" help:"has the name of the help"`
	Order  int            `param:"order" default:"2" help:"an integer"`
	Knots  []float64      `param:"knots" default:"" help:"a list"`
	Blocks pipeline.Range `param:"blocks" help:"a block"`
}

func init() {
	pipeline.Register("clashing", "a loss whose parameters have the names of flags", func(clashing) (loss.Loss, error) {
		return loss.Loss{Name: "clashing"}, nil
	})
}

func TestLossParameters(t *testing.T) {
	for _, c := range []struct {
		args string
		want string // the choice, or a part of the error
	}{
		{"--blocks 1-5", "clashing(m=1,json=false,help=none,order=2,knots=[],blocks=1-5)"},
		{"--m 0.5 --json --blocks 1-5", "clashing(m=1,json=false,help=none,order=2,knots=[],blocks=1-5)"},
		{"--loss-m -2 --loss-json --loss-help me --order 7 --knots 1,2.5 --blocks 0-0",
			"clashing(m=-2,json=true,help=me,order=7,knots=[1 2.5],blocks=0-0)"},
		{"--loss-json=false --loss-m 1e-3 --blocks 1-2", "clashing(m=0.001,json=false,help=none,order=2,knots=[],blocks=1-2)"},
		{"--order 1.5", `"1.5" for "--order"`},
		{"--loss-json=perhaps", `"perhaps" for "--loss-json"`},
		{"--knots 1,x", `"1,x" for "--knots"`},
		{"--blocks 5-1", "not a block"},
		{"--loss-m NaN --blocks 1-1", "m: wants a finite number"},
		{"--a 1 --blocks 1-1", "a: is a parameter of loss ell"},
		{"", "blocks: is required"},
	} {
		var q question
		var got string
		cmd := &cobra.Command{Use: "test", SilenceErrors: true, RunE: func(*cobra.Command, []string) error {
			l, err := q.choice()
			got = l.String()
			return err
		}}
		q.addPoint(cmd)
		q.addMatrix(cmd)
		cmd.SetArgs(append([]string{"--alpha", "3", "--loss", "clashing"}, strings.Fields(c.args)...))
		if err := cmd.Execute(); err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.args, got, c.want)
		}
	}
}
