package plain

import (
	"testing"

	"zerotohero/stages/loss/losstest"
)

func TestLoss(t *testing.T) {
	losstest.Check(t, "plain")
	losstest.Refuses(t, "plain", losstest.Values{"a": 1.0})
}
