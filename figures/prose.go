package figures

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"zerotohero/pipeline"
)

// Words that captions share, in the markup of labels.

// listed joins words as in "a, b and c".
func listed(words ...string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// fromTo writes the least and the largest of counts: "200", or "40 to 200".
func fromTo(lo, hi int64) string {
	if lo == hi {
		return fmt.Sprint(lo)
	}
	return fmt.Sprintf("%d to %d", lo, hi)
}

// plural writes a count with what is counted.
func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// words writes the loss for a caption.
func (m model) words() string {
	name := map[string]string{"ell": "the loss $ℓ_a$"}[m.loss]
	if name == "" {
		name = "the loss \\it{" + m.loss + "}"
	}
	return name + " with $a = " + Number(m.a) + "$"
}

// methodWords writes a method of descent for a caption.
func methodWords(method string) string {
	switch method {
	case "gd":
		return "gradient descent"
	case "flow":
		return "gradient flow"
	}
	return "descent by \\it{" + method + "}"
}

// confidence is the level of the intervals in artifacts, "95% " with a space to put
// before the word, from their parameter of that name; empty if they do not agree in one.
func confidence(in pipeline.Inputs) (string, error) {
	level := math.NaN()
	for i, one := range in {
		t, err := one.Open()
		if err != nil {
			return "", err
		}
		var p struct{ Confidence float64 }
		if len(t.Params) == 0 || json.Unmarshal(t.Params, &p) != nil || i > 0 && p.Confidence != level {
			return "", nil
		}
		level = p.Confidence
	}
	if !(level > 0 && level < 1) {
		return "", nil
	}
	return Number(rounded(100*level, 6)) + "% ", nil
}

// wilson is the 95% interval of Wilson's score for the share k of n independent trials.
func wilson(k, n int64) (lo, hi float64) {
	const z = 1.959963984540054
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z * math.Sqrt(float64(p*(1-p))/m+z*z/(4*m*m)) / (1 + z*z/m)
	return max(0, mid-half), min(1, mid+half)
}
