package descent

import (
	"bytes"
	"testing"
	"time"

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
