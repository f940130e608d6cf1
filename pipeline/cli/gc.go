package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

func (w *workspace) gcCommand() *cobra.Command {
	var keep []string
	var dry bool
	c := &cobra.Command{
		Use:   "gc",
		Short: "Remove from the store what nothing needs any more",
		Long: `Removes what no profile of ` + paperFile + ` needs, as paper and program are now, and no section
of ` + lockFile + ` names: artifacts and records of earlier versions, and with them what log has
to show, the lists of sources behind them, partial results that no stage can go on from,
links in the view of stages that are gone.
A stage that has to run keeps what it had before; to be rid of that, run it or, for all
of a profile, name those to keep with --keep-profile. ` + w.app.Name + ` status --held says what is
needed and by what.

It begins only while no other process uses the store, and those that begin meanwhile wait
for it. ^C and a crash at any moment leave a sound store, and the same command goes on.`,
		Example: w.app.examples("gc --dry-run\t# what would go, and its size", "gc",
			"gc --keep-profile smoke\t# what the other profiles and their locks need goes too"),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return w.gc(c.OutOrStdout(), keep, dry)
		},
	}
	c.Flags().StringArrayVar(&keep, "keep-profile", nil,
		"keep only what this profile, and the section of it in "+lockFile+", needs; may be repeated")
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed, and remove nothing")
	c.RegisterFlagCompletionFunc("keep-profile", w.completeProfiles)
	return c
}

// gc removes what is not needed by some profiles, or by any if none is named.
func (w *workspace) gc(out io.Writer, keep []string, dry bool) error {
	if err := w.open(); err != nil {
		return err
	}
	if err := w.requireStore(); err != nil {
		return err
	}
	if note := w.ageNote(); note != "" {
		return usage("%s, so that nothing is removed that the sources here need", note)
	}
	if !dry {
		release, err := w.store.Alone()
		if err != nil {
			return err
		}
		if release == nil {
			return usage("another process uses the store %s, so nothing is removed; try again when it has ended", w.storeDir)
		}
		defer release()
	}
	holdings, err := w.holdings(keep)
	if err != nil {
		return err
	}
	garbage, err := w.store.Garbage(holdings.Keep)
	if err != nil {
		return err
	}
	if !dry {
		if err := w.store.Remove(garbage); err != nil {
			return err
		}
	}
	writeGarbage(out, garbage, dry)
	return nil
}

// holdings are what some profiles and their locks need of the store, or all if none is named.
func (w *workspace) holdings(keep []string) (*engine.Holdings, error) {
	known := w.paper.Profiles()
	names := keep
	if len(names) == 0 {
		names = known
	}
	var profiles []engine.Profile
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, usage("no profile is called %s; %s", name, spec.Hint(name, known))
		}
		p, err := w.planProfile(name)
		if err != nil {
			return nil, fmt.Errorf("what profile %s needs is not known: %w", name, err)
		}
		profiles = append(profiles, p)
	}
	file, err := engine.ReadLockFile(lockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return w.engine.Holdings(profiles, nil)
	}
	if err != nil {
		return nil, Usage(err)
	}
	var locks []*engine.Lock
	for _, name := range file.Profiles() {
		if len(keep) == 0 || slices.Contains(keep, name) {
			locks = append(locks, file.Of(name))
		}
	}
	return w.engine.Holdings(profiles, locks)
}

// A partTotal is the garbage of a part of the store.
type partTotal struct {
	Part  store.Part `json:"part"`
	Files int        `json:"files"`
	Bytes int64      `json:"bytes"`
}

func totals(garbage []store.Piece) (parts []partTotal, all partTotal) {
	parts = []partTotal{}
	for _, group := range groupBy(garbage, func(p store.Piece) store.Part { return p.Part }) {
		t := partTotal{Part: group[0].Part, Files: len(group)}
		for _, p := range group {
			t.Bytes += p.Size
		}
		parts = append(parts, t)
		all.Files += t.Files
		all.Bytes += t.Bytes
	}
	return parts, all
}

