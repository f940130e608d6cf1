package inputs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"zerotohero/figures/label"
)

// A Loss is the loss that a row is about: its name, with parameters other than a as in robust(b=0.5), and its
// parameter a, which is 0 for a loss that has none.
type Loss struct {
	Name string
	A    float64
}

// Class is the name of the loss without parameters.
func (m Loss) Class() string {
	name, _, _ := strings.Cut(m.Name, "(")
	return name
}

// Except is the name with parameters other than a, without some of them.
func (m Loss) Except(names ...string) string {
	var rest []string
	for _, p := range (Loss{Name: m.Name}).params() {
		if !slices.Contains(names, p.name) {
			rest = append(rest, p.name+"="+p.value)
		}
	}
	if rest == nil {
		return m.Class()
	}
	return m.Class() + "(" + strings.Join(rest, ",") + ")"
}

// Param is a parameter of the loss that is a number; ok says whether it has it.
func (m Loss) Param(name string) (value float64, ok bool) {
	for _, p := range m.params() {
		if x, err := strconv.ParseFloat(p.value, 64); p.name == name && err == nil {
			return x, true
		}
	}
	return 0, false
}

// params are those of the loss, a last.
func (m Loss) params() (out []param) {
	_, rest, _ := strings.Cut(m.Name, "(")
	for part := range strings.SplitSeq(strings.TrimSuffix(rest, ")"), ",") {
		if name, value, ok := strings.Cut(part, "="); ok {
			out = append(out, param{name, value})
		}
	}
	if m.A != 0 {
		out = append(out, param{"a", strconv.FormatFloat(m.A, 'g', -1, 64)})
	}
	return out
}

type param struct{ name, value string }

// label writes a parameter in the markup of labels.
func (p param) label() string {
	text := p.value
	if x, err := strconv.ParseFloat(p.value, 64); err == nil {
		text = label.Number(x)
	}
	// In mathematics a name of several letters would be a product.
	name := p.name
	if utf8.RuneCountInString(name) > 1 {
		name = "\\rm{" + strings.ReplaceAll(name, "_", "\\_") + "}"
	}
	return "$" + name + " = " + text + "$"
}

// String writes the loss for errors.
func (m Loss) String() string {
	if m.A == 0 {
		return "loss " + m.Name
	}
	return fmt.Sprintf("loss %s with a = %g", m.Name, m.A)
}

// Title names a loss on a panel, in the markup of labels.
func (m Loss) Title() string {
	title := m.Class()
	switch title {
	case "ell":
		title = "$ℓ_a$"
	case "plain":
		title = "plain loss"
	case "pseudohuber":
		title = "pseudo-Huber"
	case "cauchy":
		title = "Cauchy"
	}
	for _, p := range m.params() {
		title += ", " + p.label()
	}
	return title
}

// Key names a loss in the name of a quantity.
func (m Loss) Key() string {
	key := m.Class()
	for _, p := range m.params() {
		key += "-" + p.name + "=" + p.value
	}
	return key
}

// Words writes the loss for a caption.
func (m Loss) Words() string {
	words := "the loss \\it{" + m.Class() + "}"
	if m.Class() == "ell" {
		words = "the loss $ℓ_a$"
	}
	params := m.params()
	for k, p := range params {
		switch {
		case k == 0:
			words += " with "
		case k == len(params)-1:
			words += " and "
		default:
			words += ", "
		}
		words += p.label()
	}
	return words
}
