package cli

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
)

// Examples are names in a program's paper for its help texts to speak of. Those that are
// left empty stand there as what they are names of.
type Examples struct {
	Figure string // without its folder
	Family string // of stages, a single one
	Stage  string
	Stages string // a pattern of names
}

// examples writes command lines for a help text, each from the verb on, with the
// program's name and its names for FIGURE, FAMILY, STAGE, STAGES and EXPORTS. What a line
// has after a tab is aligned with that of the others.
func (app App) examples(lines ...string) string {
	// The first pattern that fits at a place counts.
	names := strings.NewReplacer(
		"FIGURE", cmp.Or(app.Examples.Figure, "FIGURE"),
		"FAMILY", cmp.Or(app.Examples.Family, "FAMILY"),
		"STAGES", cmp.Or(app.Examples.Stages, "STAGE-GLOB"),
		"STAGE", cmp.Or(app.Examples.Stage, "STAGE"),
		"EXPORTS", app.Exports,
	)
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 5, ' ', 0)
	for _, line := range lines {
		fmt.Fprintf(w, "  %s %s\n", app.Name, names.Replace(line))
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}
