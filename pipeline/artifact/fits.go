package artifact

import (
	"fmt"
	"reflect"

	"github.com/apache/arrow/go/v17/arrow"
)

// Fits says whether Rows[view] can read artifacts made of rows.
func Fits(view, rows reflect.Type) error {
	want, err := arrowFields(view)
	if err != nil {
		return err
	}
	have, err := arrowFields(rows)
	if err != nil {
		return err
	}
	return fieldsFit(want, have)
}

func fieldsFit(want, have []arrow.Field) error {
	for _, w := range want {
		found := false
		for _, h := range have {
			if h.Name != w.Name {
				continue
			}
			found = true
			if err := typeFits(w.Type, h.Type); err != nil {
				return fmt.Errorf("column %q: %w", w.Name, err)
			}
		}
		if !found {
			return fmt.Errorf("no column %q", w.Name)
		}
	}
	return nil
}

func typeFits(want, have arrow.DataType) error {
	switch w := want.(type) {
	case *arrow.ListType:
		if h, ok := have.(*arrow.ListType); ok {
			return typeFits(w.Elem(), h.Elem())
		}
	case *arrow.StructType:
		if h, ok := have.(*arrow.StructType); ok {
			return fieldsFit(w.Fields(), h.Fields())
		}
	}
	if want.ID() != have.ID() {
		return fmt.Errorf("wants %s, there is %s", want, have)
	}
	return nil
}
