//go:build unix

package store

import (
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
)

// In a store that a group shares every folder is the group's, whatever the umask; one
// that is not is told by name.
func TestGroupStore(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, fs.ModeSetgid|0o775); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(dir); info.Mode()&fs.ModeSetgid == 0 {
		t.Skip("this file system has no setgid folders")
	}
	defer syscall.Umask(syscall.Umask(0o022))
	s, err := Open(dir)
	if err == nil {
		_, err = s.Prepare()
	}
	if err != nil {
		t.Fatal(err)
	}
	digest, _ := s.Put([]byte("abc"))
	a := actionOf(someKey, digest)
	if err := s.UpdateView("p/x/y=1", a); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"tmp", "actions", "objects/" + string(digest[:2]), "view/p", "view/p/x"} {
		if info, err := os.Stat(s.path(sub)); err != nil || info.Mode().Perm() != 0o775 {
			t.Errorf("%s has mode %v, %v", sub, info.Mode(), err)
		}
	}
	os.Chmod(s.path("objects"), fs.ModeSetgid|0o755)
	err = s.cannot(toWrite, s.path("objects", "zz"), syscall.EACCES)
	for _, want := range []string{"umask 002", "shared by group", s.path("objects") + " belongs to",
		"chmod -R g+w " + dir} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}
