package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// assumedMemory is what a machine is taken to have if it does not say.
const assumedMemory = 8 << 30

// machineMemory is the memory that this process may have: the machine's, or what
// its control groups allow if that is less. Root is the root of the file system.
func machineMemory(root fs.FS) int64 {
	return min(hostMemory(root), cgroupMemory(root))
}

func hostMemory(root fs.FS) int64 {
	text, _ := fs.ReadFile(root, "proc/meminfo")
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var kib int64
		if n, _ := fmt.Sscanf(lines.Text(), "MemTotal: %d kB", &kib); n == 1 && kib > 0 && kib < 1<<50 {
			return kib << 10
		}
	}
	return assumedMemory
}

// cgroupMemory is the lowest limit of the control groups that this process is in,
// of either version; the largest number if none is found.
func cgroupMemory(root fs.FS) int64 {
	limit := int64(math.MaxInt64)
	text, _ := fs.ReadFile(root, "proc/self/mountinfo")
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		m, ok := parseMount(lines.Text())
		if !ok {
			continue
		}
		in, ok := cgroupOf(root, m.version)
		if !ok {
			continue
		}
		// A group that is not below what is mounted is outside of this namespace: what
		// is mounted is then all that can be seen of it.
		below, ok := strings.CutPrefix(in, strings.TrimSuffix(m.root, "/"))
		if !ok || below != "" && below[0] != '/' {
			below = ""
		}
		for dir := path.Join("/", below); ; dir = path.Dir(dir) {
			for _, name := range m.version.limits {
				limit = min(limit, limitIn(root, path.Join(m.at, dir, name)))
			}
			if dir == "/" {
				break
			}
		}
	}
	return limit
}

// A cgroupVersion is how a version of control groups shows itself: see cgroups(7) and
// the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
type cgroupVersion struct {
	controller string   // in /proc/self/cgroup and among the options of the mount
	limits     []string // files
}

var (
	cgroup1 = &cgroupVersion{"memory", []string{"memory.limit_in_bytes"}}
	cgroup2 = &cgroupVersion{"", []string{"memory.max", "memory.high"}}
)

// A cgroupMount is where control groups are mounted.
type cgroupMount struct {
	version *cgroupVersion
	root    string // the group at the mount point
	at      string
}

// parseMount reads a line of mountinfo (proc_pid_mountinfo(5)), if it is of control
// groups that limit memory.
func parseMount(line string) (m cgroupMount, ok bool) {
	mount, system, ok := strings.Cut(line, " - ")
	where, what := strings.Fields(mount), strings.Fields(system)
	if !ok || len(where) < 6 || len(what) < 3 {
		return m, false
	}
	switch {
	case what[0] == "cgroup2":
		m.version = cgroup2
	case what[0] == "cgroup" && slices.Contains(strings.Split(what[2], ","), cgroup1.controller):
		m.version = cgroup1
	default:
		return m, false
	}
	// Blanks in names are written in octal.
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	m.root, m.at = unescape.Replace(where[3]), unescape.Replace(where[4])
	return m, true
}

// cgroupOf is the control group of this process.
func cgroupOf(root fs.FS, version *cgroupVersion) (string, bool) {
	text, _ := fs.ReadFile(root, "proc/self/cgroup")
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		parts := strings.SplitN(lines.Text(), ":", 3) // number, controllers, group
		if len(parts) == 3 && slices.Contains(strings.Split(parts[1], ","), version.controller) {
			return parts[2], true
		}
	}
	return "", false
}

// limitIn reads a file with a limit; "max" and what cannot be read are none.
func limitIn(root fs.FS, file string) int64 {
	text, err := fs.ReadFile(root, strings.TrimPrefix(file, "/"))
	if err != nil {
		return math.MaxInt64
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || n <= 0 {
		return math.MaxInt64
	}
	return n
}
