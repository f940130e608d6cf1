package dynamics

import (
	"cmp"
	"slices"

	"zerotohero/stages/labels"
	"zerotohero/stages/theory"
)

// locate fills in where the signal sits in the spectrum for the labels of units, all of them
// together.
func (s *State) locate(p Params, sp *theory.Spectrum, alpha float64, units []labels.Sketch, all labels.Sketch,
	draws [][]int) error {
	below, err := sp.SignalBelow(alpha, s.Mu, 0)
	if err != nil {
		return err
	}
	s.BelowZero = below.Weight
	s.BelowZeroLo, s.BelowZeroHi = p.Percentiles(linear(below, units, all, draws))
	for _, share := range p.Shares {
		w, err := sp.SignalLowest(alpha, s.Mu, share)
		if err != nil {
			return err
		}
		l := Lowest{Share: share, UpTo: w.UpTo, Weight: w.Weight}
		l.Lo, l.Hi = p.Percentiles(linear(w, units, all, draws))
		s.Lowest = append(s.Lowest, l)
	}
	return nil
}

// linear gives the weight in resamples of the units, to first order in what these differ in
// from all. It stays a weight.
func linear(w theory.SignalWeight, units []labels.Sketch, all labels.Sketch, draws [][]int) []float64 {
	of := make([]float64, len(units)) // summed over the runs of a unit
	var mean float64
	for i, u := range units {
		of[i] = float64(w.ByMu * u.Mu)
		for _, n := range u.Nodes {
			k, _ := slices.BinarySearchFunc(all.Nodes, n.Bin,
				func(a labels.Node, bin int64) int { return cmp.Compare(a.Bin, bin) })
			of[i] += float64(w.ByP[k]*n.P) + float64(w.ByPerp2[k]*n.Y2)
		}
		mean += of[i] / all.Runs
	}
	var out []float64
	for _, counts := range draws {
		var sum, runs float64
		for i, c := range counts {
			sum += float64(float64(c) * of[i])
			runs += float64(float64(c) * units[i].Runs)
		}
		out = append(out, max(0, min(1, w.Weight+sum/runs-mean)))
	}
	return out
}
