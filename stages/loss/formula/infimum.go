package formula

import (
	"container/heap"
	"math"
)

// The infimum of ℓ” is looked for on y and u from 0 to far, and bounded by intervals to
// near: what is typical of pre-activations is of order 1.
const (
	near      = 10
	far       = 1e12
	farBefore = 1e9
	maxBoxes  = 30000
	maxWork   = 2_000_000 // nodes over boxes, so that a long formula takes no minutes
	tight     = 0.05      // relative to the infimum, or 1
	maxPolls  = 3000      // of a descent, which ends after some hundred
)

// An infimum is the least of a function, as found: no value to near is below value − err.
type infimum struct {
	value, err float64
	y, u       float64 // where
}

// infimum looks for that of a node, of which f is the program.
func (g *graph) infimum(result int, f func(y, u float64) float64) infimum {
	before := descend(f, start(f, farBefore), farBefore)
	least := descend(f, start(f, far), far)
	if before.value < least.value {
		least = before
	}
	// Without a bound it falls on, however slowly; one that has a bound is at it by here.
	if least.value < 0 && before.value-least.value > 0.01*math.Abs(before.value) {
		return infimum{value: math.Inf(-1), y: least.y, u: least.u}
	}
	if falls(f) && beyond(f) > 0.5*least.value {
		return infimum{value: math.Inf(-1), y: least.y, u: least.u}
	}
	return g.certify(result, f, least)
}

// start is the least value on a grid, dense in all ratios of y and u.
func start(f func(y, u float64) float64, limit float64) infimum {
	least := infimum{value: math.Inf(1)}
	try := func(y, u float64) {
		if v := f(y, u); v < least.value {
			least = infimum{value: v, y: y, u: u}
		}
	}
	axis := []float64{0}
	for x := 1e-3; x < 1e3; x *= 1.25 {
		axis = append(axis, x)
	}
	for x := 1e3; x <= limit*1.01; x *= 10 {
		axis = append(axis, x)
	}
	for _, y := range axis {
		for _, u := range axis {
			try(y, u)
		}
		for k := 1; k < 48; k++ {
			try(y, y*float64(k)/16)
		}
	}
	return least
}

// falls says whether the least value near u = y goes down with y as a power. What does so in a valley
// that narrows, as at given u² − y², is lost where y is too large for numbers to tell u from y.
func falls(f func(y, u float64) float64) bool {
	before := 0.0
	for y := 10.0; y <= 1e4; y = float64(10 * y) {
		least := math.Inf(1)
		for d := float64(0.1 * y); d > 1e-8*y; d /= 1.1 {
			least = min(least, f(y, y+d), f(y, y-d))
		}
		if !(least < 1.5*before) {
			return false
		}
		before = least
	}
	return true
}

// beyond is the least value at y from farBefore on, at all ratios of y and u.
func beyond(f func(y, u float64) float64) float64 {
	least := math.Inf(1)
	for y := float64(farBefore); y <= far; y *= 10 {
		for k := range 48 {
			least = math.Min(least, f(y, y*float64(k)/16))
		}
		least = math.Min(least, f(1, y))
	}
	return least
}

// descend goes down from a point by steps along y, u and both, in ratios, until they are
// below what rounding shows: a pattern search, which needs no derivative of ℓ”.
func descend(f func(y, u float64) float64, at infimum, limit float64) infimum {
	step := 0.25
	for polls := 0; polls < maxPolls && step > 1e-9; polls++ {
		best := at
		for _, d := range [8][2]float64{{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, -1}, {1, -1}, {-1, 1}} {
			y, u := at.y+float64(d[0]*step*math.Max(at.y, 1e-3)), at.u+float64(d[1]*step*math.Max(at.u, 1e-3))
			if y < 0 || u < 0 || y > limit || u > 3*limit {
				continue
			}
			if v := f(y, u); v < best.value {
				best = infimum{value: v, y: y, u: u}
			}
		}
		if best.value < at.value {
			at = best
			continue
		}
		step /= 2
	}
	return at
}

