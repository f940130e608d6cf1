package instance

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
)

// Labels against the same sums in 200 bits; a sum of N terms in float64 is off by
// at most N·2⁻⁵³ times the sum of the sizes of its terms, 1.2e-14·N here.
func TestLabels(t *testing.T) {
	const n = 48
	for _, r := range pipelinetest.Run[Instance](t, Kind,
		map[string]any{"N": int64(n), "alpha": 2.0, "seeds": pipeline.Range{First: 3, Last: 4}}) {
		x := DrawX(r.Seed, n, int(r.M))
		for i := range int(r.M) {
			sum := new(big.Float).SetPrec(200)
			size := 0.0
			for j, v := range x[i*n : (i+1)*n] {
				term := new(big.Float).SetPrec(200).Mul(big.NewFloat(float64(v)), big.NewFloat(r.Signal[j]))
				sum.Add(sum, term)
				f, _ := term.Float64()
				size += math.Abs(f)
			}
			root := new(big.Float).SetPrec(200).Sqrt(big.NewFloat(n))
			want, _ := sum.Quo(sum, root).Float64()
			if math.Abs(r.Y[i]-want) > n*0x1p-53*size/math.Sqrt(n)+0x1p-52*math.Abs(want) {
				t.Errorf("seed %d: y_%d = %v, want %v", r.Seed, i, r.Y[i], want)
			}
		}
	}
}

// The sphere, the sizes, and the laws of labels: of 40·200 labels, mean and mean
// square are within 5 standard deviations of 0 and 1, in the null model exactly
// N(0,1) and otherwise conditionally on w*; failure probability 3e-6 in all. The
// null model's labels have no correlation with x_i·w*, again within 5 deviations.
func TestLaw(t *testing.T) {
	const n, m, seeds = 50, 200, 40
	for _, null := range []bool{false, true} {
		var mean, square, cross float64
		for _, r := range pipelinetest.Run[Instance](t, Kind,
			map[string]any{"N": int64(n), "alpha": 4.0, "seeds": pipeline.Range{First: 0, Last: seeds - 1},
				"null": null}) {
			if r.N != n || r.M != m || r.Alpha != 4 || len(r.Y) != m || len(r.Signal) != n {
				t.Fatalf("sizes: %d %d %v %d %d", r.N, r.M, r.Alpha, len(r.Y), len(r.Signal))
			}
			norm := 0.0
			for _, v := range r.Signal {
				norm += v * v
			}
			if math.Abs(norm-n) > 1e-13*n {
				t.Errorf("‖w*‖² = %v", norm)
			}
			x := DrawX(r.Seed, n, m)
			for i, y := range r.Y {
				mean += y
				square += y * y
				cross += y * label(x[i*n:(i+1)*n], r.Signal)
			}
		}
		const k = m * seeds
		if math.Abs(mean/k) > 5/math.Sqrt(k) || math.Abs(square/k-1) > 5*math.Sqrt(2./k) {
			t.Errorf("null %v: labels have mean %v and mean square %v", null, mean/k, square/k)
		}
		if null && math.Abs(cross/k) > 5/math.Sqrt(k) {
			t.Errorf("the null model's labels have correlation %v with the signal's", cross/k)
		}
	}
}

// M and with it alpha are rounded; what was asked for is told.
func TestRounding(t *testing.T) {
	r := pipelinetest.Run[Instance](t, Kind,
		map[string]any{"N": int64(16), "alpha": 2.1, "seeds": pipeline.Range{First: 1, Last: 1}})[0]
	if r.M != 34 || r.Alpha != 34./16 || r.AlphaAsked != 2.1 {
		t.Errorf("M = %d, alpha = %v for %v", r.M, r.Alpha, r.AlphaAsked)
	}
}

// A larger alpha extends a smaller one; another N is another matrix.
func TestNested(t *testing.T) {
	small := pipelinetest.Run[Instance](t, Kind,
		map[string]any{"N": int64(16), "alpha": 2.0, "seeds": pipeline.Range{First: 5, Last: 5}})[0]
	large := pipelinetest.Run[Instance](t, Kind,
		map[string]any{"N": int64(16), "alpha": 3.5, "seeds": pipeline.Range{First: 5, Last: 5}})[0]
	if !reflect.DeepEqual(small.Signal, large.Signal) || !reflect.DeepEqual(small.Y, large.Y[:32]) {
		t.Error("labels at alpha = 2 are not the first of those at 3.5")
	}
	a, b := DrawX(5, 16, 32), DrawX(5, 16, 56)
	if !reflect.DeepEqual(a, b[:len(a)]) {
		t.Error("X at alpha = 2 is not the first rows of X at 3.5")
	}
	row := make([]float32, 16)
	Row(row, 5, 31)
	if !reflect.DeepEqual(row, b[31*16:32*16]) {
		t.Error("Row is not a row of DrawX")
	}
	wide := make([]float32, 17)
	Row(wide, 5, 31)
	if reflect.DeepEqual(row, wide[:16]) {
		t.Error("N = 17 repeats the matrix of N = 16")
	}
}

