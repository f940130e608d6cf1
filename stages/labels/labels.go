// Package labels sketches the law of the labels (y, ŷ) at a point: as much of it as the
// spectrum of the Hessian needs (physics.md 2), in a size that does not depend on M.
package labels

import (
	"cmp"
	"math"
	"slices"

	"zerotohero/stages/loss"
)

// A Sketch is what the spectrum needs of the labels of one or several descents: sums
// of the energy and of μ, and the law of (s, y²), s = ℓ″, with neighbouring values of
// s merged. That is some 1000 nodes for any number of labels, so that a bootstrap costs
// little.
type Sketch struct {
	Runs   float64
	Energy float64 // L/N, summed over the descents
	Mu     float64 // μ, summed over them
	Nodes  []Node  // ascending in Bin, which no two share
}

// A Node has the labels of one bin: their share, summed over descents, and their sums
// of s and y² times it.
type Node struct {
	Bin int64   `arrow:"bin" doc:"number of the bin of s = ℓ″; those of s are ordered as s is"`
	P   float64 `arrow:"p" doc:"share of the labels in it"`
	S   float64 `arrow:"s" doc:"their mean s, times p"`
	Y2  float64 `arrow:"y2" doc:"their mean y², times p"`
}

func (n *Node) add(o Node, times float64) {
	n.P += float64(times * o.P)
	n.S += float64(times * o.S)
	n.Y2 += float64(times * o.Y2)
}

// binOf numbers the bins of s in its order: they are at most 1/32 of |s| wide, and
// 1/128 where s is negative and a pole of 1/(1+gs) near. A node keeps the means of s
// and of y². What merging does to λ and D is a hundredth of the error of sampling:
// errors are of second order in the width, and of the chance covariance of s and y²
// within nodes.
func binOf(s float64) int64 {
	if s < 0 {
		return -int64(math.Float64bits(-s) >> (52 - 7))
	}
	return int64(math.Float64bits(s) >> (52 - 5))
}

// New is the sketch of one descent in dimension n, with M labels.
func New(l loss.Loss, y, yhat []float64, n int) Sketch {
	k := Sketch{Runs: 1}
	one := 1 / float64(len(y))
	at := make(map[int64]int) // index of a bin in Nodes
	for i := range y {
		k.Energy += l.Value(y[i], yhat[i])
		k.Mu += float64(l.D1(y[i], yhat[i]) * yhat[i])
		s := l.D2(y[i], yhat[i])
		bin := binOf(s)
		j, ok := at[bin]
		if !ok {
			j = len(k.Nodes)
			at[bin] = j
			k.Nodes = append(k.Nodes, Node{Bin: bin})
		}
		k.Nodes[j].add(Node{P: one, S: one * s, Y2: one * y[i] * y[i]}, 1)
	}
	k.Energy /= float64(n)
	k.Mu /= float64(n)
	slices.SortFunc(k.Nodes, func(a, b Node) int { return cmp.Compare(a.Bin, b.Bin) })
	return k
}

// A Union is several sketches with the bins that any of them has.
type Union struct {
	from  []Sketch
	bins  []int64
	index [][]int // of each node of each sketch in bins
}

// NewUnion brings them together.
func NewUnion(from ...Sketch) *Union {
	u := &Union{from: from, index: make([][]int, len(from))}
	for _, k := range from {
		for _, n := range k.Nodes {
			u.bins = append(u.bins, n.Bin)
		}
	}
	slices.Sort(u.bins)
	u.bins = slices.Compact(u.bins)
	for i, k := range from {
		for _, n := range k.Nodes {
			j, _ := slices.BinarySearch(u.bins, n.Bin)
			u.index[i] = append(u.index[i], j)
		}
	}
	return u
}

// Sum adds up the sketches, each as many times as counts says.
func (u *Union) Sum(counts []int) Sketch {
	out := Sketch{Nodes: make([]Node, 0, len(u.bins))}
	all := make([]Node, len(u.bins))
	for i, k := range u.from {
		if counts[i] == 0 {
			continue
		}
		times := float64(counts[i])
		out.Runs += float64(times * k.Runs)
		out.Energy += float64(times * k.Energy)
		out.Mu += float64(times * k.Mu)
		for j, n := range k.Nodes {
			all[u.index[i][j]].add(n, times)
		}
	}
	for j, n := range all {
		if n.P > 0 {
			n.Bin = u.bins[j]
			out.Nodes = append(out.Nodes, n)
		}
	}
	return out
}

// All adds up the sketches, each once.
func (u *Union) All() Sketch { return u.Sum(slices.Repeat([]int{1}, len(u.from))) }
