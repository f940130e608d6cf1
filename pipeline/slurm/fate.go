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

// Fates says how the tasks of a job ended, by accounting or else as long as the controller remembers. A task
// of which nobody knows is not among them; one that has not ended is in its state.
func (c *Client) Fates(ctx context.Context, job string) map[int]string {
	fates := make(map[int]string)
	// Where there is no accounting, sacct fails or says nothing.
	if out, err := c.run(ctx, "", "sacct", "--noheader", "--parsable2", "--allocations", "--array", "--jobs="+job,
		"--format=JobID,State,Reason"); err == nil {
		for line := range strings.Lines(out) {
			f := strings.Split(strings.TrimSpace(line), "|")
			if len(f) == 3 {
				add(fates, strings.TrimPrefix(strings.TrimPrefix(f[0], job), "_"), f[1], f[2])
			}
		}
	}
	if len(fates) > 0 {
		return fates
	}
	out, err := c.run(ctx, "", "scontrol", "show", "job", job, "--oneliner")
	if err != nil {
		return fates
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
	return fates
}

// add notes the fate of a task, or of several as 3-5,8%2. A job that is no array has task 0.
func add(fates map[int]string, tasks, state, reason string) {
	state, _, _ = strings.Cut(state, " ") // CANCELLED by 1000
	if state == "" {
		return
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
