package engine

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"sort"
	"strings"

	"zerotohero/pipeline/store"
)

// A Lock holds the digest that the artifact of each stage of a profile is known to
// have: what it means to have reproduced it.
type Lock struct {
	Profile string
	Digests map[string]string // by stage
}

const lockHead = "# The digest of every artifact of profile "

// ReadLock reads a lock file.
func ReadLock(path string) (*Lock, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	l := &Lock{Digests: make(map[string]string)}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if rest, ok := strings.CutPrefix(line, lockHead); ok {
			l.Profile, _, _ = strings.Cut(rest, ";")
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		digest, stage, ok := strings.Cut(line, "  ")
		if !ok || len(digest) != 64 || stage == "" {
			return nil, fmt.Errorf("%s:%d: want a digest, two blanks and a stage, got %q", path, n, line)
		}
		l.Digests[stage] = digest
	}
	return l, lines.Err()
}

// Write writes the lock file, sorted by stage.
func (l *Lock) Write(path string) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s%s; written by hero verify --update.\n", lockHead, l.Profile)
	for _, stage := range sortedKeys(l.Digests) {
		fmt.Fprintf(&out, "%s  %s\n", l.Digests[stage], stage)
	}
	_, err := store.WriteFile(path, out.Bytes())
	return err
}

// Lock gathers the digests of a plan in which nothing is left to run.
func (p *Plan) Lock(profile string) (*Lock, error) {
	l := &Lock{Profile: profile, Digests: make(map[string]string, len(p.Items))}
	if n := p.Count(Run); n > 0 {
		return nil, fmt.Errorf("%d of %d stages of profile %s are not computed; run them first", n, len(p.Items), profile)
	}
	for _, i := range p.Items {
		l.Digests[i.Stage.Name] = i.Action.Output
	}
	return l, nil
}

// A Comparison is a plan against a lock; the lists are of stages, sorted.
type Comparison struct {
	Same      int
	Different []string // computed, with another artifact
	Missing   []string // in the lock, and still to run
	Unknown   []string // not in the lock
	Gone      []string // in the lock, and not a stage any more
}

// Equal reports whether every artifact is as in the lock.
func (c *Comparison) Equal() bool {
	return len(c.Different)+len(c.Missing)+len(c.Unknown)+len(c.Gone) == 0
}

// Compare holds a plan against the lock.
func (l *Lock) Compare(p *Plan) *Comparison {
	c := &Comparison{}
	seen := make(map[string]bool, len(p.Items))
	for _, i := range p.Items {
		name := i.Stage.Name
		seen[name] = true
		want, ok := l.Digests[name]
		switch {
		case !ok:
			c.Unknown = append(c.Unknown, name)
		case i.Action == nil:
			c.Missing = append(c.Missing, name)
		case i.Action.Output != want:
			c.Different = append(c.Different, name)
		default:
			c.Same++
		}
	}
	for name := range l.Digests {
		if !seen[name] {
			c.Gone = append(c.Gone, name)
		}
	}
	for _, list := range [][]string{c.Different, c.Missing, c.Unknown, c.Gone} {
		sort.Strings(list)
	}
	return c
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
