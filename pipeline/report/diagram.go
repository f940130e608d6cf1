package report

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// Measures of the diagram, in pixels.
const (
	boxHeight    = 42
	boxDistance  = 50  // between the middles of boxes
	bendDistance = 34  // between those of a box and a line that passes by, or of two lines
	gap          = 56  // between columns, for the lines
	letter       = 7.4 // of the larger text, on average
	margin       = 4   // around it all
)

// diagram draws the families from left to right, inputs before users.
func diagram(all []*family) template.HTML {
	l := layoutOf(all)
	width, height := l.width+2*margin, l.height+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="diagram" role="group" aria-label="Families of stages, and which reads which"`+
		` width="%.0f" height="%.0f" viewBox="%d %d %.0f %.0f">`+"\n", width, height, -margin, -margin, width, height)
	for _, line := range l.lines {
		at := line[0]
		fmt.Fprintf(&b, `<path d="M%.1f %.1f`, at.x+at.width, at.y)
		for _, n := range line[1:] {
			x0, x1 := at.x+at.width, n.x
			bend := (x1 - x0) / 2
			fmt.Fprintf(&b, "C%.1f %.1f %.1f %.1f %.1f %.1f", x0+bend, at.y, x1-bend, n.y, x1, n.y)
			if n.family == nil {
				fmt.Fprintf(&b, "H%.1f", n.x+n.width)
			}
			at = n
		}
		b.WriteString("\"/>\n")
	}
	for _, c := range l.columns {
		for _, n := range c {
			if n.family != nil {
				box(&b, n)
			}
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// box draws a family.
func box(b *strings.Builder, n *node) {
	f, class := n.family, "fresh"
	if !f.AllFresh() {
		class = "stale"
	}
	if f.Kind.Export {
		class += " figure"
	}
	fmt.Fprintf(b, `<a href="#%s" class="%s"><rect x="%.1f" y="%.1f" width="%.1f" height="%d" rx="6"/>`,
		html.EscapeString(f.ID), class, n.x, n.y-boxHeight/2, n.width, boxHeight)
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f">%s</text><text class="kind" x="%.1f" y="%.1f">%s</text></a>`+"\n",
		n.x+10, n.y-3, html.EscapeString(f.Name), n.x+10, n.y+13, html.EscapeString(caption(f)))
}

// boxWidth is room for the two lines of text, the second of which is smaller.
func boxWidth(f *family) float64 {
	return letter*float64(max(len([]rune(f.Name)), len([]rune(caption(f)))-2)) + 20
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
