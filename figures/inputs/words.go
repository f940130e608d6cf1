package inputs

import (
	"encoding/json"
	"math"

	"zerotohero/figures/label"
	"zerotohero/pipeline"
)

// MethodWords writes a method of descent for a caption.
func MethodWords(method string) string {
	switch method {
	case "gd":
		return "gradient descent"
	case "flow":
		return "gradient flow"
	}
	return "descent by \\it{" + method + "}"
}

// Confidence is the level of the intervals in artifacts, "95% " with a space to put
// before the word, from their parameter of that name; empty if they do not agree in one.
func Confidence(in pipeline.Inputs) (string, error) {
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
	return label.Number(label.Rounded(100*level, 6)) + "% ", nil
}

// StartWords writes where descents start for a caption.
func StartWords(from string) string {
	if from == "random" {
		return "random starts"
	}
	return "starts at the estimator \\it{" + from + "}"
}
