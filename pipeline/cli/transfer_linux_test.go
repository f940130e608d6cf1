package cli

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// A disk that gets full while a pull goes on: said, with what to do, and the store is sound. With more room the
// same command has the rest.
func TestPullOntoFullDisk(t *testing.T) {
	in(t, manyPaper)
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	hero(t, 0, "push remote")
	if err := os.Mkdir("small", 0o777); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", "small", "tmpfs", 0, "size=512k"); err != nil {
		t.Skipf("no file system of its own for the test, which takes root: %v", err)
	}
	defer syscall.Unmount("small", syscall.MNT_DETACH)
	wantAll(t, hero(t, 1, "pull remote --store small/store"), "no space left on device")
	code, out := heroCode(t, "verify --store small/store")
	if code > 1 || !strings.Contains(out, "0 damaged or missing, 0 edited or swapped") {
		t.Errorf("%s", out)
	}
	if err := syscall.Mount("none", "small", "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	wantAll(t, hero(t, 0, "pull remote --store small/store"), "0 ran", "fetched")
	wantAll(t, hero(t, 0, "verify --store small/store"), "0 damaged or missing, 0 edited or swapped")
}
