package label

import (
	"html"
	"strings"
	"unicode"
)

// joined keeps a line from ending at a relation.
var joined = strings.NewReplacer(" = ", "\u00a0=\u00a0", " → ", "\u00a0→\u00a0", " ± ", "\u00a0±\u00a0", " × ",
	"\u00a0×\u00a0", " ≈ ", "\u00a0≈\u00a0")

// PlainText writes parsed markup as Unicode text: numbers in scripts with the
// characters that Unicode has for them, as in q² and 10⁻³, others as in α_BBP^init.
func PlainText(atoms []Atom) string {
	var b strings.Builder
	for _, a := range atoms {
		if !a.script {
			b.WriteString(joined.Replace(a.text))
			continue
		}
		writeScript(&b, '_', a.sub)
		writeScript(&b, '^', a.sup)
	}
	return b.String()
}

func writeScript(b *strings.Builder, mark rune, atoms []Atom) {
	if atoms == nil {
		return
	}
	text := PlainText(atoms)
	if small, ok := small(mark, text); ok {
		b.WriteString(small)
		return
	}
	if text == "*" || text == "†" || text == "′" {
		b.WriteString(text)
		return
	}
	b.WriteRune(mark)
	if strings.ContainsFunc(text,
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '∞' }) {
		text = "(" + text + ")"
	}
	b.WriteString(text)
}

// small writes digits and signs as scripts; ok is false for anything else.
func small(mark rune, text string) (out string, ok bool) {
	to := []rune("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
	if mark == '_' {
		to = []rune("₀₁₂₃₄₅₆₇₈₉₊₋")
	}
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "−", "-") {
		i := strings.IndexRune("0123456789+-", r)
		if i < 0 {
			return "", false
		}
		b.WriteRune(to[i])
	}
	return b.String(), text != ""
}

// HTML writes parsed markup for a web page.
func HTML(atoms []Atom) string {
	var b strings.Builder
	for _, a := range atoms {
		switch {
		case a.script:
			if a.sub != nil {
				b.WriteString("<sub>" + HTML(a.sub) + "</sub>")
			}
			if a.sup != nil {
				b.WriteString("<sup>" + HTML(a.sup) + "</sup>")
			}
		case a.italic:
			b.WriteString("<i>" + html.EscapeString(a.text) + "</i>")
		default:
			b.WriteString(html.EscapeString(joined.Replace(a.text)))
		}
	}
	return b.String()
}

// Wrap breaks words into lines of at most width characters where it can, each
// with its newline. Spaces that do not break hold words together, and are left as
// plain ones.
func Wrap(text string, width int) string {
	var b strings.Builder
	at := 0
	for _, word := range strings.Split(text, " ") {
		n := len([]rune(word))
		switch {
		case at == 0:
		case at+1+n > width:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(strings.ReplaceAll(word, "\u00a0", " "))
		at += n
	}
	b.WriteByte('\n')
	return b.String()
}
