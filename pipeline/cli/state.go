package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/diff"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/git"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/report"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

const tomlFile = report.TOMLFile

// ofStore is what the view of a store shows of the profile.
func (d *differ) ofStore(dir string) (*side, error) {
	st, err := d.openAt(dir)
	if err != nil {
		return nil, err
	}
	if exists, err := st.Exists(); err != nil || !exists {
		return nil, errors.Join(err, usage("the folder %s is no store", dir))
	}
	s := &side{state: &diff.State{Stages: make(map[string]diff.Stage)}}
	manifests := manifestsOf(st)
	var lost []string
	other := make(map[string]bool)
	for _, l := range st.Links() {
		if l.Err != nil {
			return nil, l.Err
		}
		if l.Key == "" {
			continue
		}
		profile, stage := d.ofProfile(l.Name)
		if profile != d.profile {
			other[profile] = true
			continue
		}
		a, err := st.Action(l.Key)
		if err != nil || a == nil {
			lost = append(lost, stage)
			continue
		}
		if store.ViewName(a.Stage) == stage {
			stage = a.Stage // the view cuts long names
		}
		s.state.Stages[stage] = diff.Stage{Digest: a.Output, Recipe: diff.OfAction(a, manifests(a.Code))}
	}
	if len(s.state.Stages) == 0 {
		return nil, usage("the store %s shows no stage of profile %s%s", dir, d.profile,
			otherProfiles(slices.Sorted(maps.Keys(other))))
	}
	s.about = []string{fmt.Sprintf("store %s, %s", dir, format.Count(len(s.state.Stages), "stage"))}
	if lost != nil {
		s.about = append(s.about, fmt.Sprintf("left out, as their records are damaged or gone: %s; "+
			"%s verify names these", format.List(lost, 3), d.app.Name))
	}
	s.texts = append(s.texts, func(p code.Package) (map[string][]byte, error) { return st.Sources(p.Sum) })
	s.state.Figures = d.figures(s.state.Stages, nil, st, d.store)
	return s, nil
}

// otherProfiles says what else to ask for.
func otherProfiles(profiles []string) string {
	if len(profiles) == 0 {
		return ""
	}
	return fmt.Sprintf(", only of %s; name one with --profile", strings.Join(profiles, ", "))
}

// manifestsOf reads the manifests of a store, each once; nil is one that is not known.
func manifestsOf(st *store.Store) func(digest.Code) *code.Manifest {
	known := make(map[digest.Code]*code.Manifest)
	return func(sum digest.Code) *code.Manifest {
		m, ok := known[sum]
		if !ok {
			m, _ = st.Code(sum)
			known[sum] = m
		}
		return m
	}
}

// ofLockFile is the state in a lock file, with the numbers that lie beside it.
func (d *differ) ofLockFile(name string) (*side, error) {
	text, err := readLock(name)
	if err != nil {
		return nil, usage("%w", err)
	}
	s, err := d.ofLock(name, text)
	if err != nil {
		return nil, err
	}
	s.about = []string{fmt.Sprintf("lock %s, %s", name, format.Count(len(s.state.Stages), "stage"))}
	d.recordedRecipes(s)
	at := filepath.Join(filepath.Dir(name), d.exportsOf(d.profile), tomlFile)
	numbers, _ := os.ReadFile(at)
	s.state.Figures = d.figures(s.state.Stages, d.parseNumbers(s, at, numbers), d.store)
	return s, nil
}

// maxLock is how long a lock file may be, in bytes: some million stages.
const maxLock = 256 << 20

// readLock reads a lock file, or a pipe that has one.
func readLock(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxLock+1))
	if err == nil && len(text) > maxLock {
		err = fmt.Errorf("%s is no lock file: it has more than %s", name, format.Bytes(maxLock))
	}
	return text, err
}

// ofLock is the profile's section of a lock, of which recipes and numbers are not known yet.
func (d *differ) ofLock(name string, text []byte) (*side, error) {
	file, err := engine.ParseLockFile(name, text)
	if err != nil {
		return nil, Usage(err)
	}
	if len(file.Profiles()) == 0 {
		return nil, usage("%s is no lock file: it has no section", name)
	}
	s := &side{state: &diff.State{Stages: make(map[string]diff.Stage)}, locks: file}
	if lock := file.Of(d.profile); lock != nil {
		for stage, output := range lock.Digests {
			s.state.Stages[stage] = diff.Stage{Digest: output}
		}
	}
	return s, nil
}

