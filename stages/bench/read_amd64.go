package bench

import "unsafe"

const blockLen = 32 // float32 numbers in a block of readBlocks

// readBlocks loads blocks of 128 bytes, at least one, and does nothing with them.
// It needs no more than SSE2, and yet waits for memory alone. No alignment is needed.
//
//go:noescape
func readBlocks(x *float32, blocks int)

// read goes once through x, less than a block at its end left out: as fast as one
// core can read it.
func read(x []float32) {
	if len(x) >= blockLen {
		readBlocks(unsafe.SliceData(x), len(x)/blockLen)
	}
}
