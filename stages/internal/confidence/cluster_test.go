package confidence

import (
	"math"
	"testing"
)

func TestEffective(t *testing.T) {
	for _, c := range []struct {
		name     string
		clusters []Cluster
		want     float64
	}{
		{"one descent an instance", []Cluster{{1, 1}, {1, 0}, {1, 1}}, 3},
		{"starts that agree", []Cluster{{4, 4}, {4, 0}, {4, 4}, {4, 4}}, 4},
		{"rates without spread", []Cluster{{2, 1}, {2, 1}, {2, 1}}, 6},
		{"all recovered", []Cluster{{2, 2}, {2, 2}}, 2},
		{"one instance", []Cluster{{5, 2}}, 1},
		{"unequal", []Cluster{{1, 0}, {3, 0}}, 1.6},
	} {
		if got := Effective(c.clusters); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v effective trials, want %v", c.name, got, c.want)
		}
	}
}
