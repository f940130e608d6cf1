package bench

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

//go:embed numpy.py
var numpyScript string

// install says how to get what the row needs.
const install = "Install numpy with OpenBLAS for a python3 on PATH (Debian: " +
	"python3-numpy and libopenblas0) and run the row again."

func (s sizes) numpyRow() row {
	return row{
		name: fmt.Sprintf("numpy-%d", s.large),
		what: fmt.Sprintf("single gradient against numpy's two products in float32 with OpenBLAS, N = %d, α = %d, "+
			"one core", s.large, alpha),
		target: target{unit: factor, value: 1.5},
		measure: func(ctx context.Context) (finding, error) {
			peer, why := startNumpy(ctx, pythons(os.Getenv("PATH")), s.large, alpha*s.large)
			if err := ctx.Err(); err != nil {
				return finding{}, err
			}
			if peer == nil {
				return finding{skipped: why}, nil
			}
			defer peer.stop()
			g, err := newGradient(s.large, 1)
			if err != nil {
				return finding{}, err
			}
			t, err := alternate(ctx, s, g.of(1), peer.time)
			if err != nil {
				return finding{}, err
			}
			return finding{
				ours:   duration(median(t[0])),
				other:  duration(median(t[1])) + " numpy",
				result: summarize(ratios(t[1], t[0])),
				note: fmt.Sprintf("numpy %s with %s, whose arithmetic is in float32; "+
					"ours is in float64 on float32 storage.", peer.version, peer.blas),
			}, nil
		},
	}
}

// pythons are the programs python3 in the folders of a PATH, in order.
func pythons(path string) []string {
	var out []string
	for _, dir := range filepath.SplitList(path) {
		if found, err := exec.LookPath(filepath.Join(dir, "python3")); err == nil {
			out = append(out, found)
		}
	}
	return out
}

// A numpy is a Python process that times its own products on request.
type numpy struct {
	command *exec.Cmd
	ask     io.WriteCloser
	answers *json.Decoder
	version string
	blas    string
}

// An answer is what numpy.py says.
type answer struct {
	Error   string
	Numpy   string
	Blas    []string
	Seconds float64
}

// startNumpy starts the first of these programs that has numpy with OpenBLAS. If
// none has, it says why and what to do.
func startNumpy(ctx context.Context, programs []string, n, m int) (peer *numpy, why string) {
	why = "There is no python3."
	for i, program := range programs {
		p, reason := tryNumpy(ctx, program, n, m)
		if p != nil {
			return p, ""
		}
		if i == 0 || strings.Contains(reason, "BLAS") {
			why = reason
		}
	}
	return nil, why + " " + install
}

func tryNumpy(ctx context.Context, program string, n, m int) (p *numpy, reason string) {
	c := exec.CommandContext(ctx, program, "-c", numpyScript, strconv.Itoa(n), strconv.Itoa(m))
	c.Env = append(os.Environ(), "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1")
	ask, err := c.StdinPipe()
	if err != nil {
		return nil, err.Error() + "."
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err.Error() + "."
	}
	if err := c.Start(); err != nil {
		return nil, err.Error() + "."
	}
	p = &numpy{command: c, ask: ask, answers: json.NewDecoder(out)}
	var hello answer
	if err := p.answers.Decode(&hello); err != nil {
		p.stop()
		return nil, "python3 ended before it had numpy."
	}
	if hello.Error != "" {
		p.stop()
		return nil, "python3 has no numpy (" + hello.Error + ")."
	}
	for _, name := range hello.Blas {
		if strings.Contains(strings.ToLower(name), "openblas") {
			p.version, p.blas = hello.Numpy, name
			return p, ""
		}
	}
	p.stop()
	found := strings.Join(hello.Blas, ", ")
	if found == "" {
		found = "none that is known"
	}
	return nil, fmt.Sprintf("numpy %s has another BLAS than OpenBLAS (%s).", hello.Numpy, found)
}

// time is the side that Python times.
func (p *numpy) time(times int) (float64, error) {
	if _, err := fmt.Fprintln(p.ask, times); err != nil {
		return 0, fmt.Errorf("python3 does not listen any more: %w", err)
	}
	var a answer
	if err := p.answers.Decode(&a); err != nil {
		return 0, fmt.Errorf("python3 did not answer: %w", err)
	}
	if !(a.Seconds > 0) {
		return 0, errors.New("python3 answered without a time")
	}
	return a.Seconds, nil
}

// stop ends the process: its input is at an end.
func (p *numpy) stop() {
	p.ask.Close()
	// How it ends says nothing about what it measured.
	_ = p.command.Wait()
}
