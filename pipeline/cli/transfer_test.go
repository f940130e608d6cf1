package cli

import (
	"encoding/pem"
	"flag"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline/remote/remotetest"
)

var kills = flag.Int("kills", 6, "`number` of processes that TestKilledTransfers kills in pushes and pulls")

// What is pushed to a folder another store gets, by its path or from a web server, and runs
// nothing.
func TestPushAndPull(t *testing.T) {
	in(t, testPaper)
	wantAll(t, hero(t, 2, "push remote"), "there is no store in data")
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	wantAll(t, hero(t, 0, "push remote draw/seeds=4-4"), "1 stage: 1 sent to remote, 0 there already")
	wantAll(t, hero(t, 0, "push remote"), "6 stages: 5 sent to remote, 1 there already")
	wantAll(t, hero(t, 0, "push remote"), "6 stages: 0 sent to remote, 6 there already (0 B")
	s := httptest.NewServer(http.FileServer(http.Dir("remote")))
	defer s.Close()
	for k, from := range []string{"remote", s.URL} {
		to := []string{"first", "second"}[k]
		wantAll(t, hero(t, 0, "pull "+from+" draw/seeds=4-4 --store "+to), "1 stages: 0 ran, 1 fetched")
		wantAll(t, hero(t, 0, "pull "+from+" --store "+to), "6 stages: 0 ran, 5 fetched, 1 fresh", "fetched, 0 B sent")
		wantAll(t, hero(t, 0, "run --store "+to), "6 stages: 0 ran, 6 fresh")
		wantAll(t, hero(t, 0, "verify --store "+to), "0 damaged or missing, 0 edited or swapped", "bit for bit")
		if _, err := os.Stat(filepath.Join(to, "out", "count.svg")); err != nil {
			t.Error(err)
		}
	}
	// A remote is a store.
	wantAll(t, hero(t, 0, "run --store remote"), "6 stages: 0 ran, 6 restored")
	wantAll(t, hero(t, 2, "push "+s.URL), "it can only be read; push to a folder or a bucket that it serves")
	wantAll(t, hero(t, 0, "run --store third --remote "+s.URL), "nothing is put into the remote", "0 ran, 6 fetched")
}

// With a remote that lacks something run computes that and puts it there.
func TestRunWithRemote(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run --profile few --store a --remote shared")
	wantAll(t, hero(t, 0, "run --store b --remote shared"), "6 stages: 4 ran, 2 fetched")
	wantAll(t, hero(t, 0, "run --store c --remote shared"), "6 stages: 0 ran, 6 fetched", "of 6 stages no digest is in paper.lock")
	hero(t, 0, "verify --update --store c")
	if out := hero(t, 0, "run --store d --remote shared"); strings.Contains(out, "no digest") {
		t.Error(out)
	}
	// What the lock has otherwise is not taken, but for those who say so.
	lock, _ := os.ReadFile("paper.lock")
	edit(t, "paper.lock", "", regexp.MustCompile(`(?m)^[0-9a-f]{4}(.*draw/seeds=4-4)$`).ReplaceAllString(string(lock), "0123$1"))
	wantAll(t, hero(t, 1, "pull shared --store g"), "draw/seeds=4-4 is not fetched", "and the lock has 0123", "--trust takes it all the same")
	wantAll(t, hero(t, 0, "run --store g --remote shared draw/seeds=4-4"), "is refused", "1 ran")
	wantAll(t, hero(t, 0, "pull shared --store h --trust"), "0 ran, 6 fetched")
	edit(t, "paper.lock", "", string(lock))
	os.RemoveAll("shared/objects")
	out := hero(t, 0, "run --store e --remote shared draw/seeds=4-4")
	wantAll(t, out, "is refused: it is missing", "1 ran")
	wantAll(t, hero(t, 1, "pull shared --store f"), "draw/seeds=2-2", "is refused: it is missing, and the record of draw/seeds=2-2 names it",
		"stages failed")
	wantAll(t, hero(t, 0, "verify --profile few --store f"), "0 damaged or missing, 0 edited or swapped")
}

func TestTransferMistakes(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	os.WriteFile("file", nil, 0o666)
	for line, want := range map[string]string{
		"pull":                       "requires at least 1 arg",
		"push":                       "requires at least 1 arg",
		"pull gs://bucket":           "no remote is reached by gs",
		"push file":                  "file is no bundle: it is not a ZIP file, or not whole",
		"run --remote ftp://x":       "no remote is reached by ftp",
		"run --trust":                "--trust is about what --remote fetches",
		"pull remote nothing":        "no figure or stage of profile all is called nothing",
		"push remote nothing":        "no figure or stage of profile all is called nothing",
		"pull https://127.0.0.1:1/x": "connection refused",
	} {
		wantAll(t, hero(t, 2, line), want)
	}
	os.MkdirAll("newer", 0o777)
	os.WriteFile("newer/format", []byte("7\n"), 0o666)
	wantAll(t, hero(t, 2, "pull newer"), `newer: it has the format "7", and this program knows 1; use a newer program`)
	wantAll(t, hero(t, 1, "pull empty --store other"), "6 stages not at the remote; hero run computes what is missing")
}

