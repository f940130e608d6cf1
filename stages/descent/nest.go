package descent

import (
	"fmt"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
)

// A nest is instances that share signal and measurements, but for their number: an
// instance at larger alpha extends those at smaller. X is drawn once for all of them,
// and their descents share the passes over it.
type nest struct {
	stage     string              // that the first is a row of, for errors
	instances []instance.Instance // in the order of the inputs
	most      int                 // place of the one with most measurements
}

// nested reads the instances, and puts into nests what the inputs hold of a seed.
func nested(in pipeline.Inputs) ([]*nest, error) {
	type key struct{ n, seed int64 }
	of := make(map[key]*nest)
	var all []*nest
	for _, input := range in {
		rows, err := pipeline.Rows[instance.Instance](input)
		if err != nil {
			return nil, err
		}
		for _, inst := range rows {
			k := key{inst.N, inst.Seed}
			if s := of[k]; s != nil && s.add(inst) {
				continue
			}
			of[k] = &nest{stage: input.Stage, instances: []instance.Instance{inst}}
			all = append(all, of[k])
		}
	}
	return all, nil
}

// add takes an instance in, if it has the nest's signal and labels: the null model's are
// others.
func (s *nest) add(inst instance.Instance) bool {
	large := s.largest()
	m := min(len(large.Y), len(inst.Y))
	if !slices.Equal(large.Signal, inst.Signal) || !slices.Equal(large.Y[:m], inst.Y[:m]) {
		return false
	}
	s.instances = append(s.instances, inst)
	if len(inst.Y) > len(large.Y) {
		s.most = len(s.instances) - 1
	}
	return true
}

func (s *nest) largest() instance.Instance { return s.instances[s.most] }

// draw draws the X of all, into x if that has room for it.
func (s *nest) draw(x []float32) ([]float32, error) {
	x, err := s.largest().X(x)
	if err != nil {
		return nil, s.wrap(err)
	}
	for i, inst := range s.instances {
		if i == s.most {
			continue
		}
		if err := inst.Check(x); err != nil {
			return nil, s.wrap(err)
		}
	}
	return x, nil
}

// wrap says whose error it is.
func (s *nest) wrap(err error) error {
	return fmt.Errorf("%s: seed %d: %w", s.stage, s.instances[0].Seed, err)
}
