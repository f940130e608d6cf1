package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
)

func (w *workspace) verifyCommand() *cobra.Command {
	var update, asJSON bool
	var again recomputeFlags
	c := &cobra.Command{
		Use:   "verify [--recompute [FIGURE|STAGE-GLOB...]]",
		Short: "Read everything in the store again and compare it with paper.lock",
		Long: `Reads the whole store, of every profile and version, and says which files are not
as they should be:
  artifacts   each has the digest it is stored under, and those on record are there;
  records     each has its own checksum, and the key that follows from its kind, code,
              parameters and inputs; its artifact is of that kind, with those
              parameters and of that size, its inputs are in the store or on record,
              and its times can be;
  code        the store knows what the code behind every record is made of, remembers
              that of this program as it is, and keeps sources as they were;
  view        each link leads to a record or an artifact of the stage it is called by,
              and the two of a stage belong together.
A run checks less: it takes an artifact that was not touched since it was recorded for
whole, and does not compute the keys of records again. Nothing here tells the work of
someone who changes a record and its checksum as well, but by what else does not fit.

Then compares the profile with ` + lockFile + `, which has the digests that artifacts are
known to have, a section a profile. That of the default profile must be there.
With --update it writes the profile's section from the store instead, and leaves those
of other profiles as they are. Only the default profile must be computed as a whole:
of another the section has what is.
` + recomputeHelp + verifyJSON,
		Example: w.app.examples("verify", "verify --profile smoke", "verify --store /mnt/shared/store",
			"verify --recompute\t# 20 stages, of all kinds, chosen at random",
			"verify --recompute --sample all --budget none FIGURE"),
		ValidArgsFunction: w.completeNames,
		RunE: func(c *cobra.Command, patterns []string) error {
			if err := again.check(c, patterns); err != nil {
				return err
			}
			if err := w.open(); err != nil {
				return err
			}
			if err := w.requireStore(); err != nil {
				return err
			}
			targets, err := w.targets(patterns)
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			if asJSON {
				out = io.Discard
				writeNote(c.ErrOrStderr(), w.ageNote())
			}
			audit, plan, err := w.verify(out, update)
			var recomputed *recomputation
			if again.on && plan != nil {
				var differs error
				recomputed, differs = w.recompute(out, plan, targets, again)
				err = joined(err, differs)
			}
			if asJSON {
				found := w.verification(audit, plan, err == nil)
				found.Recomputed = recomputed
				err = joined(err, writeJSON(c.OutOrStdout(), found))
			}
			return err
		},
	}
	addJSON(c, &asJSON)
	c.Flags().BoolVar(&update, "update", false, "write the profile's section of "+lockFile+" from the store")
	again.add(c)
	return c
}

// verify audits the store, and compares the profile with its lock or writes that. The plan is
// nil if none can be made.
func (w *workspace) verify(out io.Writer, update bool) (*engine.Audit, *engine.Plan, error) {
	writeNote(out, w.ageNote())
	profiles := w.profiles()
	audit := engine.AuditStore(w.store, profiles...)
	w.writeAudit(out, audit)
	found := errors.Join(w.auditError(audit), w.checkSums())
	plan, err := w.planAfter(audit, profiles)
	switch {
	case err != nil:
	case update:
		err = w.writeLock(out, audit, plan)
	default:
		err = w.checkLock(out, plan)
	}
	if found != nil {
		// What was found says more than that the plan could not go on because of it.
		err = &exit{exitFailed, errors.Join(found, err)}
	}
	return audit, plan, err
}

