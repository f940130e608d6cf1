package figures

import (
	"fmt"
	"math"
	"math/rand/v2"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
)

// The rows below have the columns of the artifacts that figures read, and some that
// they pass over.

type testAtom struct {
	Lambda float64 `arrow:"lambda"`
	Mass   float64 `arrow:"mass"`
}

type testDensity struct {
	At         string     `arrow:"at"`
	Loss       string     `arrow:"loss"`
	A          float64    `arrow:"a"`
	Alpha      float64    `arrow:"alpha"`
	Mu         float64    `arrow:"mu"`
	Edge       float64    `arrow:"edge"`
	EdgeKind   string     `arrow:"edge_kind"`
	Outlier    bool       `arrow:"outlier"`
	LambdaStar float64    `arrow:"lambda_star"`
	Q2         float64    `arrow:"q2"`
	Lambda     []float64  `arrow:"lambda"`
	Rho        []float64  `arrow:"rho"`
	CDF        []float64  `arrow:"cdf"`
	Atoms      []testAtom `arrow:"atoms"`
	Mass       float64    `arrow:"mass"`
}

type testLow struct {
	Lambda  float64 `arrow:"lambda"`
	Overlap float64 `arrow:"overlap"`
}

type testHessian struct {
	Seed        int64     `arrow:"seed"`
	Start       int64     `arrow:"start"`
	N           int64     `arrow:"n"`
	M           int64     `arrow:"m"`
	Alpha       float64   `arrow:"alpha"`
	Loss        string    `arrow:"loss"`
	A           float64   `arrow:"a"`
	T           float64   `arrow:"t"`
	Mu          float64   `arrow:"mu"`
	Eigenvalues []float64 `arrow:"eigenvalues"`
	Lowest      []testLow `arrow:"lowest"`
}

type testTransition struct {
	At    string  `arrow:"at"`
	Loss  string  `arrow:"loss"`
	A     float64 `arrow:"a"`
	Found bool    `arrow:"found"`
	Alpha float64 `arrow:"alpha"`
	Error float64 `arrow:"error"`
	Edge  string  `arrow:"edge"`
}

type testStep struct {
	T        float64 `arrow:"t"`
	Energy   float64 `arrow:"energy"`
	Overlap  float64 `arrow:"overlap"`
	Gradient float64 `arrow:"gradient"`
}

type testDescent struct {
	Seed    int64      `arrow:"seed"`
	Start   int64      `arrow:"start"`
	N       int64      `arrow:"n"`
	M       int64      `arrow:"m"`
	Loss    string     `arrow:"loss"`
	A       float64    `arrow:"a"`
	Method  string     `arrow:"method"`
	Outcome string     `arrow:"outcome"`
	Student []float64  `arrow:"student"`
	Trace   []testStep `arrow:"trace"`
}

type testPoint struct {
	Alpha      float64 `arrow:"alpha"`
	Trials     int64   `arrow:"trials"`
	Recovered  int64   `arrow:"recovered"`
	Trapped    int64   `arrow:"trapped"`
	Unresolved int64   `arrow:"unresolved"`
	Diverged   int64   `arrow:"diverged"`
	P          float64 `arrow:"p"`
	Lo         float64 `arrow:"lo"`
	Hi         float64 `arrow:"hi"`
}

type testSize struct {
	N          int64       `arrow:"n"`
	Loss       string      `arrow:"loss"`
	A          float64     `arrow:"a"`
	Method     string      `arrow:"method"`
	From       string      `arrow:"from"`
	Points     []testPoint `arrow:"points"`
	Identified bool        `arrow:"identified"`
	Alpha50    float64     `arrow:"alpha50"`
	Alpha50Lo  float64     `arrow:"alpha50_lo"`
	Alpha50Hi  float64     `arrow:"alpha50_hi"`
	Width      float64     `arrow:"width"`
	WidthLo    float64     `arrow:"width_lo"`
	WidthHi    float64     `arrow:"width_hi"`
}

// stage is an input that is read as an engine reads it, from bytes.
func stage[T any](kind, name string, rows ...T) pipeline.Input {
	return pipeline.Input{Stage: name, Kind: kind, Open: func() (*artifact.Table, error) {
		t, err := artifact.New(rows)
		if err != nil {
			return nil, err
		}
		data, err := t.Bytes()
		if err != nil {
			return nil, err
		}
		return artifact.Parse(data)
	}}
}

// semicircle is a theory-density input of radius 2, with an outlier to its left.
func semicircle(alpha float64, outlier bool) testDensity {
	d := testDensity{At: "init", Loss: "ell", A: 1, Alpha: alpha, Mu: 1, Edge: -3, EdgeKind: "sharp",
		Outlier: outlier, LambdaStar: -3.4, Q2: 0.3, Mass: 1}
	for i := range 201 {
		x := -2 + 0.02*float64(i)
		d.Lambda = append(d.Lambda, x-1)
		d.Rho = append(d.Rho, math.Sqrt(math.Max(0, 4-x*x))/(2*math.Pi))
		d.CDF = append(d.CDF, 0.5+x*math.Sqrt(math.Max(0, 4-x*x))/(4*math.Pi)+math.Asin(math.Max(-1, math.Min(1, x/2)))/math.Pi)
	}
	return d
}

