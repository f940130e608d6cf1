package cli

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/aymanbagabas/go-udiff"

	"zerotohero/pipeline"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/diff"
	"zerotohero/pipeline/internal/format"
)

// How much of a difference is listed unless all is asked for.
const (
	mostCauses     = 8
	mostLines      = 16 // of the diff of a source
	mostSources    = 64 // lines of diffs of sources in all
	mostQuantities = 8  // of a sort
)

// A diffWriter writes a report for people.
type diffWriter struct {
	out  io.Writer
	a, b *side
	all  bool

	lines int // of sources so far
}

func (w *diffWriter) printf(text string, args ...any) { fmt.Fprintf(w.out, text, args...) }

// upTo is a number of things that are listed, all of them if all is asked for.
func (w *diffWriter) upTo(most, of int) int {
	if w.all || of <= most {
		return of
	}
	return most
}

func (w *diffWriter) write(r *diff.Report, profile string) {
	w.sides()
	w.printf("\nprofile %s: %s\n", profile, w.counts(r))
	if others := otherChanges(w.a, w.b, profile); len(others) > 0 {
		w.printf("not the same either, see --profile: %s\n", strings.Join(others, ", "))
	}
	w.names("new", r.New)
	w.names("gone", r.Gone)
	if len(r.Moved) > 0 {
		w.printf("renamed: %s, with the same artifacts\n", w.renames(r.Moved))
	}
	w.why(r)
	w.quantities(r)
}

// sides says what A and B are.
func (w *diffWriter) sides() {
	w.printf("A  %s\n", strings.Join(w.a.about, "\n   "))
	w.printf("B  %s\n", strings.Join(w.b.about, "\n   "))
}

func (w *diffWriter) why(r *diff.Report) {
	if len(r.Causes) > 0 {
		w.printf("\nwhy\n")
		w.causes(r.Causes)
	}
	if len(r.Without) > 0 {
		w.printf("\nmade of something else, and the same all the same\n")
		w.without(r.Without)
	}
}

// otherChanges are the other profiles of two locks that are not the same in both.
func otherChanges(a, b *side, profile string) []string {
	if a.locks == nil || b.locks == nil {
		return nil
	}
	var out []string
	for _, p := range append(a.locks.Profiles(), b.locks.Profiles()...) {
		x, y := a.locks.Of(p), b.locks.Of(p)
		if p != profile && !slices.Contains(out, p) && (x == nil || y == nil || !maps.Equal(x.Digests, y.Digests)) {
			out = append(out, p)
		}
	}
	return out
}

