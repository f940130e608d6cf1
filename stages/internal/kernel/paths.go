package kernel

import (
	"fmt"
	"os"
	"strings"
	"unsafe"
)

// variable is the environment variable that forces an implementation: go, avx2 or avx512.
const variable = "HERO_KERNEL"

// implementation is one way to compute what the package defines. All give the same bits.
type implementation struct {
	name       string
	products   []productKernel    // by descending students; the last takes one row and one student
	accumulate []accumulateKernel // by descending students; the last takes one
	single     int                // bytes of X in a block of Sweep for one student,
	block      int                // and for several; both chosen by measurement
}

// productKernel sets h[k][row+i] to the product of row i of x, i < rows, with w[k], k < students.
type productKernel struct {
	rows, students int
	run            func(x *float32, stride, n int, w, h *[]float64, row int)
}

// accumulateKernel adds c[k][row+i] times row i of x to g[k], for i < rows in ascending order, k < students.
type accumulateKernel struct {
	students int
	run      func(x *float32, stride, rows, n int, c *[]float64, row int, g *[]float64)
}

// portable is the definition itself.
var portable = implementation{
	name: "go",
	products: []productKernel{{1, 1, func(x *float32, _, n int, w, h *[]float64, row int) {
		(*h)[row] = dotGo(unsafe.Slice(x, n), *w)
	}}},
	accumulate: []accumulateKernel{{1, func(x *float32, stride, rows, n int, c *[]float64, row int, g *[]float64) {
		for i := range rows {
			axpyGo((*c)[row+i], unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(x), 4*i*stride)), n), *g)
		}
	}}},
	single: 128 << 10,
	block:  128 << 10,
}

var active, activeErr = choose(os.Getenv(variable), accelerated())

// choose returns the implementation of the given name, or the fastest when the name is empty, out of the portable one
// and the accelerated ones that this processor has (the fastest first). It falls back on the portable one.
func choose(name string, have []implementation) (*implementation, error) {
	have = append(have, portable)
	if name == "" {
		return &have[0], nil
	}
	var names []string
	for i := range have {
		if have[i].name == name {
			return &have[i], nil
		}
		names = append(names, have[i].name)
	}
	reason := "no such kernel"
	if name == "avx2" || name == "avx512" {
		reason = "this processor does not support it"
	}
	return &have[len(have)-1], fmt.Errorf("environment variable %s=%q: %s; here it can be one of %s, "+
		"or unset for the fastest",
		variable, name, reason, strings.Join(names, ", "))
}

// Path returns the name of the implementation in use: go, avx2 or avx512. It is an error if the environment variable
// HERO_KERNEL asks for one that does not exist or that this processor does not support.
func Path() (string, error) {
	return active.name, activeErr
}
