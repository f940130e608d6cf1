package report

import (
	"cmp"
	"math"
	"slices"
)

// A node is a family in its column of the diagram or, without one, where a line passes
// between the boxes of a column.
type node struct {
	family      *family
	left, right []*node // that lines lead to, in the columns beside
	rank        int     // from the top of its column
	x, y        float64 // left edge and middle
	width       float64
}

// A layout is the layered drawing of a directed graph after Sugiyama, Tagawa and Toda,
// IEEE Trans. Syst. Man Cybern. 11, 109 (1981): columns, bends of lines that are longer
// than one column, an order with few crossings, and then coordinates.
type layout struct {
	columns       [][]*node
	lines         [][]*node // each from a family over its bends to one that reads it
	width, height float64
}

// layoutOf puts families into columns, inputs before users: what exports into the last one,
// all else next to the first that reads it, so that lines are short. Lines that others
// imply, as from a to c beside those from a to b and from b to c, are left out.
func layoutOf(all []*family) *layout {
	column := columnsOf(all)
	nodes := make(map[*family]*node)
	l := &layout{columns: make([][]*node, slices.Max(column)+1)}
	for k, f := range all {
		nodes[f] = &node{family: f}
		l.columns[column[k]] = append(l.columns[column[k]], nodes[f])
	}
	for k, f := range all {
		for _, in := range f.Inputs {
			if implied(all, f, in) {
				continue
			}
			line := []*node{nodes[in]}
			for c := column[slices.Index(all, in)] + 1; c < column[k]; c++ {
				bend := &node{}
				l.columns[c] = append(l.columns[c], bend)
				line = append(line, bend)
			}
			line = append(line, nodes[f])
			for i, to := range line[1:] {
				line[i].right, to.left = append(line[i].right, to), append(to.left, line[i])
			}
			l.lines = append(l.lines, line)
		}
	}
	l.order()
	l.place()
	return l
}

// columnsOf numbers the column of each family.
func columnsOf(all []*family) []int {
	depth := make(map[*family]int)
	last := 0
	for _, f := range all {
		for _, in := range f.Inputs {
			depth[f] = max(depth[f], depth[in]+1)
		}
		last = max(last, depth[f])
	}
	out := make([]int, len(all))
	for k, f := range slices.Backward(all) {
		if f.Kind.Export {
			depth[f] = last
		}
		for i, u := range f.users {
			if i == 0 || depth[u]-1 < depth[f] {
				depth[f] = depth[u] - 1
			}
		}
		out[k] = depth[f]
	}
	return out
}

// implied reports whether a family reads one that another of its inputs comes from.
func implied(all []*family, f, in *family) bool {
	return slices.ContainsFunc(f.Inputs, func(other *family) bool {
		return other != in && slices.Contains(other.chain(all), in)
	})
}

// order sorts columns so that few lines cross: the best of some sweeps there and back in
// which each node goes to the mean rank of its neighbours in the column before, and then
// those that stand next to each other change places while fewer lines cross so.
func (l *layout) order() {
	l.rank()
	best, fewest := l.copied(), l.crossings()
	for sweep := range 24 {
		columns, near := slices.Clone(l.columns), func(n *node) []*node { return n.left }
		if sweep%2 == 0 {
			slices.Reverse(columns)
			near = func(n *node) []*node { return n.right }
		}
		for _, c := range columns {
			slices.SortStableFunc(c, func(a, b *node) int {
				return cmp.Compare(meanRank(a, near(a)), meanRank(b, near(b)))
			})
			l.rank()
		}
		for l.exchange() {
		}
		if n := l.crossings(); n < fewest {
			best, fewest = l.copied(), n
		}
	}
	l.columns = best
	l.rank()
}

// rank numbers the nodes of each column.
func (l *layout) rank() {
	for _, c := range l.columns {
		for k, n := range c {
			n.rank = k
		}
	}
}

func (l *layout) copied() [][]*node {
	out := slices.Clone(l.columns)
	for k, c := range out {
		out[k] = slices.Clone(c)
	}
	return out
}

