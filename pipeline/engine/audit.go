package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// A Problem is what is wrong with a file of the store.
type Problem string

const (
	Missing    Problem = "missing"    // something refers to it, and it is not there
	Altered    Problem = "altered"    // an artifact whose bytes do not have its digest
	Unreadable Problem = "unreadable" // permission, or the disk; nothing is known of its content
	Damaged    Problem = "damaged"    // a record or list of sources that cannot be used at all
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

	// MustRemove says that no run mends the file, which was edited or swapped: runs trust it
	// as it is, or never read it. People have to remove it.
	MustRemove bool
}

// An Audit is what was read of a store, and what was found.
type Audit struct {
	Artifacts, Records, Links int

	// Earlier is how many records have an earlier format without checksums. No run uses them.
	Earlier int

	Findings []Finding // of artifacts, then of records, code and links; each sorted by path

	damaged []digest.Artifact
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

// MarkDamaged has the next plan read the damaged artifacts before it trusts them, and
// returns how many these are. A disk that fails leaves the times of a file as they were,
// so that nothing else shows it.
func (a *Audit) MarkDamaged(s *store.Store) int {
	for _, name := range a.damaged {
		s.MarkUnchecked(name)
	}
	return len(a.damaged)
}

// AuditStore audits everything in a store. An artifact must have the digest it is kept
// under, and one on record must be there. A record must have its own checksum, the
// key that follows from its content and that its file is called by, an output of
// its kind, parameters and size, inputs that are in the store or on record, possible
// times, and code that the store knows. Sources must be those of their sums. A link of the view
// must lead to a record or an artifact that can be one of the stage it is called by, and both
// links of a stage to the same action. The profiles of the present paper tell more of which
// these can be.
func AuditStore(s *store.Store, profiles ...Profile) *Audit {
	a := &auditor{
		store: s, now: time.Now(), paper: newPaper(profiles),
		objects: make(map[digest.Artifact]*object), code: make(map[digest.Code][]string),
		actions: make(map[digest.Key]*store.Action), makers: make(map[digest.Artifact][]*store.Action),
	}
	a.read()
	a.checkObjects()
	a.checkRecords()
	a.checkCode()
	a.checkSources()
	a.checkViews()
	return &a.Audit
}

// clockSkew is how far apart the clocks of machines that share a store may be; of more a run on a cluster tells.
const clockSkew = 5 * time.Minute

// An object is an artifact file and what it says of itself.
type object struct {
	whole        bool // it has its digest, and what follows was read
	size         int64
	kind, params string
}

type auditor struct {
	Audit
	store   *store.Store
	now     time.Time
	paper   *paper
	records []store.Record
	objects map[digest.Artifact]*object
	actions map[digest.Key]*store.Action // by the name of the record's file
	makers  map[digest.Artifact][]*store.Action
	code    map[digest.Code][]string // names of stages
}

func (a *auditor) add(path string, p Problem, stages []string, format string, args ...any) {
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
		if r.Key != "" {
			a.actions[r.Key] = r.Action
		}
		a.makers[r.Action.Output] = append(a.makers[r.Action.Output], r.Action)
		if r.Err == nil {
			a.code[r.Action.Code] = append(a.code[r.Action.Code], r.Action.Stage)
		}
	}
}

// stages are the names of the stages on record with an artifact.
func (a *auditor) stages(name digest.Artifact) []string {
	var out []string
	for _, m := range a.makers[name] {
		out = append(out, m.Stage)
	}
	return out
}

// checkObjects hashes every artifact and looks for those that are on record only.
func (a *auditor) checkObjects() {
	files := a.store.Objects()
	// An edited record does not tell which artifacts there should be.
	for _, r := range a.records {
		if r.Err == nil && a.objects[r.Action.Output] == nil {
			a.objects[r.Action.Output] = &object{}
		}
	}
	listed := make(map[digest.Artifact]bool, len(files))
	for _, f := range files {
		listed[f.Digest] = true
		if f.Digest != "" {
			a.Artifacts++
			a.objects[f.Digest] = &object{}
		}
	}
	for name := range a.objects {
		if !listed[name] {
			files = append(files, store.Object{Path: a.store.ObjectPath(name), Digest: name})
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
			a.damaged = append(a.damaged, f.Digest)
			a.add(f.Path, Problem(bad.Problem), a.stages(f.Digest), "")
		case err != nil:
			a.add(f.Path, Unreadable, a.stages(f.Digest), "%v", cause(err))
		case f.Digest == "":
			a.add(f.Path, Stray, nil, "no artifact is kept under this name")
		}
	}
	// Missing artifacts were listed for their findings only.
	for name, o := range a.objects {
		if !listed[name] && !o.whole {
			delete(a.objects, name)
		}
	}
}

