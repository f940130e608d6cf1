// Package report puts the exported files of a profile together: all their numbers in
// two files that other texts read, and one web page with every figure, its caption and
// its numbers, where it comes from, and what of the profile is not up to date.
//
// A figure is a stage that exports; NAME is its name without the family. The page uses
// what there is of
//
//	NAME.svg    the drawing
//	NAME.html   what to say of it, as a fragment of a page
//	NAME.toml   its numbers, a table each: text, value, rounded and, with an interval,
//	            lo, hi and interval (the two ends, rounded); text and none, which
//	            says why, of a number that does not exist
//
// What the page says depends on the plan and on these files alone, so that it is the
// same until something ran.
package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
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
	Title   string
	Profile string
	Folder  string // of the exported files, and of the report
	Plan    *engine.Plan
}

// Write brings the report up to date and returns the files whose content changed.
func Write(src Source) (changed []string, err error) {
	figures, err := src.figures()
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	page, err := src.page(figures)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	numbers, err := tomlNumbers(figures)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	for _, f := range []pipeline.File{
		{Name: TOMLFile, Content: numbers},
		{Name: TeXFile, Content: texNumbers(src.Program, figures)},
		{Name: PageFile, Content: page},
	} {
		at := filepath.Join(src.Folder, f.Name)
		wrote, err := store.WriteFile(at, f.Content)
		if err != nil {
			return changed, fmt.Errorf("report: %w", err)
		}
		if wrote {
			changed = append(changed, at)
		}
	}
	return changed, nil
}

// A figure is an exporting stage with what is on disk of it.
type figure struct {
	name    string
	item    *engine.Item
	drawing []byte // SVG
	words   []byte // HTML
	numbers map[string]number
	files   []string // NAME.* there are, for links
}

// linked are the formats that the page offers, in this order.
var linked = []string{".pdf", ".svg", ".png", ".txt", ".toml"}

func (src Source) figures() ([]*figure, error) {
	var out []*figure
	for _, i := range src.Plan.Items {
		if !i.Stage.Kind.Export {
			continue
		}
		f := &figure{name: nameOf(i.Stage), item: i}
		read := func(suffix string) ([]byte, error) {
			content, err := os.ReadFile(filepath.Join(src.Folder, f.name+suffix))
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil
			}
			return content, err
		}
		var err, err2 error
		f.drawing, err = read(".svg")
		f.words, err2 = read(".html")
		numbers, err3 := read(".toml")
		if err := errors.Join(err, err2, err3); err != nil {
			return nil, err
		}
		if f.numbers, err = parseNumbers(numbers); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(src.Folder, f.name+".toml"), err)
		}
		for _, suffix := range linked {
			if _, err := os.Stat(filepath.Join(src.Folder, f.name+suffix)); err == nil {
				f.files = append(f.files, f.name+suffix)
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// nameOf is a stage's name without its family.
func nameOf(s *pipeline.Stage) string {
	_, name, ok := strings.Cut(s.Name, "/")
	if !ok {
		return s.Name
	}
	return name
}
