package loss_test

import (
	"testing"

	"zerotohero/stages/loss/losstest"
)

// The loss of the example is one.
func TestExample(t *testing.T) {
	losstest.Check(t, "relative", losstest.Values{"a": 0.1}, losstest.Values{"a": 10.0})
	losstest.Refuses(t, "relative", losstest.Values{"a": 0.0})
}
