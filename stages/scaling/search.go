package scaling

import (
	"math"
	"slices"
)

// minimum finds where f is least: the best point of an ascending grid, refined by
// golden section between its neighbours. It returns an end of the grid, to the bit,
// when no point inside is lower.
func minimum(f func(float64) float64, grid []float64) float64 {
	best, at := math.Inf(1), 0
	for i, x := range grid {
		if y := f(x); y < best {
			best, at = y, i
		}
	}
	const golden = 0.6180339887498949
	lo, hi := grid[max(at-1, 0)], grid[min(at+1, len(grid)-1)]
	a, b := hi-float64(golden*(hi-lo)), lo+float64(golden*(hi-lo))
	fa, fb := f(a), f(b)
	// 36 steps leave 3e-8 of the bracket, where rounding hides a quadratic minimum.
	for range 36 {
		if fa <= fb {
			hi, b, fb = b, a, fa
			a = hi - float64(golden*(hi-lo))
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + float64(golden*(hi-lo))
			fb = f(b)
		}
	}
	x, y := a, fa
	if fb < fa {
		x, y = b, fb
	}
	if best <= y {
		return grid[at]
	}
	return x
}

// span is the outermost range of the grid in which ok holds, its ends refined by
// bisection; ok holds at inside.
func span(ok func(float64) bool, grid []float64, inside float64) (lo, hi float64) {
	grid = insert(grid, inside)
	first, last := 0, len(grid)-1
	for !ok(grid[first]) && grid[first] < inside {
		first++
	}
	for !ok(grid[last]) && grid[last] > inside {
		last--
	}
	lo, hi = grid[first], grid[last]
	if first > 0 {
		lo = bisect(ok, lo, grid[first-1])
	}
	if last < len(grid)-1 {
		hi = bisect(ok, hi, grid[last+1])
	}
	return lo, hi
}

// bisect finds the border between yes, where ok holds, and no, where it does not.
func bisect(ok func(float64) bool, yes, no float64) float64 {
	for range 60 {
		mid := yes + (no-yes)/2
		if ok(mid) {
			yes = mid
		} else {
			no = mid
		}
	}
	return yes
}

// insert is the ascending grid with x in it.
func insert(grid []float64, x float64) []float64 {
	i, found := slices.BinarySearch(grid, x)
	if found {
		return grid
	}
	return slices.Insert(slices.Clone(grid), i, x)
}

// rank is the share of values, with the observed one among them, for which beyond
// holds: (1 + count)/(B + 1), a valid p value of a Monte Carlo test.
func rank(values []float64, beyond func(v float64) bool) float64 {
	count := 0
	for _, v := range values {
		if beyond(v) {
			count++
		}
	}
	return float64(1+count) / float64(len(values)+1)
}
