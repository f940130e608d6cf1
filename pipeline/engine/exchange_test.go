package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

var faults = flag.Int("faults", 24, "`number` of faults that TestFaults injects into pushes and pulls")

// elsewhere is a remote in memory that goes wrong as it is told to.
type elsewhere struct {
	mu    sync.Mutex
	files map[string][]byte
	reads int

	read func(name string, data []byte) ([]byte, error) // what comes of a file; nil: the file
	put  func(name string, data []byte) ([]byte, error) // what becomes of it
}

func newElsewhere() *elsewhere { return &elsewhere{files: make(map[string][]byte)} }

func (r *elsewhere) String() string { return "elsewhere" }

func (r *elsewhere) Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	data, ok := r.files[name]
	r.reads++
	if r.read != nil {
		var err error
		if data, err = r.read(name, slices.Clone(data)); err != nil {
			return nil, err
		}
	} else if !ok {
		return nil, fs.ErrNotExist
	}
	if data == nil {
		return nil, fs.ErrNotExist
	}
	return data, ctx.Err()
}

func (r *elsewhere) Size(_ context.Context, name string) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	data, ok := r.files[name]
	if !ok {
		return 0, fs.ErrNotExist
	}
	return int64(len(data)), nil
}

func (r *elsewhere) Put(ctx context.Context, name string, data []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.put != nil {
		var err error
		if data, err = r.put(name, slices.Clone(data)); err != nil {
			return err
		}
	}
	r.files[name] = data
	return ctx.Err()
}

var errGone = errors.New("connection reset by peer")

func (b *bench) push(r Remote) (sent int, failures []error, left int) {
	b.t.Helper()
	e := b.engine()
	plan, err := e.Plan(b.graph())
	if err != nil {
		b.t.Fatal(err)
	}
	items := slices.DeleteFunc(slices.Clone(plan.Items), func(i *Item) bool { return i.Action == nil })
	left = e.Push(b.t.Context(), &Exchange{Remote: r}, plan, items, 3, nil, func(_ *Item, new bool, err error) {
		if new {
			sent++
		}
		if err != nil {
			failures = append(failures, err)
		}
	})
	return sent, failures, left
}

func (b *bench) pull(ctx context.Context, x *Exchange) *Summary {
	b.t.Helper()
	b.prog.ran = nil
	sum, err := b.engine().Run(ctx, b.graph(), Options{Cores: 3, Exchange: x})
	if err != nil {
		b.t.Fatal(err)
	}
	return sum
}

func (b *bench) sound() {
	b.t.Helper()
	if a := AuditStore(b.store); len(a.Findings) != 0 {
		b.t.Errorf("the store is not sound: %+v", a.Findings)
	}
}

// What is damaged at a remote and has its size is found and replaced by a push that checks, whatever file it is.
func TestPushMends(t *testing.T) {
	a, r := audited(t), newElsewhere()
	a.push(r)
	for name, data := range r.files {
		was := slices.Clone(data)
		data[len(data)/2] ^= 1
		plan, err := a.engine().Plan(a.graph())
		if err != nil {
			t.Fatal(err)
		}
		sent := 0
		a.engine().Push(t.Context(), &Exchange{Remote: r, Check: true}, plan, plan.Items, 3, nil,
			func(_ *Item, new bool, err error) {
				if err != nil {
					t.Error(err)
				}
				if new {
					sent++
				}
			})
		if sent == 0 || !bytes.Equal(r.files[name], was) {
			t.Errorf("%s stays damaged; %d sent", name, sent)
		}
	}
	if sent, _, _ := a.push(r); sent != 0 {
		t.Errorf("%d sent again", sent)
	}
}

// What one store pushes another pulls; then nothing is missing at either.
func TestPushAndPull(t *testing.T) {
	a, b, r := audited(t), newBench(t), newElsewhere()
	if sent, failures, left := a.push(r); sent == 0 || failures != nil || left != 0 {
		t.Fatalf("%d sent, %v, %d left", sent, failures, left)
	}
	before := len(r.files)
	if sent, failures, _ := a.push(r); sent != 0 || failures != nil || len(r.files) != before {
		t.Errorf("%d sent again, %v", sent, failures)
	}
	sum := b.pull(t.Context(), &Exchange{Remote: r, Only: true})
	if len(b.prog.ran) > 0 || sum.Done[Fetched] == 0 || sum.Absent+len(sum.Failures) > 0 {
		t.Errorf("ran %v, %+v", b.prog.ran, sum)
	}
	if !maps.Equal(a.digests(), b.digests()) {
		t.Error("other artifacts came")
	}
	b.sound()
	if ran, _ := b.run(1); len(ran) > 0 {
		t.Errorf("ran %v", ran)
	}
}

