package students

import (
	"fmt"
	"math"

	"zerotohero/stages/instance"
	"zerotohero/stages/internal/kernel"
	"zerotohero/stages/loss"
)

// key names an instance; descents are matched with it.
type key struct{ n, m, seed int64 }

// Instances are those among the inputs, by N, M and seed.
type Instances map[key]instance.Instance

// Add takes a row of a stage. A second instance of the same N, M and seed is an error.
func (s Instances) Add(stage string, r instance.Instance) error {
	k := key{r.N, r.M, r.Seed}
	if _, ok := s[k]; ok {
		return fmt.Errorf("%s: a second instance of seed %d, N = %d, M = %d among the inputs; give one",
			stage, r.Seed, r.N, r.M)
	}
	s[k] = r
	return nil
}

// Open draws X of the descent's instance again, into x if that has room for it, and
// makes sure that it is the same.
func (s Instances) Open(d *Descent, l loss.Loss, x []float32) (*Problem, error) {
	inst, ok := s[d.key()]
	if !ok {
		return nil, fmt.Errorf("%s has no instance of N = %d, M = %d, seed %d among the inputs; "+
			"add the instance family that it descends on", d, d.N, d.M, d.Seed)
	}
	x, err := inst.X(x)
	if err != nil {
		return nil, fmt.Errorf("%s: its instance: %w", d, err)
	}
	return &Problem{inst, x, l}, nil
}

// A Problem is an instance with its X and a loss.
type Problem struct {
	instance.Instance
	X    []float32 // M×N, row-major
	Loss loss.Loss
}

// Products gives x_i·v for the rows of X, v having N components: with a unit vector v,
// the pre-activations of the student √N v.
func (p *Problem) Products(v []float64) []float64 {
	h := make([]float64, p.M)
	kernel.Products(p.X, [][]float64{v}, [][]float64{h})
	return h
}

// Check makes sure that a descent of this N, M and seed was on this instance, by the
// energy of its last student: an instance of the same seed may have other labels, the
// null model's.
func (p *Problem) Check(d *Descent) error {
	_, w, err := d.at(d.T)
	if err != nil {
		return err
	}
	energy, root := 0.0, math.Sqrt(float64(d.N))
	for i, h := range p.Products(w) {
		energy += p.Loss.Value(p.Y[i], h/root)
	}
	if energy /= float64(d.N); !(math.Abs(energy-d.Energy) <= 1e-6*(1+math.Abs(d.Energy))) {
		return fmt.Errorf("%s ended at L/N = %v, which on the instance among the inputs is %v; "+
			"give as inputs the instances that it descends on", d, d.Energy, energy)
	}
	return nil
}
