package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline/slurm"
)

var slurmKills = flag.Int("slurm", 0, "`number` of tasks that TestSlurmFaults kills on a real Slurm, 50 say, which takes some minutes; TestSlurmSeenLate runs with it too")

// onSlurm skips a test where no Slurm is, and gives a file of settings for it.
func onSlurm(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("sbatch"); err != nil {
		t.Skip("no sbatch on the PATH: .ci/run installs Slurm and starts it")
	}
	conf := os.Getenv("SLURM_CONF") // so that a result is not taken from the cache for another Slurm
	if out, err := exec.Command("sinfo", "-h").CombinedOutput(); err != nil {
		t.Skipf("no Slurm answers (SLURM_CONF=%s, %s): .ci/slurm start FOLDER starts one", conf, bytes.TrimSpace(out))
	}
	file := filepath.Join(t.TempDir(), "cluster.toml")
	if err := os.WriteFile(file, []byte("[slurm]\npoll = \"500ms\"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// A figure by the jobs of a real Slurm is the same to the bit, and what they submit is submitted
// once, though the program that follows them is killed in the middle; cancel leaves nothing.
func TestSlurm(t *testing.T) {
	config := onSlurm(t)
	want := artifacts(t, referenceRun(t).dir)
	dir := folder(t, read(t, "paper.toml"))
	on := []string{"run", "--profile", "smoke", "--on", "slurm", "--config", config, "flow-vs-gd"}
	first := command(hero, dir, on...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2500 * time.Millisecond)
	first.Process.Kill()
	first.Wait()
	out := run(t, command(hero, dir, on...))
	t.Log(out)
	got := artifacts(t, dir)
	for _, name := range []string{"figure/flow-vs-gd.arrow", "methods-descent/method=gd,alpha=4,seeds=1-4.arrow"} {
		if got[name] == "" || got[name] != want[name] {
			t.Errorf("%s is %q, by a local run %q", name, got[name], want[name])
		}
	}
	ranOnce(t, filepath.Join(dir, "data"))

	// What is cancelled is gone, and asked for again it runs.
	on[len(on)-1] = "curvature"
	second := command(hero, dir, on...)
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	second.Process.Kill()
	second.Wait()
	run(t, command(hero, dir, "cancel", "--profile", "smoke", "--config", config))
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		if q := run(t, exec.Command("squeue", "-h", "-o", "%k", "--states", "PD,R")); !strings.Contains(q, "hero/") {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("still in the queue: %s", q)
		}
	}
}

// What nodes cannot do is found out before jobs are submitted.
func TestSlurmMistakes(t *testing.T) {
	config := onSlurm(t)
	for _, c := range []struct{ store, profile, want string }{
		// .ci/slurm gives nodes a folder of their own in the place of this one.
		{filepath.Join(filepath.Dir(os.Getenv("SLURM_CONF")), "unseen", "store"), "smoke", "nodes do not see the store"},
		{filepath.Join(t.TempDir(), "store"), "full", "name a partition of larger nodes"},
	} {
		if _, err := os.Stat(filepath.Dir(c.store)); err != nil {
			continue // another Slurm
		}
		cmd := command(hero, folder(t, read(t, "paper.toml")), "run", "--profile", c.profile, "--on", "slurm", "--config", config,
			"--store", c.store)
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%v\n%s, want %q", err, out, c.want)
		}
		if q := run(t, exec.Command("squeue", "-h", "-t", "PD,R", "-o", "%j")); strings.Contains(q, "hero-") {
			t.Errorf("submitted all the same:\n%s", q)
		}
	}
	dir := folder(t, read(t, "paper.toml"))
	for text, want := range map[string]string{
		"[slurm]\npartition = \"none\"\n":                        "see partition in the configuration",
		"[slurm]\nextra = [\"--mem=900G\"]\n":                    "no node of the partition has that much",
		"[slurm]\nwrapper = [\"/no/such/thing\"]\npoll = \"1s\"": "the program does not run (exit code 127)",
		"[slurm]\nnothing = 1\n":                                 "slurm.nothing means nothing",
		"[slurm]\npoll = \"often\"\n":                            "is no time as 15s",
	} {
		if err := os.WriteFile(config, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		c := command(hero, dir, "run", "--profile", "smoke", "--on", "slurm", "--config", config, "flow-vs-gd")
		out, err := c.CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%q: %v\n%s, want %q", text, err, out, want)
		}
	}
}

// repeated is a line that a text has twice.
func repeated(text string) string {
	seen := make(map[string]bool)
	for line := range strings.Lines(text) {
		if seen[line] {
			return line
		}
		seen[line] = true
	}
	return ""
}

// accounting skips a test where Slurm has none.
func accounting(t *testing.T) {
	t.Helper()
	if out, _ := exec.Command("sacctmgr", "--noheader", "show", "qos", "few").CombinedOutput(); !bytes.Contains(out, []byte("few")) {
		t.Skipf("Slurm has no accounting with a quality of service few (%s): .ci/slurm starts it where slurmdbd and mariadbd are",
			bytes.TrimSpace(out))
	}
}

// With accounting: what an account may not do is said, with what to do, and a queue that takes three jobs of a
// user at once takes all of them in the end.
func TestSlurmAccounting(t *testing.T) {
	config := onSlurm(t)
	accounting(t)
	dir := folder(t, read(t, "paper.toml"))
	settings := func(text string) {
		t.Helper()
		if err := os.WriteFile(config, []byte("[slurm]\npoll = \"500ms\"\n"+text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{
		"account = \"nobody\"": "see account in the configuration",
		"qos = \"nothing\"":    "see qos in the configuration",
		"qos = \"brief\"":      "an account or QOS allows a job less than that",
	} {
		settings(text)
		c := command(hero, dir, "run", "--profile", "smoke", "--on", "slurm", "--config", config, "flow-vs-gd")
		out, err := c.CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%q: %v\n%s, want %q", text, err, out, want)
		}
	}
	settings("account = \"physics\"\nqos = \"few\"\n")
	out := run(t, command(hero, dir, "run", "--profile", "smoke", "--on", "slurm", "--config", config, "init-spectrum", "transition"))
	if !strings.Contains(out, "the queue takes no more now") {
		t.Errorf("nothing is said of the queue's limit\n%s", out)
	}
	want, got := artifacts(t, referenceRun(t).dir), artifacts(t, dir)
	for name, digest := range got {
		if want[name] != digest {
			t.Errorf("%s is %q, by a local run %q", name, digest, want[name])
		}
	}
	if got["figure/transition.arrow"] == "" {
		t.Error("the figure is not there")
	}
}

// What real accounting, or else the controller, says of how tasks ended, of two jobs at once.
func TestSlurmFates(t *testing.T) {
	onSlurm(t)
	client := &slurm.Client{Pause: time.Second}
	submit := func(script string, args ...string) string {
		t.Helper()
		id, err := client.Submit(t.Context(), "#!/bin/sh\n"+script+"\n", append(args, "--output=/dev/null", "--time=5", "--mem=10M",
			"--no-requeue"))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	job := submit("case $SLURM_ARRAY_TASK_ID in 0) exit 0;; 1) exit 1;; *) exec sleep 300;; esac", "--array=0-3")
	defer exec.Command("scancel", job).Run()
	after := submit("exit 0", "--array=0-1", "--dependency=afterok:"+job, "--kill-on-invalid-dep=yes")
	defer exec.Command("scancel", after).Run()
	until := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(200 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s; %v", what, client.Fates(t.Context(), []string{job, after}))
			}
		}
	}
	where := func(task string) string {
		return strings.TrimSpace(run(t, exec.Command("squeue", "-h", "-t", "R", "-j", job+"_"+task, "-o", "%N")))
	}
	until("two tasks do not run", func() bool { return where("2") != "" && where("3") != "" })
	node := where("3")
	run(t, exec.Command("scancel", job+"_2"))
	run(t, exec.Command("scontrol", "update", "nodename="+node, "state=down", "reason=test"))
	defer exec.Command("scontrol", "update", "nodename="+node, "state=resume").Run()
	want := map[string]map[int]string{
		job:   {0: "COMPLETED", 1: "FAILED", 2: "CANCELLED", 3: "NODE_FAIL"},
		after: {0: "DEPENDENCY", 1: "DEPENDENCY"},
	}
	until("not the fates that happened", func() bool {
		return reflect.DeepEqual(client.Fates(t.Context(), []string{job, after}), want)
	})
	if _, known := client.Fates(t.Context(), []string{"999999"})["999999"][0]; known {
		t.Error("a job that never was has a fate")
	}
}

// Every command that the README gives for a cluster does what it says, with the smallest profile, of which the store
// has all but a figure.
func TestReadmeOnSlurm(t *testing.T) {
	config := onSlurm(t)
	dir, home := folder(t, read(t, "paper.toml")), t.TempDir()
	shared := filepath.Join(dir, "shared")
	for _, to := range []string{filepath.Join(dir, "data"), shared} {
		run(t, command("cp", dir, "-R", filepath.Join(referenceRun(t).dir, "data"), to))
		records, err := filepath.Glob(filepath.Join(to, "actions", "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range records {
			if strings.Contains(read(t, file), `"stage": "figure/flow-vs-gd"`) {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := os.Mkdir(filepath.Join(home, "hero"), 0o777); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{filepath.Join(home, "hero/cluster.toml"): read(t, config),
		filepath.Join(dir, "list.txt"): "init-transition\n"} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(hero, filepath.Join(dir, "hero")); err != nil {
		t.Fatal(err)
	}
	places := strings.NewReplacer("--profile full", "--profile smoke", "/shared/hero", shared)
	want := map[string]string{"plan": "in 1 job of 1 task", "run --profile smoke --on slurm --store": "0 ran", "cancel": "cancelled",
		"--script": "submit it with", "--stages": "1 fresh"}
	for _, line := range commandsOf(t, "### If you outgrow one machine") {
		c := command("sh", dir, "-c", places.Replace(line))
		c.Env = append(os.Environ(), "XDG_CONFIG_HOME="+home)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
		for part, text := range want {
			if strings.Contains(places.Replace(line), part) && !strings.Contains(string(out), text) {
				t.Errorf("%s says\n%s, want %q", line, out, text)
			}
		}
	}
}

// On a file system that shows late what another machine wrote, and on which locks are each machine's own, all is
// computed once and the same: bindfs gives this machine and each node a view of one folder, which keeps for two seconds
// what it knows of a name, as NFS does for up to a minute; at the least poll of 15 s that is the same share.
func TestSlurmSeenLate(t *testing.T) {
	if *slurmKills == 0 {
		t.Skip("it takes a minute; -slurm 50 runs it")
	}
	config := onSlurm(t)
	folders := t.TempDir()
	from, to := filepath.Join(folders, "from"), filepath.Join(folders, "to")
	for _, name := range []string{from, to} {
		if err := os.Mkdir(name, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	in := [][]string{nil} // where a command runs: here, and where each node sees
	for _, node := range []string{"n1", "n2"} {
		pid, err := os.ReadFile(filepath.Join(filepath.Dir(os.Getenv("SLURM_CONF")), "slurmd."+node+".pid"))
		if err != nil {
			t.Skipf("the nodes are not those of .ci/slurm: %v", err)
		}
		in = append(in, []string{"nsenter", "--mount", "--target", strings.TrimSpace(string(pid))})
	}
	for _, where := range in {
		mount := append(slices.Clone(where), "bindfs", "-o", "negative_timeout=2,entry_timeout=2,attr_timeout=2", from, to)
		if out, err := exec.Command(mount[0], mount[1:]...).CombinedOutput(); err != nil {
			t.Skipf("no bindfs for the test, which takes root: %v: %s", err, out)
		}
		umount := append(slices.Clone(where), "umount", "--lazy", to)
		defer exec.Command(umount[0], umount[1:]...).Run()
	}
	dir := folder(t, read(t, "paper.toml"))
	store := filepath.Join(to, "data")
	out := run(t, command(hero, dir, "run", "--profile", "smoke", "--store", store, "--on", "slurm", "--config", config))
	if strings.Contains(out, "did not come to its end") {
		t.Errorf("what is seen late counts as lost\n%s", out)
	}
	run(t, command(hero, dir, "diff", "--profile", "smoke", store, filepath.Join(referenceRun(t).dir, "data")))
	ranOnce(t, store)
}

// ranOnce wants the logs of a store to tell of each stage once.
func ranOnce(t *testing.T, store string) {
	t.Helper()
	logs, _ := filepath.Glob(filepath.Join(store, "logs/*/*.log"))
	ran := make(map[string]int)
	for _, file := range logs {
		for line := range strings.Lines(read(t, file)) {
			if _, rest, ok := strings.Cut(line, "] "); ok && strings.HasPrefix(line, "[") {
				ran[strings.Fields(rest)[0]]++
			}
		}
	}
	for name, n := range ran {
		if n > 1 {
			t.Errorf("%s ran %d times", name, n)
		}
	}
	if len(ran) == 0 {
		t.Error("no log tells of a stage")
	}
}

const manyStages = `default-profile = "smoke"
profile.smoke = {}
[grid.g]
alpha = [2, 3, 4, 5]
seeds = "1..250 by 1"
[stage.inst]
kind = "instance"
each = "g"
N = 160
[stage.desc]
kind = "descent"
each = "g"
from = ["inst"]
method = "gd"
[stage.fit]
kind = "finitesize"
from = ["desc"]
`

// Whatever is killed, the driver or tasks, and whatever becomes of nodes and of the controller, in
// the end all is there, the same to the bit as by a local run, and the store is sound.
func TestSlurmFaults(t *testing.T) {
	if *slurmKills == 0 {
		t.Skip("it takes some minutes; -slurm 50 runs it")
	}
	config := onSlurm(t)
	// As flaky as a busy controller: one call of sbatch in five fails, half of these after submitting.
	bin := t.TempDir()
	real, err := exec.LookPath("sbatch")
	if err != nil {
		t.Fatal(err)
	}
	wrapper := fmt.Sprintf("#!/bin/bash\nr=$((RANDOM%%10))\n[ $r = 0 ] && { echo 'sbatch: error: Unable to contact slurm controller' >&2; exit 1; }\n"+
		"%s \"$@\"\ncode=$?\n[ $r = 1 ] && { echo 'sbatch: error: Socket timed out on send/recv operation' >&2; exit 1; }\nexit $code\n", real)
	if err := os.WriteFile(filepath.Join(bin, "sbatch"), []byte(wrapper), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := folder(t, manyStages)
	start := func() *exec.Cmd {
		c := command(hero, dir, "run", "--on", "slurm", "--config", config, "--chunk", "1m", "--tries", "20")
		c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		log, _ := os.OpenFile(filepath.Join(dir, "driver.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		c.Stdout, c.Stderr = log, log
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	driver := start()
	ended := make(chan error, 1)
	wait := func(c *exec.Cmd) { go func() { ended <- c.Wait() }() }
	wait(driver)
	rng := rand.New(rand.NewPCG(16, 1))
	kills, drivers, drained, down, restarted := 0, 0, false, false, false
	node := func(name, state string) {
		if out, err := exec.Command("scontrol", "update", "nodename="+name, "state="+state, "reason=test").CombinedOutput(); err != nil {
			t.Errorf("%s of %s: %v: %s", state, name, err, out)
		}
	}
	for deadline := time.Now().Add(25 * time.Minute); ; {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v\n%s", err, read(t, filepath.Join(dir, "driver.log")))
			}
		case <-time.After(time.Duration(500+rng.IntN(1500)) * time.Millisecond):
			if time.Now().After(deadline) {
				t.Fatalf("it does not end\n%s", read(t, filepath.Join(dir, "driver.log")))
			}
			if q := run(t, exec.Command("squeue", "-h", "-r", "-t", "PD,R", "-o", "%K %k")); repeated(q) != "" {
				t.Errorf("twice in the queue: %s", repeated(q))
			}
			running := strings.Fields(run(t, exec.Command("squeue", "-h", "-r", "-t", "R", "-o", "%i")))
			switch {
			case kills < *slurmKills && len(running) > 0:
				exec.Command("scancel", "--signal=KILL", "--full", running[rng.IntN(len(running))]).Run()
				kills++
			}
			if drivers < 3 && kills > drivers*10 {
				drivers++
				driver.Process.Kill()
				<-ended
				driver = start()
				wait(driver)
			}
			if kills > 10 && !drained {
				drained = true
				node("n2", "drain")
			}
			if kills > 15 && !down {
				down = true
				node("n2", "resume")
				node("n1", "down")
				time.Sleep(3 * time.Second)
				exec.Command("scontrol", "update", "nodename=n1", "state=resume").Run() // it may be back already
			}
			if kills > 25 && !restarted {
				restarted = true
				exec.Command("scontrol", "shutdown", "slurmctld").Run()
				time.Sleep(2 * time.Second)
				if out, err := exec.Command("slurmctld", "-f", os.Getenv("SLURM_CONF")).CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
			}
			continue
		}
		break
	}
	t.Logf("%d tasks and %d drivers were killed\n%s", kills, drivers, read(t, filepath.Join(dir, "driver.log")))
	if kills < *slurmKills || drivers < 3 || !down || !restarted {
		t.Errorf("all was done before all was killed (drained %v, down %v, controller %v)", drained, down, restarted)
	}
	run(t, command(hero, dir, "run", "--store", "local"))
	run(t, command(hero, dir, "diff", "data", "local"))
	if out, _ := command(hero, dir, "verify").CombinedOutput(); !strings.Contains(string(out), "0 damaged or missing, 0 edited or swapped") {
		t.Errorf("%s", out)
	}
}
