// Package citation reads CITATION.cff, the one place of a program's version, date, authors and
// licence, and of the work that it is about.
package citation

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is the name that the format prescribes.
const File = "CITATION.cff"

// A Citation is what of the file other parts of a program use. The fields are those of the Citation
// File Format 1.2.0, https://doi.org/10.5281/zenodo.5171937.
type Citation struct {
	Title      string      `yaml:"title"`
	Abstract   string      `yaml:"abstract"`
	Authors    []Author    `yaml:"authors"`
	Version    string      `yaml:"version"`
	Released   string      `yaml:"date-released"` // YYYY-MM-DD
	License    Licenses    `yaml:"license"`
	Keywords   []string    `yaml:"keywords"`
	Repository string      `yaml:"repository-code"`
	DOI        string      `yaml:"doi"`
	References []Reference `yaml:"references"`
}

// An Author is a person or, with a name, an entity.
type Author struct {
	Name        string `yaml:"name"`
	Family      string `yaml:"family-names"`
	Given       string `yaml:"given-names"`
	Particle    string `yaml:"name-particle"`
	Suffix      string `yaml:"name-suffix"`
	Affiliation string `yaml:"affiliation"`
	ORCID       string `yaml:"orcid"` // a URL
}

// IsPerson reports whether an author is one.
func (a Author) IsPerson() bool { return a.Name == "" }

// String is the whole name.
func (a Author) String() string {
	if !a.IsPerson() {
		return a.Name
	}
	return strings.Join(strings.Fields(strings.Join([]string{a.Given, a.Particle, a.Family, a.Suffix}, " ")), " ")
}

// A Reference is a work that the program builds on or reproduces.
type Reference struct {
	Type    string   `yaml:"type"`
	Title   string   `yaml:"title"`
	Authors []Author `yaml:"authors"`
	Year    string   `yaml:"year"`
	URL     string   `yaml:"url"`
	DOI     string   `yaml:"doi"`
	Notes   string   `yaml:"notes"`
}

// Licenses are SPDX identifiers, of which the user may choose.
type Licenses []string

// UnmarshalYAML takes one identifier or a list.
func (l *Licenses) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*l = Licenses{n.Value}
		return nil
	}
	return n.Decode((*[]string)(l))
}

var date = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// Parse reads the text of the file. What citing the program takes must be there: a title, authors,
// a version, its date and a licence. It does not check the rest of the format.
func Parse(text []byte) (*Citation, error) {
	c := new(Citation)
	if err := yaml.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("%s: %w", File, err)
	}
	for _, field := range []struct {
		name string
		ok   bool
	}{
		{"title", c.Title != ""},
		{"authors", len(c.Authors) > 0},
		{"version", c.Version != ""},
		{"date-released (like 2026-11-27)", date.MatchString(c.Released)},
		{"license (an SPDX identifier)", len(c.License) > 0 && c.License[0] != ""},
	} {
		if !field.ok {
			return nil, fmt.Errorf("%s: it needs %s for the program to be cited", File, field.name)
		}
	}
	for _, a := range c.Authors {
		if a.String() == "" {
			return nil, fmt.Errorf("%s: an author has neither name nor family-names", File)
		}
	}
	return c, nil
}
