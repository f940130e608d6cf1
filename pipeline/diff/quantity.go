package diff

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"zerotohero/pipeline"
)

// A Quantity is a number of a figure that is not the same in both states.
type Quantity struct {
	Figure, Name string
	A, B         *pipeline.Quantity // nil where there is no such quantity
	Change       Change

	// Shift is by how much the number moved, in units of the larger of the distances that the
	// interval of each number reaches towards the other: beyond 1 neither is in the interval of
	// the other. It is 0 where there is no finite interval.
	Shift float64
}

// A Change is how a quantity is not the same.
type Change string

const (
	Beyond   Change = "beyond"   // it moved by more than the intervals
	Exact    Change = "exact"    // it has no interval, and differs in the digits that are shown
	Vanished Change = "vanished" // it was a number, and there is none
	Appeared Change = "appeared" // there was none, and it is a number
	Within   Change = "within"   // it moved by less than the intervals, or they alone moved
	Digits   Change = "digits"   // it has no interval, and differs in others
	Gone     Change = "gone"
	New      Change = "new"
)

// order is that in which changes are listed.
var order = []Change{Beyond, Exact, Vanished, Appeared, Within, Digits, Gone, New}

// quantities compares the numbers of figures, and notes of which they are not known.
func (r *Report) quantities(a, b State) {
	names := maps.Clone(b.Figures)
	if names == nil {
		names = make(map[string][]pipeline.Quantity)
	}
	maps.Copy(names, a.Figures)
	for _, figure := range slices.Sorted(maps.Keys(names)) {
		old, had := a.Figures[figure]
		now, has := b.Figures[figure]
		unreadA, unreadB := had && old == nil, has && now == nil
		if unreadA {
			r.UnreadA = append(r.UnreadA, figure)
		}
		if unreadB {
			r.UnreadB = append(r.UnreadB, figure)
		}
		if !unreadA && !unreadB {
			r.figure(figure, old, now)
		}
	}
	slices.SortStableFunc(r.Quantities, func(x, y Quantity) int {
		return cmp.Or(cmp.Compare(slices.Index(order, x.Change), slices.Index(order, y.Change)),
			cmp.Compare(y.Shift, x.Shift), strings.Compare(x.Figure, y.Figure))
	})
}

func (r *Report) figure(name string, a, b []pipeline.Quantity) {
	now := make(map[string]*pipeline.Quantity, len(b))
	for k := range b {
		now[b[k].Name] = &b[k]
	}
	for k := range a {
		old := &a[k]
		q := Quantity{Figure: name, Name: old.Name, A: old, B: now[old.Name], Change: Gone}
		delete(now, old.Name)
		if q.B != nil {
			if sameNumber(old, q.B) {
				r.Equal++
				continue
			}
			q.Change, q.Shift = moved(old, q.B)
		}
		r.Quantities = append(r.Quantities, q)
	}
	for k := range b {
		if q := &b[k]; now[q.Name] == q {
			r.Quantities = append(r.Quantities, Quantity{Figure: name, Name: q.Name, B: q, Change: New})
		}
	}
}

func sameNumber(a, b *pipeline.Quantity) bool {
	same := func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }
	return same(a.Value, b.Value) && same(a.Lo, b.Lo) && same(a.Hi, b.Hi) && a.Unit == b.Unit
}

// moved says how a number moved, and how far for its intervals.
func moved(a, b *pipeline.Quantity) (Change, float64) {
	none := func(q *pipeline.Quantity) bool { return math.IsNaN(q.Value) }
	switch {
	case none(b):
		return Vanished, 0
	case none(a):
		return Appeared, 0
	case a.Unit != b.Unit:
		return Exact, 0
	}
	reach := max(toward(a, b.Value), toward(b, a.Value))
	distance := math.Abs(b.Value - a.Value)
	switch {
	case reach > 0 && distance > reach:
		return Beyond, distance / reach
	case reach > 0 && !math.IsInf(reach, 0):
		return Within, distance / reach
	case reach > 0 || a.Value == b.Value:
		return Within, 0
	case a.Rounded == b.Rounded:
		return Digits, 0
	}
	return Exact, 0
}

// toward is how far the interval of a quantity reaches towards a value, 0 if it is exact.
func toward(q *pipeline.Quantity, value float64) float64 {
	switch {
	case math.IsNaN(q.Lo):
		return 0
	case value > q.Value:
		return q.Hi - q.Value
	}
	return q.Value - q.Lo
}
