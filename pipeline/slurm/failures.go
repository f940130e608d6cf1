package slurm

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/store"
)

// failuresSuffix is that of the file with a task's failures, beside its list.
const failuresSuffix = ".failed"

// A stageFailure is what a task says of a stage that it could not compute.
type stageFailure struct {
	Stage string `json:"stage"`
	Error string `json:"error"`
	Input string `json:"input,omitempty"` // that it did not find in the store; else the error is the stage's own
}

// WriteFailures writes what failed in a task, for the run that follows it.
func WriteFailures(path string, list []engine.Failure) error {
	out := []stageFailure{}
	for _, f := range list {
		entry := stageFailure{Stage: f.Stage.Name, Error: f.Err.Error()}
		var missing *engine.MissingInputError
		if errors.As(f.Err, &missing) {
			entry.Input = missing.Input.Name
		}
		out = append(out, entry)
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err == nil {
		_, err = store.WriteFile(filepath.Clean(path), append(text, '\n'))
	}
	return err
}

// failures reads what a task says of stages that failed. It is not ok if it says nothing.
func (s *Submission) failures(task int) (list []stageFailure, ok bool) {
	text, err := os.ReadFile(s.list(task) + failuresSuffix)
	if err != nil {
		return nil, false
	}
	return list, json.Unmarshal(text, &list) == nil
}
