// Package remote reads and writes files elsewhere: in a folder, in a bucket of S3, or, for
// reading, below an https address or in a bundle. A remote holds a store in the store's own layout, so that
// a copy of either is the other; nothing is listed there, as names follow from digests and
// keys, and a static host lists nothing.
//
// Nothing that a remote gives is to be trusted. Whoever asks knows what has to come.
package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A Remote is where files are, by slash-separated names below its root.
type Remote interface {
	// Read gives a file of at most limit bytes; fs.ErrNotExist if there is none.
	Read(ctx context.Context, name string, limit int64) ([]byte, error)

	// Size is that of a file in bytes; fs.ErrNotExist if there is none.
	Size(ctx context.Context, name string) (int64, error)

	// Put writes a file under its name, whole or not at all.
	Put(ctx context.Context, name string, data []byte) error

	// String names the remote for people, without secrets.
	String() string
}

// An Error says what a remote cannot do, why, and what to do.
type Error struct {
	Remote string
	Err    error
	Advice string

	// Unusable is true of what no other file of the remote would change: a bucket that does not
	// exist, wrong credentials, a certificate that is not valid.
	Unusable bool

	// Passing is true of what may go by itself: no answer, a server that is busy or broken.
	Passing bool
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %v", e.Remote, e.Err)
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Format is the version of the layout, in a file at the root: one that is not there counts as
// the first.
const (
	Format     = "1"
	FormatFile = "format"
)

// ErrReadOnly is why nothing can be written below an https address.
var ErrReadOnly = errors.New("it can only be read")

// Open finds the remote that a text names, and wants it to be there and of a format that this
// program knows.
func Open(ctx context.Context, text string) (Remote, error) {
	r, err := parse(text)
	if err != nil {
		return nil, err
	}
	if c, ok := r.(interface{ check(context.Context) error }); ok {
		if err := c.check(ctx); err != nil {
			return nil, err
		}
	}
	r = again{r}
	have, err := r.Read(ctx, FormatFile, 100)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case strings.TrimSpace(string(have)) != Format:
		return nil, &Error{Remote: r.String(), Err: fmt.Errorf("it has the format %q, and this program knows %s",
			strings.TrimSpace(string(have)), Format), Advice: "use a newer program", Unusable: true}
	}
	return r, nil
}

// Forms is what may be named, for help texts.
const Forms = `a folder, s3://BUCKET/PREFIX, or for reading https://HOST/PATH or a bundle`

func parse(text string) (Remote, error) {
	scheme, _, ok := strings.Cut(text, "://")
	if text == "" {
		return nil, errors.New("a remote has a name: " + Forms)
	}
	if !ok {
		if filepath.Ext(text) == ".zip" {
			return newBundle(text)
		}
		if info, err := os.Stat(text); err != nil || !info.Mode().IsRegular() {
			return newFolder(text), nil
		}
		r, err := newBundle(text)
		if err != nil {
			return nil, fmt.Errorf("%s is not a folder, and %w", text, err)
		}
		return r, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%q is no address: %w", text, errors.Unwrap(err))
	}
	switch scheme {
	case "s3":
		return newS3(u)
	case "https", "http":
		return newHTTP(u)
	}
	return nil, fmt.Errorf("%q: no remote is reached by %s; it is %s", text, scheme, Forms)
}

// again repeats what failed for a reason that may pass.
type again struct{ Remote }

// pauses are those between attempts.
var pauses = []time.Duration{300 * time.Millisecond, 1500 * time.Millisecond}

func (a again) Read(ctx context.Context, name string, limit int64) (data []byte, err error) {
	err = a.try(ctx, func() error { data, err = a.Remote.Read(ctx, name, limit); return err })
	return data, err
}

func (a again) Size(ctx context.Context, name string) (n int64, err error) {
	err = a.try(ctx, func() error { n, err = a.Remote.Size(ctx, name); return err })
	return n, err
}

func (a again) Put(ctx context.Context, name string, data []byte) error {
	return a.try(ctx, func() error { return a.Remote.Put(ctx, name, data) })
}

func (a again) try(ctx context.Context, once func() error) error {
	for k := 0; ; k++ {
		err := once()
		var e *Error
		if err == nil || k == len(pauses) || !errors.As(err, &e) || !e.Passing || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(pauses[k]):
		case <-ctx.Done():
			return err
		}
	}
}

// TooLongError says that a file is longer than it can be.
type TooLongError struct{ Limit int64 }

// TooLong tells it from errors of the remote.
func (e *TooLongError) TooLong() bool { return true }

func (e *TooLongError) Error() string { return fmt.Sprintf("it is longer than %d bytes", e.Limit) }

// readAll reads a body of at most limit bytes.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, &TooLongError{limit}
	}
	return data, err
}