// meanRank is the mean rank of a node's neighbours, its own if it has none.
func meanRank(n *node, near []*node) float64 {
	if len(near) == 0 {
		return float64(n.rank)
	}
	sum := 0
	for _, other := range near {
		sum += other.rank
	}
	return float64(sum) / float64(len(near))
}

// crossings counts pairs of lines that cross.
func (l *layout) crossings() int {
	count := 0
	for _, c := range l.columns {
		for k, a := range c {
			for _, b := range c[k+1:] {
				count += crossed(a.right, b.right)
			}
		}
	}
	return count
}

// crossed counts the lines to upper's neighbours that cross those to lower's.
func crossed(upper, lower []*node) int {
	count := 0
	for _, u := range upper {
		for _, d := range lower {
			if u.rank > d.rank {
				count++
			}
		}
	}
	return count
}

// exchange lets nodes that stand next to each other change places where fewer lines cross
// so, and reports whether any did.
func (l *layout) exchange() bool {
	any := false
	for _, c := range l.columns {
		for k := range c[1:] {
			a, b := c[k], c[k+1]
			now := crossed(a.left, b.left) + crossed(a.right, b.right)
			if crossed(b.left, a.left)+crossed(b.right, a.right) < now {
				c[k], c[k+1] = b, a
				a.rank, b.rank = k+1, k
				any = true
			}
		}
	}
	return any
}

// place gives coordinates: columns as wide as their widest box, and in each of some sweeps
// every node as near to its neighbours' mean height as the distances in its column allow.
func (l *layout) place() {
	x := 0.0
	for _, c := range l.columns {
		wide := 0.0
		for _, n := range c {
			if n.family != nil {
				wide = max(wide, boxWidth(n.family))
			}
		}
		for k, n := range c {
			n.x, n.width = x, wide
			if k > 0 {
				n.y = c[k-1].y + distance(c[k-1], n)
			}
		}
		x += wide + gap
	}
	for sweep := range 30 {
		columns := slices.Clone(l.columns)
		if sweep%2 == 0 {
			slices.Reverse(columns)
		}
		for _, c := range columns {
			settle(c)
		}
	}
	top, bottom := math.Inf(1), math.Inf(-1)
	for _, c := range l.columns {
		top, bottom = min(top, c[0].y), max(bottom, c[len(c)-1].y)
	}
	for _, c := range l.columns {
		for _, n := range c {
			n.y += boxHeight/2 - top
		}
	}
	l.width, l.height = x-gap, bottom-top+boxHeight
}

// distance is that from a node's middle to that of the next below.
func distance(a, b *node) float64 {
	if a.family == nil || b.family == nil {
		return bendDistance
	}
	return boxDistance
}

// settle moves the nodes of a column to where the sum of squares of their distances from
// where their neighbours would have them is least: an isotonic regression of what is left
// when the least distances are taken off, by pooling adjacent violators.
func settle(c []*node) {
	type block struct {
		sum   float64
		count int
	}
	var blocks []block
	offset := make([]float64, len(c))
	for k, n := range c {
		if k > 0 {
			offset[k] = offset[k-1] + distance(c[k-1], n)
		}
		b := block{n.wanted() - offset[k], 1}
		for len(blocks) > 0 {
			above := blocks[len(blocks)-1]
			if above.sum/float64(above.count) <= b.sum/float64(b.count) {
				break
			}
			b = block{above.sum + b.sum, above.count + b.count}
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	k := 0
	for _, b := range blocks {
		for range b.count {
			c[k].y = b.sum/float64(b.count) + offset[k]
			k++
		}
	}
}

// wanted is the mean height of a node's neighbours.
func (n *node) wanted() float64 {
	sum, count := 0.0, 0
	for _, near := range [][]*node{n.left, n.right} {
		for _, other := range near {
			sum, count = sum+other.y, count+1
		}
	}
	if count == 0 {
		return n.y
	}
	return sum / float64(count)
}
