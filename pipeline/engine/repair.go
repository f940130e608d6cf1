package engine

// discard removes an artifact that was found damaged, unless it has been made anew
// since.
func (r *runner) discard(digest string) error {
	if r.e.store.Check(digest) == nil {
		return nil
	}
	return r.e.store.Discard(digest)
}

// maxRepairs bounds how often a run makes damaged artifacts anew, so that a disk
// that alters all it is given ends in an error.
const maxRepairs = 100

// trouble has a damaged artifact that a job met computed again, and fails the job
// for any other error.
func (r *runner) trouble(j *job, err error) {
	digest, ok := damaged(err)
	if !ok || r.repairs == maxRepairs || r.discard(digest) != nil {
		r.fail(j, err)
		return
	}
	r.repairs++
	r.report.Note(err.Error())
	again := []*job{j}
	for _, in := range j.inputs {
		if from := r.byStage[in.stage]; in.digest == digest && from.state == done {
			r.redo(from)
			again = append(again, from)
		}
	}
	r.redo(j)
	for _, j := range again {
		if j.needs == 0 {
			r.ready(j)
		}
	}
}

// redo sets a job back, and those that wait for it.
func (r *runner) redo(j *job) {
	if j.state == done {
		for _, u := range j.users {
			if u.state != done && u.state != failed {
				u.needs++
				if u.state == queued {
					u.state = blocked
				}
			}
		}
	}
	j.state, j.Status = blocked, Run
	j.Reasons = []Reason{{"artifact", []string{"an artifact was found damaged"}}}
	j.needs = 0
	for _, in := range j.Stage.Inputs {
		if r.byStage[in].state != done {
			j.needs++
		}
	}
}
