package store

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zerotohero/pipeline/digest"
)

// The sources behind a manifest are kept by the sum of each package in it, so that what changes
// in one package leaves the files of the others as they are. A file is a tar archive, compressed as
// a whole, as sources are short and alike; in it they lie under their own sums.

// maxSources is how long the sources of a package may be, in bytes.
const maxSources = 64 << 20

var sourcesDir = filepath.Join("code", "sources")

const sourcesSuffix = ".tar.gz"

// SourcesPath is where the sources are kept of what counts of a package, by its sum. What is
// no sum, which a list of code from elsewhere may have, has a place where nothing is.
func (s *Store) SourcesPath(pkg string) string {
	if _, ok := digest.Parse[digest.Code](pkg); !ok {
		pkg = "none"
	}
	return s.path(sourcesDir, pkg+sourcesSuffix)
}

// HasSources reports whether the store has them.
func (s *Store) HasSources(pkg string) bool {
	_, err := os.Stat(s.SourcesPath(pkg))
	return err == nil
}

// PutSources keeps sources, each under its sum (see code.Tree.Texts).
func (s *Store) PutSources(pkg string, texts map[string][]byte) error {
	if _, ok := digest.Parse[digest.Code](pkg); !ok {
		return fmt.Errorf("recording sources: %.80q is no sum of a package", pkg)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	t := tar.NewWriter(z)
	for _, sum := range slices.Sorted(maps.Keys(texts)) {
		err := t.WriteHeader(&tar.Header{Name: sum, Mode: 0o444, Size: int64(len(texts[sum]))})
		if err == nil {
			_, err = t.Write(texts[sum])
		}
		if err != nil {
			return fmt.Errorf("recording sources: %w", err)
		}
	}
	if err := errors.Join(t.Close(), z.Close()); err != nil {
		return fmt.Errorf("recording sources: %w", err)
	}
	return s.write(s.SourcesPath(pkg), b.Bytes())
}

// Sources returns the sources of what counts of a package, by their sums, nil if the store has
// none. A file that is damaged is a *RecordError. Whether each source is that of its sum
// code.CheckText tells.
func (s *Store) Sources(pkg string) (map[string][]byte, error) {
	path := s.SourcesPath(pkg)
	data, _, err := s.files.read(path)
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, s.cannot(toRead, path, err)
	}
	out, err := unpack(data)
	if err != nil {
		return nil, &RecordError{path, "it is not an archive of sources: " + err.Error()}
	}
	return out, nil
}

func unpack(data []byte) (map[string][]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	all := &io.LimitedReader{R: z, N: maxSources}
	t := tar.NewReader(all)
	out := make(map[string][]byte)
	for {
		h, err := t.Next()
		if err == io.EOF {
			// What is left is the checksum, of all.
			_, err := io.Copy(io.Discard, all)
			if err == nil && all.N <= 0 {
				err = fmt.Errorf("it holds more than %d bytes", int64(maxSources))
			}
			return out, err
		}
		if err != nil {
			return nil, err
		}
		if out[h.Name], err = io.ReadAll(t); err != nil {
			return nil, err
		}
	}
}

// SourceFiles lists the files of sources, sorted, and the folder if it cannot be listed.
func (s *Store) SourceFiles() []SourceFile {
	var out []SourceFile
	s.eachFile(sourcesDir, func(path string, err error) {
		f := SourceFile{Path: path, Err: err}
		if pkg := strings.TrimSuffix(filepath.Base(path), sourcesSuffix); path == s.SourcesPath(pkg) {
			f.Package = pkg
		}
		out = append(out, f)
	})
	return out
}

// A SourceFile is a file where sources are kept.
type SourceFile struct {
	Path    string
	Package string // the sum that it is called by; empty if it is called otherwise
	Err     error  // of a folder that cannot be listed
}
