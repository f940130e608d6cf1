package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"zerotohero/pipeline/digest"
)

// A RecordError says that a record in the store is not as it was written.
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
	sealed.Sum = digest.Hex(text)
	text, err = json.MarshalIndent(sealed, "", "  ")
	return append(text, '\n'), err
}

// unseal makes an action of its record. An edited record gives both the action that it
// describes and a *RecordError.
func unseal(path string, text []byte) (*Action, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return nil, &RecordError{path, "it is not the record of an action: " + err.Error()}
	}
	a := &Action{}
	if err := json.Unmarshal(compact.Bytes(), a); err != nil {
		return nil, &RecordError{path, "it is not the record of an action: " + err.Error()}
	}
	// Digests and keys become paths of files, so they must be valid.
	if problem := a.problem(); problem != "" {
		return nil, &RecordError{path, "it is not the record of an action: " + problem}
	}
	if a.Sum == "" {
		return a, &RecordError{path, "it has no checksum, so it was edited or is of a version that wrote none"}
	}
	rest, ok := bytes.CutSuffix(compact.Bytes(), []byte(`,"sum":"`+a.Sum+`"}`))
	if !ok || digest.Hex(append(rest, '}')) != a.Sum {
		return a, &RecordError{path, "its checksum is not that of its content"}
	}
	return a, nil
}

// A Record is the file of an action, as far as it can be read.
type Record struct {
	Path   string
	Key    digest.Key // that the file is called by, empty if it is called otherwise
	Action *Action    // nil if the file cannot be parsed; there may be an error beside it

	// Err is nil if the record is as it was written, a *RecordError if it is damaged or
	// edited, and an *AccessError if it cannot be read; fs.ErrNotExist means that there
	// is none.
	Err error
}

// Record reads the record of a key.
func (s *Store) Record(key digest.Key) Record { return s.readRecord(s.actionPath(key)) }

func (s *Store) readRecord(path string) Record {
	text, written, err := s.files.read(path)
	r := s.parseRecord(path, text, written, err)
	r.Key, _ = recordKey(path)
	return r
}

// parseRecord makes a record of what reading its file gave.
func (s *Store) parseRecord(path string, text []byte, written time.Time, err error) Record {
	if absent(err) {
		return Record{Path: path, Err: err}
	}
	if err != nil {
		return Record{Path: path, Err: s.cannot(toRead, path, err)}
	}
	a, err := unseal(path, text)
	if a != nil {
		a.recorded = written
	}
	return Record{Path: path, Action: a, Err: err}
}

// action is the action of a record that is as it was written, nil if there is no record.
func (r Record) action() (*Action, error) {
	switch {
	case absent(r.Err):
		return nil, nil
	case r.Err != nil:
		return nil, r.Err
	}
	return r.Action, nil
}

// Records reads all records, sorted by path. A file that is no record is among
// them with its error, and so is the folder if it cannot be listed.
func (s *Store) Records() []Record {
	var out []Record
	s.eachFile("actions", func(path string, err error) { out = append(out, Record{Path: path, Err: err}) })
	// Reading many small files from a network file system is mostly waiting.
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(readers, len(out)) {
		done.Go(func() {
			for k := next.Add(1) - 1; k < int64(len(out)); k = next.Add(1) - 1 {
				if out[k].Err == nil {
					out[k] = s.readRecord(out[k].Path)
				}
			}
		})
	}
	done.Wait()
	return out
}

// readers is how many records are read at once.
const readers = 16

// An Object is a file where artifacts are kept.
type Object struct {
	Path   string
	Digest digest.Artifact // empty if no artifact is kept under this path
	Err    error           // of a folder that cannot be listed
}

// Objects lists what there is where artifacts are kept, sorted by path. The
// folders that cannot be listed are among it with their errors.
func (s *Store) Objects() []Object {
	var out []Object
	s.eachFile("objects", func(path string, err error) {
		o := Object{Path: path, Err: err}
		if name, ok := digest.Parse[digest.Artifact](filepath.Base(path)); ok && path == s.ObjectPath(name) {
			o.Digest = name
		}
		out = append(out, o)
	})
	return out
}

// eachFile calls f for the files below one of the store's folders, sorted by path, and
// for the folders that cannot be listed, with an *AccessError. Names that begin with a
// dot are left out: systems leave such files anywhere.
func (s *Store) eachFile(folder string, f func(path string, err error)) {
	dir := s.path(folder)
	entries, err := s.files.readDir(dir)
	if err != nil && !absent(err) {
		f(dir, s.cannot(toRead, dir, err))
	}
	for _, e := range entries {
		switch below := filepath.Join(folder, e.Name()); {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			s.eachFile(below, f)
		default:
			f(s.path(below), nil)
		}
	}
}
