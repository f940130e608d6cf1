package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zerotohero/pipeline/build"
	"zerotohero/pipeline/code"
)

// An Action says how an artifact came to be. Nothing in it enters the artifact.
type Action struct {
	Key    string          `json:"key"`
	Stage  string          `json:"stage"` // the name under which it ran first
	Kind   string          `json:"kind"`
	Format string          `json:"format"` // of artifacts
	Code   string          `json:"code"`   // sum of the code digest; see Store.Code
	Params json.RawMessage `json:"params"`
	Inputs []ActionInput   `json:"inputs,omitempty"`

	Output string `json:"output"` // digest of the artifact
	Size   int64  `json:"size"`   // of the artifact, bytes

	Start    time.Time `json:"start"`
	Seconds  float64   `json:"seconds"`
	Host     string    `json:"host"`
	Platform string    `json:"platform"`
	Go       string    `json:"go"`

	Build build.Origin `json:"build"` // of the program

	Sum string `json:"sum,omitempty"` // of the record without it, see seal; the last of its fields

	recorded time.Time // when the record was written, as the file system tells
}

// An ActionInput is an artifact that an action read.
type ActionInput struct {
	Stage  string `json:"stage"`
	Digest string `json:"digest"`
}

// PutAction records an action, whose artifact is in the store already.
func (s *Store) PutAction(a *Action) error {
	text, err := seal(a)
	if err != nil {
		return fmt.Errorf("recording the action of %s: %w", a.Stage, err)
	}
	return s.write(s.actionPath(a.Key), text)
}

func (s *Store) actionPath(key string) string {
	return s.dir + separator + "actions" + separator + key + ".json"
}

// Action returns the action with a key, nil if there is none. A record that is damaged
// or edited is a *RecordError, one that cannot be read an *AccessError.
func (s *Store) Action(key string) (*Action, error) {
	path := s.actionPath(key)
	text, written, err := s.files.read(path)
	a, err := s.parseAction(path, text, written, err)
	if a != nil && a.Key != key {
		return nil, &RecordError{path, "it is the record of another key"}
	}
	return a, err
}

// parseAction makes an action of what reading its record gave.
func (s *Store) parseAction(path string, text []byte, written time.Time, err error) (*Action, error) {
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, s.cannot(toRead, path, err)
	}
	a, err := unseal(path, text)
	if err != nil {
		return nil, err
	}
	a.recorded = written
	return a, nil
}

// problem says in what an action is not one, "" if it is.
func (a *Action) problem() string {
	switch {
	case !IsDigest(a.Key):
		return "it has no key"
	case !IsDigest(a.Output):
		return "it has no digest of an artifact"
	case a.Stage == "" || a.Kind == "":
		return "it has no stage or no kind"
	case len(a.Params) == 0 || a.Params[0] != '{':
		return "it has no parameters"
	case a.Size < 0:
		return "the size of its artifact is negative"
	}
	for _, in := range a.Inputs {
		if !IsDigest(in.Digest) {
			return "an input has no digest"
		}
	}
	return ""
}

// Actions lists all actions, sorted by key. Damaged records are left out, and are the
// error then, joined *RecordErrors; any other error means that the list is not whole.
func (s *Store) Actions() ([]*Action, error) {
	entries, err := s.files.readDir(s.path("actions"))
	if err != nil && !absent(err) {
		return nil, s.cannot(toRead, s.path("actions"), err)
	}
	var out []*Action
	var damaged []error
	for _, e := range entries {
		a, err := s.Action(strings.TrimSuffix(e.Name(), ".json"))
		var bad *RecordError
		if errors.As(err, &bad) {
			damaged = append(damaged, err)
		} else if err != nil {
			return nil, err
		}
		if a != nil {
			out = append(out, a)
		}
	}
	return out, errors.Join(damaged...)
}

// Sound reports whether the artifact of an action is in the store, without reading
// it if it has not been touched since the action was recorded. Damage is a
// *DamageError.
func (s *Store) Sound(a *Action) error {
	path := s.ObjectPath(a.Output)
	object, err := s.files.stat(path)
	if absent(err) {
		return &DamageError{a.Output, path, "missing"}
	}
	if err != nil {
		return s.cannot(toRead, path, err)
	}
	if object.Size() != a.Size {
		return &DamageError{a.Output, path, "truncated"}
	}
	if !object.ModTime().After(a.recorded) {
		return nil
	}
	if err := s.Check(a.Output); err != nil {
		return err
	}
	// Copying a store sets times anew; do not read all of it again each time.
	os.Chtimes(path, a.recorded, a.recorded)
	return nil
}

// PutCode keeps what a code digest was made of.
func (s *Store) PutCode(d code.Digest) error {
	if have, err := s.Code(d.Sum); err == nil && have != nil {
		return nil
	}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("recording a code digest: %w", err)
	}
	return s.write(s.CodePath(d.Sum), append(text, '\n'))
}

// CodePath is where it is kept. A sum that an edited record made up leads nowhere else.
func (s *Store) CodePath(sum string) string { return s.path("code", filepath.Base(sum)+".json") }

// Code returns what a code digest was made of, nil if that is not known. A record that
// is damaged is a *RecordError.
func (s *Store) Code(sum string) (*code.Digest, error) {
	path := s.CodePath(sum)
	text, _, err := s.files.read(path)
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, s.cannot(toRead, path, err)
	}
	d := new(code.Digest)
	if err := json.Unmarshal(text, d); err != nil {
		return nil, &RecordError{path, "it is not a list of sources: " + err.Error()}
	}
	if d.Sum != sum {
		return nil, &RecordError{path, fmt.Sprintf("it lists the sources of %.80q", d.Sum)}
	}
	return d, nil
}
