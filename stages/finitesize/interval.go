package finitesize

// An interval is a closed range; its ends may be infinite.
type interval struct{ lo, hi float64 }

// A cluster is the resolved descents of one instance.
type cluster struct{ trials, recovered float64 }

// effective is the number of independent trials that determine the rate of
// recovery as well as these clusters do; see the package documentation. Every
// cluster has trials.
func effective(clusters []cluster) float64 {
	var n, r, squares float64
	for _, c := range clusters {
		n += c.trials
		r += c.recovered
		squares += c.trials * c.trials
	}
	least := n * n / squares
	k := float64(len(clusters))
	if k == 1 || r == 0 || r == n {
		return least
	}
	p := r / n
	var spread float64
	for _, c := range clusters {
		d := c.recovered - p*c.trials
		spread += d * d
	}
	v := k / (k - 1) * spread / (n * n)
	return min(max(p*(1-p)/v, least), n) // v = 0 gives n
}