// recordedRecipes gives the stages without a recipe that of the store's record with the same
// artifact; without one, the inputs of the present paper are presumed.
func (d *differ) recordedRecipes(s *side) {
	manifests := manifestsOf(d.store)
	for name, x := range s.state.Stages {
		if x.Recipe.Kind != "" {
			continue
		}
		var a *store.Action
		for _, r := range d.index().byOutput[x.Digest] {
			if r.Err == nil && (a == nil || a.Stage != name && r.Action.Stage == name) {
				a = r.Action
			}
		}
		if a != nil {
			x.Recipe = diff.OfAction(a, manifests(a.Code))
		} else if stage := d.stages[name]; stage != nil {
			x.Recipe.Inputs = inputsOf(stage, s.state.Stages)
		}
		s.state.Stages[name] = x
	}
}

// inputsOf are the inputs of a stage with the artifacts of a state.
func inputsOf(stage *pipeline.Stage, of map[string]diff.Stage) []store.ActionInput {
	var out []store.ActionInput
	for _, in := range stage.Inputs {
		if x, ok := of[in.Name]; ok {
			out = append(out, store.ActionInput{Stage: in.Name, Digest: x.Digest})
		}
	}
	return out
}

// ofRevision is the state in a lock file at a commit.
func (d *differ) ofRevision(ctx context.Context, at *git.Commit, name string) (*side, error) {
	text, err := d.repository.File(ctx, at, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("commit %s has no file %s in this folder", at.Short(), name)
	}
	if err != nil {
		return nil, err
	}
	s, err := d.ofLock(at.Short()+":"+name, text)
	if err != nil {
		return nil, err
	}
	s.about = []string{fmt.Sprintf("revision %s, %s", commitWords(at), format.Count(len(s.state.Stages), "stage"))}
	made, err := d.repository.LastChange(ctx, at, name)
	switch {
	case err != nil:
		return nil, err
	case made == nil:
		made = at
		s.about = append(s.about, fmt.Sprintf("this clone is shallow: when %s was last changed is not known, "+
			"and its sources are taken to be those of the revision", name))
	case made.Hash != at.Hash:
		s.about = append(s.about, fmt.Sprintf("its %s, and the sources that it stands for, are of %s",
			name, commitWords(made)))
	}
	if err := d.recipesAt(ctx, s, made); err != nil {
		return nil, err
	}
	d.recordedRecipes(s)
	numbersAt := path.Join(filepath.ToSlash(d.exportsOf(d.profile)), tomlFile)
	numbers, err := d.repository.File(ctx, at, numbersAt)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	s.state.Figures = d.figures(s.state.Stages, d.parseNumbers(s, at.Short()+":"+numbersAt, numbers), d.store)
	return s, nil
}

func commitWords(c *git.Commit) string {
	return fmt.Sprintf("%s of %s, “%s”", c.Short(), c.Time.Format("2006-01-02 15:04"), c.Subject)
}

// recipesAt reads the recipes of stages from the paper and the sources at a commit. Where this
// program cannot read them, it says so and knows less.
func (d *differ) recipesAt(ctx context.Context, s *side, at *git.Commit) error {
	src, err := d.repository.Tree(ctx, at, filepath.ToSlash(d.app.Exports))
	if err != nil {
		return err
	}
	tree, err := code.Load(src)
	if err != nil {
		s.about = append(s.about, fmt.Sprintf("its sources cannot be read by this program: %v", err))
		return nil
	}
	s.texts = append(s.texts, tree.Texts)
	stages, known := d.stages, false
	graph, err := d.graphAt(src)
	if err == nil {
		stages, known = make(map[string]*pipeline.Stage), true
		for _, stage := range graph.Stages {
			stages[stage.Name] = stage
		}
	} else {
		s.about = append(s.about, fmt.Sprintf("its %s is not for this program, so that parameters are not known and "+
			"the present stages of the same names tell which code counts: %v", paperFile, err))
	}
	r := &revisionRecipes{tree: tree, manifests: make(map[string]*code.Manifest)}
	for _, name := range slices.Sorted(maps.Keys(s.state.Stages)) {
		x, stage := s.state.Stages[name], stages[name]
		if stage == nil {
			continue
		}
		x.Recipe = diff.Recipe{Kind: stage.Kind.Name, Inputs: inputsOf(stage, s.state.Stages), HasInputs: known}
		if known {
			x.Recipe.Params = stage.Canonical()
		}
		if m := r.manifest(stage); m != nil {
			x.Recipe.Code, x.Recipe.Manifest = m.Sum, m
		}
		s.state.Stages[name] = x
	}
	if r.err != nil {
		s.about = append(s.about, fmt.Sprintf("some of its code is not known: %v", r.err))
	}
	return nil
}

