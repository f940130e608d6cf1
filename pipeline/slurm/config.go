// Package slurm has the jobs of a run computed by Slurm: it submits arrays of tasks, each a list
// of stages, follows them in the queue, tries again what was killed, and takes back what it
// submitted and nothing else. What is done is what is in the store, whatever Slurm says.
//
// # What is kept where
//
// In the store's folder jobs/ each submission has a folder, named by the hash of what it holds:
// the list of stages of each task, the script, the paper as it was, and what became of tasks
// (see Submission). A folder is written before its job is submitted, and the job's comment names
// it. So whoever comes later, after a crash too, finds in the queue what is under way, and
// submits nothing twice.
package slurm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// A Config is what a user says of a cluster, in a file of their own.
type Config struct {
	Account    string   `toml:"account"`
	Partition  string   `toml:"partition"`
	QOS        string   `toml:"qos"`
	Constraint string   `toml:"constraint"`
	Extra      []string `toml:"extra"`   // further arguments of sbatch
	Before     []string `toml:"before"`  // lines of the script before the program, as module load
	Wrapper    []string `toml:"wrapper"` // a command that runs the program, as apptainer exec IMAGE
	Scratch    string   `toml:"scratch"` // local folder of nodes for temporary files; their TMPDIR if empty
	Array      int      `toml:"array"`   // tasks of a job at most; 0 for what the cluster allows
	Jobs       int      `toml:"jobs"`    // tasks in the queue at most; 0 for what the cluster allows
	Poll       string   `toml:"poll"`    // how often the queue is asked, 15s at least unless the cluster is one's own

	poll time.Duration
}

// leastPoll spares the controller, which all users of a cluster share.
const leastPoll = 15 * time.Second

// ReadConfig reads the section [slurm] of a file. A file that is not there, or has no name, says nothing.
func ReadConfig(path string) (Config, error) {
	c := Config{poll: leastPoll}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	var file struct {
		Slurm Config `toml:"slurm"`
	}
	meta, err := toml.Decode(string(text), &file)
	if err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return c, fmt.Errorf("%s: %s means nothing; [slurm] has account, partition, qos, constraint, extra, before, "+
			"wrapper, scratch, array, jobs and poll", path, unknown[0])
	}
	c = file.Slurm
	c.poll = leastPoll
	if c.Poll != "" {
		if c.poll, err = time.ParseDuration(c.Poll); err != nil || c.poll < 500*time.Millisecond {
			return c, fmt.Errorf("%s: poll = %q is no time as 15s", path, c.Poll)
		}
	}
	if c.Array < 0 || c.Jobs < 0 {
		return c, fmt.Errorf("%s: array and jobs must not be negative", path)
	}
	return c, nil
}

// ConfigPath is where the file is that says what a cluster is like, of a program of this name; empty where
// there is no folder for settings.
func ConfigPath(program string) string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, program, "cluster.toml")
}

// arguments are those of sbatch that the configuration gives.
func (c Config) arguments() (out []string) {
	for _, a := range []struct{ flag, value string }{
		{"--account=", c.Account}, {"--partition=", c.Partition}, {"--qos=", c.QOS}, {"--constraint=", c.Constraint},
	} {
		if a.value != "" {
			out = append(out, a.flag+a.value)
		}
	}
	return append(out, c.Extra...)
}

// command is the program as nodes run it, for a shell.
func (c Config) command(program string) string {
	var words []string
	for _, word := range append(slices.Clone(c.Wrapper), program) {
		words = append(words, quote(word))
	}
	return strings.Join(words, " ")
}

// quote is a word for a shell.
func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
