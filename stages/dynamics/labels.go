package dynamics

import (
	"context"
	"math"

	"zerotohero/stages/internal/kernel"
	"zerotohero/stages/loss"
	"zerotohero/stages/outcome"
	"zerotohero/stages/students"
)

// A unit is the labels of the descents on one instance.
type unit struct {
	seed    int64
	at      []sketch  // at the times kept, of all descents together
	end     sketch    // at the end of trapped descents
	y, yhat []float64 // their labels there, one descent after another
}

// A reduction is the labels of all instances of a stage.
type reduction struct {
	along   []unit // instances with a descent in use
	trapped []unit // those of them with a trapped one

	x []float32 // of one instance after another

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
func reduce(ctx context.Context, l loss.Loss, used []students.Descent, instances students.Instances,
	times []float64) (*reduction, error) {
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
func (r *reduction) unit(l loss.Loss, descents []students.Descent, instances students.Instances,
	times int) (unit, error) {
	p, err := instances.Open(&descents[0], l, r.x)
	if err != nil {
		return unit{}, err
	}
	r.x = p.X
	u := unit{seed: p.Seed}
	at, ends := make([][]sketch, times), []sketch{}
	for i := range descents {
		d := &descents[i]
		if err := p.Check(d); err != nil {
			return unit{}, err
		}
		yhat := activations(p.X, d)
		end := newSketch(l, p.Y, yhat[times], int(d.N))
		for k := range times {
			at[k] = append(at[k], newSketch(l, p.Y, yhat[k], int(d.N)))
		}
		if d.Outcome == outcome.Trapped {
			ends = append(ends, end)
			u.y, u.yhat = append(u.y, p.Y...), append(u.yhat, yhat[times]...)
			r.trappedRuns++
			r.endTime += d.T
		}
	}
	for _, k := range at {
		u.at = append(u.at, newUnion(k...).all())
	}
	u.end = newUnion(ends...).all()
	return u, nil
}

// activations are ŷ of a descent's kept students and of its last.
func activations(x []float32, d *students.Descent) [][]float64 {
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
