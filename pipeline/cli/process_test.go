package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/creack/pty"

	"zerotohero/pipeline"
)

// What takes a process of its own: signals, pipes and terminals.

// asProgram makes the test's program the command itself.
const asProgram = "PIPELINE_CLI_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(waitingApp()))
	}
	os.Exit(m.Run())
}

type waitParams struct {
	Seeds   pipeline.Range `param:"seeds"`
	Seconds float64        `param:"seconds"`
}

// waitingApp is the test's app with a kind that takes its time.
func waitingApp() App {
	app := testApp()
	wait := pipeline.Define(pipeline.Definition[waitParams, number]{
		Name: "wait", Doc: "time that passes",
		Run: func(ctx context.Context, p waitParams, _ pipeline.Inputs) ([]number, error) {
			select {
			case <-time.After(duration(p.Seconds)):
				return []number{{p.Seeds.First}}, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
		Cost: func(p waitParams, _ []*pipeline.Stage) pipeline.Cost {
			return pipeline.Cost{Seconds: p.Seconds, Bytes: 1 << 20}
		},
	})
	wait.Entry.Package, wait.Entry.Name = "example/stages/wait", ""
	app.Kinds = append(app.Kinds, wait)
	app.Sources.(fstest.MapFS)["stages/wait/wait.go"] = &fstest.MapFile{Data: []byte("package wait\n")}
	return app
}

const waitingPaper = `default-profile = "all"
profile.all = {}
[grid.g]
seeds = "1..60 by 1"
[stage.a-name-that-is-longer-than-any-terminal-of-ordinary-width-is-wide-so-that-it-would-wrap]
kind = "wait"
each = "g"
seconds = SECONDS
`

func waiting(t *testing.T, seconds string) {
	t.Helper()
	in(t, strings.Replace(waitingPaper, "SECONDS", seconds, 1))
}

func program(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1", "TERM=xterm")
	return c
}

// onTerminal runs the command on a pseudo-terminal and returns what that shows, and all
// that it was sent.
func onTerminal(t *testing.T, cols, rows int, args ...string) (d *display, sent string) {
	t.Helper()
	terminal, end, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	defer terminal.Close()
	if err := pty.Setsize(terminal, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		t.Fatal(err)
	}
	c := program(args...)
	c.Stdin, c.Stdout, c.Stderr = end, end, end
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	end.Close()
	d = &display{t: t, cols: cols, rows: rows}
	if cols == 0 {
		d.cols, d.rows = 200, 24
	}
	var all bytes.Buffer
	io.Copy(io.MultiWriter(d, &all), terminal) // ends in an error where the other end closes
	if err := c.Wait(); err != nil {
		t.Errorf("%v\n%s", err, d.text())
	}
	return d, all.String()
}

func TestOnTerminal(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {40, 10}} {
		waiting(t, "0.03")
		d, sent := onTerminal(t, size[0], size[1], "run", "-j", "8")
		wantAll(t, sent, "\x1b[", "/60 stages")
		if stageLine.MatchString(d.text()) || barLine.MatchString(d.text()) {
			t.Errorf("what ran is still shown:\n%s", d.text())
		}
		wantAll(t, d.text(), "60 stages: 60 ran")
		d, _ = onTerminal(t, size[0], size[1], "run")
		wantAll(t, d.text(), "60 stages: 60 fresh", "60 stages: 0 ran, 60 fresh")
	}
}

// A pseudo-terminal of a CI service has no size: there progress is plain lines.
func TestOnTerminalWithoutSize(t *testing.T) {
	waiting(t, "0.001")
	_, sent := onTerminal(t, 0, 0, "run", "-j", "8")
	wantAll(t, sent, "[1/60] ", "[60/60] ", "60 stages: 60 ran")
	if strings.ContainsRune(sent, '\x1b') || strings.Count(sent, "\n") > 63 {
		t.Errorf("not plain lines:\n%s", sent)
	}
}

// The first signal says how long the end takes and what a second does; the second ends
// the run. What was there of the report stays.
func TestSignals(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		waiting(t, "300")
		c := program("run", "-j", "2")
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var errs bytes.Buffer
		c.Stderr = &errs
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		defer c.Process.Kill()
		text := await(t, out, "60 to run", "left")
		time.Sleep(300 * time.Millisecond)
		c.Process.Signal(signal)
		text += await(t, out, "stopping: ", "(2 stages)", "about 5 min", "second ^C or SIGTERM drops it")
		c.Process.Signal(signal)
		rest, _ := io.ReadAll(out)
		var exit *exec.ExitError
		if err := c.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
			t.Errorf("%v: %v\n%s%s", signal, err, text, rest)
		}
		wantAll(t, errs.String(), "stopped with 60 stages to go")
	}
}

// await reads until the text has all parts.
func await(t *testing.T, out io.Reader, parts ...string) string {
	t.Helper()
	var text []byte
	buffer := make([]byte, 4096)
	for {
		n, err := out.Read(buffer)
		text = append(text, buffer[:n]...)
		missing := 0
		for _, p := range parts {
			if !bytes.Contains(text, []byte(p)) {
				missing++
			}
		}
		if missing == 0 {
			return string(text)
		}
		if err != nil {
			t.Fatalf("not all of %q in\n%s", parts, text)
		}
	}
}

// A pipe whose reader has gone ends the program as it does others, without a word.
func TestClosedPipe(t *testing.T) {
	in(t, testPaper)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	c := program("plan", "--all")
	var errs bytes.Buffer
	c.Stdout, c.Stderr = w, &errs
	err = c.Run()
	w.Close()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGPIPE || errs.Len() > 0 {
		t.Errorf("%v, and it says %q", err, errs.String())
	}
}

// A broken writer takes nothing.
type broken struct{}

var errBroken = errors.New("no space left")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestOutputThatCannotBeWritten(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	for _, line := range []string{
		"plan", "plan --all", "status", "graph", "graph --format mermaid", "show draw", "explain count", "report",
		"run", "run --profile few", "verify --update", "verify", "--help", "run --help",
		"completion bash", "__complete run d",
	} {
		var errs bytes.Buffer
		if got := execute(testApp(), strings.Fields(line), broken{}, &errs); got != exitFailed {
			t.Errorf("hero %s: exit code %d, want %d", line, got, exitFailed)
		}
		if n := strings.Count(errs.String(), "no space left"); n != 1 {
			t.Errorf("hero %s says %d times why:\n%s", line, n, errs.String())
		}
	}
	// What was to be computed is, and an error of the verb's own keeps its exit code.
	wantAll(t, hero(t, 0, "run --profile few"), "3 stages: 0 ran, 3 fresh")
	if got := execute(testApp(), []string{"run", "cuont"}, broken{}, io.Discard); got != exitUsage {
		t.Errorf("exit code %d, want %d", got, exitUsage)
	}
}

// What is no text does not go to a terminal.
func TestNoParquetOnTerminal(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	screen, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no terminal can be made: %v", err)
	}
	defer screen.Close()
	defer tty.Close()
	for _, format := range []string{"parquet", "arrow"} {
		var errs bytes.Buffer
		code := execute(testApp(), []string{"show", "draw", "--format", format}, tty, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), format+" is not for a terminal; name a file with -o FILE") {
			t.Errorf("%s: exit code %d, %s", format, code, errs.String())
		}
	}
}
