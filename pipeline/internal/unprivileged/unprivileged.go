//go:build unix

// Package unprivileged runs tests of what a user may not do, which root may, as the user
// nobody.
package unprivileged

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

const nobody = 65534

// Test reports whether the test that calls it should go on. For root it runs the test again
// as nobody and returns false.
func Test(t *testing.T) bool {
	t.Helper()
	if os.Getuid() != 0 {
		return true
	}
	c := Command(t, "-test.run=^"+t.Name()+"$", "-test.v")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
	return false
}

// Command runs this test program as nobody, with a folder of its own for temporary files.
// Only root may start it.
func Command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root may run a program as another user")
	}
	// The folder of the test's program is closed to others.
	home := t.TempDir()
	Open(t, home)
	program, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = errors.Join(os.WriteFile(home+"/test", program, 0o755),
			os.Mkdir(home+"/tmp", 0o777), os.Chmod(home+"/tmp", 0o777))
	}
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(home+"/test", args...)
	c.Env = []string{"TMPDIR=" + home + "/tmp", "HOME=" + home + "/tmp", "PATH=" + os.Getenv("PATH")}
	c.Dir = home + "/tmp"
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return c
}

// Open lets others into a folder of a test.
func Open(t *testing.T, dir string) {
	t.Helper()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
