package descent

import (
	"zerotohero/pipeline"
	"zerotohero/stages/internal/random"
)

// For the tests of package descent_test, which import methods.
var DecadeRoot = decadeRoot

// Groups is the number of groups that the inputs make.
func Groups(in pipeline.Inputs) (int, error) {
	all, err := groups(in)
	return len(all), err
}

// RandomStart fills w with a start.
func RandomStart(seed, k int64, w []float64) { random.New("start", seed, k).Sphere(w) }
