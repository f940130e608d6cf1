package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline/digest"
)

// bundle makes a bundle of the smoke profile and returns its path.
func bundle(t *testing.T, args ...string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "paper.zip")
	store := filepath.Join(referenceRun(t).dir, "data")
	run(t, command(hero, ".", append([]string{"bundle", "--profile", "smoke", "--store", store, "-o", to}, args...)...))
	return to
}

// unzip unpacks an archive into a new folder.
func unzip(t *testing.T, path string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	dir := t.TempDir()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, filepath.FromSlash(f.Name))
		os.MkdirAll(filepath.Dir(to), 0o777)
		if err := os.WriteFile(to, data, f.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The same store gives the same bytes, and what is unpacked has nothing to compute.
func TestBundle(t *testing.T) {
	first, second := bundle(t), bundle(t)
	a, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(second); err != nil || !bytes.Equal(a, b) {
		t.Errorf("two bundles of one store differ, %v", err)
	}
	dir := unzip(t, first)
	for _, name := range []string{"go.mod", "go.sum", "Makefile", "LICENSE", "CITATION.cff", "README.md", "paper.lock",
		"stages/loss/ell/ell.go", "figures/success/caption.tmpl", "main_test.go", ".ci/run",
		"figures/out/smoke/success.pdf", "figures/out/smoke/success.txt", "figures/out/smoke/numbers.toml"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	out := smoke(t, dir)
	if !strings.Contains(out, ": 0 ran, ") || strings.Contains(out, "not built from") {
		t.Errorf("in the unpacked bundle:\n%s", out)
	}
	if strings.Contains(out, "\nwrote figures/out/smoke/success") {
		t.Errorf("the bundle's figures are not those of its artifacts:\n%s", out)
	}
	run(t, command(hero, dir, "verify", "--profile", "smoke"))
	clone := folder(t, read(t, "paper.toml"))
	run(t, command(hero, clone, "pull", first, "--profile", "smoke"))
	if out := smoke(t, clone); !strings.Contains(out, ": 0 ran, ") || strings.Contains(out, "restored") {
		t.Errorf("after a pull:\n%s", out)
	}
	small := unzip(t, bundle(t, "--figures-only"))
	if _, err := os.Stat(filepath.Join(small, "data")); err == nil {
		t.Error("a bundle of figures only has a store")
	}
	checkCrate(t, small, 60, 10)
}

// A node of the graph in ro-crate-metadata.json.
type node map[string]any

// refs are the ids that a property refers to.
func (n node) refs(property string) (ids []string) {
	list, ok := n[property].([]any)
	if !ok {
		list = []any{n[property]}
	}
	for _, v := range list {
		if r, ok := v.(map[string]any); ok {
			ids = append(ids, r["@id"].(string))
		}
	}
	return ids
}

func (n node) is(kind string) bool {
	if list, ok := n["@type"].([]any); ok {
		return slices.Contains(list, any(kind))
	}
	return n["@type"] == kind
}

// checkCrate wants of a folder what RO-Crate 1.1 and the profiles Process, Workflow and Provenance
// Run Crate 0.5 and Workflow RO-Crate 1.0 say that MUST be, and what SHOULD be but for the agents,
// whom records do not know. It describes so many files and actions or more.
func checkCrate(t *testing.T, dir string, files, actions int) map[string]node {
	t.Helper()
	text := []byte(read(t, filepath.Join(dir, "ro-crate-metadata.json")))
	var doc struct {
		Context []string `json:"@context"`
		Graph   []node   `json:"@graph"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(doc.Context, "https://w3id.org/ro/crate/1.1/context") {
		t.Errorf("context %v", doc.Context)
	}
	graph := make(map[string]node)
	for _, n := range doc.Graph {
		id, _ := n["@id"].(string)
		if id == "" || graph[id] != nil {
			t.Errorf("id %q is empty or there twice", id)
		}
		graph[id] = n
	}
	c := &crateCheck{t, dir, graph}
	// The graph is flat: what is referred to is there.
	for id, n := range graph {
		for property := range n {
			for _, to := range n.refs(property) {
				if graph[to] == nil && !strings.HasPrefix(to, "https://w3id.org/") {
					t.Errorf("%s: %s refers to %s, which is not there", id, property, to)
				}
			}
		}
	}
	c.root()
	c.files(files)
	c.workflow()
	c.actions(actions)
	return graph
}

type crateCheck struct {
	t     *testing.T
	dir   string
	graph map[string]node
}

// want wants properties of an entity not to be empty.
func (c *crateCheck) want(id string, properties ...string) node {
	c.t.Helper()
	n := c.graph[id]
	for _, p := range properties {
		if v := n[p]; v == nil || v == "" || fmt.Sprint(v) == "[]" {
			c.t.Errorf("%s has no %s", id, p)
		}
	}
	return n
}

func (c *crateCheck) root() {
	descriptor := c.want("ro-crate-metadata.json", "about", "conformsTo")
	if !descriptor.is("CreativeWork") || !slices.Equal(descriptor.refs("about"), []string{"./"}) ||
		!slices.Contains(descriptor.refs("conformsTo"), "https://w3id.org/ro/crate/1.1") {
		c.t.Errorf("descriptor %v", descriptor)
	}
	root := c.want("./", "name", "description", "datePublished", "license", "author", "mainEntity", "hasPart", "mentions",
		"version", "keywords", "citation")
	if !root.is("Dataset") {
		c.t.Errorf("the root is %v", root["@type"])
	}
	for _, id := range []string{"https://w3id.org/ro/wfrun/process/0.5", "https://w3id.org/ro/wfrun/workflow/0.5",
		"https://w3id.org/ro/wfrun/provenance/0.5", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"} {
		if !slices.Contains(root.refs("conformsTo"), id) || !c.want(id, "name", "version").is("CreativeWork") {
			c.t.Errorf("the root does not conform to %s", id)
		}
	}
	for _, id := range slices.Concat(root.refs("author"), root.refs("license"), root.refs("citation")) {
		c.want(id, "@type", "name")
	}
	if paper := c.graph[root.refs("citation")[0]]; !paper.is("ScholarlyArticle") || len(paper.refs("author")) != 3 {
		c.t.Errorf("the paper is %v", paper)
	}
}

// files wants each to be in the root, with the size and digest that are said.
func (c *crateCheck) files(atLeast int) {
	parts := c.graph["./"].refs("hasPart")
	files := 0
	for id, n := range c.graph {
		path, err := url.PathUnescape(id)
		switch {
		case err != nil || id == "./" || !n.is("File") && !n.is("Dataset"):
		case !slices.Contains(parts, id):
			c.t.Errorf("the root does not have %s", id)
		case n.is("Dataset"):
			if info, err := os.Stat(filepath.Join(c.dir, path)); err != nil || !info.IsDir() || !strings.HasSuffix(id, "/") {
				c.t.Errorf("folder %s: %v", id, err)
			}
		default:
			files++
			c.want(id, "name", "encodingFormat")
			data, err := os.ReadFile(filepath.Join(c.dir, path))
			if err != nil || n["contentSize"] != fmt.Sprint(len(data)) || n["sha256"] != digest.Hex(data) {
				c.t.Errorf("file %s is not as described: %v", id, err)
			}
		}
	}
	if files < atLeast {
		c.t.Errorf("only %d files are described", files)
	}
}

func (c *crateCheck) workflow() {
	id := c.graph["./"].refs("mainEntity")[0]
	w := c.want(id, "name", "programmingLanguage", "hasPart", "step", "version")
	for _, kind := range []string{"File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"} {
		if !w.is(kind) {
			c.t.Errorf("the main workflow is no %s", kind)
		}
	}
	if l := w.refs("programmingLanguage"); !c.want(l[0], "name", "url").is("ComputerLanguage") {
		c.t.Errorf("language %v", l)
	}
	for _, tool := range w.refs("hasPart") {
		if !c.want(tool, "name", "softwareVersion").is("SoftwareApplication") {
			c.t.Errorf("tool %s is no SoftwareApplication", tool)
		}
	}
	for _, step := range w.refs("step") {
		n := c.want(step, "workExample", "position")
		if !n.is("HowToStep") || !slices.Contains(w.refs("hasPart"), n.refs("workExample")[0]) {
			c.t.Errorf("step %v", n)
		}
	}
}

func (c *crateCheck) actions(atLeast int) {
	mentions := c.graph["./"].refs("mentions")
	count := make(map[string]int)
	stepsOf := make(map[string][]node) // by action; stages of several families can share one
	used := make(map[string]bool)
	for id, n := range c.graph {
		kind, _ := n["@type"].(string)
		if !strings.HasSuffix(kind, "Action") {
			continue
		}
		count[kind]++
		c.want(id, "name", "instrument")
		if !slices.Contains(mentions, id) {
			c.t.Errorf("the root does not mention %s", id)
		}
		instrument := c.graph[n.refs("instrument")[0]]
		switch kind {
		case "CreateAction":
			c.want(id, "description", "startTime", "endTime", "result")
			start, err1 := time.Parse(time.RFC3339, n["startTime"].(string))
			end, err2 := time.Parse(time.RFC3339, n["endTime"].(string))
			if err1 != nil || err2 != nil || end.Before(start) {
				c.t.Errorf("%s: %v, %v, or it ends before it starts", id, err1, err2)
			}
			used[n.refs("instrument")[0]] = true
		case "ControlAction":
			c.want(id, "object")
			if !instrument.is("HowToStep") {
				c.t.Errorf("%s: instrument %v", id, instrument)
			}
			for _, of := range n.refs("object") {
				stepsOf[of] = append(stepsOf[of], instrument)
				if !slices.Equal(c.graph[of].refs("instrument"), instrument.refs("workExample")) {
					c.t.Errorf("%s ran another tool than its step %v", of, instrument["@id"])
				}
			}
		case "OrganizeAction":
			c.want(id, "object", "result")
			if !instrument.is("SoftwareApplication") || !c.graph[n.refs("result")[0]].is("CreateAction") {
				c.t.Errorf("%s: %v", id, n)
			}
		}
	}
	if count["CreateAction"] < atLeast || count["ControlAction"] < 10 || count["OrganizeAction"] != 1 {
		c.t.Errorf("actions %v", count)
	}
	for _, tool := range c.graph[c.graph["./"].refs("mainEntity")[0]].refs("hasPart") {
		if !used[tool] {
			c.t.Errorf("no action ran the tool %s", tool)
		}
	}
	c.order(stepsOf)
}

// order wants a step to come after those whose outputs its actions read.
func (c *crateCheck) order(stepsOf map[string][]node) {
	position := func(step node) (n int) {
		fmt.Sscan(step["position"].(string), &n)
		return n
	}
	maker := make(map[string]string)
	for id := range stepsOf {
		for _, r := range c.graph[id].refs("result") {
			maker[r] = id
		}
	}
	read := 0
	for id, steps := range stepsOf {
		for _, in := range c.graph[id].refs("object") {
			from := stepsOf[maker[in]]
			before := func(step node) func(node) bool {
				return func(f node) bool { return position(f) < position(step) || f["@id"] == step["@id"] }
			}
			for _, step := range steps {
				if read++; from != nil && !slices.ContainsFunc(from, before(step)) {
					c.t.Errorf("step %v reads what %v makes, and is not after it", step["@id"], from[0]["@id"])
				}
			}
		}
	}
	if _, err := os.Stat(filepath.Join(c.dir, "data")); err == nil && read < 100 {
		c.t.Errorf("only %d inputs were made by an action", read)
	}
}

// readCrate reads a crate by the library of its authors, and follows what it describes.
const readCrate = `
const {ROCrate, Validator} = require("ro-crate"), fs = require("fs"), path = require("path");
const text = fs.readFileSync("ro-crate-metadata.json", "utf8");
const v = new Validator();
v.parseJSON(text);
const found = {};
for (const f of fs.readdirSync(".", {recursive: true, withFileTypes: true})) {
  const name = path.join(f.parentPath ?? f.path, f.name);
  found[f.isDirectory() ? name + "/" : name] = {exists: true, isDir: f.isDirectory(), inCrate: false};
}
v.checkFiles(found);
const crate = new ROCrate(JSON.parse(text), {array: true, link: true});
let files = 0, bytes = 0, computed = 0;
for (const e of crate.entities()) {
  if (!e["@type"].includes("File")) continue;
  files++;
  bytes += fs.readFileSync(decodeURI(e["@id"])).length - e.contentSize[0];
}
for (const a of crate.rootDataset.mentions)
  if (a["@type"].includes("CreateAction") && a.instrument[0].name && a.result.every(r => r["@type"])) computed++;
const errors = v.results.filter(r => r.status == "error");
console.log(JSON.stringify({name: crate.rootDataset.name[0], files, bytes, computed, errors}));
`

// The description holds the profiles' requirements, and the npm package ro-crate reads it and every
// file that it names.
func TestCrate(t *testing.T) {
	dir := unzip(t, bundle(t))
	graph := checkCrate(t, dir, 400, 100)
	node := nodeWith(t, "ro-crate")
	c := exec.Command(node, "-e", readCrate)
	c.Dir = dir
	var got struct {
		Name                   string
		Files, Bytes, Computed int
		Errors                 []map[string]any
	}
	if err := json.Unmarshal([]byte(run(t, c)), &got); err != nil {
		t.Fatal(err)
	}
	files, actions := 0, 0
	for _, n := range graph {
		if n.is("File") {
			files++
		}
		if n.is("CreateAction") {
			actions++
		}
	}
	if got.Files != files || got.Bytes != 0 || got.Computed != actions || len(got.Errors) > 0 ||
		got.Name != graph["./"]["name"] {
		t.Errorf("%+v, want %d files and %d actions", got, files, actions)
	}
}
