package cli

import (
	"errors"
	"io"
)

// artifacts compares two artifacts column by column.
func (d *differ) artifacts(out io.Writer, a, b *side, asJSON bool) (same bool, err error) {
	return false, errors.New("to come")
}
