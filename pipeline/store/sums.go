package store

import (
	"encoding/json"
	"os"
)

// Sums of code digests are remembered under the hash of the sources that they are of, so
// that nothing has to read the sources again until they change. Nothing is lost with them.

func (s *Store) sumsPath(sources string) string { return s.path("code", "sources-"+sources+".json") }

// Sums are those remembered for these sources; none if nothing readable is.
func (s *Store) Sums(sources string) map[string]string {
	text, err := os.ReadFile(s.sumsPath(sources))
	if err != nil {
		return nil
	}
	var sums map[string]string
	if json.Unmarshal(text, &sums) != nil {
		return nil
	}
	return sums
}

// PutSums remembers sums, if the store is there and can be written to, and reports
// whether it did.
func (s *Store) PutSums(sources string, sums map[string]string) bool {
	if _, err := os.Stat(s.path("code")); err != nil {
		return false
	}
	text, err := json.Marshal(sums)
	return err == nil && s.write(s.sumsPath(sources), append(text, '\n')) == nil
}
