package pipeline

import (
	"fmt"
	"math"
)

// toKeep is what hashing, writing and recording any artifact takes, with a wait for the
// disk, beside its kind's own work: 1 ms on a local disk.
const toKeep = 1e-3 // seconds

// A larger estimate is a mistake, in its formula or in the parameters.
const (
	mostSeconds = 1e10    // 300 years
	mostBytes   = 1 << 50 // 1 PiB
)

// NewCost makes the estimate of a stage from what its kind's own work takes, in
// seconds on one core and in bytes at its peak. Formulas may give any numbers: see
// Check.
func NewCost(seconds, bytes float64) Cost {
	c := Cost{Seconds: toKeep + seconds, Bytes: math.MaxInt64}
	// What an int64 does not hold, NaN too, would come out as any number.
	if bytes >= 0 && bytes < math.MaxInt64 {
		c.Bytes = int64(bytes)
	}
	return c
}

// Check makes sure that a computer could meet the estimate, so that sums of estimates
// stay numbers.
func (c Cost) Check() error {
	switch {
	case !(c.Seconds >= 0 && c.Seconds <= mostSeconds):
		return fmt.Errorf("it would take about %.2g years on one core; make its parameters or blocks of seeds smaller",
			c.Seconds/(365*24*3600))
	case c.Bytes < 0 || c.Bytes > mostBytes:
		return fmt.Errorf("it would need more than %d TiB of memory; make its parameters or blocks of seeds smaller",
			mostBytes>>40)
	}
	return nil
}