// A run with a remote computes what that lacks, and puts it there.
func TestRunWithRemote(t *testing.T) {
	a, b, r := audited(t), newBench(t), newElsewhere()
	a.push(r)
	want := a.action("change/group=a,seeds=11-20")
	delete(r.files, store.RecordName(want.Key))
	sum := b.pull(t.Context(), &Exchange{Remote: r})
	if len(b.prog.ran) != 1 || !strings.HasPrefix(b.prog.ran[0], "change") || sum.Done[Ran] != 1 {
		t.Errorf("ran %v, %v", b.prog.ran, sum.Done)
	}
	if r.files[store.RecordName(want.Key)] == nil {
		t.Error("what was computed is not put there")
	}
	// With a part only, the rest is absent and nothing runs.
	delete(r.files, store.RecordName(want.Key))
	c := newBench(t)
	if sum = c.pull(t.Context(), &Exchange{Remote: r, Only: true}); len(c.prog.ran) > 0 || sum.Absent < 2 {
		t.Errorf("ran %v, %d absent", c.prog.ran, sum.Absent)
	}
	c.sound()
}

// A remote that is gone costs a note, not the run; one that only is fetched from ends it.
func TestRemoteThatVanishes(t *testing.T) {
	a, r := audited(t), newElsewhere()
	a.push(r)
	for _, only := range []bool{false, true} {
		b, n := newBench(t), 0
		r.read = func(_ string, data []byte) ([]byte, error) {
			if n++; n > 5 {
				return nil, errGone
			}
			return data, nil
		}
		sum := b.pull(t.Context(), &Exchange{Remote: r, Only: only})
		switch {
		case !only && (len(sum.Failures) > 0 || sum.Left > 0 || len(b.prog.ran) == 0 || !maps.Equal(a.digests(), b.digests())):
			t.Errorf("ran %v, %+v", b.prog.ran, sum)
		case only && (len(sum.Failures) == 0 || sum.Left == 0 || len(b.prog.ran) > 0):
			t.Errorf("ran %v, %+v", b.prog.ran, sum)
		}
		b.sound()
	}
}

// What is not what it should be is refused by name, and taken by nobody.
func TestRefused(t *testing.T) {
	a := audited(t)
	one, other := a.action(oneDraw), a.action("draw/group=a,seeds=1-10")
	record, object := store.RecordName(one.Key), store.ObjectName(one.Output)
	forge := func(change func(x *store.Action)) func(r *elsewhere) {
		return func(r *elsewhere) {
			x := *one
			change(&x)
			st, _ := store.Open(t.TempDir())
			if err := st.PutAction(&x); err != nil {
				t.Fatal(err)
			}
			r.files[record], _ = st.File(store.RecordName(x.Key))
		}
	}
	for name, c := range map[string]struct {
		harm    func(r *elsewhere)
		refused string
		problem string
	}{
		"truncated object": {func(r *elsewhere) { r.files[object] = r.files[object][:9] }, object, "truncated, to 9 of"},
		"flipped object":   {func(r *elsewhere) { r.files[object][40] ^= 1 }, object, "another digest"},
		"swapped object":   {func(r *elsewhere) { r.files[object] = r.files[store.ObjectName(other.Output)] }, object, ""},
		"missing object":   {func(r *elsewhere) { delete(r.files, object) }, object, "missing"},
		"endless object":   {func(r *elsewhere) { r.files[object] = bytes.Repeat([]byte("x"), 1<<20) }, object, "digest"},
		"flipped record":   {func(r *elsewhere) { r.files[record][60] ^= 1 }, record, ""},
		"empty record":     {func(r *elsewhere) { r.files[record] = []byte{} }, record, "not the record of an action"},
		"swapped record":   {func(r *elsewhere) { r.files[record] = r.files[store.RecordName(other.Key)] }, record, "another key"},
		"forged key": {forge(func(x *store.Action) { x.Params = json.RawMessage(`{"seeds":"1-10","group":"a"}`) }), record,
			"another key"},
		"forged output": {forge(func(x *store.Action) { x.Output, x.Size = other.Output, other.Size }), record,
			"it names the artifact of another stage"},
		"path for a digest": {func(r *elsewhere) {
			r.files[record] = bytes.Replace(r.files[record], []byte(one.Output), []byte("../../../../etc/passwd"), 1)
		}, record, "no digest of an artifact"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newElsewhere()
			a.push(r)
			c.harm(r)
			b := newBench(t)
			b.t = t
			sum := b.pull(t.Context(), &Exchange{Remote: r, Only: true})
			var refused *RefusedError
			if len(sum.Failures) != 1 || !errors.As(sum.Failures[0].Err, &refused) || refused.Name != c.refused ||
				!strings.Contains(refused.Problem, c.problem) {
				t.Fatalf("%+v, want %s: %s", sum.Failures, c.refused, c.problem)
			}
			b.sound()
			// A run computes it instead, and a push of that mends what it can.
			if sum := b.pull(t.Context(), &Exchange{Remote: r}); len(sum.Failures) > 0 || len(b.prog.ran) != 1 {
				t.Errorf("ran %v, %+v", b.prog.ran, sum.Failures)
			}
			if !maps.Equal(a.digests(), b.digests()) {
				t.Error("the artifacts are others")
			}
		})
	}
}

