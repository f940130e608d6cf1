package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A RecordError says that a record in the store is not what it was.
type RecordError struct {
	Path    string
	Problem string
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("the record %s is damaged: %s; a run makes it anew", e.Path, e.Problem)
}

// seal writes an action as its record, which ends in the SHA-256 of the rest. The
// sum is that of the compact JSON, so that indentation does not matter.
func seal(a *Action) ([]byte, error) {
	sealed := *a
	sealed.Sum = ""
	text, err := json.Marshal(sealed)
	if err != nil {
		return nil, err
	}
	sealed.Sum = Digest(text)
	text, err = json.MarshalIndent(sealed, "", "  ")
	return append(text, '\n'), err
}

// unseal makes an action of its record. Of one that was edited it returns what it
// says, with a *RecordError.
func unseal(path string, text []byte) (*Action, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return nil, &RecordError{path, "it is not the record of an action: " + err.Error()}
	}
	a := &Action{}
	if err := json.Unmarshal(compact.Bytes(), a); err != nil {
		return nil, &RecordError{path, "it is not the record of an action: " + err.Error()}
	}
	// What is no digest must not become the path of a file.
	if problem := a.problem(); problem != "" {
		return nil, &RecordError{path, "it is not the record of an action: " + problem}
	}
	if a.Sum == "" {
		return a, &RecordError{path, "it has no checksum, so it was edited or is of a version that wrote none"}
	}
	rest, ok := bytes.CutSuffix(compact.Bytes(), []byte(`,"sum":"`+a.Sum+`"}`))
	if !ok || Digest(append(rest, '}')) != a.Sum {
		return a, &RecordError{path, "its checksum is not that of its content"}
	}
	return a, nil
}

// IsDigest reports whether a text is a digest or a key: 64 lower-case hex digits.
func IsDigest(text string) bool { return len(text) == 64 && isHex(text) }

func isHex(text string) bool { return strings.Trim(text, "0123456789abcdef") == "" }

// A Record is the file of an action, as far as it can be read.
type Record struct {
	Path   string
	Action *Action // nil if nothing of it can be used; with an error, what is left

	// Err is nil if the record is as it was written, a *RecordError if it is damaged or
	// edited, and otherwise says why it cannot be read; fs.ErrNotExist means that there
	// is none.
	Err error
}

// Record reads the record of a key.
func (s *Store) Record(key string) Record { return readRecord(s.actionPath(key)) }

func readRecord(path string) Record {
	text, err := os.ReadFile(path)
	if err != nil {
		return Record{path, nil, fmt.Errorf("reading a record: %w", err)}
	}
	a, err := unseal(path, text)
	return Record{path, a, err}
}

// Records reads all records, sorted by path. A file that is no record is among
// them with its error, and so is the folder if it cannot be listed.
func (s *Store) Records() []Record {
	dir := s.path("actions")
	entries, err := os.ReadDir(dir)
	var out []Record
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		out = append(out, Record{dir, nil, fmt.Errorf("listing the store: %w", err)})
	}
	for _, e := range entries {
		if !hidden(e.Name()) {
			out = append(out, readRecord(s.path("actions", e.Name())))
		}
	}
	return out
}

// hidden reports whether a file is one that systems leave anywhere: .DS_Store, .nfs…
func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// An Object is a file where artifacts are kept.
type Object struct {
	Path   string
	Digest string // empty if no artifact is kept under this path
	Err    error  // of a folder that cannot be listed
}

// ObjectFiles lists what there is where artifacts are kept, sorted by path. The
// folders that cannot be listed are among it with their errors.
func (s *Store) ObjectFiles() []Object {
	var out []Object
	s.walk("objects", func(path string, err error) {
		o := Object{Path: path, Err: err}
		if name := filepath.Base(path); err == nil && IsDigest(name) && path == s.ObjectPath(name) {
			o.Digest = name
		}
		out = append(out, o)
	})
	return out
}

// walk visits the files below one of the store's folders, and the folders that
// cannot be listed with their errors.
func (s *Store) walk(dir string, visit func(path string, err error)) {
	filepath.WalkDir(s.path(dir), func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			visit(path, fmt.Errorf("listing the store: %w", err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && !hidden(d.Name()):
			visit(path, nil)
		}
		return nil
	})
}

// A View is one link of the store's view.
type View struct {
	Path   string
	Name   string // of the stage, below the folder of its profile if it has one
	Key    string // of the record that the link leads to, or
	Digest string // of the artifact; both are empty if it leads elsewhere
	Err    error  // of a folder that cannot be listed
}

// Views lists the links of the view, sorted by path. What is no link is not the
// store's and left out.
func (s *Store) Views() []View {
	var out []View
	s.walk("view", func(path string, err error) {
		if err != nil {
			out = append(out, View{Path: path, Err: err})
		} else if v, ok := s.viewAt(path); ok {
			out = append(out, v)
		}
	})
	return out
}

// View is the link at a path below the view; ok is false if there is none.
func (s *Store) View(rel string) (v View, ok bool) { return s.viewAt(s.path("view", rel)) }

func (s *Store) viewAt(path string) (v View, ok bool) {
	target, err := s.target(path)
	if err != nil || target == "" {
		return View{}, false
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(path), target)
	}
	rel, err := filepath.Rel(s.path("view"), path)
	if err != nil {
		return View{}, false
	}
	suffix := filepath.Ext(path)
	v = View{Path: path, Name: filepath.ToSlash(strings.TrimSuffix(rel, suffix))}
	base := filepath.Base(target)
	switch key := strings.TrimSuffix(base, ".json"); {
	case suffix == ".json" && IsDigest(key) && target == s.actionPath(key):
		v.Key = key
	case suffix == ".arrow" && IsDigest(base) && target == s.ObjectPath(base):
		v.Digest = base
	}
	return v, true
}
