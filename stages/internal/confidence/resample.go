package confidence

import "zerotohero/stages/internal/random"

// Resample draws, for each resample, how many times each of k instances occurs in it: k−1
// draws from k, which makes the variance of a mean unbiased (Rao and Wu 1988), where k
// draws would make it too small by the factor 1−1/k. Resample b has a stream of its own,
// keyed by domain and seed.
func (b Bootstrap) Resample(domain string, k int) [][]int {
	draws := make([][]int, b.Resamples)
	for i := range draws {
		counts := make([]int, k)
		stream := random.New(domain, int64(b.Seed), int64(i))
		for range k - 1 {
			counts[int(stream.Uniform()*float64(k))]++
		}
		draws[i] = counts
	}
	return draws
}
