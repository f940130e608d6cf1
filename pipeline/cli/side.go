package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/diff"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/git"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

// A side is what one argument of diff stands for.
type side struct {
	name  string
	what  string   // for people: "a store"
	about []string // lines on what it is
	state *diff.State
	piece *piece           // of an artifact, without a state
	locks *engine.LockFile // nil if it is no lock

	texts   []textsOf // where its sources may be
	sources map[string][]byte
	read    map[string]bool // sums of packages whose sources were looked for
}

// A textsOf gives the sources of a package of a manifest, by their sums.
type textsOf func(code.Package) (map[string][]byte, error)

// A piece is an artifact, and where it lies.
type piece struct {
	stage  string // empty if it is not known
	digest digest.Artifact
	store  *store.Store
	action *store.Action // nil if nothing is on record
}

// A differ makes sides.
type differ struct {
	*workspace
	repository *git.Repository
	program    *code.Tree
	stages     map[string]*pipeline.Stage // of the present paper, by name
	records    *recordIndex               // of the store, nil until it is asked for
	numbers    map[digest.Artifact][]pipeline.Quantity
}

func (w *workspace) newDiffer() (*differ, error) {
	if err := w.read(); err != nil {
		return nil, err
	}
	if err := w.openStore(); err != nil {
		return nil, err
	}
	tree, err := code.Load(w.app.Sources)
	if err != nil {
		return nil, err
	}
	d := &differ{workspace: w, repository: git.At("."), program: tree, stages: make(map[string]*pipeline.Stage),
		numbers: make(map[digest.Artifact][]pipeline.Quantity)}
	for _, s := range w.graph.Stages {
		d.stages[s.Name] = s
	}
	return d, nil
}

// A reading is one way to take a name.
type reading struct {
	what string
	make func() (*side, error)
}

// side finds what a name stands for.
func (d *differ) side(ctx context.Context, name string) (*side, error) {
	if name == "" {
		return nil, usage("an argument is empty; name a store, a lock file, a revision, a stage or a digest")
	}
	readings, unread := d.readings(ctx, name)
	switch len(readings) {
	case 1:
		s, err := readings[0].make()
		if err != nil {
			return nil, err
		}
		s.name, s.what = name, readings[0].what
		s.texts = append(s.texts, func(p code.Package) (map[string][]byte, error) { return d.store.Sources(p.Sum) },
			d.program.Texts)
		return s, nil
	case 0:
		why := ""
		if unread != nil {
			why = fmt.Sprintf(" (%v)", unread)
		}
		return nil, usage("%s is no folder, file, git revision%s, stage or artifact; of stages, %s",
			name, why, spec.Hint(name, d.names()))
	}
	var words []string
	for _, r := range readings {
		words = append(words, r.what)
	}
	return nil, usage("%s can be %s; say which: ./NAME is a file or a folder, REV:%s a revision, "+
		"more digits or the name of the stage an artifact", name, strings.Join(words, " and "), lockFile)
}

// readings are the ways to take a name, and why it was not taken for a revision.
func (d *differ) readings(ctx context.Context, name string) (out []reading, unread error) {
	add := func(what string, f func() (*side, error)) { out = append(out, reading{what, f}) }
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		add("a store", func() (*side, error) { return d.ofStore(name) })
	case err == nil:
		if d.locate(name).in != nowhere {
			add("an artifact", func() (*side, error) { return d.ofNamed(name) })
		} else if info.Mode().IsRegular() && isArtifact(name) {
			add("an artifact", func() (*side, error) { return d.ofFile(name) })
		} else {
			add("a lock", func() (*side, error) { return d.ofLockFile(name) })
		}
	case d.locate(name).in != nowhere:
		add("an artifact", func() (*side, error) { return d.ofNamed(name) })
	}
	revision, file, ok := strings.Cut(name, ":")
	if !ok || file == "" {
		file = lockFile
	}
	commit, err := d.repository.Commit(ctx, revision)
	if err == nil {
		add("a revision", func() (*side, error) { return d.ofRevision(ctx, commit, file) })
	} else {
		unread = err
		var unknown *git.UnknownError
		if errors.As(err, &unknown) && unknown.Words == "" && !unknown.Shallow {
			unread = nil
		}
	}
	if d.isNamed(name) {
		add("an artifact", func() (*side, error) { return d.ofNamed(name) })
	}
	return out, unread
}

