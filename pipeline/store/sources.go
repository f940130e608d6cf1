package store

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The sources behind a manifest are kept by the sum of each package in it, so that what changes
// in one package leaves the files of the others as they are. A file is a zip archive, in which
// sources lie under their own sums.

// maxSources is how long the sources of a package may be, in bytes.
const maxSources = 64 << 20

var sourcesDir = filepath.Join("code", "sources")

const sourcesSuffix = ".zip"

// SourcesPath is where the sources are kept of what counts of a package, by its sum.
func (s *Store) SourcesPath(pkg string) string { return s.path(sourcesDir, pkg+sourcesSuffix) }

// HasSources reports whether the store has them.
func (s *Store) HasSources(pkg string) bool {
	_, err := os.Stat(s.SourcesPath(pkg))
	return err == nil
}

// PutSources keeps sources, each under its sum (see code.Tree.Texts).
func (s *Store) PutSources(pkg string, texts map[string][]byte) error {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, sum := range slices.Sorted(maps.Keys(texts)) {
		w, err := z.Create(sum)
		if err == nil {
			_, err = w.Write(texts[sum])
		}
		if err != nil {
			return fmt.Errorf("recording sources: %w", err)
		}
	}
	if err := z.Close(); err != nil {
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
	out, err := unzip(data)
	if err != nil {
		return nil, &RecordError{path, "it is not an archive of sources: " + err.Error()}
	}
	return out, nil
}

func unzip(data []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	out := make(map[string][]byte)
	var left int64 = maxSources
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(io.LimitReader(r, left+1))
		if err != nil {
			return nil, err
		}
		if left -= int64(len(text)); left < 0 {
			return nil, fmt.Errorf("it holds more than %d bytes", int64(maxSources))
		}
		out[f.Name] = text
	}
	return out, nil
}

// SourceFiles lists the files of sources, sorted, and the folder if it cannot be listed.
func (s *Store) SourceFiles() []SourceFile {
	var out []SourceFile
	s.eachFile(sourcesDir, func(path string, err error) {
		out = append(out, SourceFile{path, strings.TrimSuffix(filepath.Base(path), sourcesSuffix), err})
	})
	return out
}

// A SourceFile is a file where sources are kept.
type SourceFile struct {
	Path    string
	Package string // the sum that it is called by
	Err     error  // of a folder that cannot be listed
}
