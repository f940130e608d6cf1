package cli

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
)

// A stage too large for a run is named by plan and refused by run, with what to change,
// before anything is computed.
func TestRefusal(t *testing.T) {
	in(t, testPaper)
	want := []string{"6 stages of more memory than a run may use here, 1 MB of the",
		"\n  draw/seeds=1-1 takes about 67.1 MB, for figure/count\n", "allow it with --memory 68MB, or make N"}
	wantAll(t, hero(t, 0, "plan --memory 1MB"), append(want, "run will refuse", "6 to run")...)
	wantAll(t, hero(t, 2, "run --memory 1MB"), want...)
	wantAll(t, hero(t, 0, "status"), "6      0")
	if out := hero(t, 0, "plan --memory 68MB"); strings.Contains(out, "refuse") {
		t.Error(out)
	}
	wantAll(t, hero(t, 0, "run --memory 68MB"), "6 ran")
	wantAll(t, hero(t, 0, "run --memory 1MB"), "0 ran")
	if out := hero(t, 0, "plan --memory 1MB"); strings.Contains(out, "refuse") {
		t.Error(out)
	}
	wantAll(t, hero(t, 2, "plan --memory lots"), `--memory: "lots" is not a size`)

	s := pipeline.NewStage("big", testApp().Kinds[0], drawParams{})
	m := memoryFlag{machine: 20e6}
	wantAll(t, m.refusal(&engine.MemoryError{Limit: 20e6, Stages: []*pipeline.Stage{s}}),
		"1 stage of more memory than a run may use here, 20 MB, all that there is:",
		"big takes about 67.1 MB", "run on a machine with more, or make N")
}

const (
	meminfo = "MemTotal:       16777216 kB\nMemFree:         1000000 kB\n" // 16 GiB
	v1      = "36 32 0:31 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n" +
		"37 32 0:32 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu\n"
	v2 = "31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
)

func v1At(group string) string {
	return "36 32 0:31 " + group + " /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
}

// memoryFiles are files of which a machine or its control groups say how much memory there is.
var memoryFiles = map[string]struct {
	files map[string]string
	want  int64
}{
	"nothing known":     {nil, assumedMemory},
	"no control groups": {map[string]string{"proc/meminfo": meminfo}, 16 << 30},
	"v2": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2, "proc/self/cgroup": "0::/job\n",
		"sys/fs/cgroup/job/memory.max": "4294967296\n"}, 4 << 30},
	"v2 without a limit": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2,
		"proc/self/cgroup":             "0::/job\n",
		"sys/fs/cgroup/job/memory.max": "max\n"}, 16 << 30},
	"v2 above the machine": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2,
		"proc/self/cgroup":             "0::/job\n",
		"sys/fs/cgroup/job/memory.max": "1099511627776\n"}, 16 << 30},
	"v2, a group above has less": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2,
		"proc/self/cgroup":                      "0::/user/a b/job\n",
		"sys/fs/cgroup/user/a b/job/memory.max": "max\n",
		"sys/fs/cgroup/user/a b/memory.max":     "2147483648\n",
		"sys/fs/cgroup/user/memory.max":         "3221225472\n"}, 2 << 30},
	"v2, throttled before its limit": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2,
		"proc/self/cgroup":              "0::/job\n",
		"sys/fs/cgroup/job/memory.max":  "4294967296\n",
		"sys/fs/cgroup/job/memory.high": "1073741824\n"}, 1 << 30},
	"v2 in a container": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2,
		"proc/self/cgroup":         "0::/\n",
		"sys/fs/cgroup/memory.max": "536870912\n"}, 512 << 20},
	"v2, the group outside of the namespace": {map[string]string{"proc/meminfo": meminfo,
		"proc/self/cgroup":         "0::/../other\n",
		"proc/self/mountinfo":      "31 24 0:27 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
		"sys/fs/cgroup/memory.max": "536870912\n"}, 512 << 20},
	"v1": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v1,
		"proc/self/cgroup":                                    "5:cpu:/other\n4:memory,hugetlb:/job/step\n0::/\n",
		"sys/fs/cgroup/memory/memory.limit_in_bytes":          "9223372036854771712\n",
		"sys/fs/cgroup/memory/job/memory.limit_in_bytes":      "1073741824\n",
		"sys/fs/cgroup/memory/job/step/memory.limit_in_bytes": "9223372036854771712\n",
		"sys/fs/cgroup/memory/other/memory.limit_in_bytes":    "4096\n"}, 1 << 30},
	"v1 without a limit": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v1,
		"proc/self/cgroup":                           "4:memory:/\n",
		"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 16 << 30},
	// Docker mounts the container's own group, whose path outside is still shown.
	"v1 in a container": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/docker/0123/sub\n",
		"proc/self/mountinfo":                            v1At("/docker/0123"),
		"sys/fs/cgroup/memory/sub/memory.limit_in_bytes": "2147483648\n",
		"sys/fs/cgroup/memory/memory.limit_in_bytes":     "3221225472\n"}, 2 << 30},
	"v1, a name that only begins alike": {map[string]string{"proc/meminfo": meminfo,
		"proc/self/cgroup":                                "4:memory:/docker/0123\n",
		"proc/self/mountinfo":                             v1At("/docker/01"),
		"sys/fs/cgroup/memory/23/memory.limit_in_bytes":   "4096\n",
		"sys/fs/cgroup/memory/memory.limit_in_bytes":      "3221225472\n",
		"sys/fs/cgroup/memory/0123/memory.limit_in_bytes": "4096\n"}, 3 << 30},
	"both, v1 having the controller": {map[string]string{"proc/meminfo": meminfo,
		"proc/self/mountinfo": v1 +
			"40 32 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
		"proc/self/cgroup": "4:memory:/job\n0::/job\n",
		"sys/fs/cgroup/memory/job/memory.limit_in_bytes": "1073741824\n"}, 1 << 30},
	"an odd mount point": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
		"proc/self/mountinfo": `31 24 0:27 / /mnt/c\040g rw - cgroup2 cgroup2 rw` + "\n",
		"mnt/c g/memory.max":  "1073741824\n"}, 1 << 30},
	"nonsense": {map[string]string{"proc/meminfo": "MemTotal: lots\n", "proc/self/cgroup": "memory\n::\n0::/job\n",
		"proc/self/mountinfo":          "- cgroup2\n1 2 3 - cgroup2\n" + v2,
		"sys/fs/cgroup/job/memory.max": "-5\n", "sys/fs/cgroup/memory.max": "1e9\n"}, assumedMemory},
}

func TestMachineMemory(t *testing.T) {
	for name, c := range memoryFiles {
		root := make(fstest.MapFS)
		for file, text := range c.files {
			root[file] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := machineMemory(root); got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
	if got := machineMemory(os.DirFS("/")); got < 64<<20 || got > 1<<50 {
		t.Errorf("this machine has %d bytes", got)
	}
}
