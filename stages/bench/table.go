package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

var header = []string{"row", "ours", "against", "result (quartiles)", "target", ""}

// cells of a line, in the header's order.
func (l line) cells() []string {
	if l.skipped != "" {
		return []string{l.name, "–", "–", "–", l.target.String(), l.verdict()}
	}
	other := l.other
	if other == "" {
		other = "–"
	}
	return []string{l.name, l.ours, other, l.result.format(l.target.unit), l.target.String(), l.verdict()}
}

// writeText writes a table for a terminal, with remarks and circumstances below.
func writeText(w io.Writer, lines []line, facts []fact) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.TrimRight(strings.Join(header, "\t"), "\t"))
	for _, l := range lines {
		fmt.Fprintln(t, strings.Join(l.cells(), "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteByte('\n')
	for _, l := range lines {
		fmt.Fprintf(&b, "%s: %s\n", l.name, l.remarks())
	}
	b.WriteByte('\n')
	for _, f := range facts {
		fmt.Fprintf(&b, "%s: %s\n", f.name, f.value)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeMarkdown writes a page.
func writeMarkdown(w io.Writer, lines []line, facts []fact) error {
	var b strings.Builder
	b.WriteString("# What `hero bench` measured\n\n")
	b.WriteString("The two sides of a row take turns; " +
		"a result is the median of the ratios of the turns, with their quartiles.\n\n")
	for _, f := range facts {
		fmt.Fprintf(&b, "- %s: %s\n", f.name, escape(f.value))
	}
	b.WriteByte('\n')
	tableRow(&b, header)
	fmt.Fprintf(&b, "|%s\n", strings.Repeat(" --- |", len(header)))
	for _, l := range lines {
		tableRow(&b, l.cells())
	}
	b.WriteByte('\n')
	for _, l := range lines {
		fmt.Fprintf(&b, "- **%s**: %s\n", l.name, escape(l.remarks()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func tableRow(b *strings.Builder, cells []string) {
	b.WriteByte('|')
	for _, c := range cells {
		fmt.Fprintf(b, " %s |", escape(c))
	}
	b.WriteByte('\n')
}

// escape keeps text from being read as Markdown.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", `\<`).Replace(s)
}
