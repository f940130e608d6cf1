package slurm

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
)

// Limits are what the cluster takes.
type Limits struct {
	Tasks   int     // of one array
	Jobs    int     // tasks in the queue
	Seconds float64 // that a task can ask for, 0 if there is no limit
	Bytes   int64   // of a node's memory, 0 if that is not known
}

// Limits asks for them, of partitions whose names are separated by commas, or of the default one. With an error
// they are Slurm's defaults.
func (c *Client) Limits(ctx context.Context, partitions string) (Limits, error) {
	l := Limits{Tasks: 1000, Jobs: 10000}
	out, err := c.ask(ctx, "scontrol", "show", "config")
	if err != nil {
		return l, err
	}
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(line, "=")
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil {
			continue
		}
		switch strings.TrimSpace(name) {
		case "MaxArraySize": // the largest index is one less, and none with 0
			l.Tasks = max(n-1, 1)
		case "MaxJobCount":
			l.Jobs = n
		}
	}
	// What is not known of nodes, sbatch says.
	if out, err = c.ask(ctx, "sinfo", "--exact", "--noheader", "--format=%P|%l|%m"); err == nil {
		l.Seconds, l.Bytes = largest(out, partitions)
	}
	return l, nil
}

// largest reads what sinfo says of partitions: time limits and memory of nodes in megabytes.
func largest(out, partitions string) (seconds float64, bytes int64) {
	wanted := strings.Split(partitions, ",")
	unlimited := false
	for line := range strings.Lines(out) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) != 3 {
			continue
		}
		name, isDefault := strings.CutSuffix(f[0], "*")
		if partitions == "" && !isDefault || partitions != "" && !slices.Contains(wanted, name) {
			continue
		}
		if s, ok := parseTime(f[1]); ok {
			seconds = max(seconds, s)
		} else {
			unlimited = true
		}
		if mb, err := strconv.ParseInt(strings.TrimSuffix(f[2], "+"), 10, 64); err == nil && mb > 1 {
			bytes = max(bytes, mb<<20) // a node of which nothing is configured has 1
		}
	}
	if unlimited {
		seconds = 0
	}
	return seconds, bytes
}

// parseTime reads days-hours:minutes:seconds, of which minutes and seconds are always there.
func parseTime(text string) (seconds float64, ok bool) {
	days, rest, several := strings.Cut(text, "-")
	if !several {
		days, rest = "0", text
	}
	d, err := strconv.Atoi(days)
	total := d * 24
	parts := strings.Split(rest, ":")
	if len(parts) == 2 {
		parts = slices.Insert(parts, 0, "0")
	}
	for k, unit := range []int{1, 60, 60} {
		if len(parts) != 3 {
			return 0, false
		}
		n, err2 := strconv.Atoi(parts[k])
		err = cmp.Or(err, err2)
		total = total*unit + n
	}
	return float64(total), err == nil
}
