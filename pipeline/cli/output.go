package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// An output is where a command writes, and remembers the first error of that: no verb
// has to look for it, and execute makes it the exit code. A verb goes on all the same,
// as what a run computes is of use even if nobody hears of it. (A pipe that nobody reads
// any more ends the process with SIGPIPE, quietly, as it does other programs.)
type output struct {
	to io.Writer

	mu  sync.Mutex
	err error
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(b)
	o.err = err
	return n, err
}

// failure is the first error of writing, unless err, of the verb, is it already.
func (o *output) failure(err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil || errors.Is(err, o.err) {
		return nil
	}
	return fmt.Errorf("writing the output: %w", o.err)
}

// terminal is the terminal that a writer writes to, or nil.
func terminal(w io.Writer) *os.File {
	if o, ok := w.(*output); ok {
		w = o.to
	}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}
