package remote

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"zerotohero/pipeline/bundle"
)

func TestBundled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, name := range []string{bundle.MetadataFile, "data/objects/ab/one"} {
		w, _ := z.Create(name)
		io.WriteString(w, "text")
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := r.Read(t.Context(), "objects/ab/one", 4); string(data) != "text" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if n, err := r.Size(t.Context(), "objects/ab/one"); n != 4 || err != nil {
		t.Error(n, err)
	}
	var long *TooLongError
	if _, err := r.Read(t.Context(), "objects/ab/one", 3); !errors.As(err, &long) {
		t.Error(err)
	}
	for _, name := range []string{"objects/ab/two", "../" + bundle.MetadataFile, bundle.MetadataFile} {
		if _, err := r.Read(t.Context(), name, 4); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := r.Size(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var e *Error
	if err := r.Put(t.Context(), "objects/ab/two", nil); !errors.As(err, &e) || !errors.Is(err, ErrReadOnly) || !e.Unusable {
		t.Error(err)
	}
}
