package store

import (
	"os"
	"path/filepath"
	"testing"
)

// What jobs of a cluster left is garbage once none is submitted any more.
func TestGarbageOfJobs(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"logs/p/a.0.log", "bin/x/hero", "jobs/p/a/job.json"} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777)
		os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o666)
	}
	if pieces, err := s.Garbage(Keep{}); err != nil || len(pieces) != 0 {
		t.Errorf("%v, %v while a job is submitted", pieces, err)
	}
	os.RemoveAll(filepath.Join(dir, "jobs"))
	if pieces, err := s.Garbage(Keep{}); err != nil || len(pieces) != 2 || pieces[0].Part != ClusterPart {
		t.Errorf("%v, %v", pieces, err)
	}
}
