package artifact

import (
	"reflect"
	"strings"
	"testing"
)

// A shape is a row type, with a table of such rows, an empty one, and what reads a
// table into the type.
type shape struct {
	name  string
	typ   reflect.Type
	full  *Table
	empty *Table
	read  func(*Table) error
}

func shapeOf[T any](t *testing.T, name string, rows ...T) shape {
	t.Helper()
	table := func(rows []T) *Table {
		tab, err := New(rows)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return tab
	}
	return shape{name, reflect.TypeFor[T](), table(rows), table(nil), func(tab *Table) error {
		_, err := Rows[T](tab)
		return err
	}}
}

type (
	word    string
	real    float64
	inner   struct{ T, U float64 }
	whole   struct{ X int64 }
	columns struct {
		I int64     `arrow:"i"`
		F float64   `arrow:"f"`
		S string    `arrow:"s"`
		B []byte    `arrow:"b"`
		L []float64 `arrow:"l"`
		D struct {
			T float64 `arrow:"t"`
			U string  `arrow:"u"`
		} `arrow:"d"`
		R []struct {
			T float64 `arrow:"t"`
			V []struct {
				W int64 `arrow:"w"`
				X bool  `arrow:"x"`
			} `arrow:"v"`
		} `arrow:"r"`
	}
)

func filled() columns {
	c := columns{I: 1, F: 2, S: "s", B: []byte("b"), L: []float64{1, 2}}
	c.D.U = "u"
	c.R = append(c.R, struct {
		T float64 `arrow:"t"`
		V []struct {
			W int64 `arrow:"w"`
			X bool  `arrow:"x"`
		} `arrow:"v"`
	}{T: 1, V: []struct {
		W int64 `arrow:"w"`
		X bool  `arrow:"x"`
	}{{1, true}}})
	return c
}

// Fits must say of a view what Rows does with it, on a full table and on an empty
// one, and what the table below says.
func TestFits(t *testing.T) {
	all := shapeOf(t, "all", filled(), columns{})
	wants := map[string]string{} // by view: what the error says, "" if it fits all
	views := []shape{all}
	add := func(s shape, want string) {
		views = append(views, s)
		wants[s.name] = want
	}
	addViews(t, add)
	for _, view := range views {
		for _, rows := range views {
			err := Fits(view.typ, rows.typ)
			for _, tab := range []*Table{rows.full, rows.empty} {
				if got := view.read(tab); (got == nil) != (err == nil) || err != nil && got.Error() != err.Error() {
					t.Errorf("%s into %s: Fits says %v, Rows says %v", rows.name, view.name, err, got)
				}
			}
			if view.name == rows.name && err != nil {
				t.Errorf("%s does not fit itself: %v", view.name, err)
			}
		}
		got := ""
		if err := Fits(view.typ, all.typ); err != nil {
			got = err.Error()
		}
		if got != wants[view.name] {
			t.Errorf("%s: got %q\nwant %q", view.name, got, wants[view.name])
		}
	}
}

// addViews adds views of columns, and what the error of those says that do not fit.
func addViews(t *testing.T, add func(s shape, want string)) {
	add(shapeOf(t, "one", struct {
		F float64 `arrow:"f"`
	}{1}), "")
	add(shapeOf(t, "another order, docs and names of types", struct {
		S word   `arrow:"s" doc:"other"`
		L []real `arrow:"l" unit:"m"`
		I int64  `arrow:"i"`
	}{L: []real{1}}), "")
	add(shapeOf(t, "fewer fields within", struct {
		D struct {
			U string `arrow:"u"`
		} `arrow:"d"`
		R []struct {
			V []struct {
				X bool `arrow:"x"`
			} `arrow:"v"`
		} `arrow:"r"`
	}{}), "")
	add(shapeOf(t, "missing", struct {
		I int64   `arrow:"i"`
		X float64 `arrow:"x"`
	}{}), `no column "x", wanted as float64; there are i, f, s, b, l, d, r`)
	add(shapeOf(t, "mistyped", struct {
		I float64 `arrow:"i"`
	}{}), `column "i" is wanted as float64 and is int64`)
	add(shapeOf(t, "narrower", struct {
		F float32 `arrow:"f"`
	}{}), `column "f" is wanted as float32 and is float64`)
	add(shapeOf(t, "text for bytes", struct {
		B string `arrow:"b"`
	}{}), `column "b" is wanted as utf8 and is binary`)
	add(shapeOf(t, "list for one", struct {
		F []float64 `arrow:"f"`
	}{}), `column "f" is wanted as list of float64 and is float64`)
	add(shapeOf(t, "list of another", struct {
		L []int64 `arrow:"l"`
	}{}), `column "l" is wanted as int64 and is float64`)
	add(shapeOf(t, "struct for one", struct {
		F struct {
			T float64 `arrow:"t"`
		} `arrow:"f"`
	}{}), `column "f" is wanted as struct and is float64`)
	add(shapeOf(t, "field missing", struct {
		D struct {
			V float64 `arrow:"v"`
		} `arrow:"d"`
	}{}), `no column "d.v", wanted as float64; there are d.t, d.u`)
	add(shapeOf(t, "field of a list of lists mistyped", struct {
		R []struct {
			V []struct {
				W string `arrow:"w"`
			} `arrow:"v"`
		} `arrow:"r"`
	}{}), `column "r.v.w" is wanted as utf8 and is int64`)
}

// What is no row type is an error, of either side.
func TestNoRowType(t *testing.T) {
	type deep struct {
		L []deep `arrow:"l"`
	}
	type row struct {
		I int64 `arrow:"i"`
	}
	for want, c := range map[string]struct {
		typ reflect.Type
		new func() error
	}{
		"must be a struct": {reflect.TypeFor[int](), func() error { _, err := New([]int{1}); return err }},
		"nested more than": {reflect.TypeFor[deep](), func() error { _, err := New([]deep{{}}); return err }},
		"exported": {reflect.TypeFor[struct {
			x int64 `arrow:"x"`
		}](), func() error {
			_, err := New([]struct {
				x int64 `arrow:"x"`
			}{{1}})
			return err
		}},
		"gives no name": {reflect.TypeFor[struct {
			X int64 `arrow:""`
		}](), func() error {
			_, err := New([]struct {
				X int64 `arrow:""`
			}{{1}})
			return err
		}},
		"two columns": {reflect.TypeFor[struct {
			X int64 `arrow:"x"`
			Y int64 `arrow:"x"`
		}](), func() error {
			_, err := New([]struct {
				X int64 `arrow:"x"`
				Y int64 `arrow:"x"`
			}{{1, 2}})
			return err
		}},
		"no column of type int": {reflect.TypeFor[struct {
			X []int `arrow:"x"`
		}](), func() error {
			_, err := New([]struct {
				X []int `arrow:"x"`
			}{{nil}})
			return err
		}},
	} {
		for _, err := range []error{Fits(reflect.TypeFor[row](), c.typ), Fits(c.typ, reflect.TypeFor[row]()), c.new()} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", c.typ, err, want)
			}
		}
	}
}

func TestNoColumns(t *testing.T) {
	if _, err := New([]whole{{1}}); err == nil || !strings.Contains(err.Error(), "no columns") {
		t.Errorf("rows without columns: %v", err)
	}
	if err := Fits(reflect.TypeFor[inner](), reflect.TypeFor[columns]()); err != nil {
		t.Errorf("a view of nothing does not fit: %v", err)
	}
}