// profiles are those of the paper that can be planned: one may be unfinished while others are in
// use, and what cannot be read the audit finds.
func (w *workspace) profiles() []engine.Profile {
	var out []engine.Profile
	for _, name := range w.paper.Profiles() {
		if p, err := w.planProfile(name); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// planProfile plans a profile of the paper. This profile's engine will do, as only statuses depend
// on the view.
func (w *workspace) planProfile(name string) (p engine.Profile, err error) {
	of := *w
	of.profile = name
	graph := w.graph
	if name != w.profile {
		if graph, err = w.paper.Graph(name, w.app.Kinds); err != nil {
			return p, w.outdated(err)
		}
	}
	plan, err := w.engine.Plan(graph)
	return engine.Profile{Name: name, View: of.view(), Plan: plan}, err
}

// planAfter is the plan of the profile after an audit: the one that was made for it, unless
// the audit found damage that a plan does not look for.
func (w *workspace) planAfter(audit *engine.Audit, profiles []engine.Profile) (*engine.Plan, error) {
	if audit.MarkDamaged(w.store) == 0 {
		for _, p := range profiles {
			if p.View == w.view() {
				return p.Plan, nil
			}
		}
	}
	return w.engine.Plan(w.graph)
}

// checkSums compares the sums of code that the store remembers with those of the sources in
// this program.
func (w *workspace) checkSums() error {
	wrong := w.engine.CheckSums()
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("%w; remove %s", errors.Join(wrong...), filepath.Join(w.storeDir, "code", "sources-*.json"))
}

// requireStore is an error if there is no store: verify must not find that sound.
func (w *workspace) requireStore() error {
	exists, err := w.store.Exists()
	if err != nil {
		return err
	}
	if !exists {
		return usage("there is no store in %s; name another with --store, or make it with: %s run",
			w.storeDir, w.app.Name)
	}
	return nil
}

// maxFindings is how many files with one problem verify lists.
const maxFindings = 100

func (w *workspace) writeAudit(out io.Writer, a *engine.Audit) {
	listed := make(map[engine.Problem]int)
	for _, f := range a.Findings {
		if listed[f.Problem]++; listed[f.Problem] > maxFindings {
			continue
		}
		line := fmt.Sprintf("%-10s %s", f.Problem, f.Path)
		if len(f.Stages) > 0 {
			line += ", of " + format.List(f.Stages, 3)
		}
		if f.Detail != "" {
			line += ": " + f.Detail
		}
		fmt.Fprintln(out, line)
	}
	for _, p := range []engine.Problem{engine.Missing, engine.Altered, engine.Unreadable, engine.Damaged,
		engine.Edited, engine.Swapped, engine.Stray} {
		if n := listed[p]; n > maxFindings {
			fmt.Fprintf(out, "%-10s and %d more\n", p, n-maxFindings)
		}
	}
	fmt.Fprintf(out, "store %s: %s, %s and %s read, %d damaged or missing, %d edited or swapped", w.storeDir,
		format.Count(a.Records, "record"), format.Count(a.Links, "link"), format.Count(a.Artifacts, "artifact"),
		a.Count(engine.Altered, engine.Missing, engine.Damaged), a.Count(engine.Edited, engine.Swapped))
	if n := a.Count(engine.Unreadable); n > 0 {
		fmt.Fprintf(out, ", %d unreadable", n)
	}
	fmt.Fprintln(out)
	if a.Earlier > 0 {
		fmt.Fprintf(out, "%s of an earlier version, which no run takes anything from and which cannot be checked\n",
			format.Count(a.Earlier, "record"))
	}
}

// advice is the error of an audit that found something, with what to do.
func (w *workspace) auditError(a *engine.Audit) error {
	var errs []error
	add := func(n int, what, todo string) {
		if n > 0 {
			errs = append(errs, fmt.Errorf("%s in the store%s", format.Count(n, what), todo))
		}
	}
	again := fmt.Sprintf("%s run computes what it needs of them again", w.app.Name)
	add(a.Count(engine.Altered, engine.Missing, engine.Damaged), "damaged or missing file", "; "+again)
	stay := 0
	for _, f := range a.Findings {
		if f.MustRemove {
			stay++
		}
	}
	add(a.Count(engine.Edited, engine.Swapped)-stay, "edited or swapped file",
		"; "+again+", and what is listed after that, of other profiles or versions, may be removed")
	add(stay, "edited or swapped file", " that no run mends; remove it, which verify names as such, and "+again)
	add(a.Count(engine.Unreadable), "unreadable file", ", of which nothing is known; "+
		"see that you may read it all (chmod, chown) and that the disk is sound, and verify again")
	add(a.Count(engine.Stray), "file", " that it does not know; remove what is listed as stray or move it elsewhere")
	return errors.Join(errs...)
}

// writeLock writes the profile's section of the lock file.
func (w *workspace) writeLock(out io.Writer, audit *engine.Audit, plan *engine.Plan) error {
	file, err := engine.ReadLockFile(lockFile)
	if errors.Is(err, fs.ErrNotExist) {
		file, err = engine.NewLockFile(lockFile), nil
	}
	if err != nil {
		return err
	}
	lock, missing := plan.Lock(w.profile)
	rest := ""
	switch {
	case missing == len(plan.Items), missing > 0 && w.view() == "":
		return fmt.Errorf("%d of %s of profile %s are not computed; run them first",
			missing, format.Count(len(plan.Items), "stage"), w.profile)
	case missing > 0:
		rest = fmt.Sprintf("; %s left out, as not computed", format.Count(missing, "stage"))
	}
	// What is known to be wrong must not become what others are compared with.
	wrong := make(map[string]bool)
	for _, f := range audit.Findings {
		wrong[f.Path] = true
	}
	for _, i := range plan.Items {
		if i.Action == nil {
			continue
		}
		record := w.store.Record(i.Action.Key).Path
		if wrong[w.store.ObjectPath(i.Action.Output)] || wrong[record] {
			return fmt.Errorf("%s is left as it is: the record or the artifact of %s is not sound",
				lockFile, i.Stage.Name)
		}
	}
	file.Put(lock)
	if err := file.Write(); err != nil {
		return err
	}
	fmt.Fprintf(out, "wrote %s: %s of profile %s%s\n",
		lockFile, format.Count(len(lock.Digests), "artifact"), w.profile, rest)
	return nil
}

// checkLock compares the profile with its section of the lock file.
func (w *workspace) checkLock(out io.Writer, plan *engine.Plan) error {
	file, err := engine.ReadLockFile(lockFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var lock *engine.Lock
	if file != nil {
		lock = file.Of(w.profile)
	}
	if lock == nil {
		return w.noLock(out, file, plan)
	}
	return w.compare(out, lock, plan)
}

func (w *workspace) compare(out io.Writer, lock *engine.Lock, plan *engine.Plan) error {
	c := lock.Compare(plan)
	if c.Equal() && (c.Unlocked == 0 || w.view() != "") {
		rest := ""
		if c.Unlocked > 0 {
			rest = fmt.Sprintf("; %s neither in it nor computed", format.Count(c.Unlocked, "stage"))
		}
		fmt.Fprintf(out, "%s: all %d artifacts of profile %s reproduced, bit for bit%s\n",
			lockFile, c.Same, w.profile, rest)
		return nil
	}
	writeStages(out, "different", c.Different)
	writeStages(out, "not computed", c.Missing)
	writeStages(out, "damaged input", c.OfDamaged)
	writeStages(out, "not in lock", c.Unknown)
	writeStages(out, "only in lock", c.Gone)
	if note := w.buildNote(); note != "" && len(c.Different) > 0 {
		fmt.Fprintf(out, "\nnote: %s\n", note)
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{c.Same, "the same"}, {len(c.Different), "different"}, {len(c.Missing), "not computed"},
		{len(c.OfDamaged), "the same from what is damaged"},
		{len(c.Unknown), "not in it"}, {c.Unlocked, "neither in it nor computed"}, {len(c.Gone), "only in it"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return fmt.Errorf("not as in %s: %s", lockFile, strings.Join(parts, ", "))
}

// writeStages lists stages, those of a family in one line.
func writeStages(out io.Writer, what string, stages []string) {
	for _, members := range groupBy(stages, family) {
		if len(members) == 1 {
			fmt.Fprintf(out, "%-13s %s\n", what, members[0])
		} else {
			fmt.Fprintf(out, "%-13s %s, %d stages such as %s\n", what, family(members[0]), len(members), members[0])
		}
	}
}

// noLock says that there is nothing to compare the profile with. Only the default
// profile has to have a lock: it is the paper's.
func (w *workspace) noLock(out io.Writer, file *engine.LockFile, plan *engine.Plan) error {
	what := "no " + lockFile + " to compare with"
	if file != nil {
		what = fmt.Sprintf("%s has no digests of profile %s, only of %s",
			lockFile, w.profile, strings.Join(file.Profiles(), ", "))
	}
	if w.view() == "" {
		return fmt.Errorf("%s; write them with: %s verify --update", what, w.app.Name)
	}
	computed, resting := len(plan.Items)-plan.Count(engine.Run), 0
	for _, i := range plan.Items {
		if i.Intact != nil {
			resting++
		}
	}
	rest := ""
	if resting > 0 {
		rest = fmt.Sprintf(", %d of them from what is damaged", resting)
	}
	fmt.Fprintf(out, "profile %s: %d of %s computed%s; %s, which %s verify --update --profile %s writes\n",
		w.profile, computed+resting, format.Count(len(plan.Items), "stage"), rest, what, w.app.Name, w.profile)
	return nil
}
