package dynamics

import (
	"context"
	"fmt"
	"math"

	"zerotohero/stages/instance"
	"zerotohero/stages/internal/kernel"
	"zerotohero/stages/loss"
)

// A unit is the labels of the descents on one instance.
type unit struct {
	seed    int64
	at      []sketch  // at the times kept, of all descents together
	end     sketch    // at the end of trapped descents
	y, yhat []float64 // their labels there, one descent after another
}

// A reduction is the instances of one stage.
type reduction struct {
	along   []unit // instances with a descent in use
	trapped []unit // those of them with a trapped one

	trappedRuns int
	endTime     float64 // mean over the trapped descents
}

// seeds are those of the units, which name the random streams of their bootstrap.
func seeds(units []unit) []int64 {
	var out []int64
	for _, u := range units {
		out = append(out, u.seed)
	}
	return out
}

// reduce goes from descents, sorted by seed, to the sketches of their labels. Each
// instance's X is drawn once.
func reduce(ctx context.Context, l loss.Loss, used []descent, instances map[int64]instance.Instance, times []float64) (*reduction, error) {
	r := &reduction{}
	for len(used) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := 1
		for end < len(used) && used[end].Seed == used[0].Seed {
			end++
		}
		u, err := r.unit(l, used[:end], instances, len(times))
		if err != nil {
			return nil, err
		}
		r.along = append(r.along, u)
		if len(u.y) > 0 {
			r.trapped = append(r.trapped, u)
		}
		used = used[end:]
	}
	if r.trappedRuns > 0 {
		r.endTime /= float64(r.trappedRuns)
	}
	return r, nil
}

// unit sketches the descents of one instance.
func (r *reduction) unit(l loss.Loss, descents []descent, instances map[int64]instance.Instance, times int) (unit, error) {
	d := &descents[0]
	inst, ok := instances[d.Seed]
	if !ok || inst.N != d.N || inst.M != d.M {
		return unit{}, fmt.Errorf("%s has no instance of N = %d, M = %d, seed %d among the inputs; add the instance family that it descends on", d, d.N, d.M, d.Seed)
	}
	x := instance.DrawX(d.Seed, int(d.N), int(d.M))
	if f := instance.Fingerprint(x); f != inst.Fingerprint {
		return unit{}, fmt.Errorf("%s: X drawn for seed %d has fingerprint %s, the instance's is %s; run the instance stage again", d, d.Seed, f, inst.Fingerprint)
	}
	u := unit{seed: d.Seed}
	at, ends := make([][]sketch, times), []sketch{}
	for i := range descents {
		d := &descents[i]
		yhat := activations(x, d)
		end := newSketch(l, inst.Y, yhat[times], int(d.N))
		if !(math.Abs(end.energy-d.Energy) <= 1e-6*(1+math.Abs(d.Energy))) {
			return unit{}, fmt.Errorf("%s ended at L/N = %v, which on the instance among the inputs is %v; give as inputs the instances that it descends on", d, d.Energy, end.energy)
		}
		for k := range times {
			at[k] = append(at[k], newSketch(l, inst.Y, yhat[k], int(d.N)))
		}
		if d.Outcome == "trapped" {
			ends = append(ends, end)
			u.y, u.yhat = append(u.y, inst.Y...), append(u.yhat, yhat[times]...)
			r.trappedRuns++
			r.endTime += d.T
		}
	}
	for _, k := range at {
		u.at = append(u.at, newPool(k...).all())
	}
	u.end = newPool(ends...).all()
	return u, nil
}

// activations are ŷ of a descent's kept students and of its last.
func activations(x []float32, d *descent) [][]float64 {
	var w [][]float64
	for _, k := range d.Kept {
		w = append(w, k.Student)
	}
	w = append(w, d.Student)
	h := make([][]float64, len(w))
	for k := range h {
		h[k] = make([]float64, d.M)
	}
	kernel.Products(x, w, h)
	root := math.Sqrt(float64(d.N))
	for _, hk := range h {
		for i := range hk {
			hk[i] /= root
		}
	}
	return h
}
