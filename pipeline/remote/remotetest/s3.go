// Package remotetest starts a real server of S3 for tests: versitygw, which serves a folder.
package remotetest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// An S3 is a server with one bucket.
type S3 struct {
	URL    string
	Bucket string
	Folder string // of the server: buckets are folders below

	stop func()
}

// StartS3 starts a server until the end of the test and has the environment lead to it. The
// test is skipped if the program is not on the PATH, where .ci/run puts it.
func StartS3(t *testing.T) *S3 {
	t.Helper()
	program, err := exec.LookPath("versitygw")
	if err != nil {
		t.Skip("no versitygw, a server of S3, on the PATH: .ci/run builds it")
	}
	s := &S3{Bucket: "bucket", Folder: t.TempDir()}
	if err := os.Mkdir(filepath.Join(s.Folder, s.Bucket), 0o777); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	s.URL = "http://" + address
	c := exec.Command(program, "--port", address, "posix", s.Folder)
	c.Env = append(os.Environ(), "ROOT_ACCESS_KEY=key", "ROOT_SECRET_KEY=secret")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	s.stop = func() {
		c.Process.Kill()
		c.Wait()
	}
	t.Cleanup(s.Stop)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("versitygw does not answer")
		}
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": s.URL, "AWS_ENDPOINT_URL_S3": "", "AWS_REGION": "us-east-1", "AWS_SESSION_TOKEN": "",
		"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
	} {
		t.Setenv(name, value)
	}
	return s
}

// Stop kills the server.
func (s *S3) Stop() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}
