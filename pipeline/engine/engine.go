// Package engine plans and runs a graph of stages on a store.
//
// A stage's key is the SHA-256 of all that its artifact depends on: kind, code,
// parameters, the contents of its inputs, the artifact format, and how the program was
// built where that is not as for the portable build. Inputs enter by content, so that a
// change ends at a stage whose artifact comes out as before.
//
// # What a run trusts
//
// A run believes what the record under a key says of its artifact, if the record has the
// right checksum and file name. An artifact that has not been touched since its record
// was written, by size and times, counts as whole; when it is read, it is hashed, and
// its kind and parameters must be those of the stage.
// The digests of code it takes as they are kept for the hash of the sources.
// A run does not recompute the keys of records, read artifacts that nothing needs to
// read, or look at records, code and links of other stages. AuditStore does, for the
// whole store. Checksums of records show edits, but not by someone who writes the
// checksum too.
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
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// An Engine brings graphs up to date. It is safe for concurrent use.
type Engine struct {
	store   *store.Store
	code    *code.Tree
	build   build.Build
	machine string
	exports string
	view    string
	sources string       // the hash under which the store keeps digests of code
	saved   atomic.Int64 // how many of them it keeps

	keeping sync.Mutex      // guards what follows, and one at a time keeps sources
	kept    map[string]bool // digests of code, and sums of packages, whose sources the store has

	prepare func() (lacks []string, err error) // Store.Prepare, once, before anything is computed
}

// A Config is what an engine works with.
type Config struct {
	Store *store.Store
	Code  *code.Tree  // has the sources of the kinds
	Build build.Build // of this program; the zero value stands for the portable build

	Machine string // on which it computes, for the records of times; see store.Action

	// Exports is the folder for the files of kinds that export.
	Exports string

	// View is the folder of the store's view in which stages are shown, "" for the view
	// itself. Profiles have different ones, as they have stages of the same name.
	View string
}

// New makes an engine. It takes from the store what digests of code an earlier one found
// for the same sources.
func New(c Config) (*Engine, error) {
	if c.Build.Identity == "" {
		c.Build.Identity = build.Portable
	}
	sources, err := c.Code.Sources()
	if err != nil {
		return nil, err
	}
	sums := c.Store.CodeSums(sources)
	c.Code.UseSums(sums)
	e := &Engine{
		store: c.Store, code: c.Code, build: c.Build, machine: c.Machine, exports: c.Exports, view: c.View,
		sources: sources, prepare: sync.OnceValues(c.Store.Prepare), kept: make(map[string]bool),
	}
	e.saved.Store(int64(len(sums)))
	return e, nil
}

// saveSums keeps the digests of code that were found. Without them the next plan takes
// longer and is the same, so that it does not matter if the store cannot be written to.
func (e *Engine) saveSums() {
	sums := e.code.Sums()
	if n := int64(len(sums)); n > e.saved.Load() && e.store.PutCodeSums(e.sources, sums) {
		e.saved.Store(n)
	}
}

// CheckSums says which digests of code that the engine took from the store are not those
// of the sources.
func (e *Engine) CheckSums() []error { return e.code.CheckSums() }

// CodeOf is what the code of an item is made of.
func (e *Engine) CodeOf(i *Item) (code.Manifest, error) {
	// Where the store does not tell, the sources do.
	if m, err := e.store.Code(i.Code); err == nil && m != nil {
		return *m, nil
	}
	return e.manifest(i.Stage)
}

func (e *Engine) manifest(s *pipeline.Stage) (code.Manifest, error) {
	m, err := e.code.Manifest(s.Kind.Entry.Package, s.Kind.Entry.Name, s.Choices())
	if err != nil {
		return m, fmt.Errorf("stage %s (kind %s): %w", s.Name, s.Kind.Name, err)
	}
	return m, nil
}

// viewName is the name of a stage in the store's view.
func (e *Engine) viewName(s *pipeline.Stage) string { return path.Join(e.view, s.Name) }

// version is the first line of every key's text. It changes when the meaning of a
// key does, and then every stage runs again. AuditStore must then tell records of earlier
// versions from edited ones.
const version = "key 2"

// An input is an artifact that a stage reads, as it enters the key.
type input struct {
	stage  *pipeline.Stage
	params []byte // canonical; nil for those of the artifact, whatever they are
	digest digest.Artifact
}

