package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// A Profile is a plan of a profile of the present paper.
type Profile struct {
	Name string
	View string // the folder of the view in which its stages are shown, as in Config
	Plan *Plan
}

// A paper tells what the stages of the present paper are.
type paper struct {
	items map[string][]*Item // by the name in the view
	names map[string]bool    // of stages
	kinds map[string]bool
	keys  map[digest.Key]bool // of the stages that are computed
}

func newPaper(profiles []Profile) *paper {
	p := &paper{make(map[string][]*Item), make(map[string]bool), make(map[string]bool), make(map[digest.Key]bool)}
	for _, profile := range profiles {
		for _, i := range profile.Plan.Items {
			name := store.ViewName(path.Join(profile.View, i.Stage.Name))
			p.items[name] = append(p.items[name], i)
			p.names[i.Stage.Name] = true
			p.kinds[i.Stage.Kind.Name] = true
			if i.Action != nil {
				p.keys[i.Key] = true
			}
		}
	}
	return p
}

// mayBeOf reports whether an action can be that of the stage viewed under a name, now or
// when it was last up to date, perhaps under another name.
func (p *paper) mayBeOf(name string, x *store.Action) bool {
	items := p.items[name]
	if items == nil {
		return nameAllows(name, x)
	}
	if slices.ContainsFunc(items, func(i *Item) bool { return i.Stage.Name == x.Stage || i.Key == x.Key }) {
		return true
	}
	return nameAllows(name, x) && slices.ContainsFunc(items, func(i *Item) bool { return p.mayHaveBeen(i, x) })
}

// mayHaveBeen is mayBeOf for an action that is neither the present one of a stage nor was
// recorded under its name: the stage may have had it before it was renamed, or share it
// with another stage.
func (p *paper) mayHaveBeen(i *Item, x *store.Action) bool {
	switch {
	case i.Action == nil: // the stage changed, and its earlier parameters are not known
	case p.keys[x.Key]:
		return false // it is another stage's present action
	case p.names[x.Stage]:
		return i.Stage.Kind.Name == x.Kind && string(i.Params) == string(x.Params)
	}
	return i.Stage.Kind.Name == x.Kind || !p.kinds[x.Kind] // a kind may be renamed, too
}

// checkViews wants each link to lead to something that can be of its stage, and the two
// links of a stage to the same action.
func (a *auditor) checkViews() {
	wrong := make(map[string]bool) // records and links
	for _, f := range a.Findings {
		wrong[f.Path] = true
	}
	records := make(map[string]*store.Action) // by the name of a link that leads to them
	var artifacts []store.Link
	for _, v := range a.store.Links() {
		if v.Err != nil {
			a.add(v.Path, Unreadable, nil, "%v", cause(v.Err))
			continue
		}
		a.Links++
		if !a.checkLink(v) {
			continue
		}
		if x := a.actions[v.Key]; x == nil {
			artifacts = append(artifacts, v)
		} else if !wrong[a.store.Record(v.Key).Path] {
			records[v.Name] = x
		}
	}
	for _, v := range artifacts {
		if x := records[v.Name]; x != nil && !a.together(v, x) {
			a.swapped(v, "it leads to an artifact of %s, and the record beside it is that of another, of %s",
				a.makers[v.Digest][0].Stage, x.Stage)
		}
	}
}

// checkLink reports whether a link leads to an action or artifact on record that can be of
// its stage.
func (a *auditor) checkLink(v store.Link) bool {
	makers := a.makers[v.Digest]
	what := "an artifact"
	if v.Key != "" {
		what, makers = "the record", nil
		if x := a.actions[v.Key]; x != nil {
			makers = []*store.Action{x}
		}
	}
	switch {
	case v.Key == "" && v.Digest == "":
		a.add(v.Path, Stray, nil, "it leads to neither a record nor an artifact of this store")
	case makers == nil && v.Key != "" && errors.Is(a.store.Record(v.Key).Err, fs.ErrNotExist):
		a.add(v.Path, Missing, []string{v.Name}, "record %s that it leads to is gone", v.Key)
	case makers == nil:
		// Reported as damaged, unreadable or missing already.
	case !slices.ContainsFunc(makers, func(x *store.Action) bool { return a.paper.mayBeOf(v.Name, x) }):
		a.swapped(v, "it leads to %s of %s", what, makers[0].Stage)
	default:
		return true
	}
	return false
}

func (a *auditor) swapped(v store.Link, format string, args ...any) {
	a.add(v.Path, Swapped, []string{v.Name}, format, args...)
	a.Findings[len(a.Findings)-1].MustRemove = a.paper.items[v.Name] == nil
}

// together reports whether an artifact and a record may be the links of one stage. The link
// to the artifact is written first, so that after a kill it can be a later one of the stage.
func (a *auditor) together(v store.Link, x *store.Action) bool {
	if x.Output == v.Digest {
		return true
	}
	now := func(i *Item) bool { return i.Action != nil && i.Action.Output == v.Digest }
	if slices.ContainsFunc(a.paper.items[v.Name], now) {
		return true
	}
	return slices.ContainsFunc(a.makers[v.Digest], func(m *store.Action) bool {
		return m.Kind == x.Kind && m.Stage == x.Stage
	})
}

// longName is the number of bytes from which on a name may have been shortened in the view.
const longName = 200

// nameAllows reports whether an action can be that of a stage viewed under a name. The
// names themselves may differ, as stages that are renamed or that have all but the name in
// common share actions; but the parameters must be those that the name has.
func nameAllows(name string, x *store.Action) bool {
	if name == x.Stage || strings.HasSuffix(name, "/"+x.Stage) {
		return true
	}
	last := path.Base(name)
	if len(last) > longName {
		return true
	}
	if recorded := path.Base(x.Stage); recorded != x.Stage && !strings.Contains(recorded, "=") {
		// A figure: its name is its only parameter.
		return last == recorded
	}
	var params map[string]any
	json.Unmarshal(x.Params, &params)
	for _, assignment := range strings.Split(last, ",") {
		axis, value, _ := strings.Cut(assignment, "=")
		if p, ok := params[axis]; ok && !sameValue(fmt.Sprint(p), value) {
			return false
		}
	}
	return true
}

// sameValue compares a parameter with its text in a name, 1e-3 with 0.001.
func sameValue(a, b string) bool {
	if a == b {
		return true
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && x == y
}
