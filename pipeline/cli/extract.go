package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/rows"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

const rowsHelp = `
With --format json, csv, parquet or arrow all rows, or the first --rows, are written whole
and to the last bit, to standard output or, with -o, to a file; notes go to standard error.
Several stages of one kind, such as those of a family, are one table: ahead of the
columns come stage, with the name, and the axes by which the stages differ, from their
names and parameters (axis_NAME where the rows have a column NAME). All of them have to be
up to date.
  json     an array of objects; numbers are the shortest that read back as the same bits.
           NaN and infinities, which JSON has not, are null, and a note counts them
  csv      a line of names, then the rows; NaN, Inf and -Inf, empty for an absent value;
           lists and structs as JSON, bytes in base64 (as in json)
  parquet  not compressed, with lists and structs as such
  arrow    an IPC file; of one stage the file that the store has
--unnest COLUMN makes a row of each element of a column of lists, numbered in COLUMN.index,
with columns COLUMN.FIELD if the elements are structs. Other columns with lists are left
out. It may be given again, for lists within.
-o writes the file as a whole or not at all. One that is there is left alone without
--force.
Exit code 1: not computed, or not intact. 2: an unknown name, format or column, a file
that is there, or a terminal for parquet or arrow.
`

const defaultRows = 5 // as text

// A rowCount is the value of --rows.
type rowCount struct {
	given, all bool
	n          int
}

func (r *rowCount) String() string { return "" }
func (r *rowCount) Type() string   { return "N|all" }

func (r *rowCount) Set(text string) error {
	r.given, r.all = true, text == "all"
	if r.all {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("it is a number of at least 0, or all")
	}
	r.n = n
	return nil
}

// orAll is the number of rows, of which there are no more than a list has values, with a default.
func (r *rowCount) orAll(otherwise int) int {
	switch {
	case r.all:
		return artifact.MaxValues
	case r.given:
		return r.n
	}
	return otherwise
}

// An extract says which rows are written, and how.
type extract struct {
	rows   rowCount
	format string
	unnest []string
	file   string
	force  bool
}

func (x *extract) add(c *cobra.Command) {
	names := formatNames()
	c.Flags().Var(&x.rows, "rows", fmt.Sprintf("rows to write (default %d as text, else all)", defaultRows))
	c.Flags().StringVar(&x.format, "format", "text", "one of "+strings.Join(names, ", "))
	c.Flags().StringArrayVar(&x.unnest, "unnest", nil, "a row for each element of the lists in `COLUMN`")
	c.Flags().StringVarP(&x.file, "output", "o", "-", "`FILE` to write, - for standard output")
	c.Flags().BoolVar(&x.force, "force", false, "replace the file of -o if it is there")
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}

func formatNames() []string {
	names := []string{"text"}
	for _, f := range rows.Formats {
		names = append(names, f.Name)
	}
	return names
}

func (x *extract) text() bool { return x.format == "text" }

func (x *extract) toFile() bool { return x.file != "-" }

// check finds what is wrong with the flags.
func (x *extract) check(out io.Writer) error {
	names := formatNames()
	k := slices.Index(names, x.format)
	switch {
	case k < 0:
		return usage("there is no format %s; %s", x.format, spec.Hint(x.format, names))
	case x.file == "":
		return usage("-o names no file; - is standard output")
	case x.text() && x.unnest != nil:
		return usage("--unnest makes other rows, which are not shown as text; add --format csv, or another of %s",
			strings.Join(names[1:], ", "))
	case !x.text() && rows.Formats[k-1].Binary && !x.toFile() && terminal(out) != nil:
		return usage("%s is not for a terminal; name a file with -o FILE, or redirect the output", x.format)
	}
	return nil
}

