package slurm

import (
	"cmp"
	"context"
	"strconv"
	"strings"
)

// How a task ended, in Slurm's words, and two more: what was taken out of the queue as a job that it
// waits for failed, and what nobody knows.
const (
	completed   = "COMPLETED"
	failed      = "FAILED" // the script ended with another exit code than 0
	cancelled   = "CANCELLED"
	timeout     = "TIMEOUT"
	deadline    = "DEADLINE"
	outOfMemory = "OUT_OF_MEMORY"
	nodeFail    = "NODE_FAIL"
	bootFail    = "BOOT_FAIL"
	preempted   = "PREEMPTED"
	dependency  = "DEPENDENCY"
	unknown     = "nobody knows what"
)

// over reports whether a state is that of a task which has ended.
func over(state string) bool {
	switch state {
	case completed, failed, cancelled, timeout, deadline, outOfMemory, nodeFail, bootFail, preempted, dependency,
		"REVOKED", "SPECIAL_EXIT":
		return true
	}
	return false
}

// Fates says how the tasks of jobs ended, by accounting or else as long as the controller remembers, for
// each job by task. A task of which nobody knows is not among them; one that has not ended is in its state.
// Accounting is asked once for all jobs, the controller for each that accounting does not know.
func (c *Client) Fates(ctx context.Context, jobs []string) map[string]map[int]string {
	fates := make(map[string]map[int]string)
	for _, job := range jobs {
		fates[job] = make(map[int]string)
	}
	if len(jobs) == 0 {
		return fates
	}
	// Where there is no accounting, sacct fails or says nothing.
	if out, err := c.run(ctx, "", "sacct", "--noheader", "--parsable2", "--allocations",
		"--jobs="+strings.Join(jobs, ","), "--format=JobID,State,Reason,NodeList"); err == nil {
		for line := range strings.Lines(out) {
			if f := strings.Split(strings.TrimSpace(line), "|"); len(f) == 4 {
				if f[1] == cancelled && f[3] == "None assigned" {
					f[2] = "Dependency" // by Slurm itself, of what never began; often it gives no reason
				}
				job, tasks, _ := strings.Cut(f[0], "_")
				add(fates[job], tasks, f[1], f[2])
			}
		}
	}
	for _, job := range jobs {
		if len(fates[job]) == 0 {
			c.remembered(ctx, job, fates[job])
		}
	}
	return fates
}

// remembered adds what the controller remembers of a job.
func (c *Client) remembered(ctx context.Context, job string, fates map[int]string) {
	out, err := c.run(ctx, "", "scontrol", "show", "job", job, "--oneliner")
	if err != nil {
		return
	}
	for line := range strings.Lines(out) {
		field := make(map[string]string)
		for _, word := range strings.Fields(line) {
			name, value, _ := strings.Cut(word, "=")
			if _, known := field[name]; !known {
				field[name] = value
			}
		}
		add(fates, field["ArrayTaskId"], field["JobState"], field["Reason"])
	}
}

// add notes the fate of a task, or of several as 3-5,8%2. A job that is no array has task 0.
func add(fates map[int]string, tasks, state, reason string) {
	state, _, _ = strings.Cut(state, " ") // CANCELLED by 1000
	if fates == nil || state == "" {
		return // of a job that was not asked for
	}
	if state == cancelled && strings.HasPrefix(reason, "Dependency") {
		state = dependency
	}
	tasks, _, _ = strings.Cut(strings.Trim(cmp.Or(tasks, "0"), "[]"), "%")
	for part := range strings.SplitSeq(tasks, ",") {
		low, high, several := strings.Cut(part, "-")
		first, err := strconv.Atoi(low)
		if err != nil {
			continue
		}
		last := first
		if several {
			if last, err = strconv.Atoi(high); err != nil {
				continue
			}
		}
		for k := first; k <= last; k++ {
			fates[k] = state
		}
	}
}
