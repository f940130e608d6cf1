package predictors

import (
	"sort"

	"zerotohero/figures/inputs"
)

// row is what the figure shows of prediction at one time.
type row struct {
	N      int64   `arrow:"n"`
	Asked  float64 `arrow:"alpha_asked"`
	Loss   string  `arrow:"loss"`
	A      float64 `arrow:"a"`
	Method string  `arrow:"method"`
	T      float64 `arrow:"t"`

	Runs       int64       `arrow:"runs"`
	Instances  int64       `arrow:"instances"`
	Recovered  int64       `arrow:"recovered"`
	Identified bool        `arrow:"identified"`
	Reason     string      `arrow:"reason"`
	Predictors []predictor `arrow:"predictors"`
}

type predictor struct {
	Name          string   `arrow:"name"`
	MeanRecovered estimate `arrow:"mean_recovered"`
	MeanTrapped   estimate `arrow:"mean_trapped"`
	Score         estimate `arrow:"score"`
	AUC           estimate `arrow:"auc"`
}

type estimate struct {
	Value float64 `arrow:"value"`
	Lo    float64 `arrow:"lo"`
	Hi    float64 `arrow:"hi"`
}

func (r row) about() inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} }

// density is what it shows of a spectrum in theory.
type density struct {
	At     string    `arrow:"at"`
	Loss   string    `arrow:"loss"`
	A      float64   `arrow:"a"`
	Alpha  float64   `arrow:"alpha"`
	Lambda []float64 `arrow:"lambda"`
	Rho    []float64 `arrow:"rho"`
	Weight []float64 `arrow:"weight"`
	CDF    []float64 `arrow:"cdf"`
	Atoms  []atom    `arrow:"atoms"`
}

type atom struct {
	Lambda float64 `arrow:"lambda"`
	Mass   float64 `arrow:"mass"`
}

func (d density) about() inputs.Loss { return inputs.Loss{Name: d.Loss, A: d.A} }

// below is the share of eigenvalues below λ, linear between those at which it is given.
func (d density) below(lambda float64) float64 {
	i := sort.SearchFloat64s(d.Lambda, lambda)
	switch {
	case i == 0:
		return 0
	case i == len(d.Lambda):
		return 1
	}
	part := (lambda - d.Lambda[i-1]) / (d.Lambda[i] - d.Lambda[i-1])
	return d.CDF[i-1] + float64(part*(d.CDF[i]-d.CDF[i-1]))
}

// mean is the mean eigenvalue.
func (d density) mean() float64 {
	sum := 0.0
	for i, l := range d.Lambda {
		sum += float64(d.Weight[i]*d.Rho[i]) * l
	}
	for _, a := range d.Atoms {
		sum += float64(a.Mass * a.Lambda)
	}
	return sum
}

// nullRow is what it shows of the null model.
type nullRow struct {
	N     int64   `arrow:"n"`
	Asked float64 `arrow:"alpha_asked"`
	Loss  string  `arrow:"loss"`
	A     float64 `arrow:"a"`
	TBBP  float64 `arrow:"t_bbp"`
	Lo    float64 `arrow:"t_bbp_lo"`
	Hi    float64 `arrow:"t_bbp_hi"`
}

func (r nullRow) about() inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} }
