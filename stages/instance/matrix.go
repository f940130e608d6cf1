package instance

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"zerotohero/stages/internal/random"
)

// Row draws row i of the sensing matrix X of N = len(dst) columns: independent
// standard normals rounded to float32, which makes them the exact entries of X.
// The row depends on seed, N and i alone, so that an instance with larger alpha
// extends those with smaller, while instances that differ in N are independent.
func Row(dst []float32, seed int64, i int) {
	s := random.New(dimension("x", len(dst)), seed, int64(i))
	for j := range dst {
		dst[j] = float32(s.Normal())
	}
}

// DrawX draws X, m rows of n, row-major.
func DrawX(seed int64, n, m int) []float32 {
	x := make([]float32, m*n)
	for i := range m {
		Row(x[i*n:(i+1)*n], seed, i)
	}
	return x
}

// X draws the instance's X, M×N and row-major, again. It is an error if the row does
// not go together or if X does not have its fingerprint: then another version of the
// code has drawn the instance.
func (r Instance) X() ([]float32, error) {
	if r.N < 2 || r.N != int64(len(r.Signal)) || r.M != int64(len(r.Y)) {
		return nil, fmt.Errorf("n = %d and m = %d, but the signal has %d components and there are %d labels; compute the instances again",
			r.N, r.M, len(r.Signal), len(r.Y))
	}
	x := DrawX(r.Seed, int(r.N), int(r.M))
	if got := Fingerprint(x); got != r.Fingerprint {
		return nil, fmt.Errorf("drawn again, X has fingerprint %.12s…, the artifact says %.12s…; the instances are of another version of the code, compute them again",
			got, r.Fingerprint)
	}
	return x, nil
}

// Fingerprint is the SHA-256, in hexadecimal, of the entries of X as
// little-endian float32, row by row.
func Fingerprint(x []float32) string {
	h := sha256.New()
	buf := make([]byte, 0, 4096)
	for i, v := range x {
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
		if len(buf) == cap(buf) || i == len(x)-1 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// dimension names the stream of something of n components, "x/128".
func dimension(name string, n int) string { return name + "/" + strconv.Itoa(n) }

// labels gives the teacher's pre-activations y_i = x_i·w*/√N for the rows of x,
// summed in ascending order of the components, without fusing.
func labels(x []float32, signal []float64) []float64 {
	n := len(signal)
	y := make([]float64, len(x)/n)
	root := math.Sqrt(float64(n))
	for i := range y {
		sum := 0.0
		for j, v := range x[i*n : (i+1)*n] {
			sum += float64(float64(v) * signal[j])
		}
		y[i] = sum / root
	}
	return y
}
