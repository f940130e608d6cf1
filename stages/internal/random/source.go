// Package random gives the random streams of the pipeline: named, independent,
// and equal to the last bit on every platform and with every Go version.
package random

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// A Source is one stream of random numbers. It is not safe for concurrent use.
type Source struct {
	pcg rand.PCG
}

// New starts the stream of (domain, seed, index). The domain says what is drawn
// ("x", "start"), the seed which realisation, the index which part of it (a row,
// a start). Streams that differ in any of the three are independent.
//
// The generator is PCG-DXSM of 128 bits, with the first sixteen bytes of SHA-256 as its
// state, two big-endian words; hashed are seed and index, eight bytes each and
// little-endian, followed by the domain. All streams are of its one cycle, of 2¹²⁸
// numbers: the chance that two of 10⁹ streams of 10⁶ numbers overlap is below 10⁻¹⁴.
func New(domain string, seed, index int64) *Source {
	name := make([]byte, 0, 64)
	name = binary.LittleEndian.AppendUint64(name, uint64(seed))
	name = binary.LittleEndian.AppendUint64(name, uint64(index))
	name = append(name, domain...)
	key := sha256.Sum256(name)
	s := new(Source)
	s.pcg.Seed(binary.BigEndian.Uint64(key[:]), binary.BigEndian.Uint64(key[8:]))
	return s
}

// Uint64 draws 64 uniform bits.
func (s *Source) Uint64() uint64 { return s.pcg.Uint64() }

// Uniform draws from (0,1): the midpoints of 2⁵² equal cells, so that neither
// end occurs, and u is as likely as 1−u.
func (s *Source) Uniform() float64 {
	return (float64(s.Uint64()>>12) + 0.5) * 0x1p-52
}

// Sphere fills w with a point uniform on the sphere ‖w‖² = len(w).
func (s *Source) Sphere(w []float64) {
	sum := 0.0
	for i := range w {
		w[i] = s.Normal()
		sum += float64(w[i] * w[i])
	}
	scale := math.Sqrt(float64(len(w)) / sum)
	for i := range w {
		w[i] = float64(w[i] * scale)
	}
}
