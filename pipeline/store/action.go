package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

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

	Start     time.Time `json:"start"`
	Seconds   float64   `json:"seconds"`
	PeakBytes int64     `json:"peak_bytes"` // largest memory of the whole process up to the end
	Host      string    `json:"host"`
	Platform  string    `json:"platform"`
	Go        string    `json:"go"`

	Build ActionBuild `json:"build"` // of the program

	Sum string `json:"sum,omitempty"` // of the record without it, see seal; the last of its fields

	recorded time.Time // when the record was written, as the file system tells
}

// An ActionBuild says how the program was built that ran an action (see package build).
type ActionBuild struct {
	Identity string `json:"identity"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
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

func (s *Store) actionPath(key string) string { return s.path("actions", key+".json") }

// Action returns the action with a key, nil if there is none or if its record was
// damaged or edited: it is then recorded again.
func (s *Store) Action(key string) *Action { return readAction(s.actionPath(key)) }

func readAction(path string) *Action {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	text := make([]byte, info.Size())
	if _, err := io.ReadFull(f, text); err != nil {
		return nil
	}
	a, err := unseal(path, text)
	if err != nil {
		return nil
	}
	a.recorded = info.ModTime()
	return a
}

// Last returns the action that a stage had when it was last up to date, or nil.
func (s *Store) Last(stage string) *Action { return readAction(s.viewPath(stage, ".json")) }

// Actions lists all actions, sorted by key. Unreadable ones are left out.
func (s *Store) Actions() ([]*Action, error) {
	entries, err := os.ReadDir(s.path("actions"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the store: %w", err)
	}
	var out []*Action
	for _, e := range entries {
		if a := readAction(s.path("actions", e.Name())); a != nil {
			out = append(out, a)
		}
	}
	return out, nil
}

// Sound reports whether the artifact of an action is in the store, without reading
// it if it has not been touched since the action was recorded. Damage is a
// *DamageError.
func (s *Store) Sound(a *Action) error {
	path := s.ObjectPath(a.Output)
	object, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &DamageError{a.Output, path, "missing"}
	}
	if err != nil {
		return fmt.Errorf("looking for an artifact: %w", err)
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
	if _, ok := s.Code(d.Sum); ok {
		return nil
	}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("recording a code digest: %w", err)
	}
	return s.write(s.path("code", d.Sum+".json"), append(text, '\n'))
}

// Code returns what a code digest was made of; ok is false if that is not known.
func (s *Store) Code(sum string) (d code.Digest, ok bool) {
	text, err := os.ReadFile(s.path("code", sum+".json"))
	if err != nil || json.Unmarshal(text, &d) != nil {
		return code.Digest{}, false
	}
	return d, true
}

func (s *Store) viewPath(stage, suffix string) string {
	return s.path("view", filepath.FromSlash(stage)+suffix)
}

// Show makes the view of a stage point to an action and its artifact, the artifact
// first.
func (s *Store) Show(stage string, a *Action) error {
	err := s.link(s.viewPath(stage, ".arrow"), s.ObjectPath(a.Output))
	if err == nil {
		err = s.link(s.viewPath(stage, ".json"), s.actionPath(a.Key))
	}
	if err != nil {
		return fmt.Errorf("showing %s in the store's view: %w", stage, err)
	}
	return nil
}

// Shown reports whether the view of a stage points to the action and its artifact.
func (s *Store) Shown(stage string, a *Action) bool {
	record, err1 := os.Readlink(s.viewPath(stage, ".json"))
	object, err2 := os.Readlink(s.viewPath(stage, ".arrow"))
	return err1 == nil && err2 == nil && filepath.Base(record) == a.Key+".json" && filepath.Base(object) == a.Output
}

// Known reports whether a stage was ever up to date, even if its record is lost.
func (s *Store) Known(stage string) bool {
	_, err := os.Lstat(s.viewPath(stage, ".json"))
	return err == nil
}

// link makes or redirects a relative symbolic link in one step.
func (s *Store) link(at, target string) error {
	rel, err := filepath.Rel(filepath.Dir(at), target)
	if err != nil {
		return err
	}
	if old, err := os.Readlink(at); err == nil && old == rel {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
		return err
	}
	// Two processes may do this at once, each with a name of its own.
	f, err := os.CreateTemp(s.path("tmp"), "link-")
	if err != nil {
		return err
	}
	f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	if err := os.Symlink(rel, f.Name()); err != nil {
		return err
	}
	return os.Rename(f.Name(), at)
}
