package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/remote"
)

// atOnce is how many files are on their way to or from a remote: most of the time of each is
// waiting for an answer.
const atOnce = 16

const remoteHelp = `
REMOTE is ` + remote.Forms + `. Server and
credentials of a bucket are found as by other tools: AWS_ENDPOINT_URL, AWS_REGION,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, or AWS_PROFILE of
~/.aws/credentials. A remote has the layout of a store: a copy of it is one.`

const trustHelp = `
What is fetched is taken only if it is the record of the stage's key, with an artifact of
the digest, kind and parameters that the record says, and of the digest that ` + lockFile + `
has for the stage. So a remote can withhold, but not alter what is in the lock.`

func (w *workspace) pullCommand() *cobra.Command {
	var trust bool
	c := &cobra.Command{
		Use:   "pull REMOTE [FIGURE|STAGE-GLOB...]",
		Short: "Fetch what a remote has computed",
		Long: `Fetches the named figures and stages, and all that they need, from a store elsewhere;
without names, everything of the profile. Nothing is computed: what the remote does not
have is left for run. What is in the store already is not fetched again, so that after a
break the same command goes on.
` + remoteHelp + "\n" + trustHelp,
		Example: w.app.examples("pull /mnt/share/paper", "pull s3://bucket/paper FIGURE",
			"pull https://example.org/paper"),
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := w.open(); err != nil {
				return err
			}
			x, err := w.exchange(args[0], trust)
			if err != nil {
				return err
			}
			x.Only = true
			progress := &transfers{out: c.OutOrStdout(), verb: "fetched", bytes: x.Fetched}
			return w.bring(c.OutOrStdout(), args[1:], engine.Options{Cores: atOnce, Exchange: x}, progress)
		},
	}
	addTrust(c, &trust)
	return c
}

func addTrust(c *cobra.Command, trust *bool) {
	c.Flags().BoolVar(trust, "trust", false, "take from the remote also what "+lockFile+" has another digest for")
}

func (w *workspace) pushCommand() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "push REMOTE [FIGURE|STAGE-GLOB...]",
		Short: "Put what is computed into a remote",
		Long: `Puts the named figures and stages, and all that they need, as far as they are computed,
into a store elsewhere; without names, everything of the profile. Artifacts go there
before the records that name them, so that a remote is sound at any moment, and what is
there already is not sent again. Two may push at once. What counts as there is a file of
the right name and size; with --check it is read, and replaced if it is damaged.
` + remoteHelp,
		Example: w.app.examples("push /mnt/share/paper", "push s3://bucket/paper FIGURE"),
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := w.open(); err != nil {
				return err
			}
			if err := w.requireStore(); err != nil {
				return err
			}
			return w.push(c.OutOrStdout(), args[0], args[1:], check)
		},
	}
	c.Flags().BoolVar(&check, "check", false, "read what is there already, and replace what is damaged")
	return c
}

// exchange opens a remote to fetch from, or also to put into. What it gives has to be as in
// the profile's lock, unless it is trusted.
func (w *workspace) exchange(name string, trust bool) (*engine.Exchange, error) {
	ctx, _, release := interruptible()
	defer release()
	r, err := remote.Open(ctx, name)
	if err != nil {
		return nil, Usage(err)
	}
	x := &engine.Exchange{Remote: r}
	if trust {
		return x, nil
	}
	file, err := engine.ReadLockFile(lockFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		x.Lock = file.Of(w.profile)
	}
	return x, nil
}

// push puts what is computed of some stages into a remote.
func (w *workspace) push(out io.Writer, name string, patterns []string, check bool) error {
	targets, err := w.targets(patterns)
	if err != nil {
		return err
	}
	plan, err := w.engine.Plan(w.graph.Closure(targets))
	if err != nil {
		return err
	}
	var items []*engine.Item
	for _, i := range plan.Items {
		if i.Action != nil {
			items = append(items, i)
		}
	}
	if len(items) == 0 {
		return fmt.Errorf("none of %s is computed; run first", format.Count(len(plan.Items), "stage"))
	}
	x, err := w.exchange(name, true)
	if err != nil {
		return err
	}
	x.Check = check
	ctx, stop, release := interruptible()
	defer release()
	if err := mark(ctx, x.Remote); err != nil {
		return Usage(err)
	}
	start := time.Now()
	progress := &transfers{out: out, verb: "sent", bytes: x.Sent, total: len(items)}
	there, failures := 0, []string{}
	left := w.engine.Push(ctx, x, plan, items, atOnce, stop, func(i *engine.Item, sent bool, err error) {
		switch {
		case err != nil:
			failures = append(failures, fmt.Sprintf("%s: %v", i.Stage.Name, err))
		case !sent:
			there++
		}
		progress.count()
	})
	progress.Close()
	rest := ""
	if n := len(plan.Items) - len(items); n > 0 {
		rest = fmt.Sprintf("; %d not computed", n)
	}
	fmt.Fprintf(out, "%s: %d sent to %s, %d there already (%s in %s)%s\n", format.Count(len(items), "stage"),
		len(items)-there-left-len(failures), x.Remote, there, format.Bytes(x.Sent()),
		format.Seconds(time.Since(start).Seconds()), rest)
	return pushed(failures, left)
}

