package store

import (
	"encoding/json"
	"os"

	"zerotohero/pipeline/digest"
)

// Digests of code are kept under the hash of the sources that they were computed from, so
// that nothing has to read the sources again until they change. Nothing is lost with them.

const sumsPrefix = "sources-"

func (s *Store) sumsPath(sources string) string { return s.path("code", sumsPrefix+sources+".json") }

// CodeSums are those kept for these sources; none if nothing readable is.
func (s *Store) CodeSums(sources string) map[string]digest.Code {
	text, err := os.ReadFile(s.sumsPath(sources))
	if err != nil {
		return nil
	}
	var sums map[string]digest.Code
	if json.Unmarshal(text, &sums) != nil {
		return nil
	}
	for _, sum := range sums {
		if !digest.Valid(sum) {
			return nil
		}
	}
	return sums
}

// PutCodeSums keeps sums, if the store is there and can be written to, and reports
// whether it did.
func (s *Store) PutCodeSums(sources string, sums map[string]digest.Code) bool {
	if _, err := os.Stat(s.path("code")); err != nil {
		return false
	}
	text, err := json.Marshal(sums)
	return err == nil && s.write(s.sumsPath(sources), append(text, '\n')) == nil
}
