package finitesize

// A Trial is one descent with its outcome.
type Trial = descent

// Reduce makes the row of the descents of one N, sorted by seed, α and start.
func Reduce(p Params, trials []Trial) Row { return reduce(p, trials) }

// A Half is the α at which the logistic curve is 1/2: a point, or, for the Reason given, the
// range that the likelihood leaves open.
type Half struct {
	Lo, Hi float64
	Reason string
}

// Fit fits the curve to numbers of trials and of the recovered among them at each α, ascending.
func Fit(alpha, trials, recovered []float64) Half {
	f := fitLogistic(alpha, trials, recovered)
	return Half{f.alpha50.lo, f.alpha50.hi, f.reason}
}
