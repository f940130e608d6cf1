package cli

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/store"
)

// The types of this file are what --json prints, for programs: what is in them keeps its name and
// meaning, and more may come. Sizes are in bytes, times in seconds, lists are never null.

// addJSON gives a command the flag --json.
func addJSON(c *cobra.Command, asJSON *bool) {
	c.Flags().BoolVar(asJSON, "json", false, "print JSON, for programs; notes go to standard error")
}

// writeJSON prints a value, with nothing escaped that JSON does not want to be.
func writeJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// notNil is a list, empty for nil.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

const statusJSON = `
With --json: {"profile", "store", "families": [{"family", "stages", "fresh", "restore",
"run", "bytes", "seconds"}], "total": the same of all, without "family"}; with --held
too: {"store", "artifacts", "bytes", "held": [{"profile", "lock", "waits", "artifacts",
"bytes", "alone"}], "garbage": [{"part", "files", "bytes"}]}, where alone is the bytes
that no other profile or its lock needs.
`

type statusReport struct {
	Profile  string         `json:"profile"`
	Store    string         `json:"store"`
	Families []familyStatus `json:"families"`
	Total    statusCount    `json:"total"`
}

type familyStatus struct {
	Family string `json:"family"`
	statusCount
}

type statusCount struct {
	Stages  int     `json:"stages"`
	Fresh   int     `json:"fresh"`
	Restore int     `json:"restore"`
	Run     int     `json:"run"`
	Bytes   int64   `json:"bytes"`   // of their artifacts
	Seconds float64 `json:"seconds"` // that computing them took
}

func countStatus(items []*engine.Item) statusCount {
	c := statusCount{Stages: len(items)}
	for _, i := range items {
		switch i.Status {
		case engine.Fresh:
			c.Fresh++
		case engine.Restore:
			c.Restore++
		case engine.Run:
			c.Run++
		}
		if i.Action != nil {
			c.Bytes += i.Action.Size
			c.Seconds += i.Action.Seconds
		}
	}
	return c
}

func (w *workspace) statusOf(plan *engine.Plan) statusReport {
	r := statusReport{Profile: w.profile, Store: w.storeDir, Families: []familyStatus{}, Total: countStatus(plan.Items)}
	for _, items := range groupBy(plan.Items, familyOf) {
		r.Families = append(r.Families, familyStatus{familyOf(items[0]), countStatus(items)})
	}
	return r
}

func familyOf(i *engine.Item) string { return i.Stage.Family() }

const planJSON = `
With --json, of all stages that are not fresh: {"profile", "store", "fresh", "restore",
"run", "seconds", "measured", "bytes", "too_large": [], "stages": [{"stage", "kind",
"status", "seconds", "expected", "bytes", "reasons": [{"what", "details": []}]}]}. Seconds
and bytes are the estimates for what runs, in all and at most; too_large names the stages
that run will refuse for their memory. Measured is what all of it takes by what stages on
record in the store took, {"stages": their number, "seconds", "low", "high": by which
factors single stages differ}, null if there are none; expected is that of a stage.
`

type planReport struct {
	Profile  string          `json:"profile"`
	Store    string          `json:"store"`
	Fresh    int             `json:"fresh"`
	Restore  int             `json:"restore"`
	Run      int             `json:"run"`
	Seconds  float64         `json:"seconds"`
	Measured *measuredReport `json:"measured"`
	Bytes    int64           `json:"bytes"`
	TooLarge []string        `json:"too_large"`
	Stages   []plannedItem   `json:"stages"`
}

type plannedItem struct {
	Stage    string          `json:"stage"`
	Kind     string          `json:"kind"`
	Status   engine.Status   `json:"status"`
	Seconds  float64         `json:"seconds"`
	Expected float64         `json:"expected"`
	Bytes    int64           `json:"bytes"`
	Reasons  []plannedReason `json:"reasons"`
}

type plannedReason struct {
	What    engine.Cause `json:"what"`
	Details []string     `json:"details"`
}

func (w *workspace) planReport(plan *engine.Plan, tooLarge *engine.MemoryError) planReport {
	learned := w.calibration(plan, w.machine())
	all := expect(plan, learned)
	r := planReport{Profile: w.profile, Store: w.storeDir, Fresh: plan.Count(engine.Fresh),
		Restore: plan.Count(engine.Restore), Run: plan.Count(engine.Run), TooLarge: []string{}, Stages: []plannedItem{}}
	if tooLarge != nil {
		for _, s := range tooLarge.Stages {
			r.TooLarge = append(r.TooLarge, s.Name)
		}
	}
	r.Seconds, r.Measured, r.Bytes = all.estimated, all.report(), planMemory(plan)
	for _, i := range plan.Items {
		if i.Status == engine.Fresh {
			continue
		}
		p := plannedItem{Stage: i.Stage.Name, Kind: i.Stage.Kind.Name, Status: i.Status, Reasons: []plannedReason{}}
		if i.Status == engine.Run {
			cost := i.Stage.Cost()
			p.Seconds, p.Expected, p.Bytes = cost.Seconds, expected(i.Stage, learned), cost.Bytes
		}
		for _, why := range i.Reasons {
			p.Reasons = append(p.Reasons, plannedReason{why.What, notNil(why.Details)})
		}
		r.Stages = append(r.Stages, p)
	}
	return r
}

const explainJSON = `
With --json: {"profile", "artifacts": [ID], "from": [{"id", "title", "stage", "kind",
"parameters", "facts": [], "code", "packages": [], "modules": [], "action",
"inputs": [{"stage", "id"}]}]}, where from has all that the artifacts come from, each
once, and action is null for what is not computed, or {"key", "digest", "bytes", "start",
"seconds", "host", "platform", "go", "machine", "build"}. All but "id" and "title" can be empty.
`

