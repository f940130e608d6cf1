package citation

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// published is the schema of the format as https://citation-file-format.github.io/1.2.0/schema.json
// has it, by Druskat, Spaaks and others under CC BY 4.0.
const published = "testdata/cff-1.2.0.schema.json"

// validate checks a file against the schema.
func validate(t *testing.T, text []byte) error {
	t.Helper()
	f, err := os.Open(published)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	schema, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("cff", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("cff")
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return err
	}
	datesAsStrings(&doc)
	var value any
	if err := doc.Decode(&value); err != nil {
		t.Fatal(err)
	}
	// The validator wants what encoding/json makes.
	again, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if value, err = jsonschema.UnmarshalJSON(strings.NewReader(string(again))); err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(value)
}

// datesAsStrings has dates decoded as JSON writes them.
func datesAsStrings(n *yaml.Node) {
	if n.Tag == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, below := range n.Content {
		datesAsStrings(below)
	}
}

func ours(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../" + File)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSchema(t *testing.T) {
	text := ours(t)
	if err := validate(t, []byte(text)); err != nil {
		t.Error(err)
	}
	for old, now := range map[string]string{
		"cff-version: 1.2.0":  "cff-version: 1.2",
		"type: software":      "type: program",
		"license: ":           "license: not-",
		"date-released: 20":   "date-released: 3. May 20",
		"url: \"https://":     "url: \"",
		"given-names: Tony":   "first-names: Tony",
		"message: ":           "massage: ",
		"  - phase retrieval": "  - phase retrieval\n  - phase retrieval",
	} {
		if !strings.Contains(text, old) {
			t.Fatalf("%s has no %q any more", File, old)
		}
		if validate(t, []byte(strings.Replace(text, old, now, 1))) == nil {
			t.Errorf("%q passed in place of %q; the schema is not checked", now, old)
		}
	}
}

func TestParse(t *testing.T) {
	c, err := Parse([]byte(ours(t)))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.References) != 1 || c.References[0].Authors[0].String() != "Tony Bonnaire" || c.References[0].Year != "2024" ||
		!slices.Equal(c.License, Licenses{"BSD-3-Clause"}) || c.Authors[0].IsPerson() {
		t.Errorf("%+v", c)
	}
	const small = "title: T\nauthors:\n  - name: A\nversion: 1.0\ndate-released: 2026-01-02\nlicense: [MIT, Apache-2.0]\n"
	if c, err = Parse([]byte(small)); err != nil || c.Version != "1.0" || len(c.License) != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	for cut, want := range map[string]string{
		"title: T\n":                  "needs title",
		"authors:\n  - name: A\n":     "needs authors",
		"version: 1.0\n":              "needs version",
		"date-released: 2026-01-02\n": "needs date-released",
		"license: [MIT, Apache-2.0]":  "needs license",
		"name: A":                     "an author has neither",
		"MIT, Apache-2.0]":            "line 6",
	} {
		to := ""
		if cut == "name: A" {
			to = "affiliation: B"
		}
		_, err := Parse([]byte(strings.Replace(small, cut, to, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %q: %v, want %q", cut, err, want)
		}
	}
}
