package descent_test

import (
	"bytes"
	"context"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
)

// A block that was killed after any instance ends with the bytes of one that was
// not, and does not descend again where it had been.
func TestResume(t *testing.T) {
	in := descenttest.Instances(t, 16, 3, 1, 4)
	values := map[string]any{"starts": int64(2)}
	whole := pipelinetest.Run[descent.Descent](t, descent.Kind, values, in)
	want := pipelinetest.Bytes(t, descent.Kind, values, in)
	again := func(partial pipeline.Partial) []byte {
		t.Helper()
		ctx := pipeline.WithPartial(context.Background(), partial)
		table, err := pipelinetest.Compute(ctx, descent.Kind, values, in)
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
		if !bytes.Equal(again(&descent.Memory{Data: descent.Encode(t, whole[:done])}), want) {
			t.Errorf("resumed after %d descents, the block has other bytes", done)
		}
	}
	marked := append([]descent.Descent(nil), whole[:2]...)
	marked[0].T = -1
	if bytes.Equal(again(&descent.Memory{Data: descent.Encode(t, marked)}), want) {
		t.Error("what was kept was computed again")
	}
	for _, junk := range [][]byte{nil, []byte("junk"), want[:len(want)-20]} {
		if !bytes.Equal(again(&descent.Memory{Data: junk}), want) {
			t.Error("after junk was kept, the block has other bytes")
		}
	}
}
