package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// shape writes the names and types of what JSON has, a line for each place that holds
// something; elements of a list are one place.
func shape(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	places := make(map[string]bool)
	var visit func(at string, v any)
	visit = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, x := range v {
				visit(strings.TrimPrefix(at+"."+name, "."), x)
			}
		case []any:
			if len(v) == 0 {
				places[at+"[]"] = true
			}
			for _, x := range v {
				visit(at+"[]", x)
			}
		case nil:
			places[at+" null"] = true
		default:
			places[fmt.Sprintf("%s %T", at, v)] = true
		}
	}
	visit("", v)
	return strings.Join(slices.Sorted(maps.Keys(places)), "\n")
}

// What programs read keeps its names and types: these lines may be added to, not changed.
var shapes = map[string]string{
	"status --json": `families[].bytes float64
families[].family string
families[].fresh float64
families[].restore float64
families[].run float64
families[].seconds float64
families[].stages float64
profile string
store string
total.bytes float64
total.fresh float64
total.restore float64
total.run float64
total.seconds float64
total.stages float64`,
	"plan --json": `bytes float64
fresh float64
measured.high float64
measured.low float64
measured.seconds float64
measured.stages float64
profile string
restore float64
run float64
seconds float64
stages[].bytes float64
stages[].expected float64
stages[].kind string
stages[].reasons[].details[] string
stages[].reasons[].what string
stages[].seconds float64
stages[].stage string
stages[].status string
store string
too_large[]`,
	"plan --on slurm --simulate 2 --json": `bytes float64
jobs[].after[]
jobs[].after[].corresponding bool
jobs[].after[].job string
jobs[].bytes float64
jobs[].cores float64
jobs[].job string
jobs[].seconds float64
jobs[].tasks[].seconds float64
jobs[].tasks[].stages[] string
longest_path float64
measured.high float64
measured.low float64
measured.seconds float64
measured.stages float64
on string
profile string
schedules[].bound float64
schedules[].chain[].job string
schedules[].chain[].seconds float64
schedules[].cores float64
schedules[].efficiency float64
schedules[].full float64
schedules[].seconds float64
seconds float64
stages float64
store string
tasks float64`,
	"explain count --json": `artifacts[] string
from[].action null
from[].action.build string
from[].action.bytes float64
from[].action.digest string
from[].action.go string
from[].action.host string
from[].action.key string
from[].action.machine string
from[].action.platform string
from[].action.seconds float64
from[].action.start string
from[].code string
from[].facts[]
from[].facts[] string
from[].id string
from[].inputs[]
from[].inputs[].id string
from[].inputs[].stage string
from[].kind string
from[].modules[]
from[].packages[] string
from[].parameters.figure string
from[].parameters.seeds string
from[].parameters.times float64
from[].stage string
from[].title string
profile string`,
	"verify --json": `artifacts float64
earlier float64
links float64
lock.different[]
lock.file string
lock.neither float64
lock.not_computed[] string
lock.not_in_lock[]
lock.of_damaged[] string
lock.only_in_lock[]
lock.same float64
ok bool
problems[].detail string
problems[].path string
problems[].problem string
problems[].stages[] string
profile string
recomputed null
records float64
store string`,
	"verify --json --recompute --sample all": `artifacts float64
earlier float64
links float64
lock.different[]
lock.file string
lock.neither float64
lock.not_computed[] string
lock.not_in_lock[]
lock.of_damaged[] string
lock.only_in_lock[]
lock.same float64
ok bool
problems[].detail string
problems[].path string
problems[].problem string
problems[].stages[] string
profile string
recomputed.build string
recomputed.candidates float64
recomputed.left float64
recomputed.machine string
recomputed.over_budget float64
recomputed.seed float64
recomputed.stages[].code[]
recomputed.stages[].differs[]
recomputed.stages[].digest string
recomputed.stages[].error string
recomputed.stages[].kind string
recomputed.stages[].recorded float64
recomputed.stages[].same bool
recomputed.stages[].seconds float64
recomputed.stages[].stage string
records float64
store string`,
}

func TestJSONShapes(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	os.Remove(linked(t, "draw/seeds=3-3.arrow"))
	for line, want := range shapes {
		var out, errs strings.Builder
		code := execute(testApp(), strings.Fields(line), &out, &errs)
		if failing := strings.HasPrefix(line, "verify"); (code == exitFailed) != failing || code > exitFailed {
			t.Errorf("%s: exit code %d\n%s", line, code, errs.String())
		}
		if got := shape(t, out.String()); got != want {
			t.Errorf("%s has the shape\n%s\nwant\n%s\nof %s", line, got, want, out.String())
		}
		// The help has every name.
		help, _ := stdout(t, strings.Fields(line)[0]+" --help")
		for _, place := range strings.FieldsFunc(want, func(r rune) bool { return strings.ContainsRune(".[] \n", r) }) {
			known := slices.Contains([]string{"string", "float64", "bool", "null", "figure", "seeds", "times"}, place)
			if !known && !strings.Contains(help, `"`+place+`"`) {
				t.Errorf("the help of %s does not tell of %s", line, place)
			}
		}
	}
}

// JSON says what the text says.
func TestJSON(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run draw/seeds=2-2")
	out, errs := stdout(t, "plan --json")
	wantAll(t, out, `"stage": "figure/count"`, `"what": "new"`, `"fresh": 1,`, `"run": 5,`)
	wantAll(t, errs, "is not the portable build")
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	out, _ = stdout(t, "verify --json")
	wantAll(t, out, `"ok": true`, `"same": 6`, `"problems": []`)
	out, _ = stdout(t, "explain count --json")
	if n := strings.Count(out, `"title"`); n != 6 {
		t.Errorf("%d artifacts are explained, want the figure and five", n)
	}
	out, _ = stdout(t, "status --json --profile few")
	wantAll(t, out, `"profile": "few"`, `"family": "figure/count"`, `"stages": 3`)
	os.Remove("paper.lock")
	wantAll(t, hero(t, 0, "verify --json --profile few"), `"lock": null`)
	out = hero(t, 1, "verify --json")
	wantAll(t, out, `"ok": false`, "no paper.lock to compare with")
}