func (w *diffWriter) counts(r *diff.Report) string {
	parts := []string{fmt.Sprintf("%s the same", format.Count(r.Same, "stage"))}
	for _, p := range []struct {
		n    int
		what string
	}{{len(r.Differ), "differ"}, {len(r.New), "new"}, {len(r.Gone), "gone"}, {len(r.Moved), "renamed"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return strings.Join(parts, ", ")
}

func (w *diffWriter) names(what string, stages []string) {
	if len(stages) > 0 {
		w.printf("%s: %s\n", what, w.families(stages))
	}
}

// families names stages, those of a family by their number.
func (w *diffWriter) families(stages []string) string {
	var words []string
	for _, members := range groupBy(stages, family) {
		if len(members) == 1 {
			words = append(words, members[0])
		} else {
			words = append(words, fmt.Sprintf("%s (%d stages)", family(members[0]), len(members)))
		}
	}
	return format.List(words, w.upTo(8, len(words)))
}

func (w *diffWriter) renames(moved []diff.Rename) string {
	var words []string
	of := func(r diff.Rename) string { return family(r.Old) + "\x00" + family(r.New) }
	for _, members := range groupBy(moved, of) {
		text := members[0].Old + " is " + members[0].New
		if len(members) > 1 {
			text = fmt.Sprintf("%d stages of %s, such as %s", len(members), family(members[0].Old), text)
		}
		words = append(words, text)
	}
	return format.List(words, w.upTo(4, len(words)))
}

func (w *diffWriter) causes(causes []diff.Cause) {
	shown := w.upTo(mostCauses, len(causes))
	for k, c := range causes[:shown] {
		if k > 0 {
			w.printf("\n")
		}
		w.printf("  %s: %s\n", c.What, w.words(c))
		w.printf("    of %s", w.families(c.Stages))
		if len(c.Behind) > 0 {
			w.printf("\n    behind them %s: %s", format.Count(len(c.Behind), "stage"), w.families(c.Behind))
		}
		w.printf("\n")
		w.sources(c.Code)
	}
	if rest := causes[shown:]; len(rest) > 0 {
		w.printf("\n  and %s; --all lists them\n", w.rest(rest))
	}
}

// rest sums up the causes that are not listed.
func (w *diffWriter) rest(causes []diff.Cause) string {
	stages := make(map[string]bool)
	var of []string
	add := func(what string) {
		if !slices.Contains(of, what) {
			of = append(of, what)
		}
	}
	for _, c := range causes {
		for _, s := range c.Stages {
			stages[s] = true
		}
		if c.Code == nil {
			add(string(c.What))
		}
		for _, x := range c.Code {
			switch dir, name := path.Split(x.Name); x.Unit {
			case code.OfDeclaration:
				name, _, _ = strings.Cut(name, ".")
				add(dir + name)
			case code.OfFile:
				add(path.Clean(dir))
			default:
				add(x.Name)
			}
		}
	}
	return fmt.Sprintf("%d more causes, of %s: %s", len(causes), format.Count(len(stages), "stage"),
		format.List(of, 8))
}

// words are what a cause says in one line.
func (w *diffWriter) words(c diff.Cause) string {
	words := append([]string(nil), c.Details...)
	for _, x := range c.Code {
		words = append(words, x.String())
	}
	return format.List(words, w.upTo(6, len(words)))
}

// sources writes the differences of sources.
func (w *diffWriter) sources(changes []code.Change) {
	unknown := 0
	for _, c := range changes {
		if c.Unit != code.OfDeclaration && c.Unit != code.OfFile || c.How() != "changed" {
			continue
		}
		if w.lines >= mostSources && !w.all {
			return
		}
		text, ok := sourceDiff(w.a, w.b, c)
		if !ok {
			unknown++
			continue
		}
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		shown := w.upTo(mostLines, len(lines))
		w.printf("      %s\n", c.Name)
		for _, line := range lines[:shown] {
			w.printf("      %s\n", line)
		}
		if shown < len(lines) {
			w.printf("      and %s more\n", format.Count(len(lines)-shown, "line"))
		}
		if w.lines += shown + 1; w.lines >= mostSources && !w.all {
			w.printf("      other diffs of sources are left out; --all shows them\n")
		}
	}
	if unknown > 0 {
		w.printf("      the sources of %s are not known on both sides\n", format.Count(unknown, "change"))
	}
}

// sourceDiff is the unified diff of what changed, without a head; ok is false if the sources
// are not known.
func sourceDiff(a, b *side, c code.Change) (text string, ok bool) {
	join := func(s *side, sums []string) (string, bool) {
		var b strings.Builder
		for _, sum := range sums {
			source := s.source(sum, c.Package, s.manifests())
			if source == nil {
				return "", false
			}
			b.Write(body(source, c.Unit))
		}
		return b.String(), true
	}
	old, ok1 := join(a, c.Old)
	now, ok2 := join(b, c.New)
	if !ok1 || !ok2 {
		return "", false
	}
	text, err := udiff.ToUnified("a", "b", old, udiff.Lines(old, now), 1)
	_, text, _ = strings.Cut(text, "\n") // --- a
	_, text, _ = strings.Cut(text, "\n") // +++ b
	return text, err == nil
}

// body is the source of a declaration without the head that code.Tree.Texts gives it.
func body(source []byte, unit code.Unit) []byte {
	if unit != code.OfDeclaration {
		return source
	}
	_, rest, _ := strings.Cut(string(source), "\npackage ")
	_, rest, _ = strings.Cut(rest, "\n")
	return []byte(strings.TrimLeft(rest, "\n"))
}

// without writes differences that had no effect: how many, of what.
func (w *diffWriter) without(causes []diff.Cause) {
	for k, c := range causes {
		if k == w.upTo(4, len(causes)) {
			w.printf("  and %d more such differences; --all lists them\n", len(causes)-k)
			return
		}
		w.printf("  %s: %s\n    of %s\n", c.What, w.words(c), w.families(c.Stages))
	}
}

// headings are the words for the ways in which quantities are not the same.
var headings = map[diff.Change]string{
	diff.Beyond: "moved by more than their intervals", diff.Exact: "without an interval, changed",
	diff.Within:   "moved by less",
	diff.Vanished: "no number any more", diff.Appeared: "a number now",
	diff.Digits: "moved in digits that are not shown",
	diff.Gone:   "gone", diff.New: "new",
}

func (w *diffWriter) quantities(r *diff.Report) {
	unread := func(letter string, figures []string) {
		if len(figures) > 0 {
			w.printf("the numbers of %s in %s are not known: no artifact in the store has them, nor a %s\n",
				format.List(figures, w.upTo(6, len(figures))), letter, tomlFile)
		}
	}
	w.printf("\nnumbers: %d the same, %d not\n", r.Equal, len(r.Quantities))
	unread("A", r.UnreadA)
	unread("B", r.UnreadB)
	for _, group := range groupBy(r.Quantities, func(q diff.Quantity) diff.Change { return q.Change }) {
		how := group[0].Change
		w.printf("  %s: %d\n", headings[how], len(group))
		if (how == diff.Gone || how == diff.New) && !w.all {
			w.printf("    %s\n", perFigure(group))
			continue
		}
		tw := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
		shown := w.upTo(mostQuantities, len(group))
		for _, q := range group[:shown] {
			fmt.Fprintf(tw, "    %s/%s\t%s\t→ %s\t%s\t%s\n",
				q.Figure, q.Name, numberWords(q.A), numberWords(q.B), shift(q), textOf(q))
		}
		tw.Flush()
		if shown < len(group) {
			w.printf("    and %d more; --all lists them\n", len(group)-shown)
		}
	}
}

// perFigure counts quantities by figure.
func perFigure(list []diff.Quantity) string {
	var words []string
	for _, of := range groupBy(list, func(q diff.Quantity) string { return q.Figure }) {
		words = append(words, fmt.Sprintf("%s (%d)", of[0].Figure, len(of)))
	}
	return strings.Join(words, ", ")
}

// numberWords writes a quantity as people read it.
func numberWords(q *pipeline.Quantity) string {
	switch {
	case q == nil:
		return "–"
	case q.None.Plain != "":
		return "none"
	case q.RoundedLo != "":
		return strings.TrimSpace(fmt.Sprintf("%s [%s, %s] %s", q.Rounded, q.RoundedLo, q.RoundedHi, q.Unit))
	}
	return strings.TrimSpace(q.Rounded + " " + q.Unit)
}

func shift(q diff.Quantity) string {
	switch {
	case q.Shift == 0:
		return ""
	}
	return fmt.Sprintf("%.2g×", q.Shift)
}

// textOf says what a quantity is, and why there is none.
func textOf(q diff.Quantity) string {
	for _, x := range []*pipeline.Quantity{q.B, q.A} {
		switch {
		case x == nil:
		case x.None.Plain != "":
			return x.Text.Plain + " (" + x.None.Plain + ")"
		default:
			return x.Text.Plain
		}
	}
	return ""
}
