package engine

import "zerotohero/pipeline"

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

// silent reports nothing.
type silent struct{}

func (silent) Planned(*Plan)                          {}
func (silent) Waiting(*pipeline.Stage)                {}
func (silent) Started(*pipeline.Stage)                {}
func (silent) Stopping(int)                           {}
func (silent) Done(*pipeline.Stage, Outcome, float64) {}
func (silent) Failed(*pipeline.Stage, error)          {}
func (silent) Note(string)                            {}