// sortInputs orders inputs by kind, parameters and content, so that keys do not depend on
// the names of stages or on the order in paper.toml.
func sortInputs(in []input) {
	slices.SortStableFunc(in, func(a, b input) int {
		return cmp.Or(
			cmp.Compare(a.stage.Kind.Name, b.stage.Kind.Name),
			bytes.Compare(a.params, b.params),
			cmp.Compare(a.digest, b.digest))
	})
}

// setKey gives an item the inputs that it reads and the key that follows.
func (e *Engine) setKey(i *Item, in []input) {
	sortInputs(in)
	digests := make([]digest.Artifact, len(in))
	for k := range in {
		digests[k] = in[k].digest
	}
	i.inputs = in
	i.Key = keyOf(artifact.Format, e.build.Identity, i.Stage.Kind.Name, i.Code, i.Params, digests)
}

// keyOf is the key of an action, whose inputs are in the order of sortInputs. The identity
// of the build is that of package build. Neither the Go release nor the processor is in it:
// a kind's results must not depend on them, and the tests of the kinds see to that.
func keyOf(format, identity, kind string, code digest.Code, params []byte, inputs []digest.Artifact) digest.Key {
	text := make([]byte, 0, 320+len(params)+72*len(inputs))
	text = fmt.Appendf(text, "%s\nformat %q\nbuild %q\nkind %q\ncode %s\nparams %s\n",
		version, format, identity, kind, code, params)
	for _, in := range inputs {
		text = append(text, "input "...)
		text = append(text, in...)
		text = append(text, '\n')
	}
	return digest.Key(digest.Hex(text))
}

// recordedKey is the key that follows from the record of an action, whose inputs are
// in the order in which they entered it.
func recordedKey(a *store.Action) digest.Key {
	digests := make([]digest.Artifact, len(a.Inputs))
	for k, in := range a.Inputs {
		digests[k] = in.Digest
	}
	return keyOf(a.Format, a.Build.Identity, a.Kind, a.Code, a.Params, digests)
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
					err = i.check(t)
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

// check wants an artifact to be of the stage whose record led to it.
func (i input) check(t *artifact.Table) error {
	if t.Kind != i.stage.Kind.Name || i.params != nil && string(t.Params) != string(i.params) {
		return fmt.Errorf("its record in the store leads to an artifact of kind %s with parameters %s; "+
			"remove that record, which verify names, and run again", t.Kind, t.Params)
	}
	return nil
}

// table reads an artifact.
func (e *Engine) table(name digest.Artifact) (*artifact.Table, error) {
	data, err := e.store.Get(name)
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
	x, err := ExportOf(data)
	if err != nil {
		return nil, fmt.Errorf("stage %s: %w", i.Stage.Name, err)
	}
	return x, nil
}

// ExportOf reads the artifact of a kind that exports.
func ExportOf(data []byte) (*pipeline.Export, error) {
	t, err := artifact.Parse(data)
	if err != nil {
		return nil, err
	}
	rows, err := artifact.Rows[pipeline.Export](t)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, fmt.Errorf("an artifact that is exported has one row, and this one %d; let its kind's Run give one",
			len(rows))
	}
	return &rows[0], nil
}

// exported reports whether the exported files are as in the artifact. It is false for a file
// name that export refuses: export then says what is wrong with it.
func (e *Engine) exported(name digest.Artifact) (bool, error) {
	data, err := e.store.Get(name)
	if err != nil {
		return false, err
	}
	x, err := ExportOf(data)
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
			return false, fmt.Errorf("the exported file %s cannot be compared with its artifact: %w; "+
				"make it readable or remove it", at, err)
		}
		if !bytes.Equal(have, f.Content) {
			return false, nil
		}
	}
	return true, nil
}

// export writes the files in an artifact and returns those that changed.
func (e *Engine) export(name digest.Artifact) (changed []string, err error) {
	data, err := e.store.Get(name)
	if err != nil {
		return nil, err
	}
	x, err := ExportOf(data)
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

// damagedArtifact returns the artifact that an error found damaged.
func damagedArtifact(err error) (name digest.Artifact, ok bool) {
	var d *store.DamageError
	if errors.As(err, &d) {
		return d.Digest, true
	}
	return "", false
}

// isDamage reports whether an error found an artifact or a record damaged or missing, which
// computing the stage again mends.
func isDamage(err error) bool {
	var record *store.RecordError
	_, artifact := damagedArtifact(err)
	return artifact || errors.As(err, &record)
}
