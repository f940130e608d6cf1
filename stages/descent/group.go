package descent

import (
	"fmt"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
)

// A group is instances that share signal and measurements, but for their number: an
// instance at larger alpha extends those at smaller. X is drawn once for all of them,
// and their descents share the passes over it.
type group struct {
	stage     string              // that the first is a row of, for errors
	instances []instance.Instance // in the order of the inputs
	most      int                 // index of the one with most measurements
}

// groups reads the instances, and groups those of a seed.
func groups(in pipeline.Inputs) ([]*group, error) {
	type key struct{ n, seed int64 }
	of := make(map[key]*group)
	var all []*group
	err := instance.Each(in, func(stage string, inst instance.Instance) error {
		k := key{inst.N, inst.Seed}
		if g := of[k]; g == nil || !g.add(inst) {
			of[k] = &group{stage: stage, instances: []instance.Instance{inst}}
			all = append(all, of[k])
		}
		return nil
	})
	return all, err
}

// add takes an instance in, if it has the group's signal and labels: the null model's are
// different.
func (g *group) add(inst instance.Instance) bool {
	large := g.largest()
	m := min(len(large.Y), len(inst.Y))
	if !slices.Equal(large.Signal, inst.Signal) || !slices.Equal(large.Y[:m], inst.Y[:m]) {
		return false
	}
	g.instances = append(g.instances, inst)
	if len(inst.Y) > len(large.Y) {
		g.most = len(g.instances) - 1
	}
	return true
}

func (g *group) largest() instance.Instance { return g.instances[g.most] }

// draw draws the X of all, into x if that has room for it.
func (g *group) draw(x []float32) ([]float32, error) {
	x, err := g.largest().X(x)
	if err != nil {
		return nil, g.wrap(err)
	}
	for i, inst := range g.instances {
		if i == g.most {
			continue
		}
		if err := inst.Check(x); err != nil {
			return nil, g.wrap(err)
		}
	}
	return x, nil
}

// wrap adds stage and seed to an error.
func (g *group) wrap(err error) error {
	return fmt.Errorf("%s: seed %d: %w", g.stage, g.instances[0].Seed, err)
}
