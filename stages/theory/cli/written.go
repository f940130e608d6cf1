package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/pipeline/spec"
	"zerotohero/stages/loss"
	"zerotohero/stages/theory"
)

const (
	paperFile = "paper.toml"
	section   = "loss"      // of paper.toml, with a table for each loss that is a formula
	unnamed   = "this-loss" // the name of a formula of the command line
)

// lossValues are the parameters of theory.TransitionKind for the loss that is asked for, where any
// loss will do, with the parameters given: those of a formula, of a loss of paper.toml or of a registered one.
func (q *question) lossValues(given map[string]any) (map[string]any, error) {
	values := map[string]any{"loss": q.loss, "at": theory.AtOptimal}
	switch {
	case q.formula != "":
		w := writable()
		if w == nil {
			return nil, fmt.Errorf("this program has no losses as formulas")
		}
		table := maps.Clone(given)
		table[w.Key] = q.formula
		read, err := w.Read(unnamed, table)
		if err != nil {
			return nil, fmt.Errorf("--formula (--set gives its parameters their values): %w", err)
		}
		maps.Copy(values, read)
		values["loss"] = unnamed
	case !registered(q.loss):
		written, err := writtenLosses()
		if err != nil {
			return nil, err
		}
		if written[q.loss] == nil {
			return nil, unknownLoss(q.loss, written)
		}
		maps.Copy(values, written[q.loss])
	}
	maps.Copy(values, given)
	return values, nil
}

func unknownLoss(name string, written map[string]map[string]any) error {
	known := slices.Sorted(maps.Keys(written))
	for _, c := range pipeline.Choices[loss.Loss]() {
		known = append(known, c.Name)
	}
	return fmt.Errorf("unknown loss %q; %s; --formula takes one that has no name", name, spec.Hint(name, known))
}

// writable is the form in which losses are written, nil if there is none.
func writable() *pipeline.Writable {
	for _, w := range pipeline.Writables() {
		if w.What == section {
			return &w
		}
	}
	return nil
}

func registered(name string) bool {
	return slices.ContainsFunc(pipeline.Choices[loss.Loss](), func(c pipeline.NamedChoice) bool { return c.Name == name })
}

// writtenLosses are the losses of paper.toml in this folder, by name; none if there is no such file.
func writtenLosses() (map[string]map[string]any, error) {
	text, err := os.ReadFile(paperFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := spec.Parse(paperFile, text)
	if err != nil {
		return nil, err
	}
	return p.Written(section)
}
