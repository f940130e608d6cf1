package remote

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline/remote/remotetest"
)

func TestS3(t *testing.T) {
	s := remotetest.StartS3(t)
	r, err := Open(t.Context(), "s3://"+s.Bucket+"/some/prefix")
	if err != nil {
		t.Fatal(err)
	}
	behaves(t, r)
	if _, err := os.Stat(filepath.Join(s.Folder, s.Bucket, "some/prefix/objects/ab/one")); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct{ variable, value, bucket, want string }{
		"no such bucket": {"", "", "another", "there is no bucket another; make it"},
		"wrong secret":   {"AWS_SECRET_ACCESS_KEY", "wrong", s.Bucket, "AWS_SECRET_ACCESS_KEY"},
		"wrong key":      {"AWS_ACCESS_KEY_ID", "wrong", s.Bucket, "AWS_ACCESS_KEY_ID"},
		"no server":      {"AWS_ENDPOINT_URL", "http://127.0.0.1:1", s.Bucket, "see the network"},
		"no bucket name": {"", "", "A_B", "see"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.variable != "" {
				t.Setenv(c.variable, c.value)
			}
			var e *Error
			_, err := Open(t.Context(), "s3://"+c.bucket+"/some")
			if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &e) && c.bucket != "A_B" {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	s.Stop()
	var e *Error
	if _, err := r.Size(t.Context(), "x"); !errors.As(err, &e) || !e.Passing {
		t.Errorf("a server that is gone: %v", err)
	}
}

// A clock that is off is told from wrong credentials: here requests are an hour old when they reach the server.
func TestS3ClockSkew(t *testing.T) {
	s := remotetest.StartS3(t)
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(to)
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		q.Host = to.Host
		q.Header.Set("X-Amz-Date", time.Now().Add(-time.Hour).UTC().Format("20060102T150405Z"))
		forward.ServeHTTP(w, q)
	}))
	defer late.Close()
	t.Setenv("AWS_ENDPOINT_URL", late.URL)
	var e *Error
	if _, err := Open(t.Context(), "s3://"+s.Bucket+"/x"); !errors.As(err, &e) || !e.Unusable ||
		!strings.Contains(err.Error(), "set the clock of this machine") {
		t.Error(err)
	}
}

// Over TLS a bucket works like over plain text, and one whose certificate nobody vouches for is not used.
func TestS3OverTLS(t *testing.T) {
	s := remotetest.StartS3(t)
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewTLSServer(http.HandlerFunc(forward.ServeHTTP))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	var e *Error
	if _, err := Open(t.Context(), "s3://"+s.Bucket+"/x"); !errors.As(err, &e) || !e.Unusable ||
		!strings.Contains(err.Error(), "SSL_CERT_FILE") {
		t.Error(err)
	}
}
