package bench

// multiplyAddsAVX512 does 12 multiply-adds of vectors of 8 numbers in each of some rounds, at
// least one.
func multiplyAddsAVX512(rounds int)

// multiplyAddsAVX2 does 12 of vectors of 4.
func multiplyAddsAVX2(rounds int)

var peaks = map[string]peak{"avx512": {8, multiplyAddsAVX512}, "avx2": {4, multiplyAddsAVX2}}
