package engine

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"

	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// A Lock holds the digest that the artifact of each stage of a profile must have for the
// profile to be reproduced.
type Lock struct {
	Profile string
	Digests map[string]digest.Artifact // by stage
}

// A LockFile holds the locks of profiles, a section each:
//
//	# The digest of every artifact of profile main; written by verify --update.
//	235581…1104  walk/steps=64
//	…
//
// Empty lines and other lines that begin with # are comments.
type LockFile struct {
	path     string
	head     string // what comes before the first section
	sections []section
}

// A section is a lock as it stands in its file.
type section struct {
	lock *Lock
	line int    // of its heading
	body string // from the heading to the last digest
	tail string // the comments and empty lines after that
}

const lockHead = "# The digest of every artifact of profile "

// NewLockFile is an empty lock file, to be written to a path.
func NewLockFile(path string) *LockFile { return &LockFile{path: path} }

// ReadLockFile reads a lock file. A profile or a stage that comes twice and a digest
// before the first profile are errors; a byte order mark and lines that end in CRLF are not.
func ReadLockFile(path string) (*LockFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseLockFile(path, text)
}

// ParseLockFile is ReadLockFile of a text; errors speak of it by the path.
func ParseLockFile(path string, text []byte) (*LockFile, error) {
	f := NewLockFile(path)
	lineOf := make(map[string]int) // of the section's stages
	n := 0
	for raw := range strings.Lines(string(text)) {
		n++
		line := raw
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		line = strings.TrimRight(line, " \t\r\n")
		if rest, ok := strings.CutPrefix(line+" ", lockHead); ok {
			profile, _, _ := strings.Cut(rest, ";")
			if err := f.begin(strings.TrimSpace(profile), n); err != nil {
				return nil, err
			}
			clear(lineOf)
			f.last().body = raw
			continue
		}
		s := f.last()
		if line == "" || line[0] == '#' {
			if s == nil {
				f.head += raw
			} else {
				s.tail += raw
			}
			continue
		}
		name, stage, ok := strings.Cut(line, "  ")
		output, valid := digest.Parse[digest.Artifact](name)
		switch {
		case !ok || !valid || stage == "" || stage[0] == ' ':
			return nil, fmt.Errorf("%s:%d: want a digest of 64 hex digits, two blanks and a stage, got %.120q",
				path, n, line)
		case s == nil:
			return nil, fmt.Errorf("%s:%d: a digest before the first line %q; say of which profile it is",
				path, n, lockHead+"NAME")
		case lineOf[stage] > 0:
			return nil, fmt.Errorf("%s:%d: stage %s has a digest in line %d already; remove one of them",
				path, n, stage, lineOf[stage])
		}
		lineOf[stage] = n
		s.lock.Digests[stage] = output
		s.body += s.tail + raw
		s.tail = ""
	}
	return f, nil
}

// begin begins a section in a line.
func (f *LockFile) begin(profile string, line int) error {
	if profile == "" || strings.ContainsAny(profile, " \t") {
		return fmt.Errorf("%s:%d: want the name of a profile after %q, got %.80q", f.path, line, lockHead, profile)
	}
	for _, s := range f.sections {
		if s.lock.Profile == profile {
			return fmt.Errorf("%s:%d: profile %s has a section from line %d on already; remove one of them",
				f.path, line, profile, s.line)
		}
	}
	f.sections = append(f.sections, section{lock: &Lock{profile, make(map[string]digest.Artifact)}, line: line})
	return nil
}

func (f *LockFile) last() *section {
	if len(f.sections) == 0 {
		return nil
	}
	return &f.sections[len(f.sections)-1]
}

// Of is the lock of a profile, nil if there is none.
func (f *LockFile) Of(profile string) *Lock {
	for _, s := range f.sections {
		if s.lock.Profile == profile {
			return s.lock
		}
	}
	return nil
}

// Profiles lists the profiles that have a lock, as they stand in the file.
func (f *LockFile) Profiles() []string {
	var out []string
	for _, s := range f.sections {
		out = append(out, s.lock.Profile)
	}
	return out
}

// Put adds a lock, or puts it in place of that of its profile.
func (f *LockFile) Put(l *Lock) {
	k := slices.IndexFunc(f.sections, func(s section) bool { return s.lock.Profile == l.Profile })
	if k < 0 {
		f.sections = append(f.sections, section{})
		k = len(f.sections) - 1
	}
	var body strings.Builder
	fmt.Fprintf(&body, "%s%s; written by verify --update.\n", lockHead, l.Profile)
	for _, stage := range slices.Sorted(maps.Keys(l.Digests)) {
		fmt.Fprintf(&body, "%s  %s\n", l.Digests[stage], stage)
	}
	f.sections[k].lock, f.sections[k].body = l, body.String()
}

// Write writes the file. Sections that were read and not replaced are as they were,
// byte for byte.
func (f *LockFile) Write() error {
	var out strings.Builder
	add := func(text string) {
		// Two sections need a line's end between them.
		if s := out.String(); s != "" && text != "" && !strings.HasSuffix(s, "\n") {
			out.WriteByte('\n')
		}
		out.WriteString(text)
	}
	add(f.head)
	for _, s := range f.sections {
		add(s.body)
		out.WriteString(s.tail)
	}
	_, err := store.WriteFile(f.path, []byte(out.String()))
	return err
}

// Lock gathers the digests of the stages that are computed, and says how many are not.
func (p *Plan) Lock(profile string) (l *Lock, missing int) {
	l = &Lock{Profile: profile, Digests: make(map[string]digest.Artifact, len(p.Items))}
	for _, i := range p.Items {
		if i.Action == nil {
			missing++
			continue
		}
		l.Digests[i.Stage.Name] = i.Action.Output
	}
	return l, missing
}

// A Comparison is a plan against a lock; the lists are of stages, sorted.
type Comparison struct {
	Same      int
	Different []string // computed, with another artifact
	Missing   []string // in the lock, and still to run
	OfDamaged []string // the same, but computed from what is damaged
	Unknown   []string // computed, and not in the lock
	Unlocked  int      // neither computed nor in the lock: of a part of the profile that was left out
	Gone      []string // in the lock, and not a stage any more
}

// Equal reports whether every artifact is as in the lock.
func (c *Comparison) Equal() bool {
	return len(c.Different)+len(c.Missing)+len(c.OfDamaged)+len(c.Unknown)+len(c.Gone) == 0
}

// Compare holds a plan against the lock.
func (l *Lock) Compare(p *Plan) *Comparison {
	c := &Comparison{}
	seen := make(map[string]bool, len(p.Items))
	for _, i := range p.Items {
		name := i.Stage.Name
		seen[name] = true
		want, ok := l.Digests[name]
		has := cmp.Or(i.Action, i.Intact)
		switch {
		case !ok && has == nil:
			c.Unlocked++
		case !ok:
			c.Unknown = append(c.Unknown, name)
		case has == nil:
			c.Missing = append(c.Missing, name)
		case has.Output != want:
			c.Different = append(c.Different, name)
		case i.Action == nil:
			c.OfDamaged = append(c.OfDamaged, name)
		default:
			c.Same++
		}
	}
	for name := range l.Digests {
		if !seen[name] {
			c.Gone = append(c.Gone, name)
		}
	}
	for _, list := range [][]string{c.Different, c.Missing, c.OfDamaged, c.Unknown, c.Gone} {
		sort.Strings(list)
	}
	return c
}
