package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"zerotohero/pipeline/citation"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// MetadataFile is the name that RO-Crate prescribes.
const MetadataFile = "ro-crate-metadata.json"

// The specification, and the profiles by their permalinks: all that a Provenance Run Crate extends
// (https://www.researchobject.org/workflow-run-crate/profiles).
const roCrate = "https://w3id.org/ro/crate/1.1"

var profiles = []struct{ id, name, version string }{
	{"https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"},
	{"https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"},
	{"https://w3id.org/ro/wfrun/provenance/0.5", "Provenance Run Crate", "0.5"},
	{workflowCrate, "Workflow RO-Crate", "1.0"},
}

const workflowCrate = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"

// An entity is an object of the graph; encoding/json sorts its keys.
type entity map[string]any

func ref(id string) entity { return entity{"@id": id} }

func refs(ids []string) []entity {
	out := make([]entity, len(ids))
	for k, id := range ids {
		out[k] = ref(id)
	}
	return out
}

// fileID is the id of a file: its path as a relative URI.
func fileID(name string) string { return (&url.URL{Path: name}).EscapedPath() }

// A crate gathers the entities of a bundle.
type crate struct {
	c        *Contents
	runs     []Run // of which the bundle has what they made
	graph    []entity
	known    map[string]bool
	parts    []string // files and folders that the root has
	mentions []string // actions
}

