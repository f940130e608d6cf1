package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
)

// A family is the stages that paper.toml declares together, a figure being its own.
type family struct {
	Name, ID string
	Kind     *pipeline.Kind
	Items    []*engine.Item
	Inputs   []*family
	users    []*family
}

// familiesOf joins the stages of a plan, each family after its inputs.
func familiesOf(p *engine.Plan) []*family {
	var out []*family
	byName := make(map[string]*family)
	for _, i := range p.Items {
		name := i.Stage.Family()
		f := byName[name]
		if f == nil {
			f = &family{Name: name, Kind: i.Stage.Kind, ID: "family-" + name}
			if i.Stage.Kind.Export {
				f.Name, f.ID = nameOf(i.Stage), "figure-"+nameOf(i.Stage)
			}
			byName[name] = f
			out = append(out, f)
		}
		f.Items = append(f.Items, i)
		for _, in := range i.Stage.Inputs {
			if from := byName[in.Family()]; from != f && !slices.Contains(f.Inputs, from) {
				f.Inputs = append(f.Inputs, from)
				from.users = append(from.users, f)
			}
		}
	}
	return out
}

// chain is a family and all that it comes from, each before its inputs.
func (f *family) chain(all []*family) []*family {
	need := map[*family]bool{f: true}
	var out []*family
	for _, g := range slices.Backward(all) {
		if !need[g] {
			continue
		}
		out = append(out, g)
		for _, in := range g.Inputs {
			need[in] = true
		}
	}
	return out
}

// Stages counts them: "24 stages".
func (f *family) Stages() string { return format.Count(len(f.Items), "stage") }

// Fresh is the number of stages up to date.
func (f *family) Fresh() int {
	n := 0
	for _, i := range f.Items {
		if i.Status == engine.Fresh {
			n++
		}
	}
	return n
}

// AllFresh reports whether nothing of the family has to be done.
func (f *family) AllFresh() bool { return f.Fresh() == len(f.Items) }

// Took is the time that computing what there is took, on one core.
func (f *family) Took() string {
	total, any := 0.0, false
	for _, i := range f.Items {
		if i.Action != nil {
			total, any = total+i.Action.Seconds, true
		}
	}
	if !any {
		return ""
	}
	return format.Seconds(total)
}

// When is the day or the days on which the stages began.
func (f *family) When() string {
	var first, last time.Time
	for _, i := range f.Items {
		if i.Action == nil {
			continue
		}
		if t := i.Action.Start; first.IsZero() || t.Before(first) {
			first = t
		}
		if t := i.Action.Start; t.After(last) {
			last = t
		}
	}
	from, to := first.UTC().Format(time.DateOnly), last.UTC().Format(time.DateOnly)
	switch {
	case last.IsZero():
		return ""
	case first.Equal(last):
		return format.Time(first)
	case from == to:
		return from
	}
	return from + " to " + to
}

// Platforms are those on which the stages ran, with the versions of Go.
func (f *family) Platforms() string {
	var out []string
	for _, i := range f.Items {
		if i.Action == nil {
			continue
		}
		if p := i.Action.Platform + ", " + i.Action.Go; !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// Codes are the different code sums, one for a family unless its parameters choose
// between variants of the code.
func (f *family) Codes() []digest.Code {
	var out []digest.Code
	for _, i := range f.Items {
		if !slices.Contains(out, i.Code) {
			out = append(out, i.Code)
		}
	}
	return out
}

// Digest is the artifact of a family of one stage.
func (f *family) Digest() digest.Artifact {
	if len(f.Items) == 1 && f.Items[0].Action != nil {
		return f.Items[0].Action.Output
	}
	return ""
}

// Axes says over what the stages of a family are spread, from their names.
func (f *family) Axes() []string {
	var names []string
	values := make(map[string][]string)
	for _, i := range f.Items {
		_, axes, ok := strings.Cut(i.Stage.Name, "/")
		if !ok || i.Stage.Kind.Export {
			continue
		}
		for _, axis := range strings.Split(axes, ",") {
			name, value, _ := strings.Cut(axis, "=")
			if values[name] == nil {
				names = append(names, name)
			}
			if !slices.Contains(values[name], value) {
				values[name] = append(values[name], value)
			}
		}
	}
	var out []string
	for _, name := range names {
		v := values[name]
		text := strings.Join(v, ", ")
		if len(v) > 10 {
			text = fmt.Sprintf("%s, %s … %s (%d values)", v[0], v[1], v[len(v)-1], len(v))
		}
		out = append(out, name+" = "+text)
	}
	return out
}

// Common are the parameters that all stages of the family have alike.
func (f *family) Common() string {
	var common []string
	for k, i := range f.Items {
		params := fields(i.Params)
		if k == 0 {
			common = params
			continue
		}
		common = slices.DeleteFunc(common, func(p string) bool { return !slices.Contains(params, p) })
	}
	return strings.Join(common, ", ")
}

// fields lists the fields of a JSON object in its order, as name = value.
func fields(object []byte) []string {
	var out []string
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return nil
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return out
		}
		out = append(out, fmt.Sprintf("%v = %s", name, value))
	}
	return out
}
