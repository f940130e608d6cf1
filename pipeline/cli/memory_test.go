package cli

import (
	"os"
	"testing"
	"testing/fstest"
)

func TestMachineMemory(t *testing.T) {
	const (
		meminfo = "MemTotal:       16777216 kB\nMemFree:         1000000 kB\n" // 16 GiB
		v1      = "36 32 0:31 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n" +
			"37 32 0:32 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu\n"
		v2 = "31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
	)
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"nothing known":     {nil, assumedMemory},
		"no control groups": {map[string]string{"proc/meminfo": meminfo}, 16 << 30},
		"v2": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2, "proc/self/cgroup": "0::/job\n",
			"sys/fs/cgroup/job/memory.max": "4294967296\n"}, 4 << 30},
		"v2 without a limit": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2, "proc/self/cgroup": "0::/job\n",
			"sys/fs/cgroup/job/memory.max": "max\n"}, 16 << 30},
		"v2 above the machine": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2, "proc/self/cgroup": "0::/job\n",
			"sys/fs/cgroup/job/memory.max": "1099511627776\n"}, 16 << 30},
		"v2, a group above has less": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2, "proc/self/cgroup": "0::/user/a b/job\n",
			"sys/fs/cgroup/user/a b/job/memory.max": "max\n",
			"sys/fs/cgroup/user/a b/memory.max":     "2147483648\n",
			"sys/fs/cgroup/user/memory.max":         "3221225472\n"}, 2 << 30},
		"v2, throttled before its limit": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2, "proc/self/cgroup": "0::/job\n",
			"sys/fs/cgroup/job/memory.max":  "4294967296\n",
			"sys/fs/cgroup/job/memory.high": "1073741824\n"}, 1 << 30},
		"v2 in a container": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v2, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "536870912\n"}, 512 << 20},
		"v2, the group outside of the namespace": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/../other\n",
			"proc/self/mountinfo":      "31 24 0:27 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
			"sys/fs/cgroup/memory.max": "536870912\n"}, 512 << 20},
		"v1": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v1, "proc/self/cgroup": "5:cpu:/other\n4:memory,hugetlb:/job/step\n0::/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":          "9223372036854771712\n",
			"sys/fs/cgroup/memory/job/memory.limit_in_bytes":      "1073741824\n",
			"sys/fs/cgroup/memory/job/step/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/memory/other/memory.limit_in_bytes":    "4096\n"}, 1 << 30},
		"v1 without a limit": {map[string]string{"proc/meminfo": meminfo, "proc/self/mountinfo": v1, "proc/self/cgroup": "4:memory:/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 16 << 30},
		// Docker mounts the container's own group, whose path outside is still shown.
		"v1 in a container": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/docker/0123/sub\n",
			"proc/self/mountinfo":                            "36 32 0:31 /docker/0123 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
			"sys/fs/cgroup/memory/sub/memory.limit_in_bytes": "2147483648\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":     "3221225472\n"}, 2 << 30},
		"v1, a name that only begins alike": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/docker/0123\n",
			"proc/self/mountinfo":                             "36 32 0:31 /docker/01 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
			"sys/fs/cgroup/memory/23/memory.limit_in_bytes":   "4096\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":      "3221225472\n",
			"sys/fs/cgroup/memory/0123/memory.limit_in_bytes": "4096\n"}, 3 << 30},
		"both, v1 having the controller": {map[string]string{"proc/meminfo": meminfo,
			"proc/self/mountinfo":                            v1 + "40 32 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
			"proc/self/cgroup":                               "4:memory:/job\n0::/job\n",
			"sys/fs/cgroup/memory/job/memory.limit_in_bytes": "1073741824\n"}, 1 << 30},
		"an odd mount point": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"proc/self/mountinfo": `31 24 0:27 / /mnt/c\040g rw - cgroup2 cgroup2 rw` + "\n",
			"mnt/c g/memory.max":  "1073741824\n"}, 1 << 30},
		"nonsense": {map[string]string{"proc/meminfo": "MemTotal: lots\n", "proc/self/cgroup": "memory\n::\n0::/job\n",
			"proc/self/mountinfo":          "- cgroup2\n1 2 3 - cgroup2\n" + v2,
			"sys/fs/cgroup/job/memory.max": "-5\n", "sys/fs/cgroup/memory.max": "1e9\n"}, assumedMemory},
	} {
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
