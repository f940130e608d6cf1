// Package label sets the words of figures: a small markup, its letters as glyphs on a
// canvas of gonum/plot, as HTML and as plain text.
package label

import (
	"fmt"
	"strings"
	"unicode"
)

// The markup of labels:
//
//	$...$            mathematics: Latin and small Greek letters italic, - a true minus
//	_x _{...}        subscript, of one character or of a group
//	^x ^{...}        superscript; a sub- and a superscript on one base are stacked
//	\it{...}         italic, also outside mathematics
//	\rm{...}         upright, also inside mathematics
//	\_ \^ \$ \{ \} \\  the character itself
//
// Unicode letters are typed directly (α, ‖, ∞), and ², ₋ and their like are set as
// scripts. Every string is accepted: what the markup cannot mean is drawn as
// written, and the mistake comes back from Drawing.Render.
const markupSpecials = `_^${}\`

// maxNesting bounds the recursion, so that no label can exhaust the stack. Four
// levels are already too small to read.
const maxNesting = 8

type mode int

const (
	plainMode mode = iota
	mathMode
	italicMode
	uprightMode
)

func (m mode) italic(r rune) bool {
	switch m {
	case mathMode:
		return unicode.Is(unicode.Latin, r) || unicode.Is(unicode.Greek, r) && !unicode.IsUpper(r)
	case italicMode:
		return true
	}
	return false
}

// An Atom is a stretch of text in one face, or a pair of scripts on what is before it.
type Atom struct {
	text     string
	italic   bool
	script   bool
	sub, sup []Atom
}

var scriptRunes = func() map[rune]struct {
	plain rune
	mark  rune
} {
	out := map[rune]struct{ plain, mark rune }{}
	add := func(mark rune, scripts, plain string) {
		to := []rune(plain)
		for i, r := range []rune(scripts) {
			out[r] = struct{ plain, mark rune }{to[i], mark}
		}
	}
	add('^', "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+−=()ni")
	add('_', "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜ", "0123456789+−=()aeoxhklmnpst")
	return out
}()

// sameLetter joins characters that fonts draw alike, so that a label does not
// depend on which of them a keyboard gives, and names some the fonts lack.
var sameLetter = map[rune]rune{
	'µ': 'μ', '\u2126': 'Ω', '∆': 'Δ', '\u00a0': ' ', '\u202f': ' ', '\u2009': ' ',
	'\u2010': '-', '\u2011': '-', '∼': '~', '∥': '‖', '⋅': '·', '∗': '*', '\t': ' ', '\n': ' ',
}

type parser struct {
	in   []rune
	pos  int
	fail error
}

// Parse reads markup. What has no meaning is in the atoms as written, beside an error.
func Parse(txt string) ([]Atom, error) {
	p := &parser{in: []rune(txt)}
	return p.atoms(0, plainMode, 0), p.fail
}

func (p *parser) wrong(format string, args ...any) {
	if p.fail == nil {
		p.fail = fmt.Errorf("label %q: %s", string(p.in), fmt.Sprintf(format, args...))
	}
}

// atoms reads up to the character that ends the group, or to the end of the label.
func (p *parser) atoms(end rune, m mode, depth int) []Atom {
	var out []Atom
	for p.pos < len(p.in) {
		r := p.in[p.pos]
		p.pos++
		switch {
		case r == end && end != 0:
			return out
		case strings.ContainsRune(markupSpecials, r) && depth >= maxNesting:
			p.wrong("nested more than %d deep", maxNesting)
			out = write(out, r, m)
		case r == '_' || r == '^':
			script, ok := p.argument(m, depth)
			if !ok {
				p.wrong("nothing follows %c", r)
				out = write(out, r, m)
				break
			}
			out = p.attach(out, r, script)
		case scriptRunes[r].plain != 0:
			s := scriptRunes[r]
			script := write(nil, s.plain, m)
			for p.pos < len(p.in) && scriptRunes[p.in[p.pos]].mark == s.mark {
				script = write(script, scriptRunes[p.in[p.pos]].plain, m)
				p.pos++
			}
			out = p.attach(out, s.mark, script)
		case r == '{':
			out = append(out, p.atoms('}', m, depth+1)...)
		case r == '$' && m != mathMode:
			out = append(out, p.atoms('$', mathMode, depth+1)...)
		case r == '\\':
			out = append(out, p.command(m, depth)...)
		case r == '}' || r == '$':
			p.wrong("%c without its partner", r)
			out = write(out, r, m)
		default:
			out = write(out, r, m)
		}
	}
	if end != 0 {
		p.wrong("the closing %c is missing", end)
	}
	return out
}

// argument reads what a script mark or a command applies to.
func (p *parser) argument(m mode, depth int) ([]Atom, bool) {
	if p.pos == len(p.in) {
		return nil, false
	}
	r := p.in[p.pos]
	switch {
	case r == '{':
		p.pos++
		return p.atoms('}', m, depth+1), true
	case r == '\\':
		p.pos++
		return p.command(m, depth+1), true
	case strings.ContainsRune(markupSpecials, r):
		return nil, false
	}
	p.pos++
	return write(nil, r, m), true
}

var commands = map[string]mode{
	"it": italicMode, "mathit": italicMode,
	"rm": uprightMode, "mathrm": uprightMode, "text": uprightMode,
}

func (p *parser) command(m mode, depth int) []Atom {
	if p.pos < len(p.in) && strings.ContainsRune(markupSpecials, p.in[p.pos]) {
		p.pos++
		return write(nil, p.in[p.pos-1], m)
	}
	start := p.pos
	for p.pos < len(p.in) && p.in[p.pos] < unicode.MaxASCII && unicode.IsLetter(p.in[p.pos]) {
		p.pos++
	}
	name := string(p.in[start:p.pos])
	to, known := commands[name]
	if known && p.pos < len(p.in) && p.in[p.pos] == '{' && depth < maxNesting {
		p.pos++
		return p.atoms('}', to, depth+1)
	}
	p.wrong(`\%s is no command with a group after it`, name)
	out := write(nil, '\\', m)
	for _, r := range name {
		out = write(out, r, m)
	}
	return out
}

// attach puts a script on what is before it, above or below one already there.
func (p *parser) attach(out []Atom, mark rune, script []Atom) []Atom {
	if n := len(out); n > 0 && out[n-1].script {
		last := &out[n-1]
		switch {
		case mark == '_' && last.sub == nil:
			last.sub = script
			return out
		case mark == '^' && last.sup == nil:
			last.sup = script
			return out
		}
		p.wrong("two scripts with %c on one base", mark)
	}
	if script == nil {
		script = []Atom{}
	}
	a := Atom{script: true}
	if mark == '_' {
		a.sub = script
	} else {
		a.sup = script
	}
	return append(out, a)
}

// write adds a character, joined to the text before it where the face is the same.
func write(out []Atom, r rune, m mode) []Atom {
	if to, ok := sameLetter[r]; ok {
		r = to
	}
	if m == mathMode {
		switch r {
		case '-':
			r = '−'
		case '\'':
			r = '′'
		}
	}
	italic := m.italic(r)
	if n := len(out); n > 0 && !out[n-1].script && out[n-1].italic == italic {
		out[n-1].text += string(r)
		return out
	}
	return append(out, Atom{text: string(r), italic: italic})
}
