package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/spec"
)

// An onlyFlag is --stages, a list of stages to run and nothing else, with --wait.
type onlyFlag struct {
	file string
	wait time.Duration
}

func (o *onlyFlag) add(c *cobra.Command) {
	c.Flags().StringVar(&o.file, "stages", "", `run the stages whose names FILE has, one a line, and no other; - stands for
standard input`)
	c.Flags().DurationVar(&o.wait, "wait", 0, `how long an input of --stages may take to appear in the store, such as 1m:
network file systems show late what another machine has written`)
	c.MarkFlagFilename("stages")
}

// stages are those of the list, nil without one. They stand alone: names are no patterns, and
// what they need is not among them.
func (o *onlyFlag) stages(in io.Reader, g *pipeline.Graph, names []string) ([]*pipeline.Stage, error) {
	switch {
	case o.file == "" && o.wait != 0:
		return nil, usage("--wait is for --stages, as nothing else waits for inputs")
	case o.file == "":
		return nil, nil
	case len(names) > 0:
		return nil, usage("with --stages no other stages are named, such as %s; add it to the list", names[0])
	case o.wait < 0:
		return nil, usage("--wait is %v and must not be negative", o.wait)
	}
	from := "standard input"
	if o.file != "-" {
		from = o.file
		f, err := os.Open(o.file)
		if err != nil {
			return nil, Usage(fmt.Errorf("--stages: %w", err))
		}
		defer f.Close()
		in = f
	}
	return readStages(in, from, g)
}

// readStages reads names of stages, one a line. Empty lines and such as begin with # count for nothing.
func readStages(in io.Reader, from string, g *pipeline.Graph) ([]*pipeline.Stage, error) {
	byName := make(map[string]*pipeline.Stage, len(g.Stages))
	var known []string
	for _, s := range g.Stages {
		byName[s.Name] = s
		known = append(known, s.Name)
	}
	var out []*pipeline.Stage
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		name := strings.TrimSpace(lines.Text())
		if name == "" || name[0] == '#' {
			continue
		}
		s := byName[name]
		if s == nil {
			return nil, usage("%s, line %d: no stage is called %s; %s", from, n, name, spec.Hint(name, known))
		}
		out = append(out, s)
	}
	if err := lines.Err(); err != nil {
		return nil, Usage(fmt.Errorf("reading the list of stages, %s: %w", from, err))
	}
	if out == nil {
		return nil, usage("%s names no stage; write one name a line", from)
	}
	return out, nil
}
