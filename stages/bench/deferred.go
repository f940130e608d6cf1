package bench

import (
	"context"
	"fmt"
	"math"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/descent"
	_ "zerotohero/stages/instance/deferred"
	"zerotohero/stages/internal/deferred"
	"zerotohero/stages/loss/ell"
)

// How often an evaluation goes through each vector that X is known by, from memory: once
// through images and twice through the others, 4 bytes a number.
const bytesPerDirection = 12

// What it does with them: two multiply-adds with a number of an image and six with one of
// the others.
const multiplyAddsPerDirection = 8

// A drawn is a deferred matrix with a descent on it that knows some directions.
type drawn struct {
	n       int
	x       *deferred.Matrix
	problem *descent.Problem
	at      *descent.Evaluation
}

// newDrawn makes evaluations until so many directions are known. There is room for more.
func newDrawn(ctx context.Context, n, directions, more int) (*drawn, error) {
	l, err := ell.New(ell.Params{A: 1})
	if err != nil {
		return nil, err
	}
	x, err := deferred.New(deferred.Params{N: n, M: alpha * n, Seed: 1})
	if err != nil {
		return nil, err
	}
	d := &drawn{n: n, x: x, problem: descent.NewDeferredProblem(x, l, directions+more)}
	d.at = descent.NewEvaluation(min(n-2, directions+more) + 2)
	d.at.N = n
	x.Start(d.at.W)
	for x.Directions() < directions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := d.evaluate(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// evaluate makes one, which adds a direction, and goes to another point.
func (d *drawn) evaluate() error {
	err := d.problem.Evaluate(d.at)
	k := d.x.Directions()
	for j := range k {
		d.at.W[j] = math.Cos(float64(j * k))
	}
	descent.ToSphere(d.at.W, d.n)
	return err
}

func (s sizes) evaluationRow() row {
	return row{
		name: fmt.Sprintf("evaluation-%d", s.drawn),
		what: fmt.Sprintf("evaluation where X is deferred, %d directions being known of it, against reading them from "+
			"memory or the peak in multiply-adds, whichever takes longer, N = %d, α = %d, one core",
			s.directions, s.drawn, alpha),
		target: target{unit: percent, value: 0.6},
		measure: func(ctx context.Context) (finding, error) {
			s.least = 0 // a turn is one evaluation, which adds a direction
			d, err := newDrawn(ctx, s.drawn, s.directions-s.rounds/2, s.rounds+2)
			if err != nil {
				return finding{}, err
			}
			peak, count, err := multiplying()
			if err != nil {
				return finding{}, err
			}
			x := make([]float32, s.directions*alpha*s.drawn)
			for i := range x {
				x[i] = 1 // pages that nothing was written to share one of zeros
			}
			t, err := alternate(ctx, s, timed(d.evaluate), timed(func() error { read(x); return nil }), peak)
			if err != nil {
				return finding{}, err
			}
			// The first counted one is the third.
			numbers := make([]float64, s.rounds)
			for i := range numbers {
				numbers[i] = float64(alpha*s.drawn) * float64(d.x.Directions()-s.rounds+i)
			}
			return bound(numbers, t[0], rates(float64(4*len(x)), t[1]), rates(count, t[2])), nil
		},
	}
}

// bound compares evaluations, in seconds, with so many numbers an image and vector kept, with
// what bounds them: the rates of reading bytes and of multiply-adds.
func bound(numbers, evaluations, reading, multiplying []float64) finding {
	share, ours, arithmetic := make([]float64, len(numbers)), make([]float64, len(numbers)), make([]float64, len(numbers))
	for i, count := range numbers {
		read, multiply := count*bytesPerDirection/reading[i], count*multiplyAddsPerDirection/multiplying[i]
		share[i] = max(read, multiply) / evaluations[i]
		ours[i] = count / evaluations[i]
		arithmetic[i] = multiply / read
	}
	return finding{
		ours: fmt.Sprintf("%.3g GB/s, %s", 1e-9*bytesPerDirection*median(ours),
			flops(multiplyAddsPerDirection*median(ours))),
		other:  fmt.Sprintf("%.3g GB/s read, %s peak", 1e-9*median(reading), flops(median(multiplying))),
		result: summarize(share),
		note: fmt.Sprintf("It goes once through the images of the directions and twice through the vectors that were "+
			"multiplied by Xᵀ. Its multiply-adds, at the peak, would take %.0f %% of the time of reading.",
			100*median(arithmetic)),
	}
}

// until is the time that a descent where X is dense and one where it is deferred go to.
const until = 40

// leastMemory is how many times less memory the latter is to take.
const leastMemory = 20

func (s sizes) denseRow() row {
	return row{
		name: fmt.Sprintf("deferred-%d", s.dense),
		what: fmt.Sprintf("descent by flow to t = %d where X is deferred, against one where it is dense, N = %d, "+
			"α = %d, one core", until, s.dense, alpha),
		target: target{unit: factor, value: 10, also: fmt.Sprintf("%d× less memory", leastMemory)},
		measure: func(ctx context.Context) (finding, error) {
			values := map[string]any{"N": int64(s.dense), "alpha": float64(alpha),
				"seeds": pipeline.Range{First: 1, Last: 1}}
			dense, err := descendOne(ctx, values, until)
			if err != nil {
				return finding{}, err
			}
			values["matrix"] = "deferred"
			ours, err := descendOne(ctx, values, until)
			if err != nil {
				return finding{}, err
			}
			f := finding{
				ours:   duration(ours.seconds) + ", " + memory(ours.bytes),
				other:  duration(dense.seconds) + ", " + memory(dense.bytes) + " dense",
				result: summarize([]float64{dense.seconds / ours.seconds}),
				note: fmt.Sprintf("%.3g× less memory. %s X has %s; drawing it is part of the time, drawing the instance, "+
					"which goes through it once, is not. %d evaluations against %d, of instances that are equal in law alone.",
					dense.bytes/ours.bytes, held, memory(4*alpha*float64(s.dense)*float64(s.dense)),
					ours.evaluations, dense.evaluations),
			}
			if dense.bytes < leastMemory*ours.bytes {
				f.fault = fmt.Sprintf("The memory is not %d times less.", leastMemory)
			}
			return f, nil
		},
	}
}

// mostMemory is what the descent of the null model may take, in bytes.
const mostMemory = 4e9

func (s sizes) nullRow() row {
	const end = 2
	return row{
		name: fmt.Sprintf("null-%d", s.null),
		what: fmt.Sprintf("descent of the null model by flow to t = %d where X is deferred, N = %d, α = %d, one core",
			end, s.null, alpha),
		target: target{unit: seconds, most: true, value: 45, also: memory(mostMemory)},
		measure: func(ctx context.Context) (finding, error) {
			c, err := descendOne(ctx, map[string]any{"N": int64(s.null), "alpha": float64(alpha), "null": true,
				"matrix": "deferred", "seeds": pipeline.Range{First: 1, Last: 1}}, end)
			if err != nil {
				return finding{}, err
			}
			f := finding{
				ours:   duration(c.seconds) + ", " + memory(c.bytes),
				result: summarize([]float64{c.seconds}),
				note:   fmt.Sprintf("%d evaluations. %s", c.evaluations, held),
			}
			if c.bytes > mostMemory {
				f.fault = "It takes more memory than that."
			}
			return f, nil
		},
	}
}

// A single is what one descent took.
type single struct {
	seconds, bytes float64
	evaluations    int64
}

// descendOne draws an instance and measures the descent on it.
func descendOne(ctx context.Context, instance map[string]any, maxTime float64) (s single, err error) {
	table, err := draw(ctx, instance)
	if err != nil {
		return s, err
	}
	var done []descent.Descent
	s.bytes, err = mostHeld(func() (err error) {
		done, s.seconds, _, err = clock(ctx, []task{{instances: []*artifact.Table{table}, method: "flow", maxTime: maxTime}})
		return err
	})
	if err == nil {
		s.evaluations = done[0].Evaluations
	}
	return s, err
}