// certify bounds the node from below on all boxes to near, the lowest first, until the
// bound is tight or the work is spent: branch and bound, with the mean value form beside the
// interval itself (Neumaier, Interval Methods for Systems of Equations, 1990, section 2.3).
func (g *graph) certify(result int, f func(y, u float64) float64, least infimum) infimum {
	s := &search{graph: g, result: result, f: f, at: make([]bound, len(g.nodes)),
		mid: make([]bound, len(g.nodes))}
	s.push(box{interval{0, near}, interval{0, near}})
	for range min(maxBoxes, maxWork/len(g.nodes)) {
		lowest := s.boxes[0]
		if lowest.least >= least.value-float64(tight*math.Max(1, math.Abs(least.value))) {
			break
		}
		heap.Pop(s)
		for _, half := range lowest.halves() {
			y, u := middle(half.y), middle(half.u)
			if v := f(y, u); v < least.value {
				least = descend(f, infimum{value: v, y: y, u: u}, near)
			}
			s.push(half)
		}
	}
	least.err = math.Max(0, least.value-s.boxes[0].least)
	return least
}

// A search holds boxes by what bounds the node in them from below: a heap.
type search struct {
	graph  *graph
	result int
	f      func(y, u float64) float64
	at     []bound // of the nodes
	mid    []bound // of the nodes, at the middle of the box
	boxes  []boundedBox
}

type boundedBox struct {
	box
	least float64
}

// Len, Less, Swap, Push and Pop are those of package heap.
func (s *search) Len() int           { return len(s.boxes) }
func (s *search) Less(i, j int) bool { return s.boxes[i].least < s.boxes[j].least }
func (s *search) Swap(i, j int)      { s.boxes[i], s.boxes[j] = s.boxes[j], s.boxes[i] }
func (s *search) Push(x any)         { s.boxes = append(s.boxes, x.(boundedBox)) }
func (s *search) Pop() any {
	last := s.boxes[len(s.boxes)-1]
	s.boxes = s.boxes[:len(s.boxes)-1]
	return last
}

func (s *search) push(b box) { heap.Push(s, boundedBox{b, s.least(b)}) }

// least is a bound from below. Where the node rises or falls with y or u all over the box,
// its edge there is enough.
func (s *search) least(b box) float64 {
	for range 3 {
		all := s.bounds(b)
		y, u := edge(b.y, all.y), edge(b.u, all.u)
		if y == b.y && u == b.u {
			return all.v.lo
		}
		b = box{y, u}
	}
	return s.bounds(b).v.lo
}

func (s *search) bounds(b box) bound {
	s.graph.bounds(box{point(middle(b.y)), point(middle(b.u))}, s.result, s.mid, nil)
	return s.graph.bounds(b, s.result, s.at, s.mid)
}

func edge(x, slope interval) interval {
	switch {
	case x.lo == x.hi:
	case slope.lo >= 0:
		return point(x.lo)
	case slope.hi <= 0:
		return point(x.hi)
	}
	return x
}

func middle(x interval) float64 { return x.lo + float64(0.5*(x.hi-x.lo)) }

// halves of a box, across what is wider for its size.
func (b box) halves() [2]box {
	size := func(x interval) float64 { return (x.hi - x.lo) / (1e-2 + x.lo) }
	cut := func(x interval) float64 {
		if x.hi > 8*(1e-2+x.lo) {
			return math.Sqrt(float64((1e-2 + x.lo) * x.hi))
		}
		return middle(x)
	}
	if size(b.y) > size(b.u) {
		c := cut(b.y)
		return [2]box{{interval{b.y.lo, c}, b.u}, {interval{c, b.y.hi}, b.u}}
	}
	c := cut(b.u)
	return [2]box{{b.y, interval{b.u.lo, c}}, {b.y, interval{c, b.u.hi}}}
}