// inspect hashes an artifact and reads what it says of itself.
func (a *auditor) inspect(name digest.Artifact, o *object) error {
	if err := a.store.Check(name); err != nil {
		return err
	}
	f, err := os.Open(a.store.ObjectPath(name))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	o.whole, o.size = true, info.Size()
	o.kind, o.params, err = artifact.Header(f)
	if err != nil {
		// Its digest is right, so it is not damaged: if a record leads to it, otherOutput tells.
		o.kind, o.params = "", ""
	}
	return nil
}

// cause is an error without the path of the file, which a finding has already.
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
			a.add(r.Path, Unreadable, nil, "%v", cause(r.Err))
		case r.Action == nil && r.Key == "":
			a.add(r.Path, Stray, nil, "no record is kept under this name")
		case r.Action == nil:
			a.add(r.Path, Damaged, nil, "%s", bad.Problem)
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
				a.add(r.Path, problem, []string{r.Action.Stage}, "%s", strings.Join(complaints, "; "))
				a.Findings[len(a.Findings)-1].MustRemove = bad == nil // its checksum is right, so that runs trust it
			}
		}
	}
}

// complaints are what is wrong with a record, other than its checksum and output.
func (a *auditor) complaints(r store.Record) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	x := r.Action
	if r.Key != x.Key {
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
	if o := a.objects[x.Output]; o != nil && o.whole && o.size != x.Size {
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

// has reports whether an artifact is in the store or on record, or may be in a folder that
// cannot be read.
func (a *auditor) has(name digest.Artifact) bool {
	if a.objects[name] != nil || a.makers[name] != nil {
		return true
	}
	_, err := os.Lstat(a.store.ObjectPath(name))
	return err != nil && !errors.Is(err, fs.ErrNotExist)
}

// otherOutput says how the output of an action is not an artifact of its stage.
func (a *auditor) otherOutput(x *store.Action) string {
	o := a.objects[x.Output]
	switch {
	case o == nil || !o.whole:
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
	for _, sum := range slices.Sorted(maps.Keys(a.code)) {
		path := a.store.CodePath(sum)
		d, err := a.store.Code(sum)
		var bad *store.RecordError
		switch {
		case err == nil && d == nil:
			a.add(path, Missing, a.code[sum], "the list of sources of these stages is gone; explain alone needs it")
		case errors.As(err, &bad):
			a.add(path, Damaged, a.code[sum], "%s", bad.Problem)
		case err != nil:
			a.add(path, Unreadable, a.code[sum], "%v", cause(err))
		}
	}
}

// checkSources wants each source that is kept to be the one of its sum. What is missing is none
// of its business: earlier programs kept none, and only words depend on it.
func (a *auditor) checkSources() {
	files := a.store.SourceFiles()
	var mu sync.Mutex
	wrong := make(map[string]error)
	parallel(files, func(f store.SourceFile) error {
		err := f.Err
		if err == nil {
			err = a.inspectSources(f)
		}
		mu.Lock()
		wrong[f.Path] = err
		mu.Unlock()
		return nil
	})
	for _, f := range files {
		var bad *store.RecordError
		switch err := wrong[f.Path]; {
		case errors.As(err, &bad):
			a.add(f.Path, Edited, nil, "%s", bad.Problem)
			a.Findings[len(a.Findings)-1].MustRemove = true
		case err != nil:
			a.add(f.Path, Unreadable, nil, "%v", cause(err))
		case f.Package == "":
			a.add(f.Path, Stray, nil, "no sources are kept under this name")
		}
	}
}

func (a *auditor) inspectSources(f store.SourceFile) error {
	texts, err := a.store.Sources(f.Package)
	if err != nil {
		return err
	}
	for _, sum := range slices.Sorted(maps.Keys(texts)) {
		if err := code.CheckText(sum, texts[sum]); err != nil {
			return &store.RecordError{Path: f.Path, Problem: fmt.Sprintf("%.12s in it: %v", sum, err)}
		}
	}
	return nil
}
