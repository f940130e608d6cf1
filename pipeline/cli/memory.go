package cli

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
)

// A memoryFlag is --memory.
type memoryFlag struct {
	text    string
	machine int64 // bytes that this machine has
}

func (m *memoryFlag) add(c *cobra.Command) {
	c.Flags().StringVar(&m.text, "memory", "", `memory that stages may use at once, such as "4GiB" (default three
quarters of what the machine, or this process's control group, has)`)
}

// limit is the number of bytes that stages may use at once.
func (m *memoryFlag) limit() (int64, error) {
	m.machine = machineMemory(os.DirFS("/"))
	if m.text == "" {
		return m.machine / 4 * 3, nil
	}
	limit, err := parseBytes(m.text)
	if err != nil {
		return 0, Usage(fmt.Errorf("--memory: %w", err))
	}
	return min(limit, m.machine), nil
}

// refusal says which stages are too large to run here, and what to change.
func (m *memoryFlag) refusal(e *engine.MemoryError) string {
	var b strings.Builder
	of := fmt.Sprintf(" of the %s that there are", format.Bytes(m.machine))
	if e.Limit == m.machine {
		of = ", all that there is"
	}
	fmt.Fprintf(&b, "%s of more memory than a run may use here, %s%s:",
		format.Count(len(e.Stages), "stage"), format.Bytes(e.Limit), of)
	var most int64
	for k, s := range e.Stages {
		bytes := s.Cost().Bytes
		most = max(most, bytes)
		if k >= 10 {
			continue
		}
		fmt.Fprintf(&b, "\n  %s takes about %s", s.Name, format.Bytes(bytes))
		if users := e.NeededBy(s); len(users) > 0 {
			fmt.Fprintf(&b, ", for %s", format.List(users, 4))
		}
	}
	if n := len(e.Stages); n > 10 {
		fmt.Fprintf(&b, "\n  and %d more", n-10)
	}
	smaller := "make N, the blocks of seeds or what is kept smaller in their families"
	if most <= m.machine {
		fmt.Fprintf(&b, "\nallow it with --memory %dMB, or %s", (most+999_999)/1_000_000, smaller)
	} else {
		fmt.Fprintf(&b, "\nrun on a machine with more, or %s", smaller)
	}
	return b.String()
}

// parseBytes reads "4GiB", "500MB" or a plain number of bytes.
func parseBytes(text string) (int64, error) {
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
