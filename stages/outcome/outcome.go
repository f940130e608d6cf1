// Package outcome names the ways in which a descent ends (physics.md 1), and how it
// began, for those who write rows of descents and those who read them.
package outcome

import (
	"fmt"
	"slices"
	"strings"
)

// The outcomes of descents.
const (
	Recovered  = "recovered"  // m ≥ RecoveredOverlap
	Trapped    = "trapped"    // ‖G‖²/N below the floor, with a smaller m
	Unresolved = "unresolved" // evaluations or time ran out before either
	Diverged   = "diverged"   // the loss stopped being finite
)

// RecoveredOverlap is the overlap m from which the signal counts as found.
const RecoveredOverlap = 0.99

// FromRandom is where a descent from a random start says that it started. One from a
// spectral start names the estimator.
const FromRandom = "random"

// Check makes sure that a name is that of an outcome.
func Check(name string) error {
	names := []string{Recovered, Trapped, Unresolved, Diverged}
	if slices.Contains(names, name) {
		return nil
	}
	return fmt.Errorf("unknown outcome %q; known are %s", name, strings.Join(names, ", "))
}
