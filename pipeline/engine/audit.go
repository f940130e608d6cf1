package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/store"
)

// A Problem is what is wrong with a file of the store.
type Problem string

const (
	Missing    Problem = "missing"    // it is on record and not there
	Altered    Problem = "altered"    // an artifact whose bytes do not have its digest
	Unreadable Problem = "unreadable" // permission, or the disk; nothing is known of its content
	Damaged    Problem = "damaged"    // a record, or a list of sources, of which nothing can be used
	Edited     Problem = "edited"     // a record that is not as it was written
	Swapped    Problem = "swapped"    // a record or a link that leads to what belongs to another stage
	Stray      Problem = "stray"      // a file under a name that the store does not give
)

// A Finding is a file of the store that is not as it should be.
type Finding struct {
	Path    string
	Problem Problem
	Stages  []string // whose file it is, sorted; as far as it is known
	Detail  string   // what of it is wrong; empty where the problem says it all

	// Stays is true of what was edited or swapped and a run takes as it is, or does not
	// come to: it has to be removed.
	Stays bool
}

// An Audit is what was read of a store, and what was found.
type Audit struct {
	Artifacts, Records, Links int

	// Earlier are records of an earlier format, which had no checksums: no run takes
	// anything from them.
	Earlier int

	Findings []Finding // of artifacts, then of records, code and links; each sorted by path
}

// Count is the number of findings with one of some problems.
func (a *Audit) Count(problems ...Problem) int {
	n := 0
	for _, f := range a.Findings {
		if slices.Contains(problems, f.Problem) {
			n++
		}
	}
	return n
}

// Check audits everything in a store. An artifact must have the digest it is kept
// under, and one on record must be there. A record must have its own checksum, the
// key that follows from what it says and that its file is called by, an output of
// its kind, parameters and size, inputs that are in the store or on record, times
// that can be, and code that the store knows. A link of the view must lead to a
// record or an artifact that the stage it is called by can have had, and both links of a
// stage to the same action; with the profiles of the present paper more of this is known.
func Check(s *store.Store, profiles ...Profile) *Audit {
	a := &auditor{
		store: s, now: time.Now(), present: newPresent(profiles),
		objects: make(map[string]*object), code: make(map[string][]string),
		actions: make(map[string]*store.Action), makers: make(map[string][]*store.Action),
	}
	a.read()
	a.checkObjects()
	a.checkRecords()
	a.checkCode()
	a.checkViews()
	return &a.Audit
}

// clockSkew is how far apart the clocks of machines that share a store may be.
const clockSkew = time.Minute

// An object is an artifact file and what it says of itself.
type object struct {
	sound        bool // it has its digest, and the rest holds
	size         int64
	kind, params string
}

type auditor struct {
	Audit
	store   *store.Store
	now     time.Time
	present *present
	records []store.Record
	objects map[string]*object         // by digest
	actions map[string]*store.Action   // by the name of the record's file
	makers  map[string][]*store.Action // by output
	code    map[string][]string        // stages by the sum of their code
}

func (a *auditor) find(path string, p Problem, stages []string, format string, args ...any) {
	slices.Sort(stages)
	a.Findings = append(a.Findings, Finding{path, p, slices.Compact(stages), fmt.Sprintf(format, args...), false})
}

// read reads the records and lists what they lead to.
func (a *auditor) read() {
	a.records = a.store.Records()
	for _, r := range a.records {
		if r.Action == nil {
			continue
		}
		a.Records++
		a.actions[keyOfFile(r.Path)] = r.Action
		a.makers[r.Action.Output] = append(a.makers[r.Action.Output], r.Action)
		if r.Err == nil {
			a.code[r.Action.Code] = append(a.code[r.Action.Code], r.Action.Stage)
		}
	}
}

