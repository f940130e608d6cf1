package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/build"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

// A workspace is the folder in which a verb works, with its paper and store.
type workspace struct {
	app      App
	profile  string
	storeDir string
	build    build.Build
	buildErr error
	outDir   string    // empty if not given
	settings []string  // of parameters, for a trial
	failures string    // file for those of a run; empty for none
	errs     io.Writer // for people
	opened   []*store.Store

	// What open found.
	paper  *spec.Paper
	graph  *pipeline.Graph
	store  *store.Store
	engine *engine.Engine
}

// open reads the paper and opens the store.
func (w *workspace) open() error {
	if err := w.read(); err != nil {
		return err
	}
	if err := w.checkOut(); err != nil {
		return err
	}
	if err := w.openStore(); err != nil {
		return err
	}
	tree, err := code.Load(w.app.Sources)
	if err != nil {
		return err
	}
	if w.buildErr != nil {
		return w.buildErr
	}
	w.engine, err = engine.New(engine.Config{
		Store: w.store, Code: tree, Build: w.build, Machine: w.machine(), Exports: w.exports(), View: w.view(),
	})
	return err
}

// openStore opens the store, once.
func (w *workspace) openStore() (err error) {
	if w.store == nil {
		w.store, err = w.openAt(w.storeDir)
	}
	return err
}

// openAt opens a store, and keeps others from removing anything from it until the command ends.
func (w *workspace) openAt(dir string) (*store.Store, error) {
	s, err := store.Open(dir)
	if err != nil {
		return nil, Usage(err)
	}
	w.opened = append(w.opened, s)
	return s, s.Use(func() {
		fmt.Fprintf(w.errs, "waiting for %s gc, which another process does in the store %s\n", w.app.Name, dir)
	})
}

// close ends what the command had open.
func (w *workspace) close() {
	for _, s := range w.opened {
		s.Leave()
	}
}

// view is where the profile has its stages in the store's view: nowhere apart for the
// default profile, which is the paper's.
func (w *workspace) view() string {
	// No profile or family has such a name.
	switch {
	case len(w.settings) > 0 && w.profile == w.paper.DefaultProfile():
		return trialView
	case len(w.settings) > 0:
		return trialView + "-" + w.profile
	}
	if w.profile == w.paper.DefaultProfile() {
		return ""
	}
	return w.profile
}

// trialView is where stages of trials are in the store's view.
const trialView = "_set"

// exports is the folder of exported files and the report. That of the paper, which may
// be under version control, holds what the store beside it has; what another store has
// goes there only if --out says so.
func (w *workspace) exports() string {
	switch {
	case w.outDir != "":
		return filepath.Clean(w.outDir)
	case sameFolder(w.storeDir, storeDir) && len(w.settings) == 0:
		return filepath.Join(w.app.Exports, w.view())
	}
	return filepath.Join(w.storeDir, storeOut, w.view())
}

// sameFolder reports whether two paths lead to one folder, there or not.
func sameFolder(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB)
	}
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absA == absB
}

// read reads the paper and makes the graph of the profile.
func (w *workspace) read() error {
	text, err := os.ReadFile(paperFile)
	if errors.Is(err, fs.ErrNotExist) {
		return usage("no %s in this folder; run %s in the folder of the paper", paperFile, w.app.Name)
	}
	if err != nil {
		return Usage(err)
	}
	if w.paper, err = spec.Parse(paperFile, text, w.settings...); err != nil {
		return w.outdated(err)
	}
	if w.profile == "" {
		w.profile = w.paper.DefaultProfile()
	}
	if w.graph, err = w.paper.Graph(w.profile, w.app.Kinds); err != nil {
		return w.outdated(err)
	}
	return nil
}

// targets are the stages that names stand for, all of them if there is none.
func (w *workspace) targets(names []string) ([]*pipeline.Stage, error) {
	if len(names) == 0 {
		return w.graph.Stages, nil
	}
	var out []*pipeline.Stage
	for _, name := range names {
		found := w.named(name)
		if len(found) == 0 {
			return nil, usage("no figure or stage of profile %s is called %s; %s",
				w.profile, name, spec.Hint(name, w.names()))
		}
		out = append(out, found...)
	}
	return out, nil
}

// named are the stages that a name stands for: a pattern of names, the path of an
// exported file, or one in the store's view.
func (w *workspace) named(name string) []*pipeline.Stage {
	if found := w.graph.Match(name); len(found) > 0 {
		return found
	}
	for _, folder := range []string{w.exports(), filepath.Join(w.storeDir, "view", w.view())} {
		base, err := filepath.Abs(folder)
		path, err2 := filepath.Abs(name)
		if err != nil || err2 != nil {
			continue
		}
		rel, err := filepath.Rel(base, path)
		if ext := filepath.Ext(rel); err == nil && filepath.IsLocal(rel) && ext != "" {
			if found := w.graph.Match(filepath.ToSlash(strings.TrimSuffix(rel, ext))); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// names are those of figures and families, for hints and completion.
func (w *workspace) names() []string {
	names := slices.Clone(w.paper.Figures(w.profile))
	families, err := w.paper.Families(w.profile, w.app.Kinds)
	if err != nil {
		return names
	}
	for _, f := range families {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}