// mark writes what format the remote has, which finds out too whether it can be written to.
func mark(ctx context.Context, r engine.Remote) error {
	return r.Put(ctx, remote.FormatFile, []byte(remote.Format+"\n"))
}

// pushed is the error of a push of which not all came to an end.
func pushed(failures []string, left int) error {
	const most = 10
	switch {
	case len(failures) > 0:
		more := ""
		if n := len(failures) - most; n > 0 {
			more = fmt.Sprintf("\n  and %d more", n)
		}
		if left > 0 {
			more += fmt.Sprintf("\n%s not begun; the same command goes on from here", format.Count(left, "stage"))
		}
		return fmt.Errorf("%s not sent:\n  %s%s", format.Count(len(failures), "stage"),
			strings.Join(failures[:min(most, len(failures))], "\n  "), more)
	case left > 0:
		return &exit{exitInterrupted, fmt.Errorf("stopped with %s to go; the same command goes on from here",
			format.Count(left, "stage"))}
	}
	return nil
}

// fetched says what a run had from a remote, and what of it only the remote vouches for.
func (w *workspace) fetched(out io.Writer, x *engine.Exchange, sum *engine.Summary) {
	n := sum.Done[engine.Fetched]
	if x == nil || n == 0 && x.Sent() == 0 {
		return
	}
	fmt.Fprintf(out, "%s fetched, %s sent (%s)\n", format.Bytes(x.Fetched()), format.Bytes(x.Sent()), x.Remote)
	unlocked := 0
	for _, i := range sum.Plan.Items {
		if i.Status != engine.Run || i.Action == nil {
			continue
		}
		if x.Lock == nil || x.Lock.Digests[i.Stage.Name] == "" {
			unlocked++
		}
	}
	if unlocked = min(unlocked, n); unlocked > 0 {
		fmt.Fprintf(out, "of %s no digest is in %s: that it is what its stage computes is the remote's word, "+
			"which %s verify --recompute tries\n", format.Count(unlocked, "stage"), lockFile, w.app.Name)
	}
}

// transfers tells how far a transfer is: on a terminal in one line, elsewhere in a line now and
// then.
type transfers struct {
	out         io.Writer
	verb        string
	bytes       func() int64
	done, total int
	last        time.Time
}

const (
	transferLine = 5 * time.Second
	transferDraw = 200 * time.Millisecond
)

func (t *transfers) count() {
	t.done++
	live := terminal(t.out) != nil
	every := transferLine
	if live {
		every = transferDraw
	}
	if t.last.IsZero() && !live {
		t.last = time.Now()
	}
	if time.Since(t.last) < every {
		return
	}
	t.last = time.Now()
	line := fmt.Sprintf("%d of %d stages, %s %s", t.done, t.total, format.Bytes(t.bytes()), t.verb)
	if live {
		fmt.Fprintf(t.out, "\r%s\x1b[K", line)
	} else {
		fmt.Fprintln(t.out, line)
	}
}

func (t *transfers) clear() {
	if terminal(t.out) != nil && !t.last.IsZero() {
		fmt.Fprint(t.out, "\r\x1b[K")
	}
}

func (t *transfers) Planned(p *engine.Plan)  { t.total = p.Count(engine.Run) }
func (t *transfers) Waiting(*pipeline.Stage) {}
func (t *transfers) Started(*pipeline.Stage) {}

func (t *transfers) Done(_ *pipeline.Stage, how engine.Outcome, _ float64) {
	if how == engine.Fetched || how == engine.Shared || how == engine.Elsewhere {
		t.count()
	}
}

func (t *transfers) Failed(s *pipeline.Stage, err error) {
	t.Note(fmt.Sprintf("%s is not fetched: %v", s.Name, err))
}

func (t *transfers) Stopping(running int) {
	t.Note(fmt.Sprintf("stopping: %s on the way", format.Count(running, "stage")))
}

func (t *transfers) Note(text string) {
	t.clear()
	fmt.Fprintln(t.out, text)
}

func (t *transfers) Close() { t.clear() }