// A real server of S3.
func TestS3(t *testing.T) {
	s := remotetest.StartS3(t)
	in(t, testPaper)
	hero(t, 0, "run")
	name := "s3://" + s.Bucket + "/hero"
	wantAll(t, hero(t, 0, "push "+name), "6 stages: 6 sent to "+name)
	wantAll(t, hero(t, 0, "push "+name), "6 stages: 0 sent to "+name+", 6 there already")
	wantAll(t, hero(t, 0, "pull "+name+" --store other"), "0 ran, 6 fetched")
	wantAll(t, hero(t, 0, "run --store other"), "0 ran, 6 fresh")
	// What is damaged there is named, and mended by a push that looks.
	objects, err := filepath.Glob(filepath.Join(s.Folder, s.Bucket, "hero/objects/*/*"))
	if err != nil || len(objects) == 0 {
		t.Fatal(err)
	}
	data, err := os.ReadFile(objects[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(objects[0], data, 0o666); err != nil {
		t.Fatal(err)
	}
	wantAll(t, hero(t, 1, "pull "+name+" --store fourth"), "its content has another digest; push --check replaces it")
	wantAll(t, hero(t, 0, "push "+name), "6 there already")
	wantAll(t, hero(t, 0, "push --check "+name), " sent to ")
	wantAll(t, hero(t, 0, "pull "+name+" --store fourth"), "fetched")
	// A bucket is a store.
	wantAll(t, hero(t, 0, "run --store "+filepath.Join(s.Folder, s.Bucket, "hero")), "0 ran, 6 restored")
	s.Stop()
	wantAll(t, hero(t, 2, "pull "+name+" --store third"), "connection refused; see the network")
}

// The same over TLS, with a certificate that SSL_CERT_FILE vouches for.
func TestS3OverTLS(t *testing.T) {
	s := remotetest.StartS3(t)
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(to))
	defer server.Close()
	in(t, testPaper)
	hero(t, 0, "run")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile("ca.pem", certificate, 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", "ca.pem")
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	name := "s3://" + s.Bucket + "/hero"
	for _, c := range [][2]string{{"push " + name, "6 sent to"}, {"pull --store other " + name, "0 ran, 6 fetched"}} {
		out, err := program(strings.Fields(c[0])...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), c[1]) {
			t.Errorf("%s: %v\n%s", c[0], err, out)
		}
	}
}

const manyPaper = `default-profile = "all"
profile.all = {}
[grid.g]
seeds = "1..150 by 1"
[stage.draw]
kind = "draw"
each = "g"
[figure]
count = ["draw"]
`

// Processes that are killed in a push or a pull, at any moment, leave sound stores at both ends,
// and the next attempt has all.
func TestKilledTransfers(t *testing.T) {
	in(t, manyPaper)
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	rng := rand.New(rand.NewPCG(15, 4))
	for n := range *kills {
		os.RemoveAll("remote")
		os.RemoveAll("other")
		if n%2 == 1 {
			hero(t, 0, "push remote")
		}
		args := []string{"push", "remote"}
		if n%2 == 1 {
			args = []string{"pull", "remote", "--store", "other"}
		}
		c := program(args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+rng.IntN(400)) * time.Millisecond)
		c.Process.Kill()
		c.Wait()
		for _, store := range []string{"remote", "other"} {
			if _, err := os.Stat(filepath.Join(store, "actions")); err == nil {
				code, out := heroCode(t, "verify --store "+store)
				if code > 1 || !strings.Contains(out, "0 damaged or missing, 0 edited or swapped") {
					t.Fatalf("kill %d leaves %s\n%s", n, store, out)
				}
			}
		}
		hero(t, 0, "push remote")
		hero(t, 0, "pull remote --store other")
		wantAll(t, hero(t, 0, "run --store other"), "151 stages: 0 ran, 151 fresh")
		wantAll(t, hero(t, 0, "verify --store other"), "0 damaged or missing, 0 edited or swapped", "bit for bit")
	}
}

// heroCode runs a line and gives its exit code.
func heroCode(t *testing.T, line string) (int, string) {
	t.Helper()
	var out strings.Builder
	code := execute(testApp(), strings.Fields(line), &out, &out)
	return code, out.String()
}
