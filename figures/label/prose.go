package label

import (
	"fmt"
	"strings"
)

// Words that captions share, in the markup of labels.

// List joins words as in "a, b and c".
func List(words ...string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Range writes the least and the largest of counts: "200", or "40 to 200", or "no" if
// there are none, so that lo is above hi.
func Range(lo, hi int64) string {
	if lo > hi {
		return "no"
	}
	if lo == hi {
		return fmt.Sprint(lo)
	}
	return fmt.Sprintf("%d to %d", lo, hi)
}

// Plural writes a count with what is counted.
func Plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
