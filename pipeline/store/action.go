package store

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"zerotohero/pipeline/build"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
)

// An Action says how an artifact came to be. Nothing in it enters the artifact.
type Action struct {
	Key    digest.Key      `json:"key"`
	Stage  string          `json:"stage"` // the name under which it ran first
	Kind   string          `json:"kind"`
	Format string          `json:"format"` // of artifacts
	Code   digest.Code     `json:"code"`   // see Store.Code
	Params json.RawMessage `json:"params"`
	Inputs []ActionInput   `json:"inputs,omitempty"`

	Output digest.Artifact `json:"output"`
	Size   int64           `json:"size"` // of the artifact, bytes

	Start    time.Time `json:"start"`
	Seconds  float64   `json:"seconds"`
	Host     string    `json:"host"`
	Platform string    `json:"platform"`
	Go       string    `json:"go"`

	// Machine is what computed it, as a processor and the one of several implementations that give the same
	// bits, since the time depends on both; empty if that is not known.
	Machine string `json:"machine,omitempty"`

	Build build.Origin `json:"build"` // of the program

	Sum string `json:"sum,omitempty"` // of the record without it, see seal; the last of its fields

	recorded time.Time // when the record was written, as the file system tells
}

// An ActionInput is an artifact that an action read.
type ActionInput struct {
	Stage  string          `json:"stage"`
	Digest digest.Artifact `json:"digest"`
}

// PutAction records an action, whose artifact is in the store already.
func (s *Store) PutAction(a *Action) error {
	text, err := seal(a)
	if err != nil {
		return fmt.Errorf("recording the action of %s: %w", a.Stage, err)
	}
	return s.write(s.actionPath(a.Key), text)
}

func (s *Store) actionPath(key digest.Key) string {
	return s.dir + separator + "actions" + separator + string(key) + recordSuffix
}

// Action returns the action with a key, nil if there is none. A record that is damaged
// or edited is a *RecordError, one that cannot be read an *AccessError.
func (s *Store) Action(key digest.Key) (*Action, error) {
	r := s.Record(key)
	if r.Err == nil && r.Action.Key != key {
		return nil, &RecordError{r.Path, "it is the record of another key"}
	}
	return r.action()
}

// problem says what makes an action impossible, "" if nothing does.
func (a *Action) problem() string {
	switch {
	case !digest.Valid(a.Key):
		return "it has no key"
	case !digest.Valid(a.Output):
		return "it has no digest of an artifact"
	case !digest.Valid(a.Code):
		return "it has no digest of code"
	case a.Stage == "" || a.Kind == "":
		return "it has no stage or no kind"
	case len(a.Params) == 0 || a.Params[0] != '{':
		return "it has no parameters"
	case a.Size < 0:
		return "the size of its artifact is negative"
	}
	for _, in := range a.Inputs {
		if !digest.Valid(in.Digest) {
			return "an input has no digest"
		}
	}
	return ""
}

// CheckOutput wants the artifact of an action to be in the store and whole; damage is a
// *DamageError. It reads the artifact only if the file was touched since the action was
// recorded, and reports whether it did: MarkChecked spares the next check the reading.
func (s *Store) CheckOutput(a *Action) (read bool, err error) {
	path := s.ObjectPath(a.Output)
	object, err := s.files.stat(path)
	switch {
	case absent(err):
		return false, &DamageError{a.Output, path, "missing"}
	case err != nil:
		return false, s.cannot(toRead, path, err)
	case object.Size() != a.Size:
		return false, &DamageError{a.Output, path, "truncated"}
	case !object.ModTime().After(a.recorded):
		return false, nil
	}
	return true, s.Check(a.Output)
}

// MarkChecked gives the artifact of an action, found whole, the time of its record. A copy
// of a store has new times; without this all of it would be read at each plan.
func (s *Store) MarkChecked(a *Action) { os.Chtimes(s.ObjectPath(a.Output), a.recorded, a.recorded) }

// MarkUnchecked makes CheckOutput read an artifact that was found damaged: a disk that
// fails leaves the file's times as they were.
//
// The clock of the file server may be ahead of this one, so that now may be before the record was written.
func (s *Store) MarkUnchecked(name digest.Artifact) {
	later := time.Now().Add(24 * time.Hour)
	os.Chtimes(s.ObjectPath(name), later, later)
}

// PutCode keeps the manifest of a code digest.
func (s *Store) PutCode(m code.Manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("recording a code digest: %w", err)
	}
	return s.write(s.CodePath(m.Sum), append(text, '\n'))
}

// CodePath is where the manifest of a code digest is kept.
func (s *Store) CodePath(sum digest.Code) string { return s.path("code", string(sum)+".json") }

// Code returns the manifest of a code digest, nil if the store has none. A damaged one is
// a *RecordError.
func (s *Store) Code(sum digest.Code) (*code.Manifest, error) {
	path := s.CodePath(sum)
	text, _, err := s.files.read(path)
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, s.cannot(toRead, path, err)
	}
	m := new(code.Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, &RecordError{path, "it is not a list of sources: " + err.Error()}
	}
	if m.Sum != sum {
		return nil, &RecordError{path, fmt.Sprintf("it lists the sources of %.80q", m.Sum)}
	}
	return m, nil
}
