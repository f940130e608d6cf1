package cli

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/diff"
)

const diffHelp = `Says which artifacts differ between A, the earlier, and B, the later, and why, and which of
the paper's numbers moved. Each is one of
  a folder            a store: what its view shows of the profile
  a file              a lock file such as ` + lockFile + `, or an artifact of any store, by its path
  a git revision      the ` + lockFile + ` of a commit: HEAD~1, v0.3.0, main. REV:FILE is that of
                      another name
  a stage, a figure   the artifact that the store has of it, as for show; or one by the first
                      digits of its digest or of its record's key
States are compared with states, artifacts with artifacts. What a word can be in more than one
way is refused: ./NAME is a file or a folder, REV:` + lockFile + ` a revision.

Why: the code (which declarations, with a diff of their sources), parameters, or which inputs
a stage reads. A stage that differs only because an input does is listed behind the causes of
that. Of a store this is on record. A lock has digests only: the records of --store tell what
an artifact with such a digest was made of. Of a revision the ` + paperFile + ` and the sources tell,
of the commit that last changed the lock. What none of them tells is said to be unknown.

Numbers are those of the figures in the artifacts, as far as --store or the store has these,
else those of the exported ` + tomlFile + ` of the revision, or beside the lock. First come those
that moved by more than their intervals reach towards each other.
`

const diffCodes = `
Exit code 0: the same artifacts and numbers; 1: they differ; 2: an argument is wrong, or cannot
be read, or the output cannot be written.
`

func (w *workspace) diffCommand() *cobra.Command {
	var all, asJSON bool
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "Say what differs between two stores, locks, revisions or artifacts, and why",
		Long:  diffHelp + diffJSON + diffCodes,
		Example: w.app.examples(
			"diff HEAD~1 HEAD\t# what the last commit changed",
			"diff HEAD "+lockFile+"\t# what is not committed yet",
			"diff "+lockFile+" "+storeDir+"\t# what was computed since the lock",
			"diff "+storeDir+" /mnt/shared/store",
			"diff 3f9ac2 b01d77\t# two artifacts"),
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			same, err := w.diff(c, args, all, asJSON)
			if o, ok := c.OutOrStdout().(*output); ok && err == nil {
				err = o.failure(nil) // neither 0 nor 1 would be true
			}
			switch {
			case err != nil:
				return trouble(err)
			case !same:
				return errDiffer
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "list everything, and whole diffs of sources")
	addJSON(c, &asJSON)
	return c
}

// trouble gives an error the exit code that programs like diff have for it, since 1 says that
// there is a difference.
func trouble(err error) error {
	var e *exit
	if errors.As(err, &e) && e.code == exitUsage {
		return err
	}
	return Usage(err)
}

// diff compares what two names stand for and prints it.
func (w *workspace) diff(c *cobra.Command, names []string, all, asJSON bool) (same bool, err error) {
	ctx := c.Context()
	d, err := w.newDiffer()
	if err != nil {
		return false, err
	}
	var sides [2]*side
	for k, name := range names {
		if sides[k], err = d.side(ctx, name); err != nil {
			return false, err
		}
	}
	a, b := sides[0], sides[1]
	if (a.state == nil) != (b.state == nil) {
		return false, usage("%s is %s and %s is %s; an artifact is compared with an artifact",
			a.name, a.what, b.name, b.what)
	}
	if a.state != nil && len(a.state.Stages)+len(b.state.Stages) == 0 {
		return false, usage("neither %s nor %s has a section of profile %s%s", a.name, b.name, w.profile,
			otherProfiles(a.locks.Profiles()))
	}
	var notes io.Writer = c.OutOrStdout()
	if asJSON {
		notes = c.ErrOrStderr()
	}
	writeNote(notes, w.ageNote())
	if a.state == nil {
		return d.artifacts(c.OutOrStdout(), a, b, all, asJSON)
	}
	r := diff.Compare(*a.state, *b.state)
	if asJSON {
		return r.AllSame(), writeJSON(c.OutOrStdout(), d.report(a, b, r))
	}
	wr := &diffWriter{out: c.OutOrStdout(), a: a, b: b, all: all}
	wr.write(r, w.profile)
	return r.AllSame(), nil
}
