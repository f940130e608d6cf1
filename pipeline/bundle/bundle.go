// Package bundle makes one archive of a paper to be deposited: figures, numbers, sources and the part
// of a store that a profile needs, as a Workflow Run RO-Crate. The archive is a ZIP file whose
// folder data is a store; its bytes depend on nothing but what is in it.
package bundle

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"zerotohero/pipeline/citation"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// Contents are what a bundle is made of.
type Contents struct {
	Program  string
	Paper    string // the name of its file
	Profile  string
	Citation *citation.Citation
	License  string // SPDX identifier of that of the data; empty for that of the program
	Runs     []Run  // in an order in which each comes after what it reads
	Files    []File
	Store    *store.Store // whose artifacts, records and code go along; nil for none
}

// A Run is how a stage was computed.
type Run struct {
	Action    *store.Action
	Family    string
	Kind, Doc string
	Package   string        // of the kind, an import path
	Code      code.Manifest // what Action.Code is made of
	Export    []string      // names of Files that its artifact has
}

// A File is a file of the paper.
type File struct {
	Name       string // path in the bundle, with slashes
	Title      string // in a few words; optional
	Content    []byte
	Source     bool // under the licence of the program
	Listed     bool // described by itself, not only as part of a folder
	Executable bool
}

// storeDir is the folder of the store in a bundle.
const storeDir = "data"

// stored is the name in a bundle of a file of the store.
func stored(name string) string { return storeDir + "/" + name }

// An entry is a file of the archive.
type entry struct {
	name, title string
	size        int64
	sum         string // SHA-256
	source      bool
	listed      bool
	mode        os.FileMode
	read        func() ([]byte, error)
}

// format is the media type of a file, by its name.
func (e entry) format() string {
	if strings.HasPrefix(e.name, storeDir+"/objects/") {
		return "application/vnd.apache.arrow.file"
	}
	known := map[string]string{".json": "application/json", ".toml": "application/toml", ".md": "text/markdown",
		".cff": "application/yaml", ".svg": "image/svg+xml", ".pdf": "application/pdf", ".png": "image/png",
		".html": "text/html", ".tex": "application/x-tex", ".go": "text/x-go", ".gz": "application/gzip"}
	if t := known[path.Ext(e.name)]; t != "" {
		return t
	}
	return "text/plain"
}

// Write writes the archive. What of the store is damaged is an error. The end of the context ends it.
func Write(ctx context.Context, w io.Writer, c *Contents) error {
	entries, err := c.entries()
	if err != nil {
		return err
	}
	text, err := metadata(c, entries)
	if err != nil {
		return err
	}
	entries = slices.Insert(entries, 0, inMemory(File{Name: MetadataFile, Content: text}))
	date, err := time.Parse(time.DateOnly, c.Citation.Released)
	if err != nil {
		return fmt.Errorf("%s: date-released: %w", citation.File, err)
	}
	z := zip.NewWriter(w)
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		data, err := e.read()
		if err != nil {
			return err
		}
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: date}
		h.SetMode(e.mode)
		to, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := to.Write(data); err != nil {
			return err
		}
	}
	return z.Close()
}

// entries lists all files but that of the metadata, sorted by name.
func (c *Contents) entries() ([]entry, error) {
	var out []entry
	for _, f := range c.Files {
		out = append(out, inMemory(f))
	}
	if c.Store != nil {
		of, err := c.storeEntries()
		if err != nil {
			return nil, err
		}
		out = append(out, of...)
	}
	slices.SortFunc(out, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	for k := 1; k < len(out); k++ {
		if out[k].name == out[k-1].name {
			return nil, fmt.Errorf("the bundle would have two files %s", out[k].name)
		}
	}
	return out, nil
}

func inMemory(f File) entry {
	e := entry{name: f.Name, title: f.Title, size: int64(len(f.Content)), sum: digest.Hex(f.Content), source: f.Source,
		listed: f.Listed, mode: 0o644, read: func() ([]byte, error) { return f.Content, nil }}
	if f.Executable {
		e.mode = 0o755
	}
	return e
}

// storeEntries lists the files of the store.
func (c *Contents) storeEntries() ([]entry, error) {
	var out []entry
	seen := make(map[string]bool)
	add := func(name, title string, content func() (entry, error)) error {
		if seen[name] {
			return nil
		}
		seen[name] = true
		e, err := content()
		if err != nil {
			return err
		}
		e.name, e.title, e.listed, e.mode = stored(name), title, true, 0o644
		out = append(out, e)
		return nil
	}
	for _, r := range c.Runs {
		a := r.Action
		err := add(store.ObjectName(a.Output), a.Stage, func() (entry, error) {
			return entry{size: a.Size, sum: string(a.Output), read: func() ([]byte, error) { return c.Store.Get(a.Output) }}, nil
		})
		if err == nil {
			err = add(store.RecordName(a.Key), "Record of "+a.Stage, func() (entry, error) {
				if err := c.Store.Record(a.Key).Err; err != nil {
					return entry{}, err
				}
				return c.fromStore(store.RecordName(a.Key))
			})
		}
		if err == nil {
			err = add(store.CodeName(a.Code), "Declarations that compute "+r.Kind, func() (entry, error) { return c.manifest(a) })
		}
		for _, p := range r.Code.Packages {
			name := store.SourcesName(p.Sum)
			if err == nil && c.Store.HasSources(p.Sum) { // earlier programs kept none
				err = add(name, "Sources in "+p.Path, func() (entry, error) { return c.fromStore(name) })
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// manifest is the list of what the code of an action is made of.
func (c *Contents) manifest(a *store.Action) (entry, error) {
	have, err := c.Store.Code(a.Code)
	if err == nil && have == nil {
		err = fmt.Errorf("the store has lost what the code of %s is made of, %s; "+
			"remove the record %s, so that a run makes both anew",
			a.Stage, c.Store.CodePath(a.Code), c.Store.Record(a.Key).Path)
	}
	if err != nil {
		return entry{}, err
	}
	return c.fromStore(store.CodeName(a.Code))
}

func (c *Contents) fromStore(name string) (entry, error) {
	data, err := c.Store.File(name)
	return inMemory(File{Content: data}), err
}
