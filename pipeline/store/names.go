package store

import (
	"fmt"
	"os"
	"path/filepath"

	"zerotohero/pipeline/digest"
)

// The names of files in a store, from its root on and with slashes, as another store has them
// that is not on this file system.

// RecordName is that of the record of a key.
func RecordName(key digest.Key) string { return "actions/" + string(key) + recordSuffix }

// ObjectName is that of an artifact.
func ObjectName(name digest.Artifact) string {
	return "objects/" + string(name[:2]) + "/" + string(name)
}

// CodeName is that of the manifest of a code digest.
func CodeName(sum digest.Code) string { return "code/" + string(sum) + ".json" }

// SourcesName is that of the sources of a package, by its sum.
func SourcesName(pkg string) string { return "code/sources/" + pkg + sourcesSuffix }

// MaxRecord is how long a record may be, in bytes: it names each input of a stage.
const MaxRecord = 64 << 20

// ParseRecord reads a record from elsewhere. One that is damaged or edited is a *RecordError.
func ParseRecord(name string, text []byte) (*Action, error) {
	a, err := unseal(name, text)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// File reads a file of the store by its name.
func (s *Store) File(name string) ([]byte, error) {
	path := s.path(filepath.FromSlash(name))
	data, err := os.ReadFile(path)
	if absent(err) {
		return nil, fmt.Errorf("%s is missing in the store; run again: %w", path, err)
	}
	if err != nil {
		return nil, s.cannot(toRead, path, err)
	}
	return data, nil
}
