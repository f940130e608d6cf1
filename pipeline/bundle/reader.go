package bundle

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds on what is read of an archive that somebody else made. A bundle has two files a stage.
const (
	maxEntries = 500_000
	// maxRatio is the largest factor by which DEFLATE packs anything; what claims more is forged.
	maxRatio = 1032
)

// A Reader reads the store in a bundle.
type Reader struct {
	path  string
	file  *os.File
	files map[string]*zip.File // by name below the store
}

// Open opens a bundle. An archive with entries that could lead out of a folder, links or names that
// come twice, or with more entries than any bundle has, is refused.
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &Reader{path: path, file: f, files: make(map[string]*zip.File)}
	if err := r.list(); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s is no bundle: %w", path, err)
	}
	return r, nil
}

// Close closes the archive.
func (r *Reader) Close() error { return r.file.Close() }

func (r *Reader) list() error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a file")
	}
	n, err := countEntries(r.file, info.Size())
	if err != nil {
		return err
	}
	var z *zip.Reader
	if n <= maxEntries {
		if z, err = zip.NewReader(r.file, info.Size()); err != nil && !errors.Is(err, zip.ErrInsecurePath) {
			return err
		}
		n = uint64(len(z.File)) // what it says can be forged
	}
	if n > maxEntries {
		return fmt.Errorf("it has %d entries, and no bundle more than %d", n, maxEntries)
	}
	seen := make(map[string]bool, len(z.File))
	for _, f := range z.File {
		name := strings.TrimSuffix(f.Name, "/")
		switch {
		case !filepath.IsLocal(name) || strings.ContainsAny(name, "\\\x00"):
			return fmt.Errorf("its entry %.200q is not the path of a file below a folder", f.Name)
		case f.Mode()&fs.ModeType&^fs.ModeDir != 0:
			return fmt.Errorf("its entry %.200q is a link or no file", f.Name)
		case seen[name]:
			return fmt.Errorf("its entry %.200q is there twice", f.Name)
		case f.UncompressedSize64/maxRatio > f.CompressedSize64:
			return fmt.Errorf("its entry %.200q claims %d bytes of %d, more than can be packed so", f.Name,
				f.UncompressedSize64, f.CompressedSize64)
		}
		seen[name] = true
		if below, ok := strings.CutPrefix(name, storeDir+"/"); ok && !f.FileInfo().IsDir() {
			r.files[below] = f
		}
	}
	if !seen[MetadataFile] {
		return fmt.Errorf("it has no %s", MetadataFile)
	}
	if len(r.files) == 0 {
		return errors.New("it has no store; it was made with --figures-only")
	}
	return nil
}

// countEntries reads from the end of an archive how many entries it says to have, before memory is
// taken for them (APPNOTE.TXT of PKWARE, 4.3.14 to 4.3.16).
func countEntries(f io.ReaderAt, size int64) (uint64, error) {
	const endSize, maxComment, locatorSize = 22, 1<<16 - 1, 20
	tail := make([]byte, min(size, endSize+maxComment+locatorSize))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return 0, err
	}
	at := strings.LastIndex(string(tail), "PK\x05\x06")
	if at < 0 || at+endSize > len(tail) {
		return 0, errors.New("it is not a ZIP file, or not whole")
	}
	n := uint64(binary.LittleEndian.Uint16(tail[at+10:]))
	if locator := at - locatorSize; n == 1<<16-1 && locator >= 0 && string(tail[locator:locator+4]) == "PK\x06\x07" {
		end := make([]byte, 56)
		if _, err := f.ReadAt(end, int64(binary.LittleEndian.Uint64(tail[locator+8:]))); err != nil {
			return 0, errors.New("it is not a ZIP file, or not whole")
		}
		n = binary.LittleEndian.Uint64(end[32:])
	}
	return n, nil
}

// Names are the files of the store, like actions/KEY.json, sorted.
func (r *Reader) Names() []string {
	var out []string
	for name := range r.files {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Open opens a file of the store; fs.ErrNotExist means that the bundle does not have it. No more is
// read than the returned size, and what is not as packed is an error.
func (r *Reader) Open(name string) (content io.ReadCloser, size int64, err error) {
	f := r.files[name]
	if f == nil {
		return nil, 0, &fs.PathError{Op: "open", Path: r.path + ":" + name, Err: fs.ErrNotExist}
	}
	content, err = f.Open()
	if err != nil {
		return nil, 0, fmt.Errorf("%s: reading %s: %w", r.path, name, err)
	}
	return content, int64(f.UncompressedSize64), nil
}
