// Package git reads revisions of the repository that a folder is in. It runs the program git,
// which knows all formats and settings of repositories, worktrees and partial clones; what it
// reads it never changes.
package git

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"time"
)

// A Repository is the one around a folder, below which all paths are. There need not be any.
type Repository struct{ dir string }

// At is the repository around a folder.
func At(dir string) *Repository { return &Repository{dir} }

// A Commit is a revision.
type Commit struct {
	Hash    string
	Time    time.Time
	Subject string
}

// Short are enough digits of the hash for people.
func (c *Commit) Short() string { return c.Hash[:min(10, len(c.Hash))] }

var (
	// ErrNoGit says that there is no program git.
	ErrNoGit = errors.New("the program git, which reads revisions, is not found; install it, or put it on PATH")

	// ErrNoRepository says that the folder is in no repository.
	ErrNoRepository = errors.New("this folder is in no git repository")
)

// An UnknownError says that a repository does not have a revision.
type UnknownError struct {
	Revision string
	Shallow  bool   // the repository does not have all commits, so that another may
	Words    string // of git, if it has any
}

func (e *UnknownError) Error() string {
	text := fmt.Sprintf("git knows no revision %s", e.Revision)
	if e.Words != "" {
		text += ": " + e.Words
	}
	if e.Shallow {
		text += "; this clone is shallow, get the rest with: git fetch --unshallow"
	}
	return text
}

// Commit finds a revision by what git calls it: a branch, a tag, digits of a hash, HEAD~2. One
// that there is not is an *UnknownError.
func (r *Repository) Commit(ctx context.Context, revision string) (*Commit, error) {
	unknown := &UnknownError{Revision: revision}
	if revision == "" || revision[0] == '-' || strings.ContainsAny(revision, "\x00\n") {
		return nil, unknown // it would be another argument
	}
	hash, err := r.run(ctx, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
	var failed *exec.ExitError
	switch {
	case errors.Is(err, ErrNoGit), errors.Is(err, ErrNoRepository):
		return nil, err
	case errors.As(err, &failed):
		unknown.Words = words(failed.Stderr)
		unknown.Shallow = r.Shallow(ctx)
		return nil, unknown
	case err != nil:
		return nil, err
	}
	return r.log(ctx, strings.TrimSpace(string(hash)))
}

// Shallow reports whether the repository is a clone that lacks commits.
func (r *Repository) Shallow(ctx context.Context) bool {
	out, err := r.run(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && strings.TrimSpace(string(out)) == "true"
}

// LastChange is the last commit, up to a revision, in which a file became what it is there.
// In a shallow repository it is not known if it is the first commit that is there: then it is nil.
func (r *Repository) LastChange(ctx context.Context, at *Commit, name string) (*Commit, error) {
	c, err := r.log(ctx, at.Hash, "--", name)
	if err != nil || c == nil || !r.Shallow(ctx) {
		return c, err
	}
	if _, err := r.run(ctx, "rev-parse", "--verify", "--quiet", c.Hash+"^"); err != nil {
		return nil, nil
	}
	return c, nil
}

// log is the first commit that git log lists, nil if it lists none.
func (r *Repository) log(ctx context.Context, args ...string) (*Commit, error) {
	out, err := r.run(ctx, append([]string{"log", "-1", "--format=%H%x00%ct%x00%s"}, args...)...)
	if err != nil {
		return nil, failure("log", err)
	}
	part := strings.SplitN(strings.TrimRight(string(out), "\n"), "\x00", 3)
	if len(part) != 3 {
		return nil, nil
	}
	seconds, _ := strconv.ParseInt(part[1], 10, 64)
	return &Commit{part[0], time.Unix(seconds, 0).UTC(), part[2]}, nil
}

// File reads a file at a revision; fs.ErrNotExist if there is none.
func (r *Repository) File(ctx context.Context, at *Commit, name string) ([]byte, error) {
	name = path.Clean(name)
	listed, err := r.run(ctx, "ls-tree", "-z", at.Hash, "--", name)
	if err != nil {
		return nil, failure("ls-tree", err)
	}
	// MODE blob HASH<tab>NAME
	head, _, _ := strings.Cut(string(listed), "\t")
	fields := strings.Fields(head)
	if len(fields) != 3 || fields[1] != "blob" {
		return nil, &fs.PathError{Op: "read at revision " + at.Short(), Path: name, Err: fs.ErrNotExist}
	}
	data, err := r.run(ctx, "cat-file", "blob", fields[2])
	return data, failure("cat-file", err)
}

// Tree reads all files below the folder at a revision but those below some folders.
func (r *Repository) Tree(ctx context.Context, at *Commit, without ...string) (fs.FS, error) {
	// Files as they were committed, whatever the lines of those checked out end in.
	args := []string{"-c", "core.autocrlf=false", "archive", "--format=zip", "-0", at.Hash, "--", "."}
	for _, dir := range without {
		args = append(args, ":(exclude)"+dir)
	}
	data, err := r.run(ctx, args...)
	if err != nil {
		return nil, failure("archive", err)
	}
	return zip.NewReader(bytes.NewReader(data), int64(len(data)))
}

func (r *Repository) run(ctx context.Context, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, "git", append([]string{"--no-pager", "--no-optional-locks"}, args...)...)
	c.Dir = r.dir
	c.Env = append(os.Environ(), "LC_ALL=C")
	out, err := c.Output()
	var failed *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, ErrNoGit
	case errors.As(err, &failed) && bytes.Contains(failed.Stderr, []byte("not a git repository")):
		return nil, ErrNoRepository
	}
	return out, err
}

// failure is an error of git in its own words.
func failure(command string, err error) error {
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		return err
	}
	return fmt.Errorf("git %s failed: %s", command, cmp.Or(words(failed.Stderr), failed.String()))
}

// words is what git says of an error, in a line.
func words(stderr []byte) string {
	var lines []string
	for line := range strings.Lines(string(stderr)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}
