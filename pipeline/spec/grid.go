package spec

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"zerotohero/pipeline"
)

// maxPoints bounds an axis and a grid, so that a slip in a file is an error and
// not an exhausted machine.
const maxPoints = 100_000

// A grid is a union of products of axes. A product may lack axes that others have, such
// as a parameter of another method: its points then have no value there.
type grid struct {
	node   *node
	axes   []string // in the order in which they are first written
	points []point  // each once, the last axis fastest
}

// A point is one value for each axis of its grid or family, in their order.
type point []value

// A value of an axis. Its text is canonical: 3 and 3.0 have the same, and it is
// what stage names show and joins compare. The zero value is that of an axis which the
// point's product lacks.
type value struct {
	raw  any // int64, float64, string, bool or pipeline.Range
	text string
	line int
}

// at is the index of an axis, -1 when the grid lacks it; a nil grid has no axes.
func (g *grid) at(axis string) int {
	if g == nil {
		return -1
	}
	return slices.Index(g.axes, axis)
}

func (p *Paper) readGrid(n *node) (*grid, error) {
	tables := []*node{n}
	if n.isList {
		tables = n.nodes
	}
	g := &grid{node: n}
	seen := make(map[string]bool)
	sorts := make(map[string]string)
	if len(tables) == 0 {
		return nil, p.errorAt(n, "grid %s is empty; give it an axis such as N = [64, 128]", n.name)
	}
	for _, t := range tables {
		if err := p.checkTable(t, "[grid."+n.name+"] with axes in it"); err != nil {
			return nil, err
		}
		if len(t.nodes) == 0 {
			return nil, p.errorAt(t, "grid %s is empty; give it an axis such as N = [64, 128]", n.name)
		}
		for _, a := range t.names() {
			if g.at(a) < 0 {
				g.axes = append(g.axes, a)
			}
		}
	}
	for _, t := range tables {
		product, err := p.readProduct(g, t, sorts)
		if err != nil {
			return nil, err
		}
		size := 1
		for _, values := range product {
			if size *= len(values); size+len(g.points) > maxPoints {
				return nil, p.errorAt(t, "grid %s has more than %d points; make it smaller or split it",
					n.name, maxPoints)
			}
		}
		for i := range size {
			pt := make(point, len(product))
			for a, rest := len(product)-1, i; a >= 0; a-- {
				pt[a] = product[a][rest%len(product[a])]
				rest /= len(product[a])
			}
			if k := pt.key(); !seen[k] {
				seen[k] = true
				g.points = append(g.points, pt)
			}
		}
	}
	return g, nil
}

// readProduct reads the values of each axis of a grid in one of its tables. sorts has those
// that axes held in earlier tables.
func (p *Paper) readProduct(g *grid, t *node, sorts map[string]string) ([][]value, error) {
	product := make([][]value, len(g.axes))
	for i := range product {
		product[i] = []value{{}} // until the table has the axis
	}
	for _, a := range t.nodes {
		values, sort, err := p.readAxis(a)
		if err != nil {
			return nil, err
		}
		if was := sorts[a.name]; was != "" && was != sort {
			return nil, p.errorAt(a, "axis %s holds %s here and %s in another table of grid %s; make them one sort",
				a.name, sort, was, g.node.name)
		}
		sorts[a.name] = sort
		product[g.at(a.name)] = values
	}
	return product, nil
}

// key tells points apart. Texts have no commas.
func (pt point) key() string {
	var b strings.Builder
	for _, v := range pt {
		b.WriteString(v.text)
		b.WriteByte(',')
	}
	return b.String()
}

// project keeps the axes of the given indices.
func (pt point) project(indices []int) point {
	out := make(point, len(indices))
	for i, a := range indices {
		out[i] = pt[a]
	}
	return out
}

// project lists the different projections of the points, in their order.
func project(points []point, indices []int) []point {
	var out []point
	seen := make(map[string]bool)
	for _, pt := range points {
		small := pt.project(indices)
		if k := small.key(); !seen[k] {
			seen[k] = true
			out = append(out, small)
		}
	}
	return out
}

// The sorts of values of which an axis holds one.
const (
	numbers = "numbers"
	blocks  = "blocks of seeds"
	strs    = "strings"
	truths  = "truth values"
)

// readAxis reads a list or a single value, and checks that it cannot name a
// point twice: numbers and blocks increase, others differ.
func (p *Paper) readAxis(n *node) (values []value, sort string, err error) {
	if err := p.checkName(n, "an axis"); err != nil {
		return nil, "", err
	}
	elements := []*node{n}
	if n.isList {
		elements = n.nodes
	}
	if len(elements) == 0 {
		return nil, "", p.errorAt(n, "axis %s is empty; give it at least one value", n.name)
	}
	seen := make(map[string]bool)
	for _, e := range elements {
		more, s, err := p.readValue(e)
		if err != nil {
			return nil, "", err
		}
		if sort != "" && s != sort {
			return nil, "", p.errorAt(e, "axis %s mixes %s and %s; make them one sort", n.name, sort, s)
		}
		sort = s
		for _, v := range more {
			if len(values) > 0 {
				last := values[len(values)-1]
				if !increases(last.raw, v.raw) {
					return nil, "", p.errorAt(e, "axis %s must increase strictly and %s follows %s; "+
						"sort it and remove repeats", n.name, v.text, last.text)
				}
			}
			if seen[v.text] {
				return nil, "", p.errorAt(e, "axis %s holds %s twice; remove one", n.name, v.text)
			}
			seen[v.text] = true
			values = append(values, v)
		}
		if len(values) > maxPoints {
			return nil, "", p.errorAt(e, "axis %s has more than %d values; make it shorter", n.name, maxPoints)
		}
	}
	return values, sort, nil
}