// A forged artifact with a forged record is told by the lock alone.
func TestLockTellsForgeries(t *testing.T) {
	a, forger, r := audited(t), newBench(t), newElsewhere()
	lock, _ := a.plan().Lock("main")
	forger.prog.offset = 7 // the same keys by a program that computes something else
	forger.run(1)
	forger.push(r)
	b := newBench(t)
	sum := b.pull(t.Context(), &Exchange{Remote: r, Lock: lock, Only: true})
	var refused *RefusedError
	if len(sum.Failures) == 0 || !errors.As(sum.Failures[0].Err, &refused) || !strings.Contains(refused.Problem, "the lock has") {
		t.Errorf("%+v", sum.Failures)
	}
	for name, d := range lock.Digests {
		if i := b.plan().Of(b.graph().Match(name)[0]); i != nil && i.Action != nil && i.Action.Output != d {
			t.Errorf("%s is forged", name)
		}
	}
	// And a push finds two stores at odds.
	if _, failures, _ := a.push(r); len(failures) == 0 || !strings.Contains(failures[0].Error(), "one of the two stores is wrong") {
		t.Errorf("%v", failures)
	}
}

// After random faults in pushes and pulls, each at a random file, no store holds anything wrong,
// and another attempt gets all of it.
func TestFaults(t *testing.T) {
	a := audited(t)
	want := a.digests()
	rng := rand.New(rand.NewPCG(15, 5))
	for n := range *faults {
		r := newElsewhere()
		if n%2 == 0 {
			harmPush(a, r, rng)
		}
		r.put = nil
		if _, failures, left := a.push(r); len(failures) > 0 || left > 0 {
			t.Fatalf("fault %d: the second push: %v, %d left", n, failures, left)
		}
		b := newBench(t)
		harmPull(b, r, rng)
		b.sound()
		r.read = nil
		sum := b.pull(t.Context(), &Exchange{Remote: r})
		if len(sum.Failures) > 0 || !maps.Equal(want, b.digests()) {
			t.Fatalf("fault %d: %+v", n, sum.Failures)
		}
		b.sound()
		if t.Failed() {
			t.Fatalf("at fault %d", n)
		}
	}
}

// harmPush breaks a push off: the connection closes before, or after, a file is written.
func harmPush(a *bench, r *elsewhere, rng *rand.Rand) {
	at, n, after := rng.IntN(30), 0, rng.IntN(2) == 0
	r.put = func(name string, data []byte) ([]byte, error) {
		if n++; n <= at {
			return data, nil
		}
		if after {
			r.files[name] = data
		}
		return nil, errGone
	}
	a.push(r)
	made := make(map[digest.Artifact]bool)
	var all []store.Action
	for name, data := range r.files {
		if strings.HasPrefix(name, "actions/") {
			var x store.Action
			if json.Unmarshal(data, &x) != nil || r.files[store.ObjectName(x.Output)] == nil {
				a.t.Errorf("%s is there before its artifact", name)
			}
			made[x.Output] = true
			all = append(all, x)
		}
	}
	for _, x := range all {
		for _, in := range x.Inputs {
			if !made[in.Digest] {
				a.t.Errorf("%s is there before its input %s", x.Stage, in.Stage)
			}
		}
	}
}

// harmPull has a pull meet one file that is not as it should be, or one that never comes.
func harmPull(b *bench, r *elsewhere, rng *rand.Rand) {
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	names := slices.Sorted(maps.Keys(r.files))
	at, n, kind := rng.IntN(24), 0, rng.IntN(6)
	r.read = func(name string, data []byte) ([]byte, error) {
		if n++; n-1 != at || len(data) == 0 {
			return data, nil
		}
		switch kind {
		case 0:
			return data[:rng.IntN(len(data))], nil
		case 1:
			data[rng.IntN(len(data))] ^= 1 << rng.IntN(8)
			return data, nil
		case 2:
			return r.files[names[rng.IntN(len(names))]], nil
		case 3:
			return nil, errGone
		case 4:
			return append(data, data...), nil
		}
		cancel() // as the second ^C does
		return nil, context.Canceled
	}
	b.pull(ctx, &Exchange{Remote: r, Only: true})
}

// Two pushes at once leave what one would.
func TestTwoPushesAtOnce(t *testing.T) {
	a, r := audited(t), newElsewhere()
	a.push(r)
	alone := slices.Sorted(maps.Keys(r.files))
	r = newElsewhere()
	var done sync.WaitGroup
	e := a.engine()
	plan, err := e.Plan(a.graph())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		done.Go(func() {
			e.Push(t.Context(), &Exchange{Remote: r}, plan, plan.Items, 3, nil, func(i *Item, _ bool, err error) {
				if err != nil {
					t.Errorf("%s: %v", i.Stage.Name, err)
				}
			})
		})
	}
	done.Wait()
	if got := slices.Sorted(maps.Keys(r.files)); !slices.Equal(got, alone) {
		t.Errorf("%d files, alone %d", len(got), len(alone))
	}
	b := newBench(t)
	b.pull(t.Context(), &Exchange{Remote: r, Only: true})
	if !maps.Equal(a.digests(), b.digests()) {
		t.Error("other artifacts came")
	}
}
