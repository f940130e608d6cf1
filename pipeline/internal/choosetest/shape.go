// Package choosetest has something to choose, in packages of their own as it must be, for
// the tests of package pipeline.
package choosetest

// A Shape has an area.
type Shape struct{ Area float64 }

// A Colour can be chosen by a shape.
type Colour string
