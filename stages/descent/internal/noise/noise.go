// Package noise gives methods of descent that are random the numbers of each descent.
package noise

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"zerotohero/stages/internal/random"
)

// Stream is the random numbers of the descent that starts at w. The start names them, with the
// domain and the seed, so that they do not depend on what descends beside it; descents from
// one start at several α share them.
func Stream(domain string, seed int, w []float64) *random.Source {
	hash := sha256.New()
	var word [8]byte
	for _, v := range w {
		binary.LittleEndian.PutUint64(word[:], math.Float64bits(v))
		hash.Write(word[:])
	}
	return random.New(domain, int64(seed), int64(binary.BigEndian.Uint64(hash.Sum(nil))))
}
