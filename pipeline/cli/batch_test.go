package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

const batchPaper = `default-profile = "all"
profile.all = {}
profile.few.grid.g.seeds = "1..2 by 1"
profile.many.grid.g.seeds = "1..20000 by 1"
[grid.g]
seeds = "1..5 by 1"
[stage.draw]
kind = "draw"
each = "g"
[figure]
count = ["draw"]
`

func TestPlanOnSlurm(t *testing.T) {
	in(t, batchPaper)
	wantAll(t, hero(t, 0, "plan --on slurm --simulate 1,5"),
		"stages  tasks  longest   time    memory     job  after",
		"5      1   0.52 s  2 min  402.7 MB    draw  \n",
		"1      1   0.02 s  2 min  402.7 MB  figure  draw\n",
		"6 stages: 0 fresh, 0 to restore, 6 to run in 2 jobs of 2 tasks: about 0.52 s of core time\n",
		"the longest path takes 0.54 s, so that more than about 1 core gain nothing; "+
			"the largest task asks for 402.7 MB of memory\n",
		"cores  take  efficiency  at least  ends with\n",
		"    1  21 s         3 %      21 s  figure 10 s, draw 11 s\n",
		"    5  21 s         1 %      21 s  figure 10 s, draw 11 s\n")
	if _, err := os.Stat("data"); err == nil {
		t.Error("a store was made")
	}
	hero(t, 0, "run --profile few")
	wantAll(t, hero(t, 0, "plan --on slurm --profile few"),
		"3 stages: 3 fresh, 0 to restore, 0 to run; there is nothing to submit")
	wantAll(t, hero(t, 0, "plan --on slurm"), "6 stages: 0 fresh, 2 to restore, 4 to run in 2 jobs of 2 tasks",
		"s of core time, measured on 3 stages of this store (0.32 s estimated;")
}

func TestPlanOnSlurmForPrograms(t *testing.T) {
	in(t, batchPaper)
	var r batchReport
	text, _ := stdout(t, "plan --on slurm --json --profile many --simulate 7")
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, j := range r.Jobs {
		for _, task := range j.Tasks {
			for _, s := range task.Stages {
				seen[s] = true
			}
		}
	}
	if len(seen) != 20001 || r.Stages != 20001 || len(r.Jobs) != 2 || r.Tasks != 8 || r.Measured != nil ||
		r.Jobs[1].After[0] != (afterReport{"draw", false}) || len(r.Schedules) != 1 || len(r.Schedules[0].Chain) != 2 {
		t.Errorf("%d stages, %+v", len(seen), r.Schedules)
	}
	if strings.Count(text, "null") != 1 {
		t.Error("a list is null")
	}
	if again, _ := stdout(t, "plan --on slurm --json --profile many --simulate 7"); again != text {
		t.Error("another plan the second time")
	}
}

func TestBadBatchFlags(t *testing.T) {
	in(t, batchPaper)
	for line, want := range map[string]string{
		"plan --on pbs":                   "--on pbs: no batch system of that name is known; known is slurm",
		"plan --chunk 1h":                 "--chunk and --simulate are for --on slurm",
		"plan --simulate 4":               "--chunk and --simulate are for --on slurm",
		"plan --on slurm --chunk 59s":     "--chunk is 59s and must be at least 1m",
		"plan --on slurm --chunk=-1h":     "--chunk is -1h0m0s and must be at least 1m",
		"plan --on slurm --simulate 4,0":  "--simulate 0: there is at least one core",
		"plan --on slurm --simulate many": "invalid argument",
		"plan --on slurm --all":           "--memory and --all are for plans of runs on this machine",
		"plan --on slurm --memory 4GiB":   "--memory and --all are for plans of runs on this machine",
	} {
		wantAll(t, hero(t, 2, line), want)
	}
}

// What stages of one profile took tells what those of another will.
func TestPlanSaysWhatWasMeasured(t *testing.T) {
	in(t, batchPaper)
	wantAll(t, hero(t, 0, "plan"), "6 to run in about 0.52 s of core time, the largest")
	hero(t, 0, "run --profile few")
	wantAll(t, hero(t, 0, "plan"), "4 to run in about 0.0", "s of core time, measured on 3 stages of this store "+
		"(0.32 s estimated; most stages take 0.3 to 3.0 times what is expected), the largest in")
	var p planReport
	text, _ := stdout(t, "plan --json")
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	if p.Measured == nil || p.Measured.Stages != 3 || p.Measured.Seconds <= 0 || p.Measured.Seconds > p.Seconds {
		t.Errorf("%+v", p.Measured)
	}
	for _, s := range p.Stages {
		if s.Status == "run" && s.Kind == "draw" && !(s.Expected > engineSeconds && s.Expected < s.Seconds) {
			t.Errorf("%+v", s)
		}
	}
}

// The tasks of a plan, each a run of its own in the order of jobs, bring everything up to date, and
// again there is nothing to submit.
func TestTasksOfAPlan(t *testing.T) {
	in(t, strings.Replace(batchPaper, "1..5", "1..700", 1))
	text, _ := stdout(t, "plan --on slurm --chunk 1m --json")
	var r batchReport
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	if r.Tasks != 3 {
		t.Errorf("%d tasks", r.Tasks)
	}
	for _, j := range r.Jobs {
		for _, task := range j.Tasks {
			if err := os.WriteFile("list", []byte(strings.Join(task.Stages, "\n")), 0o666); err != nil {
				t.Fatal(err)
			}
			wantAll(t, hero(t, 0, "run --stages list"), fmt.Sprintf("%d stages: %[1]d ran", len(task.Stages)))
		}
	}
	wantAll(t, hero(t, 0, "plan --on slurm"), "701 stages: 701 fresh, 0 to restore, 0 to run; there is nothing to submit")
}
