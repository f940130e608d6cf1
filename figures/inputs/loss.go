package inputs

import (
	"fmt"

	"zerotohero/figures/label"
)

// A Loss is the loss that a row is about, with its parameter a, which is 0 for a loss that
// has none.
type Loss struct {
	Name string
	A    float64
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
	name := m.Name
	switch m.Name {
	case "ell":
		name = "$ℓ_a$"
	case "plain":
		name = "plain loss"
	case "pseudohuber":
		name = "pseudo-Huber"
	case "cauchy":
		name = "Cauchy"
	}
	if m.A == 0 {
		return name
	}
	return name + ", $a = " + label.Number(m.A) + "$"
}

// Key names a loss in the name of a quantity.
func (m Loss) Key() string {
	if m.A == 0 {
		return m.Name
	}
	return fmt.Sprintf("%s-a=%g", m.Name, m.A)
}

// Words writes the loss for a caption.
func (m Loss) Words() string {
	name := "the loss \\it{" + m.Name + "}"
	if m.Name == "ell" {
		name = "the loss $ℓ_a$"
	}
	if m.A == 0 {
		return name
	}
	return name + " with $a = " + label.Number(m.A) + "$"
}
