package inputs

import "zerotohero/stages/outcome"

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

// StartWords writes where descents start for a caption.
func StartWords(from string) string {
	if from == outcome.FromRandom {
		return "random starts"
	}
	return "starts at the estimator \\it{" + from + "}"
}