func keyOfFile(file string) string {
	return strings.TrimSuffix(path.Base(strings.ReplaceAll(file, `\`, "/")), ".json")
}

// stages are those whose artifact has a digest.
func (a *auditor) stages(digest string) []string {
	var out []string
	for _, m := range a.makers[digest] {
		out = append(out, m.Stage)
	}
	return out
}

// checkObjects hashes every artifact and looks for those that are on record only.
func (a *auditor) checkObjects() {
	files := a.store.ObjectFiles()
	// An edited record says nothing of what there should be.
	for _, r := range a.records {
		if r.Err == nil && a.objects[r.Action.Output] == nil {
			a.objects[r.Action.Output] = &object{}
		}
	}
	listed := make(map[string]bool, len(files))
	for _, f := range files {
		listed[f.Digest] = true
		if f.Digest != "" {
			a.Artifacts++
			a.objects[f.Digest] = &object{}
		}
	}
	for digest := range a.objects {
		if !listed[digest] {
			files = append(files, store.Object{Path: a.store.ObjectPath(digest), Digest: digest})
		}
	}
	slices.SortFunc(files, func(x, y store.Object) int { return strings.Compare(x.Path, y.Path) })
	var mu sync.Mutex
	wrong := make(map[string]error)
	parallel(files, func(f store.Object) error {
		err := f.Err
		if f.Digest != "" {
			err = a.inspect(f.Digest, a.objects[f.Digest])
		}
		mu.Lock()
		wrong[f.Path] = err
		mu.Unlock()
		return nil
	})
	for _, f := range files {
		err := wrong[f.Path]
		var bad *store.DamageError
		switch {
		case errors.As(err, &bad):
			a.store.Suspect(f.Digest)
			a.find(f.Path, Problem(bad.Problem), a.stages(f.Digest), "")
		case err != nil:
			a.find(f.Path, Unreadable, a.stages(f.Digest), "%v", cause(err))
		case f.Digest == "":
			a.find(f.Path, Stray, nil, "no artifact is kept under this name")
		}
	}
	// What is missing is no object.
	for digest, o := range a.objects {
		if !listed[digest] && !o.sound {
			delete(a.objects, digest)
		}
	}
}

// inspect hashes an artifact and reads what it says of itself.
func (a *auditor) inspect(digest string, o *object) error {
	if err := a.store.Check(digest); err != nil {
		return err
	}
	f, err := os.Open(a.store.ObjectPath(digest))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	o.sound, o.size = true, info.Size()
	o.kind, o.params, err = artifact.Header(f)
	if err != nil {
		// Its digest is right: it is what a stage gave, or what a record was made to say.
		o.kind, o.params = "", ""
	}
	return nil
}

// cause is an error without what the path of its file says already.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (a *auditor) checkRecords() {
	for _, r := range a.records {
		var bad *store.RecordError
		switch {
		case r.Err != nil && !errors.As(r.Err, &bad):
			a.find(r.Path, Unreadable, nil, "%v", cause(r.Err))
		case r.Action == nil && !store.IsDigest(keyOfFile(r.Path)):
			a.find(r.Path, Stray, nil, "no record is kept under this name")
		case r.Action == nil:
			a.find(r.Path, Damaged, nil, "%s", bad.Problem)
		case r.Action.Sum == "" && r.Action.Format != artifact.Format:
			a.Earlier++
		default:
			problem, complaints := Edited, a.complaints(r)
			if bad != nil {
				complaints = append([]string{bad.Problem}, complaints...)
			}
			if other := a.otherOutput(r.Action); other != "" {
				problem, complaints = Swapped, append(complaints, other)
			}
			if len(complaints) > 0 {
				a.find(r.Path, problem, []string{r.Action.Stage}, "%s", strings.Join(complaints, "; "))
				a.Findings[len(a.Findings)-1].Stays = bad == nil // by its checksum a run trusts it
			}
		}
	}
}

// complaints are what is wrong with a record, other than its checksum and output.
func (a *auditor) complaints(r store.Record) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	x := r.Action
	if key := keyOfFile(r.Path); key != x.Key {
		say("it is the record of key %s", x.Key)
	}
	if key := recordedKey(x); key != x.Key {
		say("from its kind, code, parameters and inputs follows key %s", key)
	}
	for _, in := range x.Inputs {
		if !a.has(in.Digest) {
			say("its input %s (%s) is neither in the store nor on record", in.Digest, in.Stage)
		}
	}
	if o := a.objects[x.Output]; o != nil && o.sound && o.size != x.Size {
		say("size is %d, and its output has %d bytes", x.Size, o.size)
	}
	since := a.now.Add(clockSkew).Sub(x.Start)
	switch {
	case x.Start.IsZero():
		say("it does not say when it started")
	case since < 0:
		say("it started in the future, %s", x.Start.Format(time.RFC3339))
	case !(x.Seconds >= 0):
		say("seconds is %v", x.Seconds)
	case x.Seconds > since.Seconds():
		say("seconds is %v, more than have passed since it started", x.Seconds)
	}
	return out
}

// has reports whether an artifact is in the store or on record. One that may be there
// but cannot be looked at counts.
func (a *auditor) has(digest string) bool {
	if a.objects[digest] != nil || a.makers[digest] != nil {
		return true
	}
	_, err := os.Lstat(a.store.ObjectPath(digest))
	return err != nil && !errors.Is(err, fs.ErrNotExist)
}

// otherOutput says how the output of an action is not an artifact of its stage.
func (a *auditor) otherOutput(x *store.Action) string {
	o := a.objects[x.Output]
	switch {
	case o == nil || !o.sound:
		return ""
	case o.kind != x.Kind:
		return fmt.Sprintf("its output is an artifact of kind %q, and the record is of kind %q", o.kind, x.Kind)
	case o.params != string(x.Params):
		return fmt.Sprintf("its output is an artifact of other parameters, %.200s", o.params)
	}
	return ""
}

// checkCode wants the store to know the code of every record.
func (a *auditor) checkCode() {
	for _, sum := range sortedKeys(a.code) {
		path := a.store.CodePath(sum)
		d, err := a.store.Code(sum)
		var bad *store.RecordError
		switch {
		case err == nil && d == nil:
			a.find(path, Missing, a.code[sum], "the list of sources of these stages is gone; explain alone needs it")
		case errors.As(err, &bad):
			a.find(path, Damaged, a.code[sum], "%s", bad.Problem)
		case err != nil:
			a.find(path, Unreadable, a.code[sum], "%v", cause(err))
		}
	}
}
