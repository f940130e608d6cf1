package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// A setting is a parameter of a family that a command line gives a value, in all profiles,
// for a trial that needs no edit of the paper. Its nodes have negative lines, by which errors find
// the setting to name in place of the file: setting i has the line −1−i.
type setting struct {
	text          string
	family, param string
	node          *node
	used          bool
}

func (p *Paper) setting(line int) *setting {
	if i := -1 - line; i >= 0 && i < len(p.settings) {
		return p.settings[i]
	}
	return nil
}

var bareWord = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.+-]*$`)

// readSetting reads family.param=value, the value as in TOML; a word may lack its quotes.
func readSetting(text string, line int) (*setting, error) {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("--set %s: %s; write --set FAMILY.PARAM=VALUE, as in --set walk.rate=0.05", text,
			fmt.Sprintf(format, args...))
	}
	name, value, ok := strings.Cut(text, "=")
	family, param, dotted := strings.Cut(name, ".")
	switch {
	case !ok || !dotted:
		return nil, wrong("it has no family and parameter with a value")
	case !nameForm.MatchString(family) || !nameForm.MatchString(param):
		return nil, wrong("%q is not the name of a family, a dot and the name of a parameter", name)
	case slices.Contains([]string{"kind", "each", "over", "from"}, param):
		return nil, wrong("%s is no parameter of a stage", param)
	case strings.ContainsAny(value, "\n\r"):
		return nil, wrong("a value is one line")
	}
	var tree map[string]any
	_, err := toml.Decode("v = "+value, &tree)
	switch {
	case bareWord.MatchString(value) && err != nil:
		tree = map[string]any{"v": value}
	case err != nil || len(tree) != 1:
		return nil, wrong("%q is no value; numbers, \"strings\", true and false and [lists] are", value)
	}
	return &setting{text: text, family: family, param: param, node: build(param, tree["v"], nil, line)}, nil
}

// set gives a family the values of settings for it.
func (p *Paper) set(family *node) *node {
	for _, s := range p.settings {
		if s.family == family.name && family.isTable {
			s.used = true
			family = family.merged(&node{name: family.name, line: family.line, isTable: true, nodes: []*node{s.node}})
		}
	}
	return family
}

// checkSettings wants each to be about a family of some profile.
func (p *Paper) checkSettings() error {
	var known []string
	for _, pr := range p.byName {
		for _, f := range pr.written {
			if !slices.Contains(known, f.name) {
				known = append(known, f.name)
			}
		}
	}
	slices.Sort(known)
	for _, s := range p.settings {
		if !s.used {
			return fmt.Errorf("--set %s: no family of stages is called %s; %s", s.text, s.family, Hint(s.family, known))
		}
	}
	return nil
}
