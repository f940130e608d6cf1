package descent

import (
	"fmt"
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/internal/vector"
	"zerotohero/stages/loss"
	"zerotohero/stages/outcome"
)

// A spectral is what this package reads of the artifact of that name.
type spectral struct {
	Seed      int64     `arrow:"seed"`
	Start     int64     `arrow:"start"`
	N         int64     `arrow:"n"`
	M         int64     `arrow:"m"`
	Loss      string    `arrow:"loss"` // empty if the estimator does not depend on it
	A         float64   `arrow:"a"`
	Estimator string    `arrow:"estimator"`
	Student   []float64 `arrow:"student"`
}

type startKey struct{ n, m, seed, start int64 }

// starts are the spectral estimates that descents start from; nil if there are none
// among the inputs, as descents then start at random.
type starts map[startKey]spectral

func readStarts(p Params, in pipeline.Inputs) (starts, error) {
	if len(in) == 0 {
		return nil, nil
	}
	s := make(starts)
	for _, i := range in {
		rows, err := pipeline.Rows[spectral](i)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			k := startKey{r.N, r.M, r.Seed, r.Start}
			if before, ok := s[k]; ok {
				return nil, fmt.Errorf("%s: estimator %s gives a second start %d of N = %d, M = %d, seed %d, "+
					"after %s; descend from one estimator a stage",
					i.Stage, r.Estimator, r.Start, r.N, r.M, r.Seed, before.Estimator)
			}
			if r.Loss != "" && (r.Loss != loss.Label(p.Loss) || r.A != loss.A(p.Loss)) {
				return nil, fmt.Errorf("%s: the estimates are of loss %s, a = %v, "+
					"and this stage descends on loss %s, a = %v; they must be equal",
					i.Stage, r.Loss, r.A, loss.Label(p.Loss), loss.A(p.Loss))
			}
			square := vector.Dot(r.Student, r.Student)
			if n := float64(r.N); int64(len(r.Student)) != r.N || !(math.Abs(square-n) <= 1e-6*n) {
				return nil, fmt.Errorf("%s: the student of seed %d, start %d has %d components and ‖w‖² = %v, "+
					"not N = %d for both; run that stage again",
					i.Stage, r.Seed, r.Start, len(r.Student), square, r.N)
			}
			s[k] = r
		}
	}
	return s, nil
}

// of gives what the column from says of descents on an instance, and a function that
// fills w with start number k, uniform on the sphere if they are random.
func (s starts) of(p Params, inst instance.Instance) (from string, fill func(k int, w []float64), err error) {
	if s == nil {
		return outcome.FromRandom, randomStarts(inst.Seed), nil
	}
	given := make([][]float64, p.Starts)
	for k := range given {
		r, ok := s[startKey{inst.N, inst.M, inst.Seed, int64(k)}]
		if !ok {
			return "", nil, fmt.Errorf("no spectral estimate of N = %d, M = %d, seed %d, "+
				"start %d is among the inputs; add the spectral family of these instances with starts = %d, "+
				"or take fewer here",
				inst.N, inst.M, inst.Seed, k, p.Starts)
		}
		from, given[k] = r.Estimator, r.Student
	}
	return from, func(k int, w []float64) { copy(w, given[k]) }, nil
}

func randomStarts(seed int64) func(k int, w []float64) {
	return func(k int, w []float64) { random.New("start", seed, int64(k)).Sphere(w) }
}
