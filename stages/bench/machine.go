package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"zerotohero/stages/internal/kernel"
)

// A fact is something about a measurement that a reader needs to judge it.
type fact struct{ name, value string }

// circumstances are the machine, the program and the time.
func circumstances(now time.Time) ([]fact, error) {
	path, err := kernel.Path()
	if err != nil {
		return nil, err
	}
	build := "without tags"
	if tags := buildSetting("-tags"); tags != "" {
		build = "-tags=" + tags
	}
	if level := buildSetting("GOAMD64"); level != "" {
		build += ", GOAMD64=" + level
	}
	facts := []fact{
		{"date", now.UTC().Format("2006-01-02 15:04 UTC")},
		{"processor", fmt.Sprintf("%s, %d cores", processor(), runtime.GOMAXPROCS(0))},
		{"platform", runtime.GOOS + "/" + runtime.GOARCH},
		{"Go", runtime.Version() + ", " + build},
		{"kernel", path},
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		if minute, _, ok := strings.Cut(string(load), " "); ok {
			facts = append(facts, fact{"load before", minute + " (processes running, mean of a minute)"})
		}
	}
	return facts, nil
}

// Machine says what of this machine computes: the processor and the kernel taken for it.
func Machine() string {
	path, err := kernel.Path()
	if err != nil {
		path = "none: " + err.Error()
	}
	return processor() + ", kernel " + path
}

// processor is its model, where the system tells.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	return model(string(info))
}

// model finds the model in the text of /proc/cpuinfo.
func model(info string) string {
	for line := range strings.Lines(info) {
		name, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}
