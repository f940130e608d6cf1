package descent

import (
	"bytes"
	"testing"
	"time"

	"zerotohero/pipeline/artifact"
)

// Memory is a Partial that outlives a run.
type Memory struct{ Data []byte }

func (m *Memory) Load() []byte           { return m.Data }
func (m *Memory) Save(data []byte) error { m.Data = data; return nil }

// Encode is what a checkpoint of these rows keeps.
func Encode(t *testing.T, rows []Descent) []byte {
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

func TestSaveNowAndThen(t *testing.T) {
	m := &Memory{}
	c := resume(m)
	rows := []Descent{{Seed: 7, N: 2, M: 3}}
	if err := c.save(rows); err != nil || m.Data != nil {
		t.Errorf("saved at once, %v", err)
	}
	c.saved = time.Now().Add(-2 * saveEvery)
	if err := c.save(rows); err != nil || !bytes.Equal(m.Data, Encode(t, rows)) {
		t.Errorf("not saved, %v", err)
	}
	if len(resume(m).rows) != 1 {
		t.Error("what was saved is not read")
	}
}
