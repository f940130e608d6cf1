// Package calibration corrects the kinds' estimates of time by what stages took that a store has on
// record. An estimate is a formula, whose constants were measured on one processor and whose guesses,
// of how long a descent goes on, say, are right for some families and wrong for others; by which factor a
// family is off shows in a few of its stages, at other sizes and in other profiles too.
//
// The factor of a family is the weighted mean of measured over estimated time, winsorized at the quartiles: what
// is beyond them counts as they do, so that stages which waited for a disk, shared their core or went on
// from a checkpoint do little. (A median would do less, and be below the mean, which sums are made of.) Weights
// are the square roots of estimated times: long stages, which matter, count more than short ones, and no
// single one decides. It is drawn to the factor of the kind, as if that were a few stages more of the
// family, that to the factor of all stages, and that to 1.
package calibration

import (
	"cmp"
	"math"
	"slices"

	"zerotohero/pipeline"
)

const (
	// drawn is the number of stages that the factor of the next larger group counts for.
	drawn = 2

	// enough is of how many stages the spread of a group is taken.
	enough = 10

	// unmeasured is by which factor a stage may take longer or shorter than is estimated where
	// nothing is measured. (A test wants a first estimate of many stages to be within it.)
	unmeasured = 3

	// tail is the share of stages that take longer than the upper end of the spread, and shorter than the lower.
	tail = 0.05
)

// A Calibration is what measurements tell of estimates. The zero value has no measurements.
type Calibration struct {
	all      group
	kinds    map[string]group
	families map[string]group
}

// A Factor is by what an estimate of time is to be multiplied.
type Factor struct {
	Value     float64
	Low, High float64 // that nine of ten stages are between
	Stages    int     // of the family that it was measured on
	OfKind    int     // and of the kind
}

// A group is of stages that were measured: a family, a kind, or all.
type group struct {
	stages    int
	value     float64 // logarithm of the factor
	low, high float64 // logarithms
}

// New learns from measurements: from those of a machine, or with none on record, if there are any; from all for
// the empty one, as where it is not known on which machines stages will run.
func New(measurements []Measurement, machine string) *Calibration {
	measurements = ofMachine(measurements, machine)
	c := &Calibration{kinds: make(map[string]group), families: make(map[string]group)}
	var all []ratio
	kinds, families := make(map[string][]ratio), make(map[string][]ratio)
	for _, m := range measurements {
		cost := m.Stage.Cost().Seconds
		if !(m.Seconds > 0) || !(cost > 0) {
			continue
		}
		r := ratio{math.Log(m.Seconds / cost), math.Sqrt(cost)}
		all = append(all, r)
		kinds[m.Stage.Kind.Name] = append(kinds[m.Stage.Kind.Name], r)
		families[key(m.Stage)] = append(families[key(m.Stage)], r)
	}
	none := group{low: -math.Log(unmeasured), high: math.Log(unmeasured)}
	c.all = newGroup(all, none)
	for kind, list := range kinds {
		c.kinds[kind] = newGroup(list, c.all)
	}
	for _, m := range measurements {
		k := key(m.Stage)
		if _, done := c.families[k]; !done && families[k] != nil {
			c.families[k] = newGroup(families[k], c.kinds[m.Stage.Kind.Name])
		}
	}
	return c
}

func ofMachine(measurements []Measurement, machine string) []Measurement {
	var same []Measurement
	for _, m := range measurements {
		if m.Machine == machine || m.Machine == "" {
			same = append(same, m)
		}
	}
	if machine == "" || same == nil {
		return measurements
	}
	return same
}

// key is that of a family: two kinds may have had one of the same name.
func key(s *pipeline.Stage) string { return s.Kind.Name + " " + s.Family() }

// Of is the factor for a stage.
func (c *Calibration) Of(s *pipeline.Stage) Factor {
	if c == nil || c.all.stages == 0 {
		return Factor{Value: 1, Low: 1.0 / unmeasured, High: unmeasured}
	}
	kind, known := c.kinds[s.Kind.Name]
	if !known {
		kind = c.all
		kind.stages = 0
	}
	g, known := c.families[key(s)]
	if !known {
		g = kind
		g.stages = 0
	}
	return Factor{math.Exp(g.value), math.Exp(g.low), math.Exp(g.high), g.stages, kind.stages}
}

// Stages is how many stages were measured.
func (c *Calibration) Stages() int {
	if c == nil {
		return 0
	}
	return c.all.stages
}

// A ratio is one measurement: the logarithm of measured over estimated time, and its weight.
type ratio struct{ log, weight float64 }

// newGroup makes a group of its ratios and of the larger group around it.
func newGroup(list []ratio, around group) group {
	if len(list) == 0 {
		return around
	}
	slices.SortFunc(list, func(a, b ratio) int { return cmp.Compare(a.log, b.log) })
	n := effective(list)
	g := group{stages: len(list), value: (n*center(list) + drawn*around.value) / (n + drawn)}
	g.low, g.high = g.value+around.low-around.value, g.value+around.high-around.value
	if n >= enough {
		g.low, g.high = min(quantile(list, tail), g.value), max(quantile(list, 1-tail), g.value)
	}
	return g
}

// center is the logarithm of the winsorized mean of ratios in ascending order.
func center(list []ratio) float64 {
	low, high := quantile(list, 0.25), quantile(list, 0.75)
	sum, weights := 0.0, 0.0
	for _, r := range list {
		sum += r.weight * math.Exp(min(max(r.log, low), high))
		weights += r.weight
	}
	return math.Log(sum / weights)
}

// effective is the number of equal weights that average as well: Kish's effective sample size.
func effective(list []ratio) float64 {
	sum, squares := 0.0, 0.0
	for _, r := range list {
		sum += r.weight
		squares += r.weight * r.weight
	}
	return sum * sum / squares
}

// quantile is the weighted one of ratios in ascending order: the first at which the share q of all
// weight is reached.
func quantile(list []ratio, q float64) float64 {
	total := 0.0
	for _, r := range list {
		total += r.weight
	}
	reached := 0.0
	for _, r := range list {
		if reached += r.weight; reached >= q*total {
			return r.log
		}
	}
	return list[len(list)-1].log
}
