// Package engine plans and runs a graph of stages on a store.
//
// A stage's key is the SHA-256 of all that its artifact depends on: kind, code,
// parameters, the contents of its inputs and the artifact format. Inputs enter
// by content, so that a stage which comes out as before stops a change there.
//
// # What a run trusts
//
// A run takes for the artifact of a key what the record under that key says, if the
// record has its own checksum and its own name. An artifact that has not been
// touched since its record was written, by size and times, counts as whole; whoever
// reads it hashes it and wants the kind and parameters of the stage it is read for.
// A run does not recompute the keys of records, read artifacts that nothing needs to
// read, or look at records, code and links of other stages. Audit does, for the
// whole store; the checksums of records show edits, not the work of someone who
// writes checksums too.
package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/store"
)

// An Engine brings graphs up to date. It is safe for concurrent use.
type Engine struct {
	store   *store.Store
	code    *code.Tree
	exports string
	view    string
}

// New makes an engine. The tree has the sources of the kinds. Exports is the folder
// for the files of kinds that export, view the folder of the store's view in which
// stages are shown, "" for the view itself: stages of one name in two profiles do
// not get in each other's way.
func New(st *store.Store, tree *code.Tree, exports, view string) *Engine {
	return &Engine{st, tree, exports, view}
}

// shownAs is the name of a stage in the store's view.
func (e *Engine) shownAs(s *pipeline.Stage) string { return path.Join(e.view, s.Name) }

// version is the first line of every key's text. It changes when the meaning of a
// key does, and then every stage runs again. Audit then needs to know the records of
// earlier versions from those that were edited.
const version = "key 1"

// An input is an artifact that a stage reads, as it enters the key.
type input struct {
	stage  *pipeline.Stage
	params []byte // canonical
	digest string
}

// sortInputs puts inputs in an order that depends on what they are, not on how the
// stages are called or in which order they are listed.
func sortInputs(in []input) {
	slices.SortStableFunc(in, func(a, b input) int {
		return cmp.Or(
			cmp.Compare(a.stage.Kind.Name, b.stage.Kind.Name),
			cmp.Compare(string(a.params), string(b.params)),
			cmp.Compare(a.digest, b.digest))
	})
}

// keyOf is the key of a stage; in is sorted. Neither the Go release nor the
// processor is in it: a kind's results must not depend on them, and the tests of the
// kinds see to that.
func keyOf(kind, codeSum string, params []byte, in []input) string {
	digests := make([]string, len(in))
	for k, i := range in {
		digests[k] = i.digest
	}
	return keyOfFormat(artifact.Format, kind, codeSum, params, digests)
}

func keyOfFormat(format, kind, codeSum string, params []byte, inputs []string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\nformat %q\nkind %q\ncode %s\nparams %s\n", version, format, kind, codeSum, params)
	for _, digest := range inputs {
		io.WriteString(h, "input ")
		io.WriteString(h, digest)
		io.WriteString(h, "\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// recordedKey is the key that follows from the record of an action, whose inputs are
// in the order in which they entered it.
func recordedKey(a *store.Action) string {
	digests := make([]string, len(a.Inputs))
	for k, in := range a.Inputs {
		digests[k] = in.Digest
	}
	return keyOfFormat(a.Format, a.Kind, a.Code, a.Params, digests)
}

// open makes what a stage's Run reads of its sorted inputs.
func (e *Engine) open(in []input) pipeline.Inputs {
	out := make(pipeline.Inputs, len(in))
	for k, i := range in {
		out[k] = pipeline.Input{
			Stage: i.stage.Name,
			Kind:  i.stage.Kind.Name,
			Open: func() (*artifact.Table, error) {
				t, err := e.table(i.digest)
				if err == nil {
					err = belongs(t, i)
				}
				if err != nil {
					return nil, fmt.Errorf("reading %s: %w", i.stage.Name, err)
				}
				return t, nil
			},
		}
	}
	return out
}

// belongs wants an artifact to be of the stage whose record led to it.
func belongs(t *artifact.Table, i input) error {
	if t.Kind != i.stage.Kind.Name || string(t.Params) != string(i.params) {
		return fmt.Errorf("its record in the store leads to an artifact of kind %s with parameters %s; remove that record, which verify names, and run again", t.Kind, t.Params)
	}
	return nil
}

// table reads an artifact.
func (e *Engine) table(digest string) (*artifact.Table, error) {
	data, err := e.store.Get(digest)
	if err != nil {
		return nil, err
	}
	return artifact.Parse(data)
}

// files reads the files in the artifact of a kind that exports.
func (e *Engine) files(digest string) ([]pipeline.File, error) {
	t, err := e.table(digest)
	if err != nil {
		return nil, err
	}
	return artifact.Rows[pipeline.File](t)
}

// exported reports whether the exported files are as in the artifact.
func (e *Engine) exported(digest string) bool {
	files, err := e.files(digest)
	if err != nil {
		return false
	}
	for _, f := range files {
		if !filepath.IsLocal(f.Name) {
			return false
		}
		have, err := os.ReadFile(filepath.Join(e.exports, f.Name))
		if err != nil || string(have) != string(f.Content) {
			return false
		}
	}
	return true
}

// export writes the files in an artifact and returns those that changed.
func (e *Engine) export(digest string) (changed []string, err error) {
	files, err := e.files(digest)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if !filepath.IsLocal(f.Name) {
			return nil, fmt.Errorf("exporting: %q is not the name of a file below %s", f.Name, e.exports)
		}
		at := filepath.Join(e.exports, f.Name)
		wrote, err := store.WriteFile(at, f.Content)
		if err != nil {
			return nil, fmt.Errorf("exporting: %w", err)
		}
		if wrote {
			changed = append(changed, at)
		}
	}
	return changed, nil
}

// damaged returns the digest of an artifact that an error found damaged.
func damaged(err error) (digest string, ok bool) {
	var d *store.DamageError
	if errors.As(err, &d) {
		return d.Digest, true
	}
	return "", false
}
