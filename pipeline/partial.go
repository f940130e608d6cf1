package pipeline

import "context"

// A Partial keeps what a long Run has computed so far, so that a kill loses little
// of it. The artifact must be the same whether or not anything was kept, and
// whenever it was.
type Partial interface {
	// Load returns what was saved last for a stage with the same key, whole, or nil.
	Load() []byte
	// Save replaces it.
	Save(data []byte) error
}

type partialKey struct{}

// WithPartial gives a Run its Partial.
func WithPartial(ctx context.Context, p Partial) context.Context {
	return context.WithValue(ctx, partialKey{}, p)
}

// PartialOf is the Partial of the stage that runs under ctx; outside an engine, one
// that keeps nothing.
func PartialOf(ctx context.Context) Partial {
	if p, ok := ctx.Value(partialKey{}).(Partial); ok {
		return p
	}
	return nothing{}
}

type nothing struct{}

func (nothing) Load() []byte      { return nil }
func (nothing) Save([]byte) error { return nil }
