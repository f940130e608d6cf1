// Package sample has the statistics of samples that figures quote.
package sample

import (
	"maps"
	"math"
	"slices"
)

// Deviation is the standard deviation of the population that a sample is from.
func Deviation(sample []float64) float64 {
	_, err := MeanError(sample)
	return err * math.Sqrt(float64(len(sample)))
}

// Wilson is the 95% interval of Wilson's score for the share k of n independent trials.
func Wilson(k, n int64) (lo, hi float64) {
	const z = 1.959963984540054
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z * math.Sqrt(float64(p*(1-p))/m+z*z/(4*m*m)) / (1 + z*z/m)
	return max(0, mid-half), min(1, mid+half)
}

// Quantile is the p-quantile of ascending values, linear between them.
func Quantile(ascending []float64, p float64) float64 {
	at := p * float64(len(ascending)-1)
	i := min(int(at), len(ascending)-2)
	if i < 0 {
		return ascending[0]
	}
	share := at - float64(i)
	return float64((1-share)*ascending[i]) + float64(share*ascending[i+1])
}

// Median is the median with its interval of 95% confidence or a little more,
// between two order statistics: those that a binomial count of values below it allows.
// It supposes independent values and nothing about their law. Fewer than six cannot
// bound it, and the ends are infinite.
func Median(values []float64) (mid, lo, hi float64) {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	lo, hi = math.Inf(-1), math.Inf(1)
	if k := MedianRank(n); k > 0 {
		lo, hi = v[k-1], v[n-k]
	}
	return Quantile(v, 0.5), lo, hi
}

// MedianRank is the largest k with P(B < k) ≤ 2.5% for B binomial with n trials and
// probability one half.
func MedianRank(n int) int {
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

// MeanError is the mean and its standard error, 0 for a single value.
func MeanError(values []float64) (mean, err float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		err += float64((v - mean) * (v - mean))
	}
	return mean, math.Sqrt(err / (n * max(1, n-1)))
}

// PerInstance is the mean of the values of each instance, in ascending order of seeds, which
// say of which instance a value is.
func PerInstance(seeds []int64, values []float64) (means []float64) {
	of := make(map[int64][]float64)
	for i, seed := range seeds {
		of[seed] = append(of[seed], values[i])
	}
	for _, seed := range slices.Sorted(maps.Keys(of)) {
		mean, _ := MeanError(of[seed])
		means = append(means, mean)
	}
	return means
}
