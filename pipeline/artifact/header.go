package artifact

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Header reads the kind and the canonical parameters of the stage that made an
// artifact, and none of its rows. What is no Arrow file is an error.
func Header(file ipc.ReadAtSeeker) (kind, params string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not a readable Arrow file: %v", r)
		}
	}()
	r, err := ipc.NewFileReader(file, ipc.WithAllocator(memory.NewGoAllocator()))
	if err != nil {
		return "", "", fmt.Errorf("not a readable Arrow file: %w", err)
	}
	defer r.Close()
	meta := r.Schema().Metadata()
	kind, _ = meta.GetValue("kind")
	params, _ = meta.GetValue("params")
	return kind, params, nil
}
