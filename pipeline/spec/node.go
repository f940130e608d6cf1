package spec

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// A node is a value of the document with its position: the key or list element
// that holds it. Tables keep the order in which their keys were written, so
// nothing made from nodes depends on the order of a Go map.
type node struct {
	name    string
	line    int
	value   any // as TOML decodes it; every list is a []any
	isTable bool
	isList  bool
	nodes   []*node // of a table, its keys; of a list, its elements
}

// build joins a decoded value with its position. A value without one gets the line of the
// value that contains it; the tests of the scanner see to it that there is none.
func build(name string, value any, at *position, line int) *node {
	if at != nil {
		line = at.line
	}
	n := &node{name: name, line: line, value: value}
	var list []any
	switch v := value.(type) {
	case float64:
		if v == 0 {
			n.value = 0.0 // -0 and 0 are one value, in lists too
		}
	case map[string]any:
		n.isTable = true
		for _, k := range keysInOrder(v, at) {
			n.nodes = append(n.nodes, build(k, v[k], at.key(k), n.line))
		}
	case []map[string]any:
		n.isList = true
		for _, e := range v {
			list = append(list, e)
		}
	case []any:
		n.isList = true
		list = v
	}
	if n.isList {
		values := make([]any, len(list))
		for i, e := range list {
			element := build(name, e, at.element(i), n.line)
			n.nodes = append(n.nodes, element)
			values[i] = element.value
		}
		n.value = values
	}
	return n
}

// keysInOrder lists the keys of a table as written. A key without a position
// would come last and in sorted order: it must never be lost.
func keysInOrder(table map[string]any, at *position) []string {
	var out, rest []string
	seen := make(map[string]bool, len(table))
	if at != nil {
		for _, k := range at.names {
			if _, ok := table[k]; ok {
				seen[k] = true
				out = append(out, k)
			}
		}
	}
	for k := range table {
		if !seen[k] {
			rest = append(rest, k)
		}
	}
	sort.Strings(rest)
	return append(out, rest...)
}

// get returns a table's value of that key, nil when it has none. On nil and on
// what is not a table it returns nil.
func (n *node) get(name string) *node {
	if n == nil || !n.isTable {
		return nil
	}
	for _, k := range n.nodes {
		if k.name == name {
			return k
		}
	}
	return nil
}

// names lists a table's keys; nil has none.
func (n *node) names() []string {
	var out []string
	for _, k := range n.children() {
		out = append(out, k.name)
	}
	return out
}

func (n *node) children() []*node {
	if n == nil {
		return nil
	}
	return n.nodes
}

// changed lists what a table holds after a profile's changes, new keys last. Tables
// are merged key by key; of anything else the profile's is taken.
func (n *node) changed(changes *node) []*node {
	var out []*node
	for _, k := range n.children() {
		out = append(out, k.merged(changes.get(k.name)))
	}
	for _, c := range changes.children() {
		if n.get(c.name) == nil {
			out = append(out, c)
		}
	}
	return out
}

// merged is a value after a profile's change of it, if there is one. Each key keeps the
// line where it was written.
func (n *node) merged(change *node) *node {
	switch {
	case change == nil:
		return n
	case !n.isTable || !change.isTable:
		return change
	}
	return &node{name: n.name, line: n.line, isTable: true, nodes: n.changed(change)}
}

// errorAt says what is wrong at a node and what to do: the form of every error
// of this package is "file:line: what is wrong; what to do".
func (p *Paper) errorAt(n *node, format string, args ...any) error {
	return p.errorLine(n.line, format, args...)
}

func (p *Paper) errorLine(line int, format string, args ...any) error {
	if s := p.setting(line); s != nil {
		return fmt.Errorf("--set %s: %s", s.text, fmt.Sprintf(format, args...))
	}
	return fmt.Errorf("%s:%d: %s", p.file, line, fmt.Sprintf(format, args...))
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// checkName keeps names fit for stage names, which become file names and are
// matched by globs.
func (p *Paper) checkName(n *node, what string) error {
	if nameForm.MatchString(n.name) {
		return nil
	}
	return p.errorAt(n, "%q cannot name %s; use letters, digits, - and _", n.name, what)
}

// checkTable wants a table; example is how to write one.
func (p *Paper) checkTable(n *node, example string) error {
	if n == nil || n.isTable {
		return nil
	}
	return p.errorAt(n, "%s is not a table; write %s", n.name, example)
}

func (p *Paper) text(n *node, example string) (string, error) {
	s, ok := n.value.(string)
	if !ok {
		return "", p.errorAt(n, "%s wants a string; write %s = %q", n.name, n.name, example)
	}
	return s, nil
}

// texts reads a list of different strings. It returns nodes, for their lines;
// the string is value.
func (p *Paper) texts(n *node, example string) ([]*node, error) {
	if n == nil {
		return nil, nil
	}
	if !n.isList {
		return nil, p.errorAt(n, "%s wants a list of strings; write %s = [%q]", n.name, n.name, example)
	}
	seen := make(map[string]bool)
	for _, e := range n.nodes {
		s, ok := e.value.(string)
		if !ok {
			return nil, p.errorAt(e, "%s wants a list of strings; write %s = [%q]", n.name, n.name, example)
		}
		if seen[s] {
			return nil, p.errorAt(e, "%s lists %s twice; remove one", n.name, s)
		}
		seen[s] = true
	}
	return n.nodes, nil
}

// A list of more than mostKnown names hides the one that was meant; of such a list the
// nearest few are told.
const (
	mostKnown = 20
	nearest   = 5
)

// Hint lists the names that are known, of many those most like name, and says which of
// them may have been meant.
func Hint(name string, known []string) string {
	if len(known) == 0 {
		return "there are none yet"
	}
	distances := make(map[string]int, len(known))
	for _, k := range known {
		distances[k] = editDistance(strings.ToLower(name), strings.ToLower(k))
	}
	sorted := slices.Clone(known)
	slices.SortStableFunc(sorted, func(a, b string) int { return cmp.Compare(distances[a], distances[b]) })
	meant := ""
	if best := sorted[0]; distances[best] <= len([]rune(name))/2 {
		meant = fmt.Sprintf("did you mean %s? ", best)
	}
	if len(known) > mostKnown {
		return fmt.Sprintf("%s%d are known, the nearest are %s",
			meant, len(known), strings.Join(sorted[:nearest], ", "))
	}
	return meant + "known are " + strings.Join(known, ", ")
}

// editDistance counts characters inserted, removed and replaced, and neighbours
// exchanged, that turn a into b.
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(t)]
}
