package bootstrap

import "zerotohero/stages/internal/random"

// Resample draws, for each of a number of resamples, how many times each of k instances
// occurs in it: k−1 draws from k, which makes the variance of a mean unbiased (Rao and Wu
// 1988), where k draws would make it too small by the factor 1−1/k. Resample b has a
// stream of its own, keyed by domain and seed.
func Resample(domain string, seed int64, resamples, k int) [][]int {
	draws := make([][]int, resamples)
	for b := range draws {
		counts := make([]int, k)
		stream := random.New(domain, seed, int64(b))
		for range k - 1 {
			counts[int(stream.Uniform()*float64(k))]++
		}
		draws[b] = counts
	}
	return draws
}
