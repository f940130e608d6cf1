package store

import (
	"maps"
	"os"
	"path/filepath"
	"strings"

	"zerotohero/pipeline/digest"
)

// A Keep is what of a store is needed.
type Keep struct {
	Records   map[digest.Key]bool
	Artifacts map[digest.Artifact]bool
	Code      map[digest.Code]bool
	Packages  map[string]bool // by sum, whose sources stay
	Partial   map[digest.Key]bool
	Views     map[string]bool // by Link.Name, the stages whose links stay if they lead to what stays
	Sources   string          // whose digests of code are kept, see CodeSums
}

// A Part is one of the kinds of file in a store.
type Part string

// Parts in the order in which they are removed: nothing then ever refers to what is gone, whenever
// that ends.
const (
	LinkPart      Part = "links"
	RecordPart    Part = "records"
	ArtifactPart  Part = "artifacts"
	CodePart      Part = "code"
	PartialPart   Part = "partial results"
	TemporaryPart Part = "temporary files"
	ClusterPart   Part = "logs and programs of jobs"
)

// A Piece is a file of a store.
type Piece struct {
	Part Part
	Path string
	Size int64
}

// Garbage lists what is not kept, in the order of parts. Files that the store does not know are
// not among it.
func (s *Store) Garbage(keep Keep) ([]Piece, error) {
	c := &collector{s: s}
	c.links(keep)
	c.each(RecordPart, "actions", func(path string) bool {
		key, ok := recordKey(path)
		return ok && !keep.Records[key]
	})
	for _, o := range s.Objects() {
		if c.fails(o.Err) {
			break
		}
		if o.Digest != "" && !keep.Artifacts[o.Digest] {
			c.add(ArtifactPart, o.Path)
		}
	}
	c.each(CodePart, "code", func(path string) bool {
		name := strings.TrimSuffix(filepath.Base(path), recordSuffix)
		if sources, ok := strings.CutPrefix(name, sumsPrefix); ok {
			return sources != keep.Sources
		}
		if pkg, ok := strings.CutSuffix(name, sourcesSuffix); ok {
			return !keep.Packages[pkg]
		}
		sum, ok := digest.Parse[digest.Code](name)
		return ok && !keep.Code[sum]
	})
	c.each(PartialPart, "partial", func(path string) bool {
		key, ok := digest.Parse[digest.Key](filepath.Base(path))
		return ok && !keep.Partial[key]
	})
	c.each(TemporaryPart, "tmp", func(string) bool { return true })
	// Jobs that are submitted and not done with have their folders in jobs.
	submitted := false
	s.eachFile("jobs", func(string, error) { submitted = true })
	if !submitted {
		for _, folder := range []string{"logs", "bin"} {
			c.each(ClusterPart, folder, func(string) bool { return true })
		}
	}
	return c.pieces, c.err
}

// A collector lists pieces until something cannot be read.
type collector struct {
	s      *Store
	pieces []Piece
	err    error
}

func (c *collector) fails(err error) bool {
	if c.err == nil {
		c.err = err
	}
	return c.err != nil
}

func (c *collector) add(part Part, path string) {
	info, err := os.Lstat(path)
	if absent(err) {
		return
	}
	if err != nil {
		c.fails(c.s.cannot(toRead, path, err))
		return
	}
	c.pieces = append(c.pieces, Piece{part, path, info.Size()})
}

func (c *collector) each(part Part, folder string, garbage func(path string) bool) {
	c.s.eachFile(folder, func(path string, err error) {
		if !c.fails(err) && garbage(path) {
			c.add(part, path)
		}
	})
}

// links lists both links of a stage if one of them leads to what goes.
func (c *collector) links(keep Keep) {
	goes := make(map[string]bool)
	links := c.s.Links()
	for _, l := range links {
		if c.fails(l.Err) {
			return
		}
		if !keep.Views[l.Name] || l.Key != "" && !keep.Records[l.Key] || l.Digest != "" && !keep.Artifacts[l.Digest] {
			goes[l.Name] = true
		}
	}
	for _, l := range links {
		if goes[l.Name] && (l.Key != "" || l.Digest != "") {
			c.add(LinkPart, l.Path)
		}
	}
}

// Remove removes pieces that Garbage listed, in their order; see Alone. A kill at any moment leaves
// a sound store, of which Garbage lists the rest.
func (s *Store) Remove(pieces []Piece) error {
	dirs := make(map[string]bool)
	for k := 0; k < len(pieces); {
		part := pieces[k].Part
		touched := make(map[string]bool)
		for ; k < len(pieces) && pieces[k].Part == part; k++ {
			path := pieces[k].Path
			if err := os.Remove(path); err != nil && !absent(err) {
				return s.cannot(toWrite, path, err)
			}
			touched[filepath.Dir(path)] = true
		}
		// A power cut must not bring back what refers to what is removed next.
		for dir := range touched {
			if err := syncDir(dir); err != nil {
				return s.cannot(toWrite, dir, err)
			}
		}
		maps.Copy(dirs, touched)
	}
	for dir := range dirs {
		s.removeEmpty(dir)
	}
	return nil
}

// removeEmpty removes a folder below one of the store's, and those above it, as far as they are empty.
func (s *Store) removeEmpty(dir string) {
	for filepath.Dir(dir) != s.dir && os.Remove(dir) == nil {
		dir = filepath.Dir(dir)
	}
}
