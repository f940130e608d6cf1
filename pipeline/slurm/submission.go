package slurm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/batch"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// A Place is where a run computes: the store that all nodes see, and what a task runs.
type Place struct {
	Name    string // of the program, for names of jobs
	Store   string // absolute
	Profile string
	Paper   string // the text of paper.toml
	Program string // path of the program, on a file system that all nodes see
}

// id tells this paper's jobs from those of others.
func (p Place) id() string {
	sum := sha256.Sum256([]byte(p.Store + "\n" + p.Profile))
	return hex.EncodeToString(sum[:5])
}

// ID tells this paper's jobs from those of others, in their names.
func (p Place) ID() string { return p.id() }

// comment begins the comments of this paper's jobs.
func (p Place) comment() string { return p.Name + "/" + p.id() + "/" }

func (p Place) jobs() string { return filepath.Join(p.Store, "jobs", p.id()) }

// A Member is a stage of a task, as it was when the task was made: after an edit of the paper or of code a
// stage of that name may be another.
type Member struct {
	Stage    string     `json:"stage"`
	Identity digest.Key `json:"identity"`
}

// A Submission is a job that is, or is to be, in the queue.
type Submission struct {
	Name    string     `json:"name"` // of the job
	Tasks   [][]Member `json:"tasks"`
	Seconds float64    `json:"seconds"` // that a task may take
	Bytes   int64      `json:"bytes"`
	Cores   int        `json:"cores"`
	Tries   int        `json:"tries"` // of the stages in it, this one included
	Job     string     `json:"job"`   // Slurm's number; empty as long as it is not known to be submitted

	hash string
	dir  string
}

// In a submission's folder.
const (
	jobFile    = "job.json"
	scriptFile = "script.sh"
	paperFile  = "paper.toml"
)

// list is the file with the stages of a task. Beside it, with a suffix, are a file that its script makes when it
// begins, one with its exit code, one with the stages that failed, and one with how it ended by Slurm's word.
func (s *Submission) list(task int) string { return filepath.Join(s.dir, strconv.Itoa(task)) }

// newSubmission makes that of a job.
func (p Place) newSubmission(j batch.Job, identities map[*pipeline.Stage]digest.Key, tries int) *Submission {
	s := &Submission{Name: j.Name, Seconds: j.Seconds, Bytes: j.Bytes, Cores: j.Cores, Tries: tries}
	for _, t := range j.Tasks {
		var members []Member
		for _, stage := range t.Stages {
			members = append(members, Member{stage.Name, identities[stage]})
		}
		s.Tasks = append(s.Tasks, members)
	}
	text, _ := json.Marshal(s)
	sum := sha256.Sum256(append(text, p.Paper+p.Program...))
	s.hash = hex.EncodeToString(sum[:8])
	s.dir = filepath.Join(p.jobs(), s.hash)
	return s
}

// write puts all of a submission but Slurm's number into its folder. One of an earlier attempt of
// the same is written over: it has no tasks under way.
func (s *Submission) write(p Place, c Config) error {
	if err := os.RemoveAll(s.dir); err != nil {
		return err
	}
	for k, members := range s.Tasks {
		var list strings.Builder
		for _, m := range members {
			list.WriteString(m.Stage + "\n")
		}
		if _, err := store.WriteFile(s.list(k), []byte(list.String())); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{paperFile: p.Paper, scriptFile: s.script(p, c)} {
		if _, err := store.WriteFile(filepath.Join(s.dir, name), []byte(text)); err != nil {
			return err
		}
	}
	return s.save()
}

func (s *Submission) save() error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		_, err = store.WriteFile(filepath.Join(s.dir, jobFile), append(text, '\n'))
	}
	return err
}

