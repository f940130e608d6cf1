package pseudohuber

import (
	"math"
	"testing"

	"zerotohero/stages/loss/losstest"
)

func TestLoss(t *testing.T) {
	losstest.Check(t, "pseudohuber", losstest.Values{"a": 0.01}, losstest.Values{"a": 2.0}, losstest.Values{"a": 50.0})
	losstest.Refuses(t, "pseudohuber", losstest.Values{"a": 0.0}, losstest.Values{"a": -1.0}, losstest.Values{"b": 1.0})
	for _, a := range []float64{math.NaN(), math.Inf(1)} {
		if (Params{a}).Validate() == nil {
			t.Errorf("a = %v is valid", a)
		}
	}
}