// A block's instances are those of its seeds, and each has its own.
func TestBlock(t *testing.T) {
	block := pipelinetest.Run[Instance](t, Kind,
		map[string]any{"N": int64(8), "alpha": 1.5, "seeds": pipeline.Range{First: 2, Last: 4}})
	seen := map[string]bool{}
	for _, r := range block {
		one := pipelinetest.Run[Instance](t, Kind,
			map[string]any{"N": int64(8), "alpha": 1.5, "seeds": pipeline.Range{First: r.Seed, Last: r.Seed}})
		if !reflect.DeepEqual(one[0], r) {
			t.Errorf("seed %d differs alone and in a block", r.Seed)
		}
		seen[r.Fingerprint] = true
	}
	if len(seen) != len(block) {
		t.Error("instances share a matrix")
	}
}

// The format of the fingerprint: rows of one, two and three entries, and the checksum
// that RFC 3720 (B.4) gives for 32 zero bytes.
func TestFingerprint(t *testing.T) {
	one, two := "\x00\x00\x80\x3f", "\x00\x00\x00\xc0" // 1, −2
	for _, c := range []struct {
		x    []float32
		n    int
		want string
	}{
		{[]float32{1, -2}, 1, sum(checksum(one) + checksum(two))},
		{[]float32{1, -2}, 2, sum(checksum(one + two))},
		{[]float32{1, -2, 1}, 3, sum(checksum(one + two + one))},
		{make([]float32, 8), 8, sum("\xaa\x36\x91\x8a")},
	} {
		if got := Fingerprint(c.x, c.n); got != c.want {
			t.Errorf("Fingerprint(%v, %d) = %s, want %s", c.x, c.n, got, c.want)
		}
	}
}

// checksum is CRC-32C bit by bit, in four little-endian bytes.
func checksum(data string) string {
	c := ^uint32(0)
	for i := range len(data) {
		c ^= uint32(data[i])
		for range 8 {
			c = c>>1 ^ -(c&1)&0x82F63B78
		}
	}
	return string(binary.LittleEndian.AppendUint32(nil, ^c))
}

func sum(data string) string {
	s := sha256.Sum256([]byte(data))
	return hex.EncodeToString(s[:])
}

// The bits on which every artifact rests.
func TestGolden(t *testing.T) {
	r := pipelinetest.Run[Instance](t, Kind,
		map[string]any{"N": int64(64), "alpha": 3.0, "seeds": pipeline.Range{First: 1, Last: 1}})[0]
	if want := "af2881c5d9de6bf328e498e1a6b54c42e7c6d9e9ab169ead8d45deae14d9d539"; r.Fingerprint != want {
		t.Errorf("X of N = 64, M = 192, seed 1: %s", r.Fingerprint)
	}
	if want := 0x1.ee230480ade2ap+00; r.Y[191] != want {
		t.Errorf("its last label: %x", r.Y[191])
	}
}

func TestErrors(t *testing.T) {
	good := map[string]any{"N": int64(10), "alpha": 2.0, "seeds": pipeline.Range{First: 1, Last: 2}}
	for _, c := range []struct {
		param string
		value any
		want  string
	}{
		{"N", int64(1), "N: 1 is too small"},
		{"alpha", -1.0, "alpha: -1 must be positive"},
		{"alpha", 0.04, "alpha: 0.04 leaves no measurement at N = 10; take at least 0.1"},
		{"alpha", 1e12, "more than fit into memory"},
		{"seeds", pipeline.Range{First: 3, Last: 2}, "seeds: 3-2 is not a block"},
		{"seeds", pipeline.Range{First: 1, Last: 999999999999999},
			"seeds: 1-999999999999999 is 999999999999999 instances of 20 numbers"},
	} {
		values := map[string]any{}
		for k, v := range good {
			values[k] = v
		}
		values[c.param] = c.value
		if _, err := Kind.Resolve(values); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %v: %v", c.param, c.value, err)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	p := Params{N: 256, Alpha: 3, Seeds: pipeline.Range{First: 1, Last: 1}}
	for b.Loop() {
		draw(p, 1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(p.M()*p.N), "ns/entry")
}