// script is what each task runs. It says in files when it began and how the program ended, as
// Slurm's own word on that is lost after some minutes where there is no accounting.
func (s *Submission) script(p Place, c Config) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n")
	fmt.Fprintf(&b, "cd %s || exit 3\n", quote(s.dir))
	b.WriteString("list=${SLURM_ARRAY_TASK_ID:-0}\necho \"${SLURM_JOB_ID:-none} $(hostname)\" >\"$list.start\"\n")
	// A node may have more cores than a task asks for.
	fmt.Fprintf(&b, "export GOMAXPROCS=%d\n", s.Cores)
	if c.Scratch != "" {
		fmt.Fprintf(&b, "export TMPDIR=%s\n", quote(c.Scratch))
	}
	for _, line := range c.Before {
		b.WriteString(line + "\n")
	}
	fmt.Fprintf(&b, "%s run --profile %s --store %s --out %s --stages \"$list\" --failures \"$list"+failuresSuffix+
		"\" -j %d --memory %d --wait 2m\n", c.command(p.Program), quote(p.Profile), quote(p.Store),
		quote(filepath.Join(s.dir, "out")), s.Cores, s.Bytes)
	b.WriteString("code=$?\necho $code >\"$list.exit\"\nexit $code\n")
	return b.String()
}

// arguments are those of sbatch for a submission that waits for others.
func (s *Submission) arguments(p Place, c Config, after []string) []string {
	minutes := int(math.Ceil(s.Seconds / 60))
	args := []string{
		"--job-name=" + p.Name + "-" + p.id() + "-" + s.Name, "--comment=" + p.comment() + s.hash,
		fmt.Sprintf("--array=0-%d", len(s.Tasks)-1), "--nodes=1", "--ntasks=1", fmt.Sprintf("--cpus-per-task=%d", s.Cores),
		fmt.Sprintf("--mem=%dM", (s.Bytes+1<<20-1)>>20), fmt.Sprintf("--time=%d", minutes), "--kill-on-invalid-dep=yes", "--no-requeue",
		"--output=" + filepath.Join(p.Store, "logs", p.id(), s.hash+".%a.log"),
	}
	if len(after) > 0 {
		args = append(args, "--dependency="+strings.Join(after, ","))
	}
	return append(args, c.arguments()...)
}

// log is where a task's output goes.
func (p Place) log(s *Submission, task int) string {
	return filepath.Join(p.Store, "logs", p.id(), fmt.Sprintf("%s.%d.log", s.hash, task))
}

// submissions reads all that were written, sorted by their names.
func (p Place) submissions() (out []*Submission, err error) {
	entries, err := os.ReadDir(p.jobs())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		dir := filepath.Join(p.jobs(), e.Name())
		text, err := os.ReadFile(filepath.Join(dir, jobFile))
		if err != nil {
			continue // broken off before it was complete, and so never submitted
		}
		s := &Submission{hash: e.Name(), dir: dir}
		if json.Unmarshal(text, s) == nil {
			out = append(out, s)
		}
	}
	return out, nil
}

// exit is the code with which a task's program came to its end, as far as is seen here.
func (s *Submission) exit(task int) (code int, ok bool) {
	text, err := os.ReadFile(s.list(task) + ".exit")
	if err != nil {
		return 0, false
	}
	code, err = strconv.Atoi(strings.TrimSpace(string(text)))
	return code, err == nil
}

// begun reports whether a task's script has begun, as far as is seen here.
func (s *Submission) begun(task int) bool {
	_, err := os.Stat(s.list(task) + ".start")
	return err == nil
}

// A fate is how a task ended that did not come to its end.
type fate struct {
	how  string
	left int  // of its stages, that were not in the store then
	idle bool // these are all
}

// fate is that of a task, if it was noted: Slurm forgets it.
func (s *Submission) fate(task int) (f fate, ok bool) {
	text, err := os.ReadFile(s.list(task) + ".fate")
	if err != nil {
		return f, false
	}
	left, how, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	f.how = how
	f.left, err = strconv.Atoi(left)
	f.idle = f.left == len(s.Tasks[task])
	return f, err == nil
}

func (s *Submission) noteFate(task int, f fate) error {
	_, err := store.WriteFile(s.list(task)+".fate", fmt.Appendf(nil, "%d %s\n", f.left, f.how))
	return err
}