func spectrumOf(rng *rand.Rand, seed int64, alpha float64, outlier bool) testHessian {
	const n = 80
	mu := 1 + 0.5*rng.NormFloat64()
	h := testHessian{Seed: seed, N: n, M: int64(math.Round(alpha * n)), Alpha: alpha, Loss: "ell", A: 1, Mu: mu}
	if outlier {
		h.Eigenvalues = []float64{-2.4 - mu}
	}
	for i := len(h.Eigenvalues); i < n-1; i++ {
		h.Eigenvalues = append(h.Eigenvalues, -2*math.Cos(math.Pi*(float64(i)+rng.Float64())/n)-mu)
	}
	h.Lowest = []testLow{{h.Eigenvalues[0], 0.2 + 0.1*rng.Float64()}}
	return h
}

func transitionAt(a float64) pipeline.Input {
	edge := "sharp"
	if a > 1.2 {
		edge = "smooth"
	}
	l := math.Log(a)
	return stage("theory-transition", fmt.Sprintf("transition/a=%g", a),
		testTransition{At: "init", Loss: "ell", A: a, Found: true, Alpha: 1.1 + l*l/10, Edge: edge})
}

func descentOf(seed int64, outcome string) testDescent {
	d := testDescent{Seed: seed, N: 100, M: 300, Loss: "ell", A: 1, Method: "gd", Outcome: outcome}
	final := map[string]float64{"recovered": 1, "trapped": 0.3, "unresolved": 0.5, "diverged": 0.1}[outcome]
	for k := range 40 {
		t := 0.02*math.Pow(10, float64(k)/10) - 0.02
		m := 0.1 + (final-0.1)*t/(t+float64(1+seed))
		d.Trace = append(d.Trace, testStep{T: t, Energy: 2 * (1 - m), Overlap: m})
	}
	if outcome == "diverged" {
		d.Trace = append(d.Trace, testStep{T: 200, Energy: 1e9, Overlap: 0.1}, testStep{T: 201, Energy: math.NaN(), Overlap: math.NaN()})
	}
	return d
}

func sizeOf(n int64) testSize {
	s := testSize{N: n, Loss: "ell", A: 1, Method: "gd", From: "random", Identified: n < 1000, Alpha50: 3, Alpha50Lo: 2.9, Alpha50Hi: 3.1, Width: 40 / float64(n), WidthLo: 35 / float64(n), WidthHi: 45 / float64(n)}
	for k := range 9 {
		alpha := 1 + 0.5*float64(k)
		p := 1 / (1 + math.Exp(-(alpha-3)/s.Width))
		q := testPoint{Alpha: alpha, Trials: 49, Unresolved: 1, Recovered: int64(math.Round(49 * p))}
		q.Trapped = 49 - q.Recovered
		q.P = float64(q.Recovered) / 49
		q.Lo, q.Hi = math.Max(0, q.P-0.1), math.Min(1, q.P+0.1)
		s.Points = append(s.Points, q)
	}
	return s
}

// goodInputs are inputs with which each figure can be drawn.
func goodInputs() map[string]pipeline.Inputs {
	rng := rand.New(rand.NewPCG(1, 2))
	var spectra pipeline.Inputs
	for _, alpha := range []float64{0.8, 1.2, 3} {
		d := semicircle(alpha, alpha > 1)
		if alpha < 1 {
			d.Atoms = []testAtom{{-1, 1 - alpha}}
		}
		spectra = append(spectra, stage("theory-density", fmt.Sprintf("density/%g", alpha), d))
		for block := range 2 {
			var rows []testHessian
			for i := range 5 {
				rows = append(rows, spectrumOf(rng, int64(5*block+i), alpha, alpha > 1))
			}
			later := rows[0]
			later.T = 10
			spectra = append(spectra, stage("hessian", fmt.Sprintf("hessian/%g,%d", alpha, block), append(rows, later)...))
		}
	}
	var blocks pipeline.Inputs
	for block := range 2 {
		var rows []testDescent
		for i, outcome := range []string{"recovered", "trapped", "recovered", "unresolved", "recovered", "trapped", "diverged", "recovered", "trapped", "recovered"} {
			rows = append(rows, descentOf(int64(10*block+i), outcome))
		}
		blocks = append(blocks, stage("descent", fmt.Sprintf("descent/%d", block), rows...))
	}
	return withCourses(withTheory(map[string]pipeline.Inputs{
		"init-spectrum": spectra,
		"descent":       blocks,
		"success": {
			stage("finitesize", "sizes/small", sizeOf(64), sizeOf(128)),
			stage("finitesize", "sizes/large", sizeOf(1024)),
			transitionAt(1),
		},
	}))
}
