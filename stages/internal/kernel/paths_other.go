//go:build !amd64

package kernel

// accelerated returns nothing: on this architecture the portable implementation is the only one.
func accelerated() []implementation { return nil }