// checkFile wants the file of -o to be one that can be written.
func (x *extract) checkFile(w *workspace) error {
	if !x.toFile() {
		return nil
	}
	if in := w.locate(x.file).in; in != nowhere && in != inExports {
		return usage("%s is in the store, where only artifacts are; name another file", x.file)
	}
	if dir, err := os.Stat(filepath.Dir(x.file)); err != nil || !dir.IsDir() {
		return usage("there is no folder %s for %s; make it first", filepath.Dir(x.file), filepath.Base(x.file))
	}
	info, err := os.Stat(x.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return usage("%w", err)
	case !info.Mode().IsRegular():
		return usage("%s is no regular file; name another, or write to standard output", x.file)
	case !x.force:
		return usage("%s is there already; name another file, or replace it with --force", x.file)
	}
	return nil
}

// save gives what is to be written its place. A file has all of it or is left as it was.
func (x *extract) save(out io.Writer, write func(io.Writer) error) error {
	if !x.toFile() {
		return write(out)
	}
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return err
	}
	if _, err := store.WriteFile(x.file, content.Bytes()); err != nil {
		return fmt.Errorf("writing %s: %w", x.file, err)
	}
	return nil
}

// extract writes the rows of what a name stands for.
func (f *finder) extract(c *cobra.Command, name string, found []match, x *extract) error {
	t, notes, err := f.table(name, found)
	if err != nil {
		return err
	}
	for _, column := range x.unnest {
		lists := rows.Lists(t)
		if !slices.Contains(lists, column) {
			return usage("--unnest %s: this is no column of lists; %s", column, spec.Hint(column, lists))
		}
		var left []string
		if t, left, err = rows.Unnest(t, column); err != nil {
			return err
		}
		if left != nil {
			notes = append(notes, "left out, as columns with lists of their own: "+strings.Join(left, ", "))
		}
	}
	t = rows.First(t, x.rows.orAll(artifact.MaxValues))
	if n := rows.NotNumbers(t); n > 0 && x.format == "json" {
		notes = append(notes, format.Count(n, "value")+" NaN or infinite: null in JSON")
	}
	for _, n := range notes {
		fmt.Fprintln(c.ErrOrStderr(), n)
	}
	k := slices.IndexFunc(rows.Formats, func(f rows.Format) bool { return f.Name == x.format })
	return x.save(c.OutOrStdout(), func(out io.Writer) error { return rows.Formats[k].Write(out, t) })
}

// table is the table of what a name stands for, one artifact or those of several stages
// together, and what people should know of it.
func (f *finder) table(name string, found []match) (*artifact.Table, []string, error) {
	candidates, first := f.candidates(found)
	if f.oneArtifact(name, found, candidates) {
		x := candidates[first]
		if x.output == "" {
			return nil, nil, f.notComputed([]string{x.title}, x.title)
		}
		t, err := f.open(x)
		return t, x.notes, err
	}
	var missing []string
	for k, x := range candidates {
		if m := found[k]; m.item != nil && m.item.Action == nil || x.output == "" {
			missing = append(missing, x.title)
		}
	}
	if missing != nil {
		return nil, nil, f.notComputed(missing, name)
	}
	var parts []rows.Part
	for _, x := range candidates {
		t, err := f.open(x)
		if err != nil {
			return nil, nil, err
		}
		parts = append(parts, rows.Part{Stage: x.stage, Table: t})
	}
	at := slices.IndexFunc(f.app.Kinds, func(k *pipeline.Kind) bool { return k.Name == parts[0].Table.Kind })
	var kind *pipeline.Kind
	if at >= 0 {
		kind = f.app.Kinds[at]
	}
	t, err := rows.Join(parts, kind)
	return t, nil, Usage(err)
}

// oneArtifact reports whether a name stands for a single artifact: that of one stage, or one
// named by its digest or a file, which several stages may have.
func (f *finder) oneArtifact(name string, found []match, candidates []*candidate) bool {
	if len(found) == 1 {
		return true
	}
	for _, x := range candidates {
		if pipeline.Matches(name, x.stage) || x.output != candidates[0].output {
			return false
		}
	}
	return true
}
