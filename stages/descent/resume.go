package descent

import (
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/instance"
)

// saveEvery is how much of a block's computing a kill may lose, apart from the
// instance at hand.
const saveEvery = 20 * time.Second

// A checkpoint keeps the descents of a block that are done. They are in the order
// of the block's instances, so that a block which was resumed ends with the rows,
// and the bytes, of one that was not.
type checkpoint struct {
	partial pipeline.Partial
	rows    []Descent // of the run that was killed
	saved   time.Time
}

// resume reads what a killed run of the same stage has saved. Whatever cannot be
// read is computed again.
func resume(partial pipeline.Partial) *checkpoint {
	c := &checkpoint{partial: partial, saved: time.Now()}
	if t, err := artifact.Parse(partial.Load()); err == nil {
		if rows, err := artifact.Rows[Descent](t); err == nil {
			c.rows = rows
		}
	}
	return c
}

// has tells whether an instance's descents are among those resumed.
func (c *checkpoint) has(inst instance.Instance) bool {
	for _, r := range c.rows {
		if r.Seed == inst.Seed && r.N == inst.N && r.M == inst.M {
			return true
		}
	}
	return false
}

// save keeps all descents done so far, now and then.
func (c *checkpoint) save(rows []Descent) error {
	if time.Since(c.saved) < saveEvery {
		return nil
	}
	t, err := artifact.New(rows)
	if err != nil {
		return err
	}
	data, err := t.Bytes()
	if err != nil {
		return err
	}
	if err := c.partial.Save(data); err != nil {
		return err
	}
	c.saved = time.Now()
	return nil
}
