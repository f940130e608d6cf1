package bundle

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// archive writes entries that are files with some text, and what else a test adds.
func archive(t *testing.T, names []string, more func(z *zip.Writer)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, "text of "+name)
	}
	if more != nil {
		more(z)
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReader(t *testing.T) {
	r, err := Open(archive(t, []string{MetadataFile, "README.md", "data/actions/a.json", "data/code/"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := fmt.Sprint(r.Names()); got != "[actions/a.json]" {
		t.Error(got)
	}
	content, size, err := r.Open("actions/a.json")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(content); string(text) != "text of data/actions/a.json" || err != nil || int(size) != len(text) {
		t.Errorf("%s, %d, %v", text, size, err)
	}
	for _, name := range []string{"actions/b.json", "../README.md", "README.md", "code"} {
		if _, _, err := r.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	good := []string{MetadataFile, "data/actions/a.json"}
	link := func(z *zip.Writer) {
		h := &zip.FileHeader{Name: "data/objects"}
		h.SetMode(fs.ModeSymlink | 0o777)
		w, _ := z.CreateHeader(h)
		io.WriteString(w, "/etc")
	}
	bomb := func(z *zip.Writer) {
		h := &zip.FileHeader{Name: "data/objects/aa/b", Method: zip.Deflate,
			UncompressedSize64: 1 << 40, CompressedSize64: 5}
		w, _ := z.CreateRaw(h)
		w.Write(make([]byte, 5))
	}
	notZip := filepath.Join(t.TempDir(), "text")
	os.WriteFile(notZip, []byte(strings.Repeat("no archive ", 1000)), 0o666)
	whole, _ := os.ReadFile(archive(t, good, nil))
	cut := filepath.Join(t.TempDir(), "cut.zip")
	os.WriteFile(cut, whole[:len(whole)-30], 0o666)
	for path, want := range map[string]string{
		archive(t, append(good, "../../etc/passwd"), nil): `entry "../../etc/passwd" is not the path of a file below`,
		archive(t, append(good, "data/../../x"), nil):     "is not the path of a file below a folder",
		archive(t, append(good, "/etc/passwd"), nil):      "is not the path of a file below a folder",
		archive(t, append(good, `data\..\..\x`), nil):     "is not the path of a file below a folder",
		archive(t, append(good, ""), nil):                 "is not the path of a file below a folder",
		archive(t, append(good, good[1]), nil):            `entry "data/actions/a.json" is there twice`,
		archive(t, good, link):                            `entry "data/objects" is a link or no file`,
		archive(t, good, bomb):                            "claims 1099511627776 bytes of 5",
		archive(t, good[:1], nil):                         "it has no store; it was made with --figures-only",
		archive(t, good[1:], nil):                         "it has no " + MetadataFile,
		archive(t, nil, nil):                              "it has no " + MetadataFile,
		notZip:                                            "it is not a ZIP file, or not whole",
		cut:                                               "it is not a ZIP file, or not whole",
		t.TempDir():                                       "it is not a file",
		filepath.Join(t.TempDir(), "none"):                "no such file",
	} {
		r, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v, want %q", r, err, want)
		}
	}
}

// A million entries are refused before memory is taken for them.
func TestReaderCountsFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "many.zip")
	var head, directory bytes.Buffer
	z := zip.NewWriter(&head)
	w, _ := z.Create("x")
	io.WriteString(w, "x")
	z.Close()
	// The directory's one entry, as often as it takes.
	whole := head.Bytes()
	one := whole[bytes.Index(whole, []byte("PK\x01\x02")):bytes.LastIndex(whole, []byte("PK\x05\x06"))]
	const entries = 1_000_000
	for range entries {
		directory.Write(one)
	}
	start := bytes.Index(whole, []byte("PK\x01\x02"))
	end := binary.LittleEndian.AppendUint64([]byte("PK\x06\x06"), 44)
	end = append(end, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, n := range []uint64{entries, entries, uint64(directory.Len()), uint64(start)} {
		end = binary.LittleEndian.AppendUint64(end, n)
	}
	at := start + directory.Len()
	end = append(end, "PK\x06\x07\x00\x00\x00\x00"...)
	end = binary.LittleEndian.AppendUint64(end, uint64(at))
	end = append(end, 1, 0, 0, 0)
	end = append(end, "PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"...)
	all := append(append(bytes.Clone(whole[:start]), directory.Bytes()...), end...)
	if err := os.WriteFile(path, all, 0o666); err != nil {
		t.Fatal(err)
	}
	if z, err := zip.NewReader(bytes.NewReader(all), int64(len(all))); err != nil || len(z.File) != entries {
		t.Fatalf("the test's archive cannot be read: %v", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Open(path)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "it has 1000000 entries, and no bundle more than 500000") {
		t.Error(err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("it took %d bytes to see that", took)
	}
}

// An entry that holds more or other bytes than it says is an error when it is read, and no more than
// it says is read.
func TestReaderOfForgedEntries(t *testing.T) {
	for what, forge := range map[string]func(h *zip.FileHeader){
		"more bytes":       func(h *zip.FileHeader) { h.UncompressedSize64 = 1000 },
		"fewer bytes":      func(h *zip.FileHeader) { h.UncompressedSize64 = 1e6 + 1 },
		"another checksum": func(h *zip.FileHeader) { h.CRC32++ },
		"":                 func(h *zip.FileHeader) {},
	} {
		var packed bytes.Buffer
		w, _ := flate.NewWriter(&packed, flate.BestSpeed)
		w.Write(make([]byte, 1e6))
		w.Close()
		r, err := Open(archive(t, []string{MetadataFile}, func(z *zip.Writer) {
			h := &zip.FileHeader{Name: "data/objects/aa/b", Method: zip.Deflate, UncompressedSize64: 1e6,
				CompressedSize64: uint64(packed.Len()), CRC32: crc32.ChecksumIEEE(make([]byte, 1e6))}
			forge(h)
			to, _ := z.CreateRaw(h)
			to.Write(packed.Bytes())
		}))
		if err != nil {
			t.Fatal(err)
		}
		content, size, err := r.Open("objects/aa/b")
		if err != nil {
			t.Fatal(err)
		}
		if data, err := io.ReadAll(content); (err == nil) != (what == "") || int64(len(data)) > size {
			t.Errorf("%s: %d of %d bytes, %v", what, len(data), size, err)
		}
		r.Close()
	}
}
