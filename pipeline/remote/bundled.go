package remote

import (
	"context"
	"errors"
	"io/fs"

	"zerotohero/pipeline/bundle"
)

// A bundled is the store in a bundle, which can be read only.
type bundled struct {
	*bundle.Reader
	path string
}

func newBundle(path string) (*bundled, error) {
	r, err := bundle.Open(path)
	if err != nil {
		return nil, err
	}
	return &bundled{r, path}, nil
}

func (b *bundled) String() string { return b.path }

func (b *bundled) Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	content, size, err := b.Open(name)
	if err != nil {
		return nil, b.wrap(err)
	}
	defer content.Close()
	if size > limit {
		return nil, &TooLongError{limit}
	}
	data, err := readAll(content, limit)
	return data, b.wrap(err)
}

func (b *bundled) Size(_ context.Context, name string) (int64, error) {
	content, size, err := b.Open(name)
	if err != nil {
		return 0, b.wrap(err)
	}
	return size, content.Close()
}

func (b *bundled) Put(context.Context, string, []byte) error {
	return &Error{Remote: b.path, Err: ErrReadOnly, Advice: "push to a folder, and make another bundle", Unusable: true}
}

// wrap leaves what is absent, or too long, as it is.
func (b *bundled) wrap(err error) error {
	var long *TooLongError
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.As(err, &long) {
		return err
	}
	return &Error{Remote: b.path, Err: err, Advice: "the archive is damaged; get it again"}
}
