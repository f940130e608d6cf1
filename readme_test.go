package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"zerotohero/pipeline/remote/remotetest"
)

// commandsOf are the lines of the README below a heading that call the program, in their order.
func commandsOf(t *testing.T, heading string) (lines []string) {
	t.Helper()
	_, text, ok := strings.Cut(read(t, "README.md"), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("no heading %q", heading)
	}
	level := heading[:strings.Index(heading, " ")+1]
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, level) || strings.HasPrefix(line, "## ") {
			break
		}
		if strings.HasPrefix(line, "    ./hero ") {
			line, _, _ = strings.Cut(line, " #")
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	if len(lines) == 0 {
		t.Fatalf("no command below %q", heading)
	}
	return lines
}

// ofProfile matches the verbs that are about a profile, which is the smallest here.
var ofProfile = regexp.MustCompile(`^\./hero (push|pull|run|bundle|verify|show|explain|log|graph|status|plan|diff|cancel)\b`)

// Every command that the README gives for sharing, auditing and keeping a store small does what it
// says, with the smallest profile, a folder, a real server of S3 and a web server.
func TestReadmeCommands(t *testing.T) {
	reference := referenceRun(t)
	dir := t.TempDir()
	for _, c := range [][]string{{"cp", "-R", reference.dir + "/.", dir}, {"git", "init", "-q"}} {
		run(t, command(c[0], dir, c[1:]...))
	}
	copied := func(from, to string) {
		data := read(t, from)
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, to)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"paper.toml", "CITATION.cff", "LICENSE"} {
		copied(name, name)
	}
	if err := os.Symlink(hero, filepath.Join(dir, "hero")); err != nil {
		t.Fatal(err)
	}
	run(t, command(hero, dir, "verify", "--update", "--profile", "smoke"))
	git := func(message string) {
		run(t, command("git", dir, "add", "paper.toml", "paper.lock"))
		run(t, command("git", dir, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", message))
	}
	git("one")
	copied("paper.toml", "paper.toml")
	lock := read(t, filepath.Join(dir, "paper.lock"))
	if err := os.WriteFile(filepath.Join(dir, "paper.lock"), []byte("# a comment\n"+lock), 0o666); err != nil {
		t.Fatal(err)
	}
	git("two")
	share := filepath.Join(t.TempDir(), "paper")
	web := httptest.NewServer(http.StripPrefix("/paper", http.FileServer(http.Dir(share))))
	defer web.Close()
	s3 := ""
	if _, err := exec.LookPath("versitygw"); err == nil {
		s3 = "s3://" + remotetest.StartS3(t).Bucket + "/paper"
	}
	places := strings.NewReplacer("/mnt/share/paper", share, "s3://bucket/paper", s3, "https://example.org/paper", web.URL+"/paper",
		"/scratch/hero", filepath.Join(reference.dir, "data"))
	for _, heading := range []string{"### Sharing", "## If you want to audit it", "### Keeping the store small"} {
		for _, line := range commandsOf(t, heading) {
			if strings.Contains(line, "s3://") && s3 == "" {
				t.Logf("left out without versitygw: %s", line)
				continue
			}
			text := places.Replace(line)
			text, _, _ = strings.Cut(text, " | dot")
			if ofProfile.MatchString(text) {
				text = strings.Replace(text, "./hero ", "./hero --profile-goes-here ", 1)
				verb := strings.Fields(text)[2]
				text = strings.Replace(text, "--profile-goes-here "+verb, verb+" --profile smoke", 1)
			}
			c := command("sh", dir, "-c", text)
			out, err := c.CombinedOutput()
			code := c.ProcessState.ExitCode()
			if code != 0 && !(strings.Contains(text, " diff ") && code == 1) {
				t.Errorf("%s: %v\n%s", text, err, out)
			}
		}
	}
}