// metadata is the text of MetadataFile, for files that are listed with their sizes and digests.
func metadata(c *Contents, files []entry) ([]byte, error) {
	m := &crate{c: c, known: make(map[string]bool)}
	for _, r := range c.Runs {
		if c.Store != nil || r.Export != nil {
			m.runs = append(m.runs, r)
		}
	}
	root := entity{}
	m.add(entity{
		"@id": MetadataFile, "@type": "CreativeWork", "about": ref("./"),
		"conformsTo": refs([]string{roCrate, workflowCrate}),
	})
	m.graph = append(m.graph, root)
	m.addFiles(files)
	m.addTools()
	m.addActions()
	maps.Copy(root, m.root())
	for _, p := range profiles {
		m.add(entity{"@id": p.id, "@type": "CreativeWork", "name": p.name, "version": p.version})
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(entity{
		"@context": []string{roCrate + "/context", "https://w3id.org/ro/terms/workflow-run/context"},
		"@graph":   m.graph,
	})
	return out.Bytes(), err
}

// add adds an entity unless one with its id is there, and returns the id.
func (m *crate) add(e entity) string {
	id := e["@id"].(string)
	if !m.known[id] {
		m.known[id] = true
		m.graph = append(m.graph, e)
	}
	return id
}

// root is the entity of the bundle as a whole.
func (m *crate) root() entity {
	c := m.c.Citation
	var conforms []string
	for _, p := range profiles {
		conforms = append(conforms, p.id)
	}
	e := entity{
		"@id": "./", "@type": "Dataset", "name": c.Title, "description": c.Abstract,
		"datePublished": c.Released, "version": c.Version, "conformsTo": refs(conforms),
		"license": ref(m.license(m.dataLicense())), "author": refs(m.authors(c.Authors)),
		"mainEntity": ref(fileID(m.c.Paper)), "hasPart": refs(m.parts), "mentions": refs(m.mentions),
	}
	if len(c.Keywords) > 0 {
		e["keywords"] = c.Keywords
	}
	if c.DOI != "" {
		e["identifier"] = "https://doi.org/" + c.DOI
	}
	var works []string
	for _, r := range c.References {
		works = append(works, m.reference(r))
	}
	if works != nil {
		e["citation"] = refs(works)
	}
	return e
}

func (m *crate) dataLicense() string {
	if m.c.License != "" {
		return m.c.License
	}
	return m.c.Citation.License[0]
}

func (m *crate) license(spdx string) string {
	return m.add(entity{"@id": "https://spdx.org/licenses/" + spdx, "@type": "CreativeWork", "name": spdx,
		"identifier": spdx, "url": "https://spdx.org/licenses/" + spdx + ".html"})
}

func (m *crate) authors(list []citation.Author) []string {
	var out []string
	for _, a := range list {
		e := entity{"@id": a.ORCID, "@type": "Organization", "name": a.String()}
		if a.ORCID == "" {
			e["@id"] = "#author-" + url.PathEscape(strings.ReplaceAll(strings.ToLower(a.String()), " ", "-"))
		}
		if a.IsPerson() {
			e["@type"], e["familyName"] = "Person", a.Family
			if a.Given != "" {
				e["givenName"] = a.Given
			}
		}
		if a.Affiliation != "" {
			e["affiliation"] = a.Affiliation
		}
		out = append(out, m.add(e))
	}
	return out
}

func (m *crate) reference(r citation.Reference) string {
	e := entity{"@id": r.URL, "@type": "CreativeWork", "name": r.Title, "author": refs(m.authors(r.Authors))}
	if r.Type == "article" {
		e["@type"] = "ScholarlyArticle"
	}
	switch {
	case r.DOI != "":
		e["@id"] = "https://doi.org/" + r.DOI
	case r.URL == "":
		e["@id"] = "#work-" + digest.Hex([]byte(r.Title))[:12]
	default:
		e["url"] = r.URL
	}
	for name, value := range map[string]string{"datePublished": r.Year, "description": r.Notes} {
		if value != "" {
			e[name] = value
		}
	}
	return m.add(e)
}

// addFiles lists what people or the actions name by itself, and the folders that the rest is in.
func (m *crate) addFiles(files []entry) {
	folders := make(map[string]bool)
	for _, f := range files {
		if !f.listed {
			if top, _, below := strings.Cut(f.name, "/"); below {
				folders[top+"/"] = true
			} else {
				m.parts = append(m.parts, m.add(m.file(f)))
			}
			continue
		}
		m.parts = append(m.parts, m.add(m.file(f)))
	}
	for _, top := range slices.Sorted(maps.Keys(folders)) {
		m.parts = append(m.parts, m.add(entity{"@id": fileID(top), "@type": "Dataset",
			"name": "Sources in " + top, "license": ref(m.license(m.c.Citation.License[0]))}))
	}
}

func (m *crate) file(f entry) entity {
	e := entity{"@id": fileID(f.name), "@type": "File", "name": f.title, "encodingFormat": f.format(),
		"contentSize": fmt.Sprint(f.size), "sha256": f.sum}
	if f.title == "" {
		e["name"] = path.Base(f.name)
	}
	if f.source {
		e["license"] = ref(m.license(m.c.Citation.License[0]))
	}
	switch f.name {
	case m.c.Paper:
		m.workflow(e)
	case "README.md":
		e["about"] = ref("./")
	}
	return e
}

// workflow makes the paper's entity that of the main workflow.
func (m *crate) workflow(e entity) {
	e["@type"] = []string{"File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"}
	e["name"] = m.c.Citation.Title
	e["version"] = m.c.Citation.Version
	e["programmingLanguage"] = ref(m.add(entity{"@id": "https://toml.io/en/v1.0.0", "@type": "ComputerLanguage",
		"name": "TOML, as read by " + m.c.Program, "url": "https://toml.io", "version": "1.0.0"}))
	var tools, steps []string
	for _, r := range m.runs {
		if id := toolID(r.Kind); !slices.Contains(tools, id) {
			tools = append(tools, id)
		}
		if id := stepID(r.Family); !slices.Contains(steps, id) {
			steps = append(steps, id)
		}
	}
	e["hasPart"], e["step"] = refs(tools), refs(steps)
}

func toolID(kind string) string   { return "#kind-" + url.PathEscape(kind) }
func stepID(family string) string { return "#family-" + url.PathEscape(family) }

// addTools adds a tool for each kind, which is what its sources are, and a step for each family.
func (m *crate) addTools() {
	modules := make(map[string][]code.Module) // by kind, of all versions of its code
	for _, r := range m.runs {
		modules[r.Kind] = append(modules[r.Kind], r.Code.Modules...)
	}
	for _, r := range m.runs {
		if m.known[toolID(r.Kind)] {
			continue
		}
		e := m.software(toolID(r.Kind), r.Kind)
		e["description"] = r.Doc + "; package " + r.Package
		var needs []string
		for _, x := range modules[r.Kind] {
			if id := m.module(x); !slices.Contains(needs, id) {
				needs = append(needs, id)
			}
		}
		slices.Sort(needs)
		if needs != nil {
			e["softwareRequirements"] = refs(needs)
		}
		m.add(e)
	}
	position := 0
	for _, r := range m.runs {
		if !m.known[stepID(r.Family)] {
			m.add(entity{"@id": stepID(r.Family), "@type": "HowToStep", "name": r.Family,
				"position": fmt.Sprint(position), "workExample": ref(toolID(r.Kind))})
			position++
		}
	}
}

func (m *crate) software(id, name string) entity {
	e := entity{"@id": id, "@type": "SoftwareApplication", "name": name, "softwareVersion": m.c.Citation.Version,
		"license": ref(m.license(m.c.Citation.License[0]))}
	if m.c.Citation.Repository != "" {
		e["url"] = m.c.Citation.Repository
	}
	return e
}

func (m *crate) module(x code.Module) string {
	id := "https://pkg.go.dev/" + x.Path + "@" + x.Version
	return m.add(entity{"@id": id, "@type": "SoftwareApplication", "name": x.Path,
		"softwareVersion": x.Version, "url": id})
}

// addActions adds what ran: each stage, the step of each family, the workflow, and the engine.
func (m *crate) addActions() {
	stages := make(map[string][]string) // actions by family
	var families, results []string
	var first, last time.Time
	for _, r := range m.runs {
		id := actionID(r.Action.Key)
		if stages[r.Family] == nil {
			families = append(families, r.Family)
		}
		stages[r.Family] = append(stages[r.Family], id)
		results = append(results, r.Export...)
		if m.known[id] {
			continue // of a stage with the same key
		}
		end := endOf(r.Action)
		if first.IsZero() || r.Action.Start.Before(first) {
			first = r.Action.Start
		}
		if end.After(last) {
			last = end
		}
		m.mentions = append(m.mentions, m.add(m.action(r, id)))
	}
	controls := make([]string, len(families))
	for k, family := range families {
		controls[k] = m.add(entity{"@id": "#control-" + url.PathEscape(family), "@type": "ControlAction",
			"name": "Run of the stages of " + family, "instrument": ref(stepID(family)), "object": refs(stages[family])})
	}
	m.mentions = append(m.mentions, controls...)
	run := entity{"@id": "#run", "@type": "CreateAction", "name": "Run of profile " + m.c.Profile + " of " + m.c.Paper,
		"description": "from the first to the last of its stages, which may have run in several sessions and places",
		"instrument":  ref(fileID(m.c.Paper)), "result": refs(filesOf(results)), "actionStatus": completed,
		"startTime": timeOf(first), "endTime": timeOf(last)}
	m.mentions = append(m.mentions, m.add(run))
	engine := m.software("#"+m.c.Program, m.c.Program)
	engine["description"] = "the workflow engine and the kinds of stage in one program"
	m.mentions = append(m.mentions, m.add(entity{"@id": "#engine-run", "@type": "OrganizeAction",
		"name": "Run of " + m.c.Program, "instrument": ref(m.add(engine)), "object": refs(controls), "result": ref("#run"),
		"startTime": timeOf(first), "endTime": timeOf(last)}))
}

const completed = "http://schema.org/CompletedActionStatus"

func filesOf(names []string) []string {
	out := make([]string, len(names))
	for k, name := range names {
		out[k] = fileID(name)
	}
	return out
}

func actionID(key digest.Key) string { return "#action-" + string(key) }

// timeOf is ISO 8601, to the milliseconds that records have.
func timeOf(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000-07:00") }

func endOf(a *store.Action) time.Time {
	return a.Start.Add(time.Duration(a.Seconds * float64(time.Second)))
}

// action is what computed a stage. Its inputs and its output are files if the bundle has them.
func (m *crate) action(r Run, id string) entity {
	a := r.Action
	e := entity{
		"@id": id, "@type": "CreateAction", "name": "Computation of " + a.Stage,
		"description": fmt.Sprintf("%s %s, %s, %s", m.c.Program, a.Build, a.Go, a.Platform),
		"instrument":  ref(toolID(r.Kind)), "actionStatus": completed,
		"startTime": timeOf(a.Start), "endTime": timeOf(endOf(a)),
	}
	params := m.add(entity{"@id": "#parameters-" + string(a.Key), "@type": "PropertyValue",
		"name": "parameters of " + a.Stage, "value": string(a.Params)})
	objects := []string{params}
	for _, in := range a.Inputs {
		if at := fileID(stored(store.ObjectName(in.Digest))); m.known[at] && !slices.Contains(objects, at) {
			objects = append(objects, at)
		}
	}
	e["object"] = refs(objects)
	var results, about []string
	if at := fileID(stored(store.ObjectName(a.Output))); m.known[at] {
		results = append(results, at)
	}
	e["result"] = refs(append(results, filesOf(r.Export)...))
	for _, name := range []string{store.RecordName(a.Key), store.CodeName(a.Code)} {
		if at := fileID(stored(name)); m.known[at] {
			about = append(about, at)
		}
	}
	if about != nil {
		e["subjectOf"] = refs(about)
	}
	return e
}
