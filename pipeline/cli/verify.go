package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/store"
)

func (w *workplace) verifyCommand() *cobra.Command {
	var update bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Hash everything again and compare it with paper.lock",
		Long: `Reads every artifact in the store and checks that its content still has the digest
it is stored under, and that no artifact on record is missing. Then compares the
default profile with paper.lock, which holds the digests that its artifacts are
known to have. With --update it writes paper.lock from the store instead.`,
		Example: `  hero verify
  hero verify --store /mnt/shared/store`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := w.open(); err != nil {
				return err
			}
			if standard := w.paper.DefaultProfile(); w.profile != standard {
				return Usage(fmt.Errorf("%s is about the default profile %s, not %s", lockFile, standard, w.profile))
			}
			out := c.OutOrStdout()
			damage, err := w.checkStore(out)
			if err != nil {
				return err
			}
			if damage > 0 {
				err = fmt.Errorf("%s in the store; hero run computes what it needs of them again", counted(damage, "damaged or missing artifact"))
			}
			if update {
				return errors.Join(err, w.writeLock(out))
			}
			return errors.Join(err, w.checkLock(out))
		},
	}
	c.Flags().BoolVar(&update, "update", false, "write "+lockFile+" from the store")
	return c
}

// checkStore reports every artifact that is not what it should be, once each.
func (w *workplace) checkStore(out io.Writer) (damage int, err error) {
	actions, err := w.store.Actions()
	if err != nil {
		return 0, err
	}
	stages := make(map[string][]string)
	for _, a := range actions {
		stages[a.Output] = append(stages[a.Output], a.Stage)
	}
	digests, err := w.store.Objects()
	if err != nil {
		return 0, err
	}
	present := make(map[string]bool, len(digests))
	report := func(digest, problem string) {
		damage++
		w.store.Suspect(digest)
		of := few(slices.Compact(slices.Sorted(slices.Values(stages[digest]))), 3)
		if of == "" {
			of = "no stage on record"
		}
		fmt.Fprintf(out, "%-9s %s, of %s\n", problem, w.store.ObjectPath(digest), of)
	}
	for _, d := range digests {
		present[d] = true
		var bad *store.DamageError
		if err := w.store.Check(d); errors.As(err, &bad) {
			report(d, bad.Problem)
		} else if err != nil {
			return damage, err
		}
	}
	for _, a := range actions {
		if !present[a.Output] {
			present[a.Output] = true
			report(a.Output, "missing")
		}
	}
	fmt.Fprintf(out, "store %s: %s read, %d damaged or missing\n", w.storeDir, counted(len(digests), "artifact"), damage)
	return damage, nil
}

func (w *workplace) writeLock(out io.Writer) error {
	plan, err := w.engine.Plan(w.graph)
	if err != nil {
		return err
	}
	lock, err := plan.Lock(w.profile)
	if err != nil {
		return err
	}
	if err := lock.Write(lockFile); err != nil {
		return err
	}
	fmt.Fprintf(out, "wrote %s: %s of profile %s\n", lockFile, counted(len(lock.Digests), "artifact"), w.profile)
	return nil
}

func (w *workplace) checkLock(out io.Writer) error {
	lock, err := engine.ReadLock(lockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no %s to compare with; write one with: %s verify --update", lockFile, w.app.Name)
	}
	if err != nil {
		return err
	}
	plan, err := w.engine.Plan(w.graph)
	if err != nil {
		return err
	}
	if lock.Profile != w.profile {
		return fmt.Errorf("%s is of profile %s, and the default profile is %s; write it anew with: %s verify --update", lockFile, lock.Profile, w.profile, w.app.Name)
	}
	c := lock.Compare(plan)
	if c.Equal() {
		fmt.Fprintf(out, "%s: all %d artifacts of profile %s reproduced, bit for bit\n", lockFile, c.Same, w.profile)
		return nil
	}
	list := func(what string, stages []string) {
		for k, s := range stages {
			if k == 20 {
				fmt.Fprintf(out, "%-13s and %d more\n", what, len(stages)-k)
				break
			}
			fmt.Fprintf(out, "%-13s %s\n", what, s)
		}
	}
	list("different", c.Different)
	list("not computed", c.Missing)
	list("not in lock", c.Unknown)
	list("only in lock", c.Gone)
	if note := w.buildNote(); note != "" && len(c.Different) > 0 {
		fmt.Fprintf(out, "\nnote: %s\n", note)
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{c.Same, "the same"}, {len(c.Different), "different"}, {len(c.Missing), "not computed"},
		{len(c.Unknown), "not in it"}, {len(c.Gone), "only in it"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return fmt.Errorf("not as in %s: %s", lockFile, strings.Join(parts, ", "))
}