func writeGarbage(out io.Writer, garbage []store.Piece, dry bool) {
	parts, all := totals(garbage)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, p := range parts {
		fmt.Fprintf(t, "%d\t%s\t  %s\n", p.Files, format.Bytes(p.Bytes), p.Part)
	}
	t.Flush()
	did := "removed"
	if dry {
		did = "would remove"
	}
	fmt.Fprintf(out, "%s %s, %s\n", did, format.Count(all.Files, "file"), format.Bytes(all.Bytes))
}

type heldReport struct {
	Store     string      `json:"store"`
	Artifacts int         `json:"artifacts"`
	Bytes     int64       `json:"bytes"`
	Held      []heldBy    `json:"held"`
	Garbage   []partTotal `json:"garbage"`
}

type heldBy struct {
	Profile   string `json:"profile"`
	Lock      bool   `json:"lock"`
	Waits     int    `json:"waits"`
	Artifacts int    `json:"artifacts"`
	Bytes     int64  `json:"bytes"`
	Alone     int64  `json:"alone"`
}

func (h heldBy) String() string {
	switch {
	case h.Lock:
		return lockFile + ", profile " + h.Profile
	case h.Waits > 0:
		return fmt.Sprintf("profile %s, what %s had that have to run", h.Profile, format.Count(h.Waits, "stage"))
	}
	return "profile " + h.Profile
}

// held says what of the store is needed, and by what.
func (w *workspace) held(out io.Writer, asJSON bool) error {
	if err := w.open(); err != nil {
		return err
	}
	if err := w.requireStore(); err != nil {
		return err
	}
	report, err := w.heldReport()
	if err != nil {
		return err
	}
	if asJSON {
		writeNote(w.errs, w.ageNote())
		return writeJSON(out, report)
	}
	writeNote(out, w.ageNote())
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "artifacts\tsize\tonly there\t  needed by\n")
	for _, h := range report.Held {
		fmt.Fprintf(t, "%d\t%s\t%s\t  %v\n", h.Artifacts, format.Bytes(h.Bytes), format.Bytes(h.Alone), h)
	}
	for _, p := range report.Garbage {
		if p.Part == store.ArtifactPart {
			fmt.Fprintf(t, "%d\t%s\t\t  nothing: %s gc removes them\n", p.Files, format.Bytes(p.Bytes), w.app.Name)
		}
	}
	fmt.Fprintf(t, "%d\t%s\t\t  all of the store %s\n", report.Artifacts, format.Bytes(report.Bytes), w.storeDir)
	return t.Flush()
}

func (w *workspace) heldReport() (*heldReport, error) {
	holdings, err := w.holdings(nil)
	if err != nil {
		return nil, err
	}
	garbage, err := w.store.Garbage(holdings.Keep)
	if err != nil {
		return nil, err
	}
	r := &heldReport{Store: w.storeDir, Held: []heldBy{}}
	r.Garbage, _ = totals(garbage)
	sizes := make(map[digest.Artifact]int64)
	for _, o := range w.store.Objects() {
		if info, err := os.Stat(o.Path); err == nil && o.Digest != "" {
			sizes[o.Digest] = info.Size()
			r.Artifacts++
			r.Bytes += info.Size()
		}
	}
	// A profile and its lock go together.
	of := make(map[digest.Artifact][]string)
	for _, h := range holdings.Holders {
		for _, name := range h.Artifacts {
			of[name] = append(of[name], h.Profile)
		}
	}
	for _, h := range holdings.Holders {
		by := heldBy{Profile: h.Profile, Lock: h.Lock, Waits: h.Waits}
		for _, name := range h.Artifacts {
			size, there := sizes[name]
			if !there {
				continue // a lock names what may not be computed here
			}
			by.Artifacts++
			by.Bytes += size
			if !slices.ContainsFunc(of[name], func(profile string) bool { return profile != h.Profile }) {
				by.Alone += size
			}
		}
		r.Held = append(r.Held, by)
	}
	return r, nil
}
