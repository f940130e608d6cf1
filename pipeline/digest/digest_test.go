package digest

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	// The hash of "abc" in FIPS 180-4.
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if Hex([]byte("abc")) != abc {
		t.Error(Hex([]byte("abc")))
	}
	if name, ok := Parse[Artifact](abc); !ok || name != abc || Short(name) != "ba7816bf8f01" {
		t.Error(name, ok)
	}
	for _, text := range []string{"", abc[1:], abc + "0", strings.ToUpper(abc), "../" + abc[3:], "ä" + abc[2:]} {
		if name, ok := Parse[Key](text); ok || name != "" {
			t.Errorf("%q passes for a key", text)
		}
	}
	if Short(Code("ab")) != "ab" {
		t.Error("a code digest that is too short is not left as it is")
	}
}
