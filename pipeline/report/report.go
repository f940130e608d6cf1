// Package report puts the exported files of a profile together: all their numbers in
// two files that other texts read, and one web page with the paper's findings, every
// figure, its caption and its numbers, where it comes from, and what of the profile is not
// up to date.
//
// A figure is a stage that exports; NAME is its name without the family. What there is to
// show and say of it is the pipeline.Export of its artifact. Of one that the store does not
// have, it is what lies beside the report: the drawing NAME.svg, the caption NAME.txt and
// what the file of numbers has of it.
//
// What the page says depends on the plan and on these alone, so that it is the same until
// something ran.
package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/quantity"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

// Names of the files that Write makes.
const (
	PageFile = "report.html"
	TOMLFile = "numbers.toml"
	TeXFile  = "numbers.tex"
)

// A Source is what a report is about.
type Source struct {
	Program string // the command's name, for what to type
	Paper   spec.Report
	Profile string
	Default string // the paper's default profile, which its findings are about
	Folder  string // of the exported files, and of the report
	Plan    *engine.Plan

	Code func(*engine.Item) (code.Manifest, error) // what an item's code is made of
	// Export is what the artifact of a figure holds, nil if the store does not have it.
	Export func(*engine.Item) (*pipeline.Export, error)
	// Asked says which figures the run before was to bring up to date; nil if there
	// was none. A run does not speak of the others: those that are not up to date keep
	// the numbers that the report has of them, and while there are any the page stays
	// as it is. Without a run so do the numbers of figures that the store has never
	// had, as it cannot say whether they are right.
	Asked func(*pipeline.Stage) bool
}

// A Result is what Write did.
type Result struct {
	Changed []string // files whose content changed
	Left    []string // figures that were left as the report had them
}

// Write brings the report up to date.
func Write(src Source) (Result, error) {
	r, err := src.write()
	if err != nil {
		err = fmt.Errorf("report: %w", err)
	}
	return r, err
}

func (src Source) write() (r Result, err error) {
	figures, err := src.figures()
	if err != nil {
		return r, err
	}
	for _, f := range figures {
		if f.left {
			r.Left = append(r.Left, f.name)
		}
	}
	numbers, err := tomlNumbers(figures)
	if err != nil {
		return r, err
	}
	files := []pipeline.File{
		{Name: TOMLFile, Content: numbers},
		{Name: TeXFile, Content: texNumbers(src.Program, figures)},
	}
	// Numbers are written even if the page cannot be.
	var mistake error
	if src.Asked == nil || len(r.Left) == 0 {
		var page []byte
		if page, mistake = src.page(figures); mistake == nil {
			files = append(files, pipeline.File{Name: PageFile, Content: page})
		}
	}
	for _, f := range files {
		at := filepath.Join(src.Folder, f.Name)
		wrote, err := store.WriteFile(at, f.Content)
		if err != nil {
			return r, err
		}
		if wrote {
			r.Changed = append(r.Changed, at)
		}
	}
	return r, mistake
}

// leaves reports whether a figure stays as the report has it.
func (src Source) leaves(i *engine.Item) bool {
	switch {
	case i.Status == engine.Fresh:
		return false
	case src.Asked != nil:
		return !src.Asked(i.Stage)
	}
	return len(i.Reasons) > 0 && i.Reasons[0].What == "new"
}

// A figure is an exporting stage with what there is of it.
type figure struct {
	pipeline.Export
	name  string
	item  *engine.Item
	stale bool     // the numbers are not up to date
	left  bool     // stays as the report has it
	links []string // NAME.* there are beside the report
}

// linked are the formats that the page offers, in this order.
var linked = []string{".pdf", ".svg", ".png", ".txt", ".toml"}

func (src Source) figures() ([]*figure, error) {
	before, err := src.before()
	if err != nil {
		return nil, err
	}
	var out []*figure
	for _, i := range src.Plan.Items {
		if !i.Stage.Kind.Export {
			continue
		}
		f := &figure{name: nameOf(i.Stage), item: i, stale: i.Status == engine.Run, left: src.leaves(i)}
		x, err := src.Export(i)
		if err != nil {
			return nil, err
		}
		if x == nil || f.left {
			if x, err = src.beside(f.name, before); err != nil {
				return nil, err
			}
		} else if err := quantity.Check(x.Quantities); err != nil {
			return nil, fmt.Errorf("%s: %w", i.Stage.Name, err)
		}
		f.Export = *x
		if f.left {
			f.stale = before.stale[f.name]
		}
		for _, suffix := range linked {
			if _, err := os.Stat(filepath.Join(src.Folder, f.name+suffix)); err == nil {
				f.links = append(f.links, f.name+suffix)
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// beside is what lies beside the report of a figure.
func (src Source) beside(name string, before standing) (*pipeline.Export, error) {
	x := &pipeline.Export{Quantities: before.numbers[name]}
	for _, suffix := range []string{".svg", ".txt"} {
		content, err := os.ReadFile(filepath.Join(src.Folder, name+suffix))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case suffix == ".txt":
			for paragraph := range strings.SplitSeq(string(content), "\n\n") {
				x.Caption = append(x.Caption, pipeline.Plain(paragraph))
			}
		default:
			x.Files = append(x.Files, pipeline.File{Name: name + suffix, Content: content})
		}
	}
	return x, nil
}

// drawing is the figure as SVG, nil if there is none.
func (f *figure) drawing() []byte {
	for _, file := range f.Files {
		if file.Name == f.name+".svg" {
			return file.Content
		}
	}
	return nil
}

// nameOf is a stage's name without its family.
func nameOf(s *pipeline.Stage) string {
	_, name, ok := strings.Cut(s.Name, "/")
	if !ok {
		return s.Name
	}
	return name
}
