package report

import (
	"cmp"
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"
)

// Measures of the diagram, in pixels.
const (
	boxHeight = 42
	rowHeight = 54
	gap       = 52  // between columns, for the lines
	letter    = 7.4 // of the larger text, on average
	margin    = 4
)

// diagram draws the families from left to right, inputs before users.
func diagram(all []*family) template.HTML {
	columns := layers(all)
	order(columns)
	type place struct{ x, y, w float64 }
	at := make(map[*family]place)
	tallest := 0
	for _, c := range columns {
		tallest = max(tallest, len(c))
	}
	height := float64(tallest*rowHeight-(rowHeight-boxHeight)) + 2*margin
	x := float64(margin)
	for _, c := range columns {
		wide := 0.0
		for _, f := range c {
			wide = max(wide, letter*float64(max(len([]rune(f.Name)), len([]rune(caption(f)))-2))+20)
		}
		y := (height - float64(len(c)*rowHeight-(rowHeight-boxHeight))) / 2
		for _, f := range c {
			at[f] = place{x, y, wide}
			y += rowHeight
		}
		x += wide + gap
	}
	width := x - gap + margin

	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="diagram" role="group" aria-label="Families of stages, and which reads which" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f">`+"\n", width, height, width, height)
	for _, f := range all {
		for _, in := range f.Inputs {
			from, to := at[in], at[f]
			x0, y0, x1, y1 := from.x+from.w, from.y+boxHeight/2, to.x, to.y+boxHeight/2
			bend := (x1 - x0) / 2
			fmt.Fprintf(&b, `<path d="M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f"/>`+"\n", x0, y0, x0+bend, y0, x1-bend, y1, x1, y1)
		}
	}
	for _, c := range columns {
		for _, f := range c {
			class := "fresh"
			if !f.AllFresh() {
				class = "stale"
			}
			if f.Kind.Export {
				class += " figure"
			}
			p := at[f]
			fmt.Fprintf(&b, `<a href="#%s" class="%s"><rect x="%.1f" y="%.1f" width="%.1f" height="%d" rx="6"/>`,
				html.EscapeString(f.ID), class, p.x, p.y, p.w, boxHeight)
			fmt.Fprintf(&b, `<text x="%.1f" y="%.1f">%s</text><text class="kind" x="%.1f" y="%.1f">%s</text></a>`+"\n",
				p.x+10, p.y+18, html.EscapeString(f.Name), p.x+10, p.y+34, html.EscapeString(caption(f)))
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// caption is the second line of a box.
func caption(f *family) string {
	switch fresh := f.Fresh(); {
	case fresh == len(f.Items) && fresh == 1:
		return f.Kind.Name
	case fresh == len(f.Items):
		return fmt.Sprintf("%s × %d", f.Kind.Name, fresh)
	default:
		return fmt.Sprintf("%s, %d of %d fresh", f.Kind.Name, fresh, len(f.Items))
	}
}

// layers puts families into columns: what exports as far left as its inputs allow,
// all else next to the first that reads it, so that lines are short.
func layers(all []*family) [][]*family {
	depth := make(map[*family]int)
	deepest := 0
	for _, f := range all {
		for _, in := range f.Inputs {
			depth[f] = max(depth[f], depth[in]+1)
		}
		deepest = max(deepest, depth[f])
	}
	for _, f := range slices.Backward(all) {
		if len(f.users) == 0 {
			continue
		}
		nearest := deepest
		for _, u := range f.users {
			nearest = min(nearest, depth[u]-1)
		}
		depth[f] = nearest
	}
	columns := make([][]*family, deepest+1)
	for _, f := range all {
		columns[depth[f]] = append(columns[depth[f]], f)
	}
	return slices.DeleteFunc(columns, func(c []*family) bool { return len(c) == 0 })
}

// order sorts columns so that few lines cross: each family goes to the mean place of
// its neighbours, in some sweeps there and back.
func order(columns [][]*family) {
	place := make(map[*family]float64)
	number := func(c []*family) {
		for k, f := range c {
			place[f] = (float64(k) + 0.5) / float64(len(c))
		}
	}
	for _, c := range columns {
		number(c)
	}
	sortBy := func(c []*family, neighbours func(*family) []*family) {
		mean := make(map[*family]float64)
		for _, f := range c {
			mean[f] = place[f]
			if near := neighbours(f); len(near) > 0 {
				mean[f] = 0
				for _, n := range near {
					mean[f] += place[n] / float64(len(near))
				}
			}
		}
		slices.SortStableFunc(c, func(a, b *family) int { return cmp.Compare(mean[a], mean[b]) })
		number(c)
	}
	for range 6 {
		for _, c := range slices.Backward(columns) {
			sortBy(c, func(f *family) []*family { return f.users })
		}
		for _, c := range columns {
			sortBy(c, func(f *family) []*family { return f.Inputs })
		}
	}
}
