package spec

import (
	"strings"

	"github.com/BurntSushi/toml"
)

// A position is where a key or a list element stands in a TOML document, with what
// is below it in the order of writing. The toml package reports neither.
type position struct {
	line   int
	names  []string             // of a table, its keys, first written first
	keys   map[string]*position // of a table
	list   []*position          // of a list, its elements
	tables bool                 // a list of tables made by [[name]]
}

// key finds a key; on nil, or when there is none, it returns nil.
func (p *position) key(name string) *position {
	if p == nil {
		return nil
	}
	return p.keys[name]
}

// element finds a list's element; on nil, or beyond the end, it returns nil.
func (p *position) element(i int) *position {
	if p == nil || i >= len(p.list) {
		return nil
	}
	return p.list[i]
}

// mark notes a key where it first stands and returns its position.
func (p *position) mark(name string, line int) *position {
	if p.keys == nil {
		p.keys = make(map[string]*position)
	}
	k := p.keys[name]
	if k == nil {
		k = &position{line: line}
		p.keys[name] = k
		p.names = append(p.names, name)
	}
	return k
}

// add notes one more element of a list and returns its position.
func (p *position) add(line int) *position {
	e := &position{line: line}
	p.list = append(p.list, e)
	return e
}

// A scanner walks a document that the toml package has accepted and so checks
// nothing. On any other input it still ends: each loop consumes a byte or returns.
type scanner struct {
	text string
	pos  int
	line int
	root *position
}

// scan finds the positions of a valid document.
func scan(text string) *position {
	s := &scanner{text: strings.TrimPrefix(text, "\ufeff"), line: 1, root: &position{line: 1}}
	table := s.root
	for {
		s.skip(true)
		if s.pos >= len(s.text) {
			return s.root
		}
		start := s.pos
		if s.peek() == '[' {
			table = s.header()
		} else {
			s.assignment(table)
		}
		if s.pos == start {
			s.next()
		}
	}
}

// header reads [a.b] or [[a.b]] and returns the table it opens.
func (s *scanner) header() *position {
	line := s.line
	s.next()
	array := s.peek() == '['
	if array {
		s.next()
	}
	parts := s.dotted()
	for s.peek() == ']' {
		s.next()
	}
	table := s.root
	for i, part := range parts {
		table = table.mark(part, line)
		switch {
		case i < len(parts)-1:
			if table.tables {
				table = table.list[len(table.list)-1]
			}
		case array:
			table.tables = true
			table = table.add(line)
		default:
			// A table's own header says where it is better than [table.sub] above it.
			table.line = line
		}
	}
	return table
}

// assignment reads key = value in a table.
func (s *scanner) assignment(table *position) {
	line := s.line
	at := table
	for _, part := range s.dotted() {
		at = at.mark(part, line)
	}
	if s.peek() == '=' {
		s.next()
		s.skip(false)
		s.value(at)
	}
}

// dotted reads a key such as a."b c".d and the blanks around it.
func (s *scanner) dotted() []string {
	var parts []string
	for {
		s.skip(false)
		start := s.pos
		switch s.peek() {
		case '"', '\'':
			s.quoted()
			parts = append(parts, unquote(s.text[start:s.pos]))
		default:
			for bare(s.peek()) {
				s.next()
			}
			if s.pos == start {
				return parts
			}
			parts = append(parts, s.text[start:s.pos])
		}
		s.skip(false)
		if s.peek() != '.' {
			return parts
		}
		s.next()
	}
}

func (s *scanner) value(at *position) {
	switch s.peek() {
	case '"', '\'':
		s.quoted()
	case '[':
		s.list(']', func() { s.value(at.add(s.line)) })
	case '{':
		s.list('}', func() { s.assignment(at) })
	default:
		for s.pos < len(s.text) && !strings.ContainsRune(",]}#\n", rune(s.peek())) {
			s.next()
		}
	}
}

// list reads what stands between brackets, separated by commas.
func (s *scanner) list(end byte, item func()) {
	s.next()
	for s.pos < len(s.text) {
		s.skip(true)
		start := s.pos
		switch s.peek() {
		case end:
			s.next()
			return
		case ',':
			s.next()
		default:
			item()
		}
		if s.pos == start {
			s.next()
		}
	}
}

// quoted passes over a string of any of the four sorts, quotes included.
func (s *scanner) quoted() {
	q := s.peek()
	if triple := strings.Repeat(string(q), 3); strings.HasPrefix(s.text[s.pos:], triple) {
		s.advance(3)
		for s.pos < len(s.text) && !strings.HasPrefix(s.text[s.pos:], triple) {
			s.character(q)
		}
		s.advance(3)
		// Up to two quotes may stand just inside the closing three.
		for i := 0; i < 2 && s.peek() == q; i++ {
			s.next()
		}
		return
	}
	s.next()
	for s.pos < len(s.text) && s.peek() != q && s.peek() != '\n' {
		s.character(q)
	}
	if s.peek() == q {
		s.next()
	}
}

// character passes over one byte of a string, or an escaped pair.
func (s *scanner) character(quote byte) {
	if quote == '"' && s.peek() == '\\' {
		s.next()
	}
	s.next()
}

// skip passes over blanks, and over newlines and comments too if asked.
func (s *scanner) skip(newlines bool) {
	for s.pos < len(s.text) {
		switch c := s.peek(); {
		case c == ' ' || c == '\t':
		case newlines && (c == '\n' || c == '\r'):
		case newlines && c == '#':
			for s.pos < len(s.text) && s.peek() != '\n' {
				s.next()
			}
			continue
		default:
			return
		}
		s.next()
	}
}

// peek is the byte at hand, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) next() { s.advance(1) }

func (s *scanner) advance(n int) {
	for ; n > 0 && s.pos < len(s.text); n-- {
		if s.text[s.pos] == '\n' {
			s.line++
		}
		s.pos++
	}
}

func bare(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// unquote reads a quoted key; the toml package knows the escapes.
func unquote(quoted string) string {
	var v struct{ K string }
	if _, err := toml.Decode("K="+quoted, &v); err != nil {
		return quoted
	}
	return v.K
}
