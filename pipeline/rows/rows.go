// Package rows writes the rows of artifacts for other programs, whole and to the last bit:
// as JSON, CSV, Parquet or Arrow, of one artifact or of all of a family in one table.
// The same tables give the same bytes.
//
//   - JSON is an array with an object for each row, its members in the order of the columns.
//     Numbers are the shortest that read as the same; JSON has no NaN and no infinities,
//     and null stands for them. Bytes are in base64.
//   - CSV is by RFC 4180 with lines that end in LF, the first of which has the names of the
//     columns. Numbers are as in JSON, but NaN, Inf and -Inf are written as such; an absent value is
//     empty; lists and structs are JSON.
//   - Parquet is not compressed and has one group of rows. Lists, structs and types are those of
//     the artifact; kind and parameters are in the file's metadata.
//   - Arrow is what the store has, an IPC file of one record batch.
package rows

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"zerotohero/pipeline/artifact"
)

// A Format is a format of files, by name.
type Format struct {
	Name   string
	Binary bool // of no use on a terminal

	write func(io.Writer, *artifact.Table) error
}

// Formats are all there are.
var Formats = []Format{
	{Name: "json", write: writeJSON},
	{Name: "csv", write: writeCSV},
	{Name: "parquet", Binary: true, write: writeParquet},
	{Name: "arrow", Binary: true, write: writeArrow},
}

// Write writes all rows of a table. That there are no values which a format has no words for,
// NaN in JSON, is for the caller to say: see NotNumbers.
func (f Format) Write(w io.Writer, t *artifact.Table) error {
	if err := f.write(w, t); err != nil {
		return fmt.Errorf("writing %s: %w", f.Name, err)
	}
	return nil
}

func writeArrow(w io.Writer, t *artifact.Table) error {
	data, err := t.Bytes()
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// First is a table of the first n rows, or of all if there are not so many.
func First(t *artifact.Table, n int) *artifact.Table {
	return t.With(t.Record().NewSlice(0, int64(min(n, t.NumRows()))))
}

// hasList reports whether a column is a list or a struct with one in it.
func hasList(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.ListType:
		return true
	case *arrow.StructType:
		return slices.ContainsFunc(t.Fields(), func(f arrow.Field) bool { return hasList(f.Type) })
	}
	return false
}

// Lists are the names of the columns that Unnest takes.
func Lists(t *artifact.Table) []string {
	var out []string
	for _, f := range t.Record().Schema().Fields() {
		if f.Type.ID() == arrow.LIST {
			out = append(out, f.Name)
		}
	}
	return out
}

// has reports whether one of some columns has a name, in any case: to SQL N and n are one.
func has(fields []arrow.Field, name string) bool {
	return slices.ContainsFunc(fields, func(f arrow.Field) bool { return strings.EqualFold(f.Name, name) })
}
