package artifact

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// Fits checks that [Rows] reads rows of one type into a view, a row type that may
// name fewer columns: each column of the view must be one of rows, with the same
// type. Of a struct within, in a list too, a view may name fewer fields as well.
// Units and docs may differ. The error names the column, what the view wants and
// what there is. Rows reads a table of such rows, with any content, exactly if Fits
// returns nil.
func Fits(view, rows reflect.Type) error {
	have, err := arrowFields(rows, 0)
	if err != nil {
		return err
	}
	return fits(view, have, "")
}

// fits checks a view against the fields of a schema, or of a struct in the column
// called prefix.
func fits(view reflect.Type, have []arrow.Field, prefix string) error {
	want, err := arrowFields(view, 0)
	if err != nil {
		return err
	}
	return fitFields(want, have, prefix)
}

func fitFields(want, have []arrow.Field, prefix string) error {
	for _, w := range want {
		name := prefix + w.Name
		var found []arrow.Field
		var names []string
		for _, h := range have {
			names = append(names, prefix+h.Name)
			if h.Name == w.Name {
				found = append(found, h)
			}
		}
		if len(found) != 1 {
			typ, _ := typeName(w.Type)
			return fmt.Errorf("no column %q, wanted as %s; there are %s", name, typ, strings.Join(names, ", "))
		}
		if err := fitType(w.Type, found[0].Type, name); err != nil {
			return err
		}
	}
	return nil
}

func fitType(want, have arrow.DataType, name string) error {
	switch w := want.(type) {
	case *arrow.StructType:
		if h, ok := have.(*arrow.StructType); ok {
			return fitFields(w.Fields(), h.Fields(), name+".")
		}
	case *arrow.ListType:
		if h, ok := have.(*arrow.ListType); ok {
			return fitType(w.Elem(), h.Elem(), name)
		}
	default:
		if want.ID() == have.ID() {
			return nil
		}
	}
	wanted, _ := typeName(want)
	there, _ := typeName(have)
	return fmt.Errorf("column %q is wanted as %s and is %s", name, wanted, there)
}
