package confidence

// A Cluster is the trials on one instance, and the successes among them.
type Cluster struct{ Trials, Successes float64 }

// Effective is the number of independent trials that determine the rate of successes p as
// well as n trials in K clusters do, each with at least one:
//
//	n_eff = p(1−p)/v,   v = K/(K−1) Σ_k (r_k − p n_k)² / n²
//
// with r_k successes of n_k trials, v being the linearised variance of p between clusters
// (Korn and Graubard 1998, without their t correction). It is kept between n²/Σn_k², the
// number for outcomes equal within each cluster (Kish), and n. At p = 0 or 1, where v says
// nothing, it is the former. With one trial a cluster n_eff = n.
func Effective(clusters []Cluster) float64 {
	var n, r, squares float64
	for _, c := range clusters {
		n += c.Trials
		r += c.Successes
		squares += float64(c.Trials * c.Trials)
	}
	least := n * n / squares
	k := float64(len(clusters))
	if k == 1 || r == 0 || r == n {
		return least
	}
	p := r / n
	var spread float64
	for _, c := range clusters {
		d := c.Successes - float64(p*c.Trials)
		spread += float64(d * d)
	}
	v := k / (k - 1) * spread / (n * n)
	return min(max(p*(1-p)/v, least), n) // v = 0 gives n
}