// isNamed reports whether a name is that of stages, of the present paper or on record, or the
// beginning of digests.
func (d *differ) isNamed(name string) bool {
	if len(d.graph.Match(name)) > 0 || len(d.index().matching(name)) > 0 {
		return true
	}
	prefix, ok := firstDigits(name)
	if !ok {
		return false
	}
	found, _ := d.store.Find(prefix)
	artifacts, keys := d.index().withPrefix(prefix)
	return len(found)+len(artifacts)+len(keys) > 0
}

func (d *differ) index() *recordIndex {
	if d.records == nil {
		d.records = indexRecords(d.store)
	}
	return d.records
}

// ofNamed is the artifact that show would show under a name.
func (d *differ) ofNamed(name string) (*side, error) {
	f, found, err := d.find(name)
	if err != nil {
		return nil, err
	}
	candidates, first := f.candidates(found)
	// The whole name of a stage is not that of a family too.
	if k := slices.IndexFunc(candidates, func(x *candidate) bool { return x.stage == name }); k >= 0 {
		found, candidates, first = found[k:k+1], candidates[k:k+1], 0
	}
	if !f.oneArtifact(name, found, candidates) {
		var titles []string
		for _, c := range candidates {
			titles = append(titles, c.title)
		}
		return nil, usage("%s are %d artifacts, such as %s; name one", name, len(found), titles[0])
	}
	x := candidates[first]
	if x.output == "" {
		return nil, f.notComputed([]string{x.title}, x.title)
	}
	p := &piece{stage: x.stage, digest: x.output, store: d.store}
	for _, r := range d.index().byOutput[x.output] {
		if p.action == nil || r.Action.Stage == x.stage && p.action.Stage != x.stage {
			p.action = r.Action
		}
	}
	return &side{piece: p, about: append([]string{x.title + ", " + d.store.ObjectPath(x.output)}, x.notes...)}, nil
}

// isArtifact reports whether a file is one by its first bytes.
func isArtifact(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 6)
	f.Read(head)
	return bytes.Equal(head, []byte("ARROW1"))
}

// ofFile is the artifact in a file of another store, or of none.
func (d *differ) ofFile(name string) (*side, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, usage("%w", err)
	}
	p := &piece{digest: digest.Artifact(digest.Hex(data))}
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return nil, usage("%w", err)
	}
	// objects/xx/DIGEST
	p.store, err = d.openAt(filepath.Dir(filepath.Dir(filepath.Dir(real))))
	if err != nil || p.store.Check(p.digest) != nil {
		return nil, usage("%s is not in a store, or not as it was there; name a file of a store, or a stage", name)
	}
	for _, r := range indexRecords(p.store).byOutput[p.digest] {
		p.action, p.stage = r.Action, r.Action.Stage
	}
	s := &side{piece: p, about: []string{fmt.Sprintf("%s, of %s", name, p.title())}}
	s.texts = append(s.texts, func(x code.Package) (map[string][]byte, error) { return p.store.Sources(x.Sum) })
	return s, nil
}

func (p *piece) title() string {
	if p.stage == "" {
		return noRecord
	}
	return p.stage
}

// source is the text of a sum in a package of some manifests, nil if it is not known.
func (s *side) source(sum, pkg string, manifests []*code.Manifest) []byte {
	if s.sources == nil {
		s.sources, s.read = make(map[string][]byte), make(map[string]bool)
	}
	for _, m := range manifests {
		for _, p := range m.Packages {
			if text := s.sources[sum]; text != nil {
				return text
			}
			if p.Path != pkg || s.read[p.Sum] {
				continue
			}
			s.read[p.Sum] = true
			for _, texts := range s.texts {
				found, _ := texts(p)
				for sum, text := range found {
					// What a store has may be damaged.
					if s.sources[sum] == nil && code.CheckText(sum, text) == nil {
						s.sources[sum] = text
					}
				}
			}
		}
	}
	return s.sources[sum]
}

// manifests are the lists of code of what a side has.
func (s *side) manifests() []*code.Manifest {
	seen := make(map[*code.Manifest]bool)
	var out []*code.Manifest
	for _, x := range s.state.Stages {
		if m := x.Recipe.Manifest; m != nil && !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out
}
