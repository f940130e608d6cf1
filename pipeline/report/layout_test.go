package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"zerotohero/pipeline"
)

// familiesIn makes families, each after those it reads by their numbers; one that nothing
// reads exports.
func familiesIn(inputs [][]int) []*family {
	var all []*family
	for k, in := range inputs {
		f := &family{Name: fmt.Sprint(k), Kind: &pipeline.Kind{Name: "kind"}}
		for _, i := range in {
			f.Inputs = append(f.Inputs, all[i])
			all[i].users = append(all[i].users, f)
		}
		all = append(all, f)
	}
	for _, f := range all {
		f.Kind.Export = len(f.users) == 0
	}
	return all
}

// random has a family read each before it with some probability.
func random(seed uint64, count int) [][]int {
	r := rand.New(rand.NewPCG(seed, 0))
	inputs := make([][]int, count)
	for k := range inputs {
		for i := range k {
			if r.Float64() < 0.12 {
				inputs[k] = append(inputs[k], i)
			}
		}
	}
	return inputs
}

// Boxes and bends lie beside each other, lines go from column to column, and what lines
// lead to is what a family comes from, by no line that could be left out.
func TestLayout(t *testing.T) {
	for seed := range uint64(20) {
		all := familiesIn(random(seed, 25))
		l := layoutOf(all)
		column := make(map[*node]int)
		boxes := 0
		for k, c := range l.columns {
			for i, n := range c {
				column[n] = k
				if n.family != nil {
					boxes++
					if n.family.Kind.Export && k != len(l.columns)-1 {
						t.Errorf("seed %d: %s exports and is in column %d of %d", seed, n.family.Name, k, len(l.columns))
					}
				}
				if i > 0 && n.y-c[i-1].y < distance(c[i-1], n)-1e-6 {
					t.Errorf("seed %d: in column %d, %v is too near to %v", seed, k, *n, *c[i-1])
				}
				if n.y < boxHeight/2-1e-6 || n.y > l.height-boxHeight/2+1e-6 || n.x+n.width > l.width+1e-6 {
					t.Errorf("seed %d: %v is outside the drawing", seed, *n)
				}
			}
		}
		if boxes != len(all) {
			t.Errorf("seed %d: %d boxes of %d families", seed, boxes, len(all))
		}
		reads := make(map[*family]map[*family]bool) // over lines, in the order of all
		for _, f := range all {
			reads[f] = map[*family]bool{f: true}
			for _, line := range l.lines {
				if line[len(line)-1].family != f {
					continue
				}
				for i, n := range line[1:] {
					if column[n] != column[line[i]]+1 {
						t.Errorf("seed %d: a line goes from column %d to %d", seed, column[line[i]], column[n])
					}
				}
				if reads[f][line[0].family] {
					t.Errorf("seed %d: the line from %s to %s follows from others", seed, line[0].family.Name, f.Name)
				}
			}
			for _, line := range l.lines {
				if line[len(line)-1].family == f {
					for g := range reads[line[0].family] {
						reads[f][g] = true
					}
				}
			}
			if chain := f.chain(all); len(chain) != len(reads[f]) || slices.ContainsFunc(chain, func(g *family) bool { return !reads[f][g] }) {
				t.Errorf("seed %d: lines lead to %s from %d families, and it comes from %d", seed, f.Name, len(reads[f]), len(chain))
			}
		}
	}
}

// Trees can be drawn without crossings, in whichever order their families come.
func TestCrossings(t *testing.T) {
	const trees = 6
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		// Of each tree four leaves, two families that read two of them each, and one that
		// reads these.
		var inputs [][]int
		below := make([][]int, 4*trees)
		for _, count := range []int{4, 2, 1} {
			next := make([][]int, trees*count/2)
			for _, place := range r.Perm(trees * count) {
				inputs = append(inputs, below[place])
				if count > 1 {
					next[place/2] = append(next[place/2], len(inputs)-1)
				}
			}
			below = next
		}
		if n := layoutOf(familiesIn(inputs)).crossings(); n != 0 {
			t.Errorf("seed %d: %d crossings", seed, n)
		}
	}
}

// No move that the distances allow brings a column nearer to its neighbours.
func TestSettle(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 0))
	cost := func(c []*node) float64 {
		sum := 0.0
		for _, n := range c {
			sum += math.Pow(n.y-n.wanted(), 2)
		}
		return sum
	}
	for range 20 {
		var c []*node
		for range 8 {
			n := &node{left: []*node{{y: 300 * r.Float64()}}}
			if r.IntN(2) == 0 {
				n.family = &family{}
			}
			c = append(c, n)
		}
		settle(c)
		least := cost(c)
		for range 200 {
			var moved []*node
			for k, n := range c {
				m := *n
				m.y += 20 * r.NormFloat64()
				if k > 0 {
					m.y = max(m.y, moved[k-1].y+distance(moved[k-1], &m))
				}
				moved = append(moved, &m)
			}
			if got := cost(moved); got < least-1e-6 {
				t.Errorf("cost %v, and %v elsewhere", least, got)
			}
		}
	}
}
