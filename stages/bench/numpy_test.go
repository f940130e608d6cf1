package bench

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fakePython puts a program python3 that runs a shell script into a folder of its own.
func fakePython(t *testing.T, script string) (dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte("#!/bin/sh\n"+script), 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

const working = `echo '{"numpy": "9.9", "blas": ["libopenblas.so.7"]}'
while read times; do echo "{\"seconds\": 0.00$times}"; done
`

// The first python3 with numpy and OpenBLAS is asked, and answers.
func TestNumpy(t *testing.T) {
	none := fakePython(t, `echo '{"error": "no module"}'`)
	other := fakePython(t, `echo '{"numpy": "1.2", "blas": ["libmkl.so"]}'; read times`)
	good := fakePython(t, working)
	path := strings.Join([]string{none, other, t.TempDir(), good}, string(os.PathListSeparator))
	p, why := startNumpy(context.Background(), pythons(path), 8, 24)
	if p == nil {
		t.Fatal(why)
	}
	defer p.stop()
	if p.version != "9.9" || p.blas != "libopenblas.so.7" {
		t.Errorf("numpy %s with %s", p.version, p.blas)
	}
	for _, times := range []int{2, 3} {
		if s, err := p.time(times); err != nil || s != float64(times)/1000 {
			t.Errorf("%v s, %v", s, err)
		}
	}
}

// Without numpy or OpenBLAS the row is skipped, and says why and what to do.
func TestNumpySkips(t *testing.T) {
	none := fakePython(t, `echo '{"error": "no module"}'`)
	other := fakePython(t, `echo '{"numpy": "1.2", "blas": ["libmkl.so"]}'; read times`)
	ends := fakePython(t, "exit 1")
	list := string(os.PathListSeparator)
	for _, c := range []struct{ path, want string }{
		{t.TempDir(), "There is no python3."},
		{none, "python3 has no numpy (no module)."},
		{ends, "python3 ended before it had numpy."},
		{none + list + other + list + ends, "numpy 1.2 has another BLAS than OpenBLAS (libmkl.so)."},
	} {
		t.Setenv("PATH", c.path)
		f, err := tiny.numpyRow().measure(context.Background())
		if err != nil || f.skipped != c.want+" "+install {
			t.Errorf("skipped with %q, %v, want %q", f.skipped, err, c.want)
		}
	}
}

// A process that dies between turns is an error.
func TestNumpyDies(t *testing.T) {
	python := fakePython(t, `echo '{"numpy": "9.9", "blas": ["openblas"]}'; read times; exit 1`)
	t.Setenv("PATH", python+string(os.PathListSeparator)+os.Getenv("PATH"))
	if _, err := tiny.numpyRow().measure(context.Background()); err == nil ||
		!strings.Contains(err.Error(), "python3") {
		t.Errorf("error %v", err)
	}
}
