package formula

import (
	"go/scanner"
	"go/token"
	"maps"
	"slices"
	"strings"

	"zerotohero/pipeline"
)

// texts are the formula of a table and those that its names of where stand for.
type texts struct {
	main  string
	where map[string]string
	done  map[string]*expr
	path  []string // names that are being read, each in the text of the one before
	used  map[string]bool
}

func readTexts(table map[string]any) (*texts, error) {
	t := &texts{where: make(map[string]string), done: make(map[string]*expr), used: make(map[string]bool)}
	var ok bool
	if t.main, ok = table[keyText].(string); !ok {
		return nil, pipeline.BadParam(keyText, "is the loss as text; write %s = \"(u^2 - y^2)^2/2\"", keyText)
	}
	where, given := table[keyWhere]
	if !given {
		return t, nil
	}
	list, ok := where.(map[string]any)
	if !ok {
		return nil, pipeline.BadParam(keyWhere, "is a table of texts; write %s = { r = \"u^2 - y^2\" }", keyWhere)
	}
	for _, name := range slices.Sorted(maps.Keys(list)) {
		text, ok := list[name].(string)
		switch _, twice := table[name]; {
		case !ok:
			return nil, pipeline.BadParam(keyWhere, "%s is not a text; write %s = { %s = \"u^2 - y^2\" }", name, keyWhere, name)
		case !token.IsIdentifier(name):
			return nil, pipeline.BadParam(keyWhere, "%q is no name; use letters, digits and _", name)
		case twice || slices.Contains(reserved, name) || functions[name] != opNumber:
			return nil, pipeline.BadParam(keyWhere, "%s means something else already; use another name", name)
		}
		t.where[name] = text
	}
	return t, nil
}

// formula is the expression, with what names of where stand for in their place.
func (t *texts) formula() (*expr, error) {
	e, err := t.parse(nil, t.main)
	if err != nil {
		return nil, err
	}
	if e.truth() {
		return nil, textError(nil, t.main, isCondition)
	}
	for _, name := range slices.Sorted(maps.Keys(t.where)) {
		if !t.used[name] {
			return nil, pipeline.BadParam(keyWhere, "%s is not in the formula; use it or remove it", name)
		}
	}
	return e, nil
}

// parse reads a text, first those of the names in it.
func (t *texts) parse(entry []string, text string) (*expr, error) {
	for _, name := range slices.Sorted(maps.Keys(t.where)) {
		at, found := find(text, name)
		if !found {
			continue
		}
		t.used[name] = true
		if t.done[name] != nil {
			continue
		}
		if slices.Contains(t.path, name) {
			return nil, textError(entry, text, &mistake{at, name + " stands for itself: " +
				strings.Join(append(t.path, name), " has ")})
		}
		t.path = append(t.path, name)
		e, err := t.parse([]string{keyWhere, name}, t.where[name])
		if err != nil {
			return nil, err
		}
		t.path = t.path[:len(t.path)-1]
		t.done[name] = e
	}
	e, bad := parse(text, t.done)
	if bad != nil {
		return nil, textError(entry, text, bad)
	}
	return e, nil
}

// find is where a name first stands in a text.
func find(text, name string) (offset int, found bool) {
	if len(text) > maxText || !strings.Contains(text, name) {
		return 0, false
	}
	file := token.NewFileSet().AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), nil, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return 0, false
		}
		if (tok == token.IDENT || tok.IsKeyword()) && lit == name {
			return int(pos) - file.Base(), true
		}
	}
}

// undefined is the error of a name that stands for nothing.
func (t *texts) undefined(name string, params map[string]any) error {
	known := append([]string{"u", "y"}, slices.Sorted(maps.Keys(t.where))...)
	for _, n := range slices.Sorted(maps.Keys(params)) {
		if n != keyInf && n != keyKink {
			known = append(known, n)
		}
	}
	msg := name + " has no value; if it is a parameter write " + name + " = 1 below the formula; " + hint(name, known)
	if at, found := find(t.main, name); found {
		return textError(nil, t.main, &mistake{at, msg})
	}
	for _, w := range slices.Sorted(maps.Keys(t.where)) {
		if at, found := find(t.where[w], name); found {
			return textError([]string{keyWhere, w}, t.where[w], &mistake{at, msg})
		}
	}
	return textError(nil, t.main, &mistake{0, msg})
}