// graphAt is the profile's graph by the paper in a set of sources.
func (d *differ) graphAt(src fs.FS) (*pipeline.Graph, error) {
	text, err := fs.ReadFile(src, paperFile)
	if err != nil {
		return nil, err
	}
	paper, err := spec.Parse(paperFile, text)
	if err != nil {
		return nil, err
	}
	return paper.Graph(d.profile, d.app.Kinds)
}

// revisionRecipes computes the manifests of stages at a revision, each once.
type revisionRecipes struct {
	tree      *code.Tree
	manifests map[string]*code.Manifest
	err       error // the first
}

func (r *revisionRecipes) manifest(s *pipeline.Stage) *code.Manifest {
	// A choice that there was not yet was no choice: its code was elsewhere, and counts with that.
	entry, choices := s.Kind.Entry, slices.DeleteFunc(s.Choices(), func(p string) bool { return !r.tree.Has(p) })
	q := fmt.Sprint(entry, choices)
	m, ok := r.manifests[q]
	if !ok {
		found, err := r.tree.Manifest(entry.Package, entry.Name, choices)
		if err == nil {
			m = &found
		} else if r.err == nil {
			r.err = err
		}
		r.manifests[q] = m
	}
	return m
}

// exportsOf is where the paper keeps the exported files of a profile.
func (d *differ) exportsOf(profile string) string {
	if profile == d.paper.DefaultProfile() {
		return d.app.Exports
	}
	return filepath.Join(d.app.Exports, profile)
}

// parseNumbers reads a file of numbers, which may be missing.
func (d *differ) parseNumbers(s *side, name string, text []byte) map[string][]pipeline.Quantity {
	if text == nil {
		return nil
	}
	numbers, err := report.ParseTOML(text)
	if err != nil {
		s.about = append(s.about, fmt.Sprintf("%s is no file of numbers: %v", name, err))
	}
	return numbers
}

// figures are the numbers of the figures among some stages: those in the artifacts where one of
// some stores has these, or else others.
func (d *differ) figures(stages map[string]diff.Stage, others map[string][]pipeline.Quantity,
	stores ...*store.Store) map[string][]pipeline.Quantity {

	exports := make(map[string]bool)
	for _, k := range d.app.Kinds {
		exports[k.Name] = k.Export
	}
	out := make(map[string][]pipeline.Quantity)
	for name, x := range stages {
		kind := x.Recipe.Kind
		if stage := d.stages[name]; kind == "" && stage != nil {
			kind = stage.Kind.Name
		}
		if !exports[kind] {
			continue
		}
		figure := figureName(name)
		q := others[figure]
		if found, ok := d.quantities(x.Digest, stores); ok {
			q = found
		}
		if q == nil && others != nil {
			q = []pipeline.Quantity{} // a file of numbers leaves out the figures that have none
		}
		out[figure] = q
	}
	return out
}

// figureName is the name of a figure without its family, as files of numbers have it.
func figureName(stage string) string {
	if _, name, ok := strings.Cut(stage, "/"); ok {
		return name
	}
	return stage
}

// quantities are those in the artifact of a figure, if one of some stores has it.
func (d *differ) quantities(output digest.Artifact, stores []*store.Store) ([]pipeline.Quantity, bool) {
	if q, ok := d.numbers[output]; ok {
		return q, true
	}
	for _, st := range stores {
		data, err := st.Get(output)
		if err != nil {
			continue
		}
		if x, err := engine.ExportOf(data); err == nil {
			d.numbers[output] = append([]pipeline.Quantity{}, x.Quantities...)
			return d.numbers[output], true
		}
	}
	return nil, false
}
