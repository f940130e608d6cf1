package store

import "os"

// A Partial keeps what a stage under way has computed so far, under its key.
type Partial struct {
	s   *Store
	key string
}

// Partial is the place for the stage with a key.
func (s *Store) Partial(key string) *Partial { return &Partial{s, key} }

func (p *Partial) path() string { return p.s.path("partial", p.key) }

// Load returns what was saved last. What is damaged counts as nothing.
func (p *Partial) Load() []byte {
	data, err := os.ReadFile(p.path())
	if err != nil || len(data) < 64 || Digest(data[64:]) != string(data[:64]) {
		return nil
	}
	return data[64:]
}

// Save replaces it, in one step.
func (p *Partial) Save(data []byte) error {
	return p.s.write(p.path(), append([]byte(Digest(data)), data...))
}

// Drop removes it once the artifact is in the store.
func (p *Partial) Drop() { os.Remove(p.path()) }
