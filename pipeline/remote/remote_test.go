package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline/internal/unprivileged"
)

func TestMain(m *testing.M) {
	pauses = []time.Duration{time.Millisecond, time.Millisecond}
	os.Exit(m.Run())
}

// behaves wants of a remote that can be written to what all do.
func behaves(t *testing.T, r Remote) {
	t.Helper()
	ctx := t.Context()
	if _, err := r.Read(ctx, "objects/ab/none", 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading what is not there: %v", err)
	}
	if _, err := r.Size(ctx, "objects/ab/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the size of what is not there: %v", err)
	}
	for _, content := range []string{"", "some content", strings.Repeat("long ", 1<<18)} {
		if err := r.Put(ctx, "objects/ab/one", []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := r.Read(ctx, "objects/ab/one", int64(len(content)))
		if err != nil || string(got) != content {
			t.Errorf("%d bytes came back of %d: %v", len(got), len(content), err)
		}
		if n, err := r.Size(ctx, "objects/ab/one"); err != nil || n != int64(len(content)) {
			t.Errorf("a size of %d, want %d: %v", n, len(content), err)
		}
		var long *TooLongError
		if _, err := r.Read(ctx, "objects/ab/one", int64(len(content))-1); len(content) > 0 && !errors.As(err, &long) {
			t.Errorf("more than the limit: %v", err)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := r.Put(ended, "objects/ab/two", []byte("x")); err == nil {
		t.Error("written after the end")
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	r, err := Open(t.Context(), filepath.Join(dir, "new", "folder"))
	if err != nil {
		t.Fatal(err)
	}
	behaves(t, r)
	os.WriteFile(filepath.Join(dir, "file"), nil, 0o666)
	if _, err := Open(t.Context(), filepath.Join(dir, "file")); err == nil || !strings.Contains(err.Error(), "is not a folder") {
		t.Error(err)
	}
	if !unprivileged.Test(t) {
		return
	}
	os.Chmod(dir, 0o555)
	defer os.Chmod(dir, 0o755)
	r = again{newFolder(dir)}
	var e *Error
	if err := r.Put(t.Context(), "actions/x", nil); !errors.As(err, &e) || !e.Unusable || e.Passing {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	for name, want := range map[string]string{
		"":                           "a remote has a name",
		"ftp://host/x":               "no remote is reached by ftp",
		"gs://bucket":                "no remote is reached by gs",
		"s3://":                      "is not s3://BUCKET/PREFIX",
		"s3://id:secret@bucket/x":    "is not s3://BUCKET/PREFIX",
		"https://":                   "names no host",
		"https://host:x/":            "is no address",
		"s3://bucket/x":              "connection refused",
		"https://host.invalid/x":     "host.invalid",
		"http://127.0.0.1:1/":        "connection refused; see the network",
		"http://me:word@127.0.0.1:1": "connection refused",
	} {
		_, err := Open(t.Context(), name)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") ||
			strings.Contains(err.Error(), "word") {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
	t.Setenv("AWS_ENDPOINT_URL", "127.0.0.1:1")
	if _, err := Open(t.Context(), "s3://bucket"); err == nil || !strings.Contains(err.Error(), "AWS_ENDPOINT_URL is") {
		t.Error(err)
	}
}

// served is a server over TLS that the client of a remote trusts.
func served(t *testing.T, f http.HandlerFunc) *static {
	t.Helper()
	s := httptest.NewTLSServer(f)
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL + "/hero")
	if err != nil {
		t.Fatal(err)
	}
	r, err := newHTTP(u)
	if err != nil {
		t.Fatal(err)
	}
	r.client.Transport = s.Client().Transport
	return r
}

func TestHTTPS(t *testing.T) {
	dir := t.TempDir()
	os.MkdirAll(filepath.Join(dir, "hero/actions"), 0o777)
	os.WriteFile(filepath.Join(dir, "hero/actions/a"), []byte("content"), 0o666)
	r := served(t, http.FileServer(http.Dir(dir)).ServeHTTP)
	if got, err := r.Read(t.Context(), "actions/a", 7); string(got) != "content" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if n, err := r.Size(t.Context(), "actions/a"); n != 7 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := r.Read(t.Context(), "actions/b", 7); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	var long *TooLongError
	if _, err := r.Read(t.Context(), "actions/a", 6); !errors.As(err, &long) {
		t.Error(err)
	}
	if err := r.Put(t.Context(), "actions/b", nil); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
}

// What a server answers is told apart, and tried again where that may help.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter, q *http.Request)
		tries  int
		want   string
	}{
		{"401", status(401), 1, "may be read by all"},
		{"403", status(403), 1, "403 Forbidden"},
		{"404", status(404), 1, "does not exist"},
		{"410", status(410), 1, "does not exist"},
		{"400", status(400), 1, "see that the address"},
		{"429", status(429), 3, "try again later"},
		{"500", status(500), 3, "500 Internal Server Error"},
		{"503", status(503), 3, "try again later"},
		{"round and round", func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, q.URL.Path, http.StatusFound)
		}, 30, "more than ten times"},
		{"out of TLS", func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "http://example.org"+q.URL.Path, http.StatusFound)
		}, 3, "redirects from https to http://example.org"},
		{"closed in the middle", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "part")
		}, 3, "closed in the middle"},
		{"closed at once", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 3, "try again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tries := 0
			r := again{served(t, func(w http.ResponseWriter, q *http.Request) { tries++; c.answer(w, q) })}
			_, err := r.Read(t.Context(), "actions/a", 1000)
			if err == nil || !strings.Contains(err.Error(), c.want) || tries < c.tries || tries > c.tries+6 {
				t.Errorf("%v after %d tries, want %q after %d", err, tries, c.want, c.tries)
			}
		})
	}
}

func status(code int) func(w http.ResponseWriter, q *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// What passes is not noticed.
func TestTriesAgain(t *testing.T) {
	tries := 0
	r := again{served(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, "content")
	})}
	if got, err := r.Read(t.Context(), "a", 100); string(got) != "content" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestUntrustedCertificate(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	s.Config.ErrorLog = nil
	_, err := Open(t.Context(), s.URL)
	if err == nil || !strings.Contains(err.Error(), "SSL_CERT_FILE") {
		t.Error(err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	_, err = Open(t.Context(), strings.Replace(plain.URL, "http", "https", 1))
	if err == nil || !strings.Contains(err.Error(), "does not speak TLS") {
		t.Error(err)
	}
}

// A server that says nothing for long counts as gone.
func TestIdle(t *testing.T) {
	defer func(was time.Duration) { idleTimeout = was }(idleTimeout)
	idleTimeout = 50 * time.Millisecond
	r := served(t, func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "part")
		w.(http.Flusher).Flush()
		<-q.Context().Done()
	})
	var e *Error
	if _, err := r.Read(t.Context(), "a", 100); !errors.As(err, &e) || !e.Passing {
		t.Error(err)
	}
}

func TestFormats(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, FormatFile), []byte(Format+"\n"), 0o666)
	if _, err := Open(t.Context(), dir); err != nil {
		t.Error(err)
	}
	os.WriteFile(filepath.Join(dir, FormatFile), []byte("2\n"), 0o666)
	if _, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), `it has the format "2", and this program knows 1; use a newer`) {
		t.Error(err)
	}
}
