package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"zerotohero/pipeline/code"
	"zerotohero/pipeline/internal/format"
)

// writeNotes says what of this program can surprise.
func (w *workspace) writeNotes(out io.Writer) {
	writeNote(out, w.ageNote())
	writeNote(out, w.buildNote())
}

// writeNote writes a note that is not empty.
func writeNote(out io.Writer, note string) {
	if note != "" {
		fmt.Fprintln(out, note)
	}
}

// buildNote says what of this build keeps its artifacts apart from those of the portable
// one, and what to do; it is empty for the portable build.
func (w *workspace) buildNote() string {
	if len(w.build.Deviations) == 0 {
		return ""
	}
	return fmt.Sprintf("this %s is not the portable build (%s): its results can differ in the last bits, "+
		"and it keeps them apart; build it with %s", w.app.Name, strings.Join(w.build.Deviations, "; "), w.app.Rebuild)
}

// ageNote says that the sources beside the paper are not those of this program, and what
// to do; it is empty if they are, or if there are none.
func (w *workspace) ageNote() string {
	files, err := code.Differ(w.app.Sources, os.DirFS("."))
	if err != nil {
		return fmt.Sprintf("cannot compare the sources here with those of this %s: %v", w.app.Name, err)
	}
	if len(files) == 0 {
		return ""
	}
	return fmt.Sprintf("this %s is not built from the sources here, which differ in %s; build it with %s",
		w.app.Name, format.List(files, 3), w.app.Rebuild)
}

// outdated adds to an error of the paper that the program may be too old for it.
func (w *workspace) outdated(err error) error {
	if note := w.ageNote(); note != "" {
		return Usage(fmt.Errorf("%w\n%s", err, note))
	}
	return Usage(err)
}
