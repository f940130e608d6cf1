package batch

import (
	"cmp"
	"slices"
)

// along cuts parts as a job that they need was cut, so that each task waits for one other alone: nil if
// no job fits, or the tasks would be too long, or less than half as many as the given number,
// that of tasks cut without regard to what they need, or more and too short.
func (c *cutter) along(parts []*part, tasks int) [][]*task {
	if tasks < 2 {
		return nil
	}
	for _, jobs := range c.needed(parts) {
		cut := make([][]*task, len(jobs))
		for k, j := range jobs {
			for range j.tasks {
				cut[k] = append(cut[k], &task{})
			}
		}
		if c.deal(parts, jobs, cut) && c.fits(cut, tasks) {
			return cut
		}
	}
	return nil
}

// needed are the jobs that parts need, those of one name together, the longest first.
func (c *cutter) needed(parts []*part) [][]*job {
	seen := make(map[*job]bool)
	for _, p := range parts {
		for _, from := range p.needs {
			seen[from.in.job] = true
		}
	}
	byName := make(map[string]int)
	var out [][]*job
	for _, j := range c.jobs {
		if !seen[j] {
			continue
		}
		k, known := byName[j.name]
		if !known {
			k = len(out)
			byName[j.name] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], j)
	}
	slices.SortStableFunc(out, func(a, b []*job) int { return cmp.Compare(c.longest(b), c.longest(a)) })
	return out
}

func (c *cutter) longest(jobs []*job) float64 {
	longest := 0.0
	for _, j := range jobs {
		for _, t := range j.tasks {
			longest = max(longest, c.seconds(t))
		}
	}
	return longest
}

// deal puts each part into the task that corresponds to the one that it needs, and reports whether
// there is just one for each.
func (c *cutter) deal(parts []*part, jobs []*job, cut [][]*task) bool {
	for _, p := range parts {
		var to *task
		for _, from := range p.needs {
			k := slices.Index(jobs, from.in.job)
			if k < 0 {
				continue
			}
			t := cut[k][from.in.index]
			if to != nil && to != t {
				return false
			}
			to = t
		}
		if to == nil {
			return false
		}
		to.parts = append(to.parts, p)
	}
	return true
}

// fits reports whether no task is empty or too long, and they are neither too few nor too many.
func (c *cutter) fits(cut [][]*task, free int) bool {
	tasks, total := 0, 0.0
	for _, list := range cut {
		for _, t := range list {
			s := c.seconds(t)
			if len(t.parts) == 0 || len(t.parts) > 1 && s > c.limits.Chunk {
				return false
			}
			tasks++
			total += s
		}
	}
	return 2*tasks >= free && (tasks <= free || total >= least*float64(tasks))
}

// depend finds which jobs a job waits for, each once, and as tightly as its stages need.
func (j *job) depend() []*edge {
	var out []*edge
	at := make(map[*job]*edge)
	for k, t := range j.tasks {
		for _, p := range t.parts {
			for _, from := range p.needs {
				e := at[from.in.job]
				if e == nil {
					e = &edge{from.in.job, len(j.tasks) > 1 && len(from.in.job.tasks) == len(j.tasks)}
					at[e.to] = e
					out = append(out, e)
				}
				e.corresponding = e.corresponding && from.in.index == k
			}
		}
	}
	return out
}
