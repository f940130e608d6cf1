// Package digest declares the names that a pipeline gives to artifacts, actions and code: SHA-256 hashes in 64
// lower-case hex digits, each of a type of its own.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// An Artifact is the hash of an artifact's bytes.
type Artifact string

// A Key is the hash of all that an artifact depends on; the action that makes the artifact is recorded under it.
type Key string

// A Code is the hash of the code that computes an artifact.
type Code string

const (
	hexDigits   = 2 * sha256.Size
	shortDigits = 12 // of a name in a message
)

// Hex is the SHA-256 of data.
func Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Parse makes a name of a text, if it is one.
func Parse[T Artifact | Key | Code](text string) (name T, ok bool) {
	if !Valid(T(text)) {
		return "", false
	}
	return T(text), true
}

// Valid reports whether a name has the form of one; decoded from a file it may have any.
func Valid[T Artifact | Key | Code](name T) bool {
	return len(name) == hexDigits && IsHex(string(name))
}

// IsHex reports whether a text has only characters that names have, so that it can be the beginning of one.
func IsHex(text string) bool { return strings.Trim(text, "0123456789abcdef") == "" }

// Short is the beginning of a name, for people.
func Short[T Artifact | Key | Code](name T) string { return string(name[:min(shortDigits, len(name))]) }