type explanation struct {
	Profile   string       `json:"profile"`
	Artifacts []string     `json:"artifacts"`
	From      []originJSON `json:"from"`
}

type originJSON struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"` // as in the text
	Stage      string          `json:"stage"`
	Kind       string          `json:"kind"`
	Parameters json.RawMessage `json:"parameters"`
	Facts      []string        `json:"facts"`
	Code       digest.Code     `json:"code"`
	Packages   []string        `json:"packages"`
	Modules    []string        `json:"modules"`
	Action     *actionJSON     `json:"action"`
	Inputs     []inputJSON     `json:"inputs"`
}

type inputJSON struct {
	Stage string `json:"stage"`
	ID    string `json:"id"`
}

type actionJSON struct {
	Key      digest.Key      `json:"key"`
	Digest   digest.Artifact `json:"digest"`
	Bytes    int64           `json:"bytes"`
	Start    time.Time       `json:"start"`
	Seconds  float64         `json:"seconds"`
	Host     string          `json:"host"`
	Platform string          `json:"platform"`
	Go       string          `json:"go"`
	Machine  string          `json:"machine"`
	Build    string          `json:"build"`
}

func actionReport(a *store.Action) *actionJSON {
	if a == nil {
		return nil
	}
	return &actionJSON{a.Key, a.Output, a.Size, a.Start, a.Seconds, a.Host, a.Platform, a.Go, a.Machine, a.Build.String()}
}

// explanation gathers what artifacts come from. All inputs are in it, not those of a family by one.
func (f *finder) explanation(found []match) explanation {
	out := explanation{Profile: f.profile, Artifacts: []string{}, From: []originJSON{}}
	seen := make(map[string]bool)
	var add func(p *provenance) string
	add = func(p *provenance) string {
		if seen[p.id] {
			return p.id
		}
		seen[p.id] = true
		at := len(out.From)
		out.From = append(out.From, originOf(p))
		for _, in := range p.inputs {
			id := add(in.provenance())
			out.From[at].Inputs = append(out.From[at].Inputs, inputJSON{in.stage, id})
		}
		return p.id
	}
	for _, m := range found {
		out.Artifacts = append(out.Artifacts, add(f.provenance(m)))
	}
	return out
}

func originOf(p *provenance) originJSON {
	o := originJSON{ID: p.id, Title: p.title, Stage: p.stage, Kind: p.kind, Parameters: p.params, Facts: []string{},
		Code: p.code, Packages: []string{}, Modules: []string{}, Action: actionReport(p.action), Inputs: []inputJSON{}}
	for _, f := range p.facts {
		o.Facts = append(o.Facts, strings.Join(strings.Fields(f), " "))
	}
	if p.source != nil {
		for _, x := range p.source.Packages {
			o.Packages = append(o.Packages, x.Path)
		}
		for _, x := range p.source.Modules {
			o.Modules = append(o.Modules, x.Path+" "+x.Version)
		}
	}
	return o
}

const verifyJSON = `
With --json: {"profile", "store", "ok", "artifacts", "records", "links", "earlier",
"problems": [{"problem", "path", "stages": [], "detail"}], "lock": null if the profile has
none, or {"file", "same", "different": [], "not_computed": [], "of_damaged": [],
"not_in_lock": [], "only_in_lock": [], "neither"}, "recomputed": null without
--recompute, or {"build", "machine", "candidates", "over_budget", "left", "seed",
"stages": [{"stage", "kind", "same", "seconds", "recorded", "digest", "code": [],
"error", "differs": []}]}}. What is wrong in words goes to standard error, and the exit
code is as without.
`

type verification struct {
	Profile   string        `json:"profile"`
	Store     string        `json:"store"`
	OK        bool          `json:"ok"`
	Artifacts int           `json:"artifacts"`
	Records   int           `json:"records"`
	Links     int           `json:"links"`
	Earlier   int           `json:"earlier"`
	Problems  []problemJSON `json:"problems"`
	Lock      *lockJSON     `json:"lock"`

	Recomputed *recomputation `json:"recomputed"`
}

type problemJSON struct {
	Problem engine.Problem `json:"problem"`
	Path    string         `json:"path"`
	Stages  []string       `json:"stages"`
	Detail  string         `json:"detail"`
}

type lockJSON struct {
	File        string   `json:"file"`
	Same        int      `json:"same"`
	Different   []string `json:"different"`
	NotComputed []string `json:"not_computed"`
	OfDamaged   []string `json:"of_damaged"`
	NotInLock   []string `json:"not_in_lock"`
	OnlyInLock  []string `json:"only_in_lock"`
	Neither     int      `json:"neither"`
}

// verification is what verify found; the plan is nil if there is none.
func (w *workspace) verification(audit *engine.Audit, plan *engine.Plan, ok bool) verification {
	v := verification{Profile: w.profile, Store: w.storeDir, OK: ok, Artifacts: audit.Artifacts,
		Records: audit.Records, Links: audit.Links, Earlier: audit.Earlier, Problems: []problemJSON{}}
	for _, f := range audit.Findings {
		v.Problems = append(v.Problems, problemJSON{f.Problem, f.Path, notNil(f.Stages), f.Detail})
	}
	file, err := engine.ReadLockFile(lockFile)
	if plan == nil || err != nil || file.Of(w.profile) == nil {
		return v
	}
	c := file.Of(w.profile).Compare(plan)
	v.Lock = &lockJSON{lockFile, c.Same, notNil(c.Different), notNil(c.Missing), notNil(c.OfDamaged),
		notNil(c.Unknown), notNil(c.Gone), c.Unlocked}
	return v
}
