package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func (w *workspace) completeProfiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	if w.read() != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return w.paper.Profiles(), cobra.ShellCompDirectiveNoFileComp
}

// completeNames completes what names a stage: figures, families, and once something is
// typed the names of single stages, which may be thousands. Where it is none of these it
// may be the path of a file, which the shell completes.
func (w *workspace) completeNames(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if c.ValidateArgs(append(slices.Clone(args), typed)) != nil || w.read() != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := w.names()
	if typed != "" {
		for _, s := range w.graph.Stages {
			names = append(names, s.Name)
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, typed) })
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
