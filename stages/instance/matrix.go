package instance

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"math"
	"slices"
	"strconv"

	"zerotohero/stages/internal/random"
)

// Row draws row i of the sensing matrix X of N = len(dst) columns: independent
// standard normals rounded to float32, which makes them the exact entries of X.
// The row depends on seed, N and i alone, so that an instance with larger alpha
// extends those with smaller, while instances that differ in N are independent.
func Row(dst []float32, seed int64, i int) {
	random.New(streamOf("x", len(dst)), seed, int64(i)).Normals(dst)
}

// DrawX draws X, m rows of n, row-major.
func DrawX(seed int64, n, m int) []float32 {
	x := make([]float32, m*n)
	for i := range m {
		Row(x[i*n:(i+1)*n], seed, i)
	}
	return x
}

// X draws the instance's X, M×N and row-major, again: into dst if that has room for it.
// It is an error if the signal or the labels are of other sizes, or if X does not have
// its fingerprint: then another version of the code has drawn the instance.
func (r Instance) X(dst []float32) ([]float32, error) {
	if err := r.checkSizes(); err != nil {
		return nil, err
	}
	n, m := int(r.N), int(r.M)
	x := slices.Grow(dst[:0], m*n)[:m*n]
	f := newFingerprint()
	for i := range m {
		row := x[i*n : (i+1)*n]
		Row(row, r.Seed, i)
		f.add(row)
	}
	return x, r.compare(f.String())
}

// Check makes sure that the first M rows of x are the instance's X.
func (r Instance) Check(x []float32) error {
	if err := r.checkSizes(); err != nil {
		return err
	}
	if int64(len(x)) < r.M*r.N {
		return fmt.Errorf("n = %d and m = %d do not go with a matrix of %d entries", r.N, r.M, len(x))
	}
	return r.compare(Fingerprint(x[:r.M*r.N], int(r.N)))
}

// checkSizes makes sure that the signal and the labels are of the sizes N and M.
func (r Instance) checkSizes() error {
	if r.Deferred {
		return fmt.Errorf(
			"its X is deferred: drawn by a descent and gone with it; take instances with matrix = \"dense\"")
	}
	if r.N < 2 || r.N != int64(len(r.Signal)) || r.M != int64(len(r.Y)) {
		return fmt.Errorf("n = %d and m = %d, but the signal has %d components and there are %d labels; "+
			"compute the instances again",
			r.N, r.M, len(r.Signal), len(r.Y))
	}
	return nil
}

func (r Instance) compare(got string) error {
	if got == r.Fingerprint {
		return nil
	}
	return fmt.Errorf("drawn again, X has fingerprint %.12s…, the artifact says %.12s…; "+
		"the instances are of another version of the code, compute them again",
		got, r.Fingerprint)
}

// Fingerprint is the SHA-256, in hexadecimal, of the CRC-32C of each row of n entries of
// X, entries and checksums as four little-endian bytes. It tells what another version of
// the code has drawn, and costs a tenth of drawing it.
func Fingerprint(x []float32, n int) string {
	f := newFingerprint()
	for row := range slices.Chunk(x, n) {
		f.add(row)
	}
	return f.String()
}

// A fingerprint is computed row by row.
type fingerprint struct {
	hash hash.Hash
	buf  []byte // of one row
}

func newFingerprint() *fingerprint { return &fingerprint{hash: sha256.New()} }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (f *fingerprint) add(row []float32) {
	f.buf = f.buf[:0]
	for len(row) >= 2 {
		two := uint64(math.Float32bits(row[0])) | uint64(math.Float32bits(row[1]))<<32
		f.buf, row = binary.LittleEndian.AppendUint64(f.buf, two), row[2:]
	}
	if len(row) == 1 {
		f.buf = binary.LittleEndian.AppendUint32(f.buf, math.Float32bits(row[0]))
	}
	sum := crc32.Checksum(f.buf, castagnoli)
	f.hash.Write(binary.LittleEndian.AppendUint32(f.buf[:0], sum))
}

func (f *fingerprint) String() string { return hex.EncodeToString(f.hash.Sum(nil)) }

// streamOf names the random stream of something of n components, "x/128".
func streamOf(name string, n int) string { return name + "/" + strconv.Itoa(n) }

// label is the teacher's pre-activation x·w*/√N for a row of X, summed in ascending
// order of the components, without fusing.
func label(row []float32, signal []float64) float64 {
	sum := 0.0
	for j, v := range row {
		sum += float64(float64(v) * signal[j])
	}
	return sum / math.Sqrt(float64(len(row)))
}
