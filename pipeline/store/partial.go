package store

import (
	"os"

	"zerotohero/pipeline/digest"
)

// A Partial keeps what a running stage has computed so far, under its key.
type Partial struct {
	s    *Store
	key  digest.Key
	kept []byte // read by Store.Partial; nil once loaded or replaced
}

// Partial opens what is kept for the stage with a key. It is read here, since it must not
// count as nothing if it cannot be read: that is an *AccessError. If it is damaged it does
// count as nothing; then the error is a *RecordError, and the Partial can be used all the same.
func (s *Store) Partial(key digest.Key) (*Partial, error) {
	p := &Partial{s: s, key: key}
	data, err := p.read()
	p.kept = data
	return p, err
}

func (p *Partial) path() string { return p.s.path("partial", string(p.key)) }

func (p *Partial) read() ([]byte, error) {
	data, _, err := p.s.files.read(p.path())
	switch {
	case absent(err):
		return nil, nil
	case err != nil:
		return nil, p.s.cannot(toRead, p.path(), err)
	case len(data) < 64 || digest.Hex(data[64:]) != string(data[:64]):
		return nil, &RecordError{p.path(), "it is not what was kept of a running stage"}
	}
	return data[64:], nil
}

// Load returns what was saved last, or nil.
func (p *Partial) Load() []byte {
	if data := p.kept; data != nil {
		p.kept = nil
		return data
	}
	data, _ := p.read()
	return data
}

// Save replaces it, in one step.
func (p *Partial) Save(data []byte) error {
	p.kept = nil
	return p.s.write(p.path(), append([]byte(digest.Hex(data)), data...))
}

// Drop removes it once the artifact is in the store.
func (p *Partial) Drop() { os.Remove(p.path()) }
