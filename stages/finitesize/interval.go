package finitesize

// An interval is a closed range; its ends may be infinite.
type interval struct{ lo, hi float64 }
