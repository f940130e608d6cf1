// Package engine plans and runs a graph of stages on a store.
//
// A stage's key is the SHA-256 of all that its artifact depends on: kind, code,
// parameters, the contents of its inputs and the artifact format. Inputs enter
// by content, so that a stage which comes out as before stops a change there.
package engine

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

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

	prepare func() error // the store for writing, once, before the first that is computed
}

// New makes an engine. The tree has the sources of the kinds. Exports is the folder
// for the files of kinds that export, view the folder of the store's view in which
// stages are shown, "" for the view itself: stages of one name in two profiles do
// not get in each other's way.
func New(st *store.Store, tree *code.Tree, exports, view string) *Engine {
	return &Engine{st, tree, exports, view, sync.OnceValue(st.Prepare)}
}

// shownAs is the name of a stage in the store's view.
func (e *Engine) shownAs(s *pipeline.Stage) string { return path.Join(e.view, s.Name) }

// version is the first line of every key's text. It changes when the meaning of a
// key does, and then every stage runs again.
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
			bytes.Compare(a.params, b.params),
			cmp.Compare(a.digest, b.digest))
	})
}

// keyOf is the key of a stage; in is sorted. Neither the Go release nor the
// processor is in it: a kind's results must not depend on them, and the tests of the
// kinds see to that.
func keyOf(kind, codeSum string, params []byte, in []input) string {
	text := make([]byte, 0, 256+len(params)+72*len(in))
	text = fmt.Appendf(text, "%s\nformat %q\nkind %q\ncode %s\nparams %s\n", version, artifact.Format, kind, codeSum, params)
	for _, i := range in {
		text = append(text, "input "...)
		text = append(text, i.digest...)
		text = append(text, '\n')
	}
	return store.Digest(text)
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
				if err != nil {
					return nil, fmt.Errorf("reading %s: %w", i.stage.Name, err)
				}
				return t, nil
			},
		}
	}
	return out
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
func files(data []byte) ([]pipeline.File, error) {
	t, err := artifact.Parse(data)
	if err != nil {
		return nil, err
	}
	return artifact.Rows[pipeline.File](t)
}

// exported reports whether the exported files are as in the artifact. What export will
// refuse to write is not.
func (e *Engine) exported(digest string) (bool, error) {
	data, err := e.store.Get(digest)
	if err != nil {
		return false, err
	}
	files, err := files(data)
	if err != nil {
		return false, nil
	}
	for _, f := range files {
		if !filepath.IsLocal(f.Name) {
			return false, nil
		}
		at := filepath.Join(e.exports, f.Name)
		have, err := os.ReadFile(at)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("the exported file %s cannot be compared with its artifact: %w; make it readable or remove it", at, err)
		}
		if !bytes.Equal(have, f.Content) {
			return false, nil
		}
	}
	return true, nil
}

// export writes the files in an artifact and returns those that changed.
func (e *Engine) export(digest string) (changed []string, err error) {
	data, err := e.store.Get(digest)
	if err != nil {
		return nil, err
	}
	files, err := files(data)
	if err != nil {
		return nil, fmt.Errorf("exporting: %w", err)
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

// damage reports whether an error found an artifact or a record damaged, which making
// it anew mends.
func damage(err error) bool {
	var record *store.RecordError
	_, artifact := damaged(err)
	return artifact || errors.As(err, &record)
}
