// Package digest declares the names that a pipeline gives to artifacts, actions and code: SHA-256 hashes in 64
// lower-case hex digits, each of a type of its own.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// An Artifact is the hash of an artifact's bytes.
type Artifact string

// A Key is the hash of all that an artifact depends on; the action that makes the artifact is recorded under it.
type Key string

// A Code is the hash of the code that computes an artifact.
type Code string

// hexDigits is how many digits a name has, shortDigits how many of them tell names apart for people.
const (
	hexDigits   = 2 * sha256.Size
	shortDigits = 12
)

// Hex is the SHA-256 of data.
func Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Parse makes a name of a text, which must be one.
func Parse[T Artifact | Key | Code](text string) (T, error) {
	if !Valid(text) {
		return "", fmt.Errorf("want %d hex digits, got %.80q", hexDigits, text)
	}
	return T(text), nil
}

// Valid reports whether a text is a name, as those that come from files may not be.
func Valid[T ~string](text T) bool { return len(text) == hexDigits && IsHex(string(text)) }

// IsHex reports whether a text has no other characters than a name, and may be its beginning.
func IsHex(text string) bool { return strings.Trim(text, "0123456789abcdef") == "" }

// Short is the beginning of a name, for people.
func Short[T Artifact | Key | Code](name T) string { return string(name[:min(shortDigits, len(name))]) }
