package deferred

// Known is a_j and u_l so far, the last of them made.
func (x *Matrix) Known() (images, left [][]float64) {
	if x.pending != nil {
		for b := range blocks(x.p.M) {
			x.complete(b)
		}
		x.pending = nil
	}
	read := func(v vectors, count int) [][]float64 {
		all := make([][]float64, count)
		for i := range all {
			all[i] = make([]float64, x.p.M)
			for b := range blocks(x.p.M) {
				v.get(b, i, all[i][b.first:][:b.size])
			}
		}
		return all
	}
	return read(x.images, x.k), read(x.left, x.k-2)
}
