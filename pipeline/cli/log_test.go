package cli

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestLog(t *testing.T) {
	in(t, testPaper)
	wantAll(t, hero(t, 1, "log count/rows"), "the store has no record of a figure count; there are none yet")
	hero(t, 0, "run")
	hero(t, 0, "run --profile few")
	edit(t, "paper.toml", `seeds = "1..5 by 1"`, `seeds = "1..7 by 1"`)
	hero(t, 0, "run")
	out := hero(t, 0, "log count/rows")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 4 || lines[0] != "count/rows: rows of all inputs" {
		t.Fatal(out)
	}
	for k, want := range []string{`unknown  5  [0-9a-f]{12}$`, `unknown  2  [0-9a-f]{12}  now in few$`, `unknown  7  [0-9a-f]{12}  now in all$`} {
		if !regexp.MustCompile(`^  20\d\d-\d\d-\d\d \d\d:\d\d  ` + want).MatchString(strings.TrimRight(lines[k+1], " ")) {
			t.Errorf("%q, want %q", lines[k+1], want)
		}
	}
	if got := hero(t, 0, "log count/r*"); got != out {
		t.Error(got)
	}
	var h logReport
	text, _ := stdout(t, "log count/rows --json")
	if err := json.Unmarshal([]byte(text), &h); err != nil || len(h.Quantities) != 1 || len(h.Quantities[0].Values) != 3 ||
		*h.Quantities[0].Values[2].Value != 7 || h.Quantities[0].Values[2].Lo != nil {
		t.Errorf("%v: %s", err, text)
	}
	// An artifact that is gone leaves the others.
	os.Remove(linked(t, "figure/count.arrow"))
	wantAll(t, hero(t, 0, "log count/rows"), "  5  ", "  2  ")
	for line, want := range map[string]string{
		"log count":          `"count" is not FIGURE/QUANTITY`,
		"log count/rowz":     "did you mean rows?",
		"log count/[":        "is no pattern",
		"log":                "accepts 1 arg",
		"log count/rows --x": "unknown flag",
	} {
		wantAll(t, hero(t, 2, line), want)
	}
	wantAll(t, hero(t, 1, "log cuont/rows"), "did you mean count?")
}
