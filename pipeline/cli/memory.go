package cli

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// assumedMemory is what a machine is taken to have if it does not say.
const assumedMemory = 8 << 30

// parseBytes reads "4GiB", "500MB" or a plain number of bytes; nothing stands for
// three quarters of the machine's memory.
func parseBytes(text string) (int64, error) {
	if text == "" {
		return machineMemory() / 4 * 3, nil
	}
	number := strings.TrimRight(text, "KMGTiB ")
	unit := strings.TrimSpace(text[len(number):])
	size, ok := map[string]float64{
		"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	}[unit]
	v, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || !(v*size >= 1 && v*size <= 1<<60) {
		return 0, fmt.Errorf(`%q is not a size; write it like "4GiB"`, text)
	}
	return int64(v * size), nil
}

func machineMemory() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return assumedMemory
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib int64
		if n, _ := fmt.Sscanf(lines.Text(), "MemTotal: %d kB", &kib); n == 1 && kib > 0 {
			return kib << 10
		}
	}
	return assumedMemory
}

// sized writes a number of bytes as people say it.
func sized(n int64) string {
	v := float64(n)
	for _, unit := range []string{"B", "kB", "MB", "GB"} {
		if v < 1000 {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") + " " + unit
		}
		v /= 1000
	}
	return fmt.Sprintf("%.1f TB", v)
}
