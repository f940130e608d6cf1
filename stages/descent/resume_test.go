package descent

import (
	"bytes"
	"context"
	"testing"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
)

// memory is a Partial that outlives a run.
type memory struct{ data []byte }

func (m *memory) Load() []byte           { return m.data }
func (m *memory) Save(data []byte) error { m.data = data; return nil }

func encode(t *testing.T, rows []Descent) []byte {
	t.Helper()
	table, err := artifact.New(rows)
	if err != nil {
		t.Fatal(err)
	}
	data, err := table.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A block that was killed after any instance ends with the bytes of one that was
// not, and does not descend again where it had been.
func TestResume(t *testing.T) {
	in := instances(t, 16, 3, 1, 4)
	values := map[string]any{"starts": int64(2)}
	whole := compute(t, in, values)
	want := encode(t, whole)
	again := func(partial pipeline.Partial) []byte {
		t.Helper()
		ctx := pipeline.WithPartial(context.Background(), partial)
		table, err := pipeline.NewStage("descent", Kind, resolve(t, values)).Run(ctx, pipeline.Inputs{in})
		if err != nil {
			t.Fatal(err)
		}
		data, err := table.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, done := range []int{0, 2, 4, 8} {
		if !bytes.Equal(again(&memory{encode(t, whole[:done])}), want) {
			t.Errorf("resumed after %d descents, the block has other bytes", done)
		}
	}
	marked := append([]Descent(nil), whole[:2]...)
	marked[0].T = -1
	if bytes.Equal(again(&memory{encode(t, marked)}), want) {
		t.Error("what was kept was computed again")
	}
	for _, junk := range [][]byte{nil, []byte("junk"), want[:len(want)-20]} {
		if !bytes.Equal(again(&memory{junk}), want) {
			t.Error("after junk was kept, the block has other bytes")
		}
	}
}

func TestSaveNowAndThen(t *testing.T) {
	m := &memory{}
	c := resume(m)
	rows := []Descent{{Seed: 7, N: 2, M: 3}}
	if err := c.save(rows); err != nil || m.data != nil {
		t.Errorf("saved at once, %v", err)
	}
	c.saved = time.Now().Add(-2 * saveEvery)
	if err := c.save(rows); err != nil || !bytes.Equal(m.data, encode(t, rows)) {
		t.Errorf("not saved, %v", err)
	}
	if len(resume(m).rows) != 1 {
		t.Error("what was saved is not read")
	}
}
