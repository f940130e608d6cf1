package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The committed assembly is what its generator writes.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generator")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command to run the generator with")
	}
	dir := t.TempDir()
	assembly, stubs := filepath.Join(dir, "kernel_amd64.s"), filepath.Join(dir, "kernel_amd64.go")
	if out, err := exec.Command(tool, "run", "./asm", "-pkg", "kernel", "-out", assembly, "-stubs",
		stubs).CombinedOutput(); err != nil {
		t.Fatalf("generator: %v\n%s", err, out)
	}
	for _, name := range []string{assembly, stubs} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Base(name))
		if err != nil {
			t.Fatal(err)
		}
		// The first line quotes the command, with the name of the output file.
		if _, got, _ = bytes.Cut(got, []byte("\n")); !bytes.HasSuffix(want, got) {
			t.Errorf("%s is not what its generator writes: run go generate", filepath.Base(name))
		}
	}
}