// increases reports whether b comes after a; strings and truth values have no order.
func increases(a, b any) bool {
	switch a := a.(type) {
	case pipeline.Range:
		return a.Last < b.(pipeline.Range).First
	case int64:
		if b, ok := b.(int64); ok {
			return a < b
		}
		return float64(a) < b.(float64)
	case float64:
		if b, ok := b.(int64); ok {
			return a < float64(b)
		}
		return a < b.(float64)
	}
	return true
}

var textForm = regexp.MustCompile(`^[A-Za-z0-9_.+-]+$`)

// readValue reads one element of an axis; a range of seeds becomes its blocks.
func (p *Paper) readValue(n *node) (values []value, sort string, err error) {
	one := func(text string) []value { return []value{{n.value, text, n.line}} }
	switch v := n.value.(type) {
	case int64:
		return one(strconv.FormatInt(v, 10)), numbers, nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, "", p.errorAt(n, "axis %s holds %v; use finite numbers", n.name, v)
		}
		return one(formatFloat(v)), numbers, nil
	case bool:
		return one(strconv.FormatBool(v)), truths, nil
	case string:
		ranges, is, err := parseBlocks(v)
		if err != nil {
			return nil, "", p.errorAt(n, "%s: %v", n.name, err)
		}
		if is {
			for _, r := range ranges {
				values = append(values, value{r, r.String(), n.line})
			}
			return values, blocks, nil
		}
		if !textForm.MatchString(v) {
			return nil, "", p.errorAt(n, "axis %s holds %q, which cannot stand in a stage's name; "+
				"use letters, digits and _ . + -", n.name, v)
		}
		return one(v), strs, nil
	}
	return nil, "", p.errorAt(n, "axis %s wants numbers, strings or true and false; write them as in %s = [1, 2]",
		n.name, n.name)
}

// formatFloat writes a number as an integer of the same value is written, and
// otherwise in its shortest form.
func formatFloat(x float64) string {
	if a := math.Abs(x); a != 0 && (a < 1e-4 || a >= 1e21) {
		s := strconv.FormatFloat(x, 'e', -1, 64)
		return strings.Replace(s, "e-0", "e-", 1)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

var (
	blockStart = regexp.MustCompile(`^[0-9]+ *\.\.`)
	blockForm  = regexp.MustCompile(`^([0-9]{1,15})\.\.([0-9]{1,15})(?: by ([0-9]{1,15}))?$`)
)

// parseBlocks reads "1..400" as one block and "1..400 by 50" as eight. A string
// that does not begin like a block is none. Blocks are whole, so that a range
// that grows keeps the blocks, and with them the artifacts, that it had.
func parseBlocks(s string) (ranges []pipeline.Range, is bool, err error) {
	if !blockStart.MatchString(s) {
		return nil, false, nil
	}
	m := blockForm.FindStringSubmatch(s)
	if m == nil {
		return nil, true, fmt.Errorf(`%q is not a range of seeds; write "1..400" or "1..400 by 50"`, s)
	}
	// At most 15 digits: sums stay far below the largest integer.
	first, _ := strconv.ParseInt(m[1], 10, 64)
	last, _ := strconv.ParseInt(m[2], 10, 64)
	if first > last {
		return nil, true, fmt.Errorf(`%q ends before it begins; write "%d..%d"`, s, last, first)
	}
	size := last - first + 1
	by := size
	if m[3] != "" {
		by, _ = strconv.ParseInt(m[3], 10, 64)
	}
	if by == 0 {
		return nil, true, fmt.Errorf(`%q has blocks of no seeds; write "%d..%d by 1"`, s, first, last)
	}
	n := size / by
	if extra := size % by; extra != 0 {
		near := fmt.Sprintf(`"%d..%d by %d"`, first, first+(n+1)*by-1, by)
		if n > 0 {
			near = fmt.Sprintf(`"%d..%d by %d" or %s`, first, first+n*by-1, by, near)
		}
		return nil, true, fmt.Errorf("%q ends in a part of a block (%d of %d seeds), "+
			"which would be computed again when the range grows; write %s", s, extra, by, near)
	}
	if n > maxPoints {
		return nil, true, fmt.Errorf("%q makes more than %d blocks; make the blocks larger", s, maxPoints)
	}
	for i := range n {
		ranges = append(ranges, pipeline.Range{First: first + i*by, Last: first + (i+1)*by - 1})
	}
	return ranges, true, nil
}
