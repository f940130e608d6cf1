package slurm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Client talks to Slurm by its commands.
type Client struct {
	// Pause is how long is waited before a command that failed for a passing reason is tried again.
	Pause time.Duration

	// Slow is told of a command that takes long; nil for nobody.
	Slow func(command string)
}

// A CommandError is what a command of Slurm says.
type CommandError struct {
	Command string
	Text    string
	Passing bool   // it may be otherwise later
	Full    bool   // the queue takes no more of this user now
	Advice  string // what to do
}

func (e *CommandError) Error() string {
	text := fmt.Sprintf("%s: %s", e.Command, e.Text)
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

// says tells kinds of failure by the words that Slurm has for them; the first that fits counts.
var says = []struct {
	words         *regexp.Regexp
	passing, full bool
	advice        string
}{
	{regexp.MustCompile("socket timed out|unable to contact slurm controller|connection refused|temporarily unable|" +
		"slurm backup controller|zero bytes were transmitted|unexpected message|communication connection failure|" +
		"unable to accept job"), true, false, "the controller does not answer"},
	{regexp.MustCompile(`(qos|assoc|part)\w*max(wall|mem|cpu|node|tres|billing|minutes)|job size specification`), false,
		false, "an account or QOS allows a job less than that; take another partition or qos, or make the stages smaller"},
	{regexp.MustCompile("maxsubmit|maxjob|job count limit|too many jobs|violates accounting/qos policy|job submit limit"),
		true, true, "the queue takes no more jobs of yours now"},
	{regexp.MustCompile("invalid account"), false, false,
		"see account in the configuration; sacctmgr show user withassoc lists yours"},
	{regexp.MustCompile("invalid partition|no partition specified"), false, false,
		"see partition in the configuration; sinfo lists them"},
	{regexp.MustCompile("invalid qos"), false, false, "see qos in the configuration"},
	{regexp.MustCompile("memory specification can not be satisfied|requested node configuration is not available|" +
		"more processors requested|time limit"), false, false,
		"no node of the partition has that much; take another partition, or make the stages smaller"},
	{regexp.MustCompile("invalid feature"), false, false, "see constraint in the configuration"},
	{regexp.MustCompile("job array"), false, false, "see array in the configuration"},
}

func classify(command, text string) *CommandError {
	text = strings.TrimSpace(text)
	lower := strings.ToLower(text)
	e := &CommandError{Command: command, Text: text}
	for _, s := range says {
		if s.words.MatchString(lower) {
			e.Passing, e.Full, e.Advice = s.passing, s.full, s.advice
			break
		}
	}
	return e
}

// A controller may be slow; sbatch itself tries again for minutes where the queue is full.
const (
	commandTimeout = 2 * time.Minute
	commandSlow    = 20 * time.Second
)

// run runs a command once.
func (c *Client) run(ctx context.Context, in string, name string, args ...string) (string, error) {
	if _, err := exec.LookPath(name); err != nil {
		return "", fmt.Errorf("there is no %s on this machine's PATH: run on a login node of the cluster, or load Slurm's module",
			name)
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 5 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &errs
	if err := c.wait(cmd, name); err != nil {
		text := errs.String()
		if strings.TrimSpace(text) == "" {
			text = err.Error()
		}
		e := classify(name, text)
		if ctx.Err() == context.DeadlineExceeded {
			e.Passing, e.Advice = true, "it does not answer"
		}
		return out.String(), e
	}
	return out.String(), nil
}

// wait runs a command, and tells if that takes long.
func (c *Client) wait(cmd *exec.Cmd, name string) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(commandSlow):
	}
	if c.Slow != nil {
		c.Slow(name)
	}
	return <-ended
}

// pause waits before the next try.
func (c *Client) pause(ctx context.Context, try int) error {
	select {
	case <-time.After(c.Pause << min(try, 4)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tries is how often a command is given while the controller does not answer.
const tries = 6

// ask repeats a command that changes nothing until it answers, or fails for a reason that stays.
func (c *Client) ask(ctx context.Context, name string, args ...string) (string, error) {
	for try := 0; ; try++ {
		out, err := c.run(ctx, "", name, args...)
		var e *CommandError
		if err == nil || !errors.As(err, &e) || !e.Passing || try+1 == tries {
			return out, err
		}
		if err := c.pause(ctx, try); err != nil {
			return "", err
		}
	}
}

// A Queued is a task in the queue, or the rest of an array that has not been split into tasks.
type Queued struct {
	Job     string // of the array
	Task    int
	State   string // PENDING, RUNNING, …
	Reason  string
	Comment string
}

// Queue lists this user's tasks whose comment begins with a text.
func (c *Client) Queue(ctx context.Context, comment string) ([]Queued, error) {
	name := strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	out, err := c.ask(ctx, "squeue", "--noheader", "--array", "--user="+name, "--format=%F|%K|%T|%r|%k")
	if err != nil {
		return nil, err
	}
	var queue []Queued
	for line := range strings.Lines(out) {
		f := strings.SplitN(strings.TrimRight(line, "\n"), "|", 5)
		if len(f) != 5 || !strings.HasPrefix(f[4], comment) {
			continue
		}
		task, err := strconv.Atoi(f[1])
		if err != nil {
			task = 0
		}
		if over(f[2]) {
			continue // it is shown for some time after its end
		}
		queue = append(queue, Queued{f[0], task, f[2], f[3], f[4]})
	}
	return queue, nil
}

// Submit submits a script and gives the number of the job.
func (c *Client) Submit(ctx context.Context, script string, args []string) (string, error) {
	out, err := c.run(ctx, script, "sbatch", append([]string{"--parsable"}, args...)...)
	if err != nil {
		return "", err
	}
	id, _, _ := strings.Cut(strings.TrimSpace(out), ";")
	if _, err := strconv.Atoi(id); err != nil {
		return "", classify("sbatch", "it answers "+strconv.Quote(strings.TrimSpace(out)))
	}
	return id, nil
}

// Cancel ends jobs.
func (c *Client) Cancel(ctx context.Context, jobs []string) error {
	_, err := c.ask(ctx, "scancel", jobs...)
	return err
}
