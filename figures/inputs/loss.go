package inputs

import (
	"fmt"

	"zerotohero/figures/label"
)

// A Loss is the loss that a row is about, with its parameter a.
type Loss struct {
	Name string
	A    float64
}

// String writes the loss for errors.
func (m Loss) String() string { return fmt.Sprintf("loss %s with a = %g", m.Name, m.A) }

// Title names a loss on a panel, in the markup of labels.
func (m Loss) Title() string {
	switch m.Name {
	case "ell":
		return "$ℓ_a$, $a = " + label.Number(m.A) + "$"
	case "plain":
		return "plain loss"
	case "pseudohuber":
		return "pseudo-Huber, $a = " + label.Number(m.A) + "$"
	}
	return fmt.Sprintf("%s, $a = %s$", m.Name, label.Number(m.A))
}

// Key names a loss in the name of a quantity.
func (m Loss) Key() string { return fmt.Sprintf("%s-a=%g", m.Name, m.A) }

// Words writes the loss for a caption.
func (m Loss) Words() string {
	name := map[string]string{"ell": "the loss $ℓ_a$"}[m.Name]
	if name == "" {
		name = "the loss \\it{" + m.Name + "}"
	}
	return name + " with $a = " + label.Number(m.A) + "$"
}
