// Package engine plans and runs a graph of stages on a store.
//
// A stage's key is the SHA-256 of all that its artifact depends on: kind, code,
// parameters, the contents of its inputs, the artifact format, and how the program was
// built where that is not as for the portable build. Inputs enter by content, so that a
// stage which comes out as before stops a change there.
//
// # What a run trusts
//
// A run takes for the artifact of a key what the record under that key says, if the
// record has its own checksum and its own name. An artifact that has not been
// touched since its record was written, by size and times, counts as whole; whoever
// reads it hashes it and wants the kind and parameters of the stage it is read for.
// The sums of code it takes as they are remembered for the hash of the sources.
// A run does not recompute the keys of records, read artifacts that nothing needs to
// read, or look at records, code and links of other stages. Audit does, for the
// whole store; the checksums of records show edits, not the work of someone who
// writes checksums too.
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
	"sync/atomic"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/build"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/store"
)

// An Engine brings graphs up to date. It is safe for concurrent use.
type Engine struct {
	store   *store.Store
	code    *code.Tree
	build   build.Build
	exports string
	view    string
	sources string       // the hash under which sums of code are remembered
	kept    atomic.Int64 // how many of them are

	prepare func() error // the store for writing, once, before the first that is computed
}

// A Config is what an engine works with.
type Config struct {
	Store *store.Store
	Code  *code.Tree  // has the sources of the kinds
	Build build.Build // of this program; of its zero value only Identity matters, and stands for the portable build

	// Exports is the folder for the files of kinds that export.
	Exports string

	// View is the folder of the store's view in which stages are shown, "" for the view
	// itself: stages of one name in two profiles do not get in each other's way.
	View string
}

// New makes an engine. It takes from the store what sums of code an earlier one found for
// the same sources.
func New(c Config) (*Engine, error) {
	if c.Build.Identity == "" {
		c.Build.Identity = build.Portable
	}
	sources, err := c.Code.Sources()
	if err != nil {
		return nil, err
	}
	sums := c.Store.Sums(sources)
	c.Code.Recall(sums)
	e := &Engine{
		store: c.Store, code: c.Code, build: c.Build, exports: c.Exports, view: c.View,
		sources: sources, prepare: sync.OnceValue(c.Store.Prepare),
	}
	e.kept.Store(int64(len(sums)))
	return e, nil
}

// remember keeps the sums of code that were found. Without them the next plan takes longer
// and is the same, so that it does not matter if the store cannot be written to.
func (e *Engine) remember() {
	sums := e.code.Sums()
	if n := int64(len(sums)); n > e.kept.Load() && e.store.PutSums(e.sources, sums) {
		e.kept.Store(n)
	}
}

// CheckSums says which sums of code that the engine took from the store are not those of
// the sources.
func (e *Engine) CheckSums() []error { return e.code.Check() }

// CodeOf is what the code of an item is made of.
func (e *Engine) CodeOf(i *Item) (code.Digest, error) {
	// Where the store does not tell, the sources do.
	if d, err := e.store.Code(i.Code); err == nil && d != nil {
		return *d, nil
	}
	return e.digest(i.Stage)
}

func (e *Engine) digest(s *pipeline.Stage) (code.Digest, error) {
	d, err := e.code.Digest(s.Kind.Entry.Package, s.Kind.Entry.Name, s.Choices())
	if err != nil {
		return d, fmt.Errorf("stage %s (kind %s): %w", s.Name, s.Kind.Name, err)
	}
	return d, nil
}

// shownAs is the name of a stage in the store's view.
func (e *Engine) shownAs(s *pipeline.Stage) string { return path.Join(e.view, s.Name) }

// version is the first line of every key's text. It changes when the meaning of a
// key does, and then every stage runs again. Audit then needs to know the records of
// earlier versions from those that were edited.
const version = "key 2"

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

// keyOf is the key of a stage; in is sorted. The identity of the build is that of
// package build. Neither the Go release nor the processor is in it: a kind's results must
// not depend on them, and the tests of the kinds see to that.
func keyOf(kind, codeSum, identity string, params []byte, in []input) string {
	digests := make([]string, len(in))
	for k, i := range in {
		digests[k] = i.digest
	}
	return keyOfFormat(artifact.Format, identity, kind, codeSum, params, digests)
}

func keyOfFormat(format, identity, kind, codeSum string, params []byte, inputs []string) string {
	text := make([]byte, 0, 320+len(params)+72*len(inputs))
	text = fmt.Appendf(text, "%s\nformat %q\nbuild %q\nkind %q\ncode %s\nparams %s\n", version, format, identity, kind, codeSum, params)
	for _, digest := range inputs {
		text = append(text, "input "...)
		text = append(text, digest...)
		text = append(text, '\n')
	}
	return store.Digest(text)
}

// recordedKey is the key that follows from the record of an action, whose inputs are
// in the order in which they entered it.
func recordedKey(a *store.Action) string {
	digests := make([]string, len(a.Inputs))
	for k, in := range a.Inputs {
		digests[k] = in.Digest
	}
	return keyOfFormat(a.Format, a.Build.Identity, a.Kind, a.Code, a.Params, digests)
}

// open makes what a stage's Run reads of its sorted inputs.
func (e *Engine) open(reads []pipeline.Read, in []input) pipeline.Inputs {
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
		}.Declared(reads)
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

// Export is what the artifact of an item of a kind that exports has for people, nil if the
// store does not have that artifact.
func (e *Engine) Export(i *Item) (*pipeline.Export, error) {
	if i.Action == nil {
		return nil, nil
	}
	data, err := e.store.Get(i.Action.Output)
	if err != nil {
		return nil, err
	}
	x, err := exportOf(data)
	if err != nil {
		return nil, fmt.Errorf("stage %s: %w", i.Stage.Name, err)
	}
	return x, nil
}

// exportOf reads the artifact of a kind that exports.
func exportOf(data []byte) (*pipeline.Export, error) {
	t, err := artifact.Parse(data)
	if err != nil {
		return nil, err
	}
	rows, err := artifact.Rows[pipeline.Export](t)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, fmt.Errorf("an artifact that is exported has one row, and this one %d; let its kind's Run give one", len(rows))
	}
	return &rows[0], nil
}

// exported reports whether the exported files are as in the artifact. What export will
// refuse to write is not.
func (e *Engine) exported(digest string) (bool, error) {
	data, err := e.store.Get(digest)
	if err != nil {
		return false, err
	}
	x, err := exportOf(data)
	if err != nil {
		return false, nil
	}
	for _, f := range x.Files {
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
	x, err := exportOf(data)
	if err != nil {
		return nil, fmt.Errorf("exporting: %w", err)
	}
	for _, f := range x.Files {
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
