package figures

import (
	"math"
	"slices"
)

// quantile is the p-quantile of ascending values, linear between them.
func quantile(ascending []float64, p float64) float64 {
	at := p * float64(len(ascending)-1)
	i := min(int(at), len(ascending)-2)
	if i < 0 {
		return ascending[0]
	}
	share := at - float64(i)
	return float64((1-share)*ascending[i]) + float64(share*ascending[i+1])
}

// median is the median with its interval of 95% confidence or a little more, between
// two order statistics: those that a binomial count of values below it allows. It
// supposes independent values and nothing about their law. Fewer than six cannot bound
// it, and the ends are infinite.
func median(name, text string, values []float64) Quantity {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	lo, hi := math.Inf(-1), math.Inf(1)
	if k := medianRank(n); k > 0 {
		lo, hi = v[k-1], v[n-k]
	}
	return Estimate(name, text, quantile(v, 0.5), lo, hi)
}

// medianRank is the largest k with P(B < k) ≤ 2.5% for B binomial with n trials and
// probability one half.
func medianRank(n int) int {
	if n > 1000 {
		return int(float64(n)/2 - 1.96*math.Sqrt(float64(n))/2)
	}
	sum, term := 0.0, math.Ldexp(1, -n)
	for k := range n {
		if sum += term; sum > 0.025 {
			return k
		}
		term *= float64(n-k) / float64(k+1)
	}
	return 0
}

// A band of quartiles against x, with the median.
type quartiles struct{ x, lo, mid, hi []float64 }

func (q *quartiles) add(x float64, values []float64) {
	v := slices.Sorted(slices.Values(values))
	q.x = append(q.x, x)
	q.lo, q.mid, q.hi = append(q.lo, quantile(v, 0.25)), append(q.mid, quantile(v, 0.5)), append(q.hi, quantile(v, 0.75))
}

// put adds a share of k among n with its 95% Wilson interval.
func (m *Points) put(x float64, k, n int64) {
	lo, hi := wilson(k, n)
	m.X, m.Y = append(m.X, x), append(m.Y, float64(k)/float64(n))
	m.Lo, m.Hi = append(m.Lo, lo), append(m.Hi, hi)
}
