package engine

import "container/heap"

// next takes the longest path that is queued, nil if none is. Stages that stream wait
// while half of the cores are at such, if there is anything else to begin.
func (r *runner) next() *job {
	var aside []*job
	defer func() {
		for _, j := range aside {
			heap.Push(&r.queue, j)
		}
	}()
	for len(r.queue) > 0 {
		j := heap.Pop(&r.queue).(*job)
		switch {
		case j.state != queued: // blocked again by a repair
		case j.cost.Streams && r.streams >= max(1, r.opt.Cores/2):
			aside = append(aside, j)
		default:
			return j
		}
	}
	if len(aside) == 0 {
		return nil
	}
	j := aside[0]
	aside = aside[1:]
	return j
}

// A queue is a heap of jobs, the longest path first; equals keep the graph's order
// by name, so that runs of one plan begin alike.
type queue []*job

func (q queue) Len() int { return len(q) }
func (q queue) Less(a, b int) bool {
	if q[a].path != q[b].path {
		return q[a].path > q[b].path
	}
	return q[a].Stage.Name < q[b].Stage.Name
}
func (q queue) Swap(a, b int) { q[a], q[b] = q[b], q[a] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*job)) }
func (q *queue) Pop() any {
	old := *q
	j := old[len(old)-1]
	*q = old[:len(old)-1]
	return j
}
