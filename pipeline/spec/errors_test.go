package spec

import (
	"fmt"
	"strings"
	"testing"

	"zerotohero/pipeline"
)

// errorCases are edits of goodPaper, the profile that is asked for, and what the error says.
var errorCases = []struct{ name, old, new, profile, want string }{
	// The document.
	{"syntax", "eta  = 0.05", "eta  = ", "", `20: not valid TOML: expected value but found '\n' instead (column 8); correct this line or the one before`},
	{"duplicate key", "eta  = 0.05", "eta  = 0.05\neta = 1", "", `21: not valid TOML: Key 'stage.curve-descent.eta' has already been defined (column 13); correct this line or the one before`},
	{"duplicate family", "[stage.size]", "[stage.loss-descent]", "", `27: not valid TOML: Key 'stage.loss-descent' has already been defined (column 2); correct this line or the one before`},
	{"unknown top-level key", "[figure]", "[figures]", "", `38: unknown key figures; did you mean figure? known are default-profile, grid, stage, figure, report, profile`},
	{"top-level type", "[figure]", "[[figure]]", "", `38: figure is not a table; write tables such as [figure]`},

	// Profiles.
	{"no default", `default-profile = "laptop"`, "", "", `1: default-profile is missing; write default-profile = "NAME" at the top and [profile.NAME]`},
	{"unknown default", `"laptop"`, `"labtop"`, "", `1: no profile is called labtop; write [profile.labtop], or choose: did you mean laptop? known are laptop, smoke`},
	{"default type", `"laptop"`, `3`, "", `1: default-profile wants a string; write default-profile = "NAME"`},
	{"unknown profile", "", "", "smok", `42: no profile is called smok; did you mean smoke? known are laptop, smoke`},
	{"profile type", "[profile.laptop]", "[profile]\nlaptop = 3", "", `43: laptop is not a table; write [profile.laptop]`},
	{"profile name", "[profile.laptop]", "[profile.laptop]\n[profile.\"a b\"]", "", `43: "a b" cannot name a profile; use letters, digits, - and _`},
	{"profile called like a stage", "[profile.laptop]", "[profile.laptop]\n[profile.fit]", "", `43: profile fit has the name of a stage; call it something else`},
	{"profile key", "[profile.laptop]", "[profile.laptop]\nstages = 3", "", `43: unknown key stages in profile laptop; did you mean stage? known are grid, stage, figure`},
	{"profile section", "[profile.laptop]", "[profile.laptop]\nstage = 3", "", `43: stage is not a table; write [profile.laptop.stage.NAME]`},
	{"override of no stage", "[profile.smoke.stage.curve-descent]", "[profile.smoke.stage.curve-decent]", "", `53: profile smoke overrides stage curve-decent, which does not exist, and without a kind it is no new one; did you mean curve-descent? known are curve-instance, curve-descent, loss-descent, size, fit`},
	{"override of no grid", "[profile.smoke.grid.curve]", "[profile.smoke.grid.curv]", "", `44: profile smoke overrides grid curv, which does not exist, and no stage is spread over a new one; did you mean curve? known are curve, loss`},
	{"override type", "[profile.smoke.stage.curve-descent]", "[[profile.smoke.stage.curve-descent]]", "", `53: curve-descent is not a table; write [stage.curve-descent]`},

	{"stage called like a profile", "[profile.laptop]", "[profile.laptop.stage.smoke]\nkind = \"instance\"", "", `42: stage smoke has the name of a profile; call it something else`},
	{"own figure of no family", "[profile.laptop]", "[profile.laptop.figure]\nspectrum = [\"sise\"]", "", `43: figure spectrum asks for family sise, which no stage makes; did you mean size? known are curve-instance, curve-descent, loss-descent, size, fit`},
	{"own figure type", "[profile.laptop]", "[profile.laptop]\nfigure = 3", "", `43: figure is not a table; write [profile.laptop.figure]`},
	{"own stage without input", "[profile.laptop]", "[profile.laptop.stage.more]\nkind = \"descent\"", "", `42: stage more (kind descent): it needs an input of kind instance and has none; add a family of that kind to its inputs`},

	// Grids.
	{"empty grid", "N     = [64, 128]\nalpha = [2.0, 2.5, 3.0]\nseeds = \"1..100 by 50\"\n", "", "", `3: grid curve is empty; give it an axis such as N = [64, 128]`},
	{"grid type", "[grid.loss]\n", "[grid]\nmore = 3\n[grid.loss]\n", "", `9: more is not a table; write [grid.more] with axes in it`},
	{"list of no grids", "[grid.loss]\n", "[grid]\nmore = []\n[grid.loss]\n", "", `9: grid more is empty; give it an axis such as N = [64, 128]`},
	{"grid of numbers", "[grid.loss]\n", "[grid]\nmore = [3]\n[grid.loss]\n", "", `9: more is not a table; write [grid.more] with axes in it`},
	{"empty axis", "[2.0, 2.5, 3.0]", "[]", "", `5: axis alpha is empty; give it at least one value`},
	{"axis falls", "[2.0, 2.5, 3.0]", "[2.0, 3.0, 2.5]", "", `5: axis alpha must increase strictly and 2.5 follows 3; sort it and remove repeats`},
	{"axis repeats", "[64, 128]", "[\n  64,\n  64.0,\n]", "", `6: axis N must increase strictly and 64 follows 64; sort it and remove repeats`},
	{"axis of nan", "[2.0, 2.5, 3.0]", "nan", "", `5: axis alpha holds NaN; use finite numbers`},
	{"axis of dates", "[2.0, 2.5, 3.0]", "1979-05-27", "", `5: axis alpha wants numbers, strings or true and false; write them as in alpha = [1, 2]`},
	{"axis of lists", "[2.0, 2.5, 3.0]", "[[1]]", "", `5: axis alpha wants numbers, strings or true and false; write them as in alpha = [1, 2]`},
	{"axis mixed", "[2.0, 2.5, 3.0]", `[2.0, "a"]`, "", `5: axis alpha mixes numbers and strings; make them one sort`},
	{"strings repeat", `["ell", "plain"]`, `["ell", "plain", "ell"]`, "", `9: axis loss holds ell twice; remove one`},
	{"string unfit", `["ell", "plain"]`, `["../ell"]`, "", `9: axis loss holds "../ell", which cannot stand in a stage's name; use letters, digits and _ . + -`},
	{"axis name", "alpha = [2.0", "\"a,b\" = [2.0", "", `5: "a,b" cannot name an axis; use letters, digits, - and _`},
	{"axis misspelt", "alpha = [2.0", "alhpa = [2.0", "", `5: axis alhpa of grid curve sets no parameter and selects no input of a stage spread over it; did you mean alpha? known are N, alpha, seeds, eta, loss, at, fast, bins`},
	{"axis misspelt in a profile", "seeds = \"1..50\"\nN     = 32", "seeds = \"1..50\"\nN     = 32\nalhpa = 3", "smoke", `47: axis alhpa of grid curve sets no parameter and selects no input of a stage spread over it; did you mean alpha? known are N, alpha, seeds, eta, loss, at, fast, bins`},
	{"grid unused", "[grid.loss]", "[grid.more]\nN = 3\n[grid.loss]", "", `8: no stage is spread over grid more; give one each = "more" or remove the grid`},
	{"grid too large", "1..100 by 50", "1..100000 by 1", "", `3: grid curve has more than 100000 points; make it smaller or split it`},
	{"union mixes", "[grid.loss]\nloss = [\"ell\", \"plain\"]\n", "[[grid.loss]]\nN = 64\nloss = \"ell\"\n[[grid.loss]]\nloss = 3\n", "", `12: axis loss holds numbers here and strings in another table of grid loss; make them one sort`},

	// Seeds.
	{"part of a block", "1..100 by 50", "1..410 by 50", "", `6: seeds: "1..410 by 50" ends in a part of a block (10 of 50 seeds), which would be computed again when the range grows; write "1..400 by 50" or "1..450 by 50"`},
	{"less than a block", "1..100 by 50", "1..10 by 50", "", `6: seeds: "1..10 by 50" ends in a part of a block (10 of 50 seeds), which would be computed again when the range grows; write "1..50 by 50"`},
	{"malformed range", "1..100 by 50", "1..100 in 50", "", `6: seeds: "1..100 in 50" is not a range of seeds; write "1..400" or "1..400 by 50"`},
	{"backward range", "1..100 by 50", "100..1", "", `6: seeds: "100..1" ends before it begins; write "1..100"`},
	{"blocks of none", "1..100 by 50", "1..100 by 0", "", `6: seeds: "1..100 by 0" has blocks of no seeds; write "1..100 by 1"`},
	{"very many blocks", "1..100 by 50", "1..999999999999999 by 1", "", `6: seeds: "1..999999999999999 by 1" makes more than 100000 blocks; make the blocks larger`},
	{"overlap", `"1..100 by 50"`, `["1..50", "41..90"]`, "", `6: axis seeds must increase strictly and 41-90 follows 1-50; sort it and remove repeats`},
	{"words for seeds", "1..100 by 50", "many", "", `6: curve-instance/N=64,alpha=2,seeds=many: seeds: wants a block of seeds like "1..50", got the string "many"; change it (seeds: block of seeds)`},

	// Stages.
	{"no kind", "kind = \"instance\"\n", "", "", `12: stage curve-instance has no kind; write kind = "KIND"`},
	{"kind type", `kind = "instance"`, "kind = 3", "", `13: kind wants a string; write kind = "KIND"`},
	{"unknown kind", `kind = "instance"`, `kind = "instence"`, "", `13: no kind is called instence; did you mean instance? known are instance, descent, finitesize, figure`},
	{"unknown key", "eta  = 0.05", "etha = 0.05", "", `20: stage curve-descent has no key etha, nor has its kind descent such a parameter; did you mean eta? known are eta, loss, at, fast, kind, each, over, from`},
	{"unknown grid", `each = "loss"`, `each = "los"`, "", `24: no grid is called los; did you mean loss? known are curve, loss`},
	{"each type", `each = "loss"`, `each = ["loss"]`, "", `24: each wants a string; write each = "GRID"`},
	{"unknown over", `over = ["N"]`, "over = [\n  \"M\"]", "", `31: grid curve (line 3) has no axis M; known are N, alpha, seeds`},
	{"empty over", `over = ["N"]`, `over = []`, "", `30: over is empty; list axes of grid curve, or remove each and over for a single stage`},
	{"over without each", "each = \"curve\"\nover", "over", "", `29: over names axes of the grid in each, and stage size has no each; write each = "GRID" or remove over`},
	{"unknown family", `from = ["curve-descent", "loss-descent"]`, "from = [\"curve-descent\",\n\"los-descent\"]", "", `36: stage fit asks for family los-descent, which no stage makes; did you mean loss-descent? known are curve-instance, curve-descent, loss-descent, size, fit`},
	{"from type", `from = ["curve-descent", "loss-descent"]`, `from = "curve-descent"`, "", `35: from wants a list of strings; write from = ["FAMILY"]`},
	{"from element", `from = ["curve-descent", "loss-descent"]`, `from = [3]`, "", `35: from wants a list of strings; write from = ["FAMILY"]`},
	{"from twice", `from = ["curve-descent", "loss-descent"]`, `from = ["size", "size"]`, "", `35: from lists size twice; remove one`},
	{"stage name", "[stage.fit]", "[stage.\"a/b\"]", "", `33: "a/b" cannot name a stage; use letters, digits, - and _`},
	{"stage called figure", "[stage.fit]", "[stage.figure]", "", `33: stage figure has the name of the figures' folder; call it something else`},
	{"stage type", "[stage.fit]", "[[stage.fit]]", "", `33: fit is not a table; write [stage.fit]`},
	{"cycle", "[stage.curve-instance]\n", "[stage.curve-instance]\nfrom = [\"fit\"]\n", "", `20: a cycle: curve-instance needs fit needs curve-descent needs curve-instance; remove one of these from a list of inputs`},
	{"self", `from = ["curve-descent", "loss-descent"]`, `from = ["fit"]`, "", `35: a cycle: fit needs fit; remove one of these from a list of inputs`},
	{"no match", "[grid.loss]\nloss = [\"ell\", \"plain\"]\nN = [64, 128]", "[grid.loss]\nloss = \"ell\"\nN = [64, 256]", "", `25: stage loss-descent/loss=ell,N=256 finds no input in family curve-instance: it has no stage with N=256; give both grids these values, or take curve-instance out of from`},
	{"missing input", "from = [\"curve-descent\", \"loss-descent\"]\n", "", "", `33: stage fit (kind finitesize): it needs an input of kind descent and has none; add a family of that kind to its inputs`},
	{"wrong input", `from = ["curve-descent", "loss-descent"]`, `from = ["curve-instance"]`, "", `35: stage fit (kind finitesize): it needs an input of kind descent and has none; add a family of that kind to its inputs`},

	// Parameters.
	{"type", "eta  = 0.05", `eta  = "big"`, "", `20: curve-descent/N=64,alpha=2,seeds=1-50: eta: wants a number, got the string "big"; change it (eta: step of the descent)`},
	{"type without help", "bins = 40", "bins = 40.5", "", `36: fit: bins: wants an integer, got 40.5; change it`},
	{"value", "eta  = 0.05", "eta  = -1", "", `20: curve-descent/N=64,alpha=2,seeds=1-50: eta: is -1 and must be positive; change it (eta: step of the descent)`},
	{"value in a profile", "eta = 0.5\n", "eta = -1\n", "smoke", `55: curve-descent/N=32,alpha=4,seeds=1-50: eta: is -1 and must be positive; change it (eta: step of the descent)`},
	{"axis value", "[64, 128]", "[\n1,\n64, 128]", "", `5: curve-instance/N=1,alpha=2,seeds=1-50: N: is 1; it must be at least 2`},
	{"axis type", "[2.0, 2.5, 3.0]", `"two"`, "", `5: curve-instance/N=64,alpha=two,seeds=1-50: alpha: wants a number, got the string "two"; change it (alpha: ratio of samples to dimension)`},
	{"axis value in a profile", "N     = 32\n", "N     = 1\n", "smoke", `46: curve-instance/N=1,alpha=4,seeds=1-50: N: is 1; it must be at least 2`},
	{"missing", "seeds = \"1..100 by 50\"\n", "", "", `11: curve-instance/N=64,alpha=2: seeds: is required by kind instance and not given; write seeds = … in [stage.curve-instance] or make it an axis`},
	{"axis and key", "eta  = 0.05", "alpha  = 2", "", `20: alpha is given here and is an axis of grid curve (line 3) too; remove one of them`},
	{"axis misspelt beside that of the paper", "seeds = \"1..50\"\nN     = 32", "seeds = \"1..50\"\nn     = 32", "smoke", `46: axis n of grid curve sets no parameter and selects no input of a stage spread over it; did you mean N? known are N, alpha, seeds, eta, loss, at, fast, bins`},
	{"blocks in a stage", "[stage.fit]", "[stage.one]\nkind = \"instance\"\nN = 8\nseeds = \"1..100 by 50\"\n[stage.fit]", "", `36: seeds: "1..100 by 50" is 2 blocks and a stage takes one; make it an axis of a grid`},
	{"part of a block in a stage", "[stage.fit]", "[stage.one]\nkind = \"instance\"\nN = 8\nseeds = \"1..\"\n[stage.fit]", "", `36: seeds: "1.." is not a range of seeds; write "1..400" or "1..400 by 50"`},

	// Figures.
	{"figure of no family", `success  = ["fit", "size"]`, `success  = ["fit", "sise"]`, "", `39: figure success asks for family sise, which no stage makes; did you mean size? known are curve-instance, curve-descent, loss-descent, size, fit`},
	{"figure type", `spectrum = []`, `spectrum = 3`, "", `40: spectrum wants a list of strings; write spectrum = ["FAMILY"]`},
	{"figure name", `spectrum = []`, `"" = []`, "", `40: "" cannot name a figure; use letters, digits, - and _`},
	{"unknown figure", `spectrum = []`, `spectre = []`, "", `40: figure/spectre: figure: "spectre" is not one of success, spectrum; change its name in [figure]`},

	// The report.
	{"report type", "[profile.laptop]", "[[report]]\n[profile.laptop]", "", `42: report is not a table; write [report]`},
	{"report key", "[profile.laptop]", "[report]\nfinding = 3\n[profile.laptop]", "", `43: unknown key finding in report; did you mean findings? known are title, abstract, findings, license, titles`},
	{"title of no figure", "[profile.laptop]", "[report.titles]\nsucces = \"a\"\n[profile.laptop]", "", `43: no figure is called succes; did you mean success? known are success, spectrum`},
	{"title type", "[profile.laptop]", "[report.titles]\nsuccess = 3\n[profile.laptop]", "", `43: success wants a string; write success = "TITLE"`},
	{"findings type", "[profile.laptop]", "[report]\nfindings = \"a\"\n[profile.laptop]", "", `43: findings wants a list of strings; write findings = ["half of them at {FIGURE/QUANTITY}"]`},
	{"finding of no figure", "[profile.laptop]", "[report]\nfindings = [\"a\",\n\"b {spectra/x}\"]\n[profile.laptop]", "", `44: no figure is called spectra; did you mean spectrum? known are success, spectrum`},
	{"finding without an end", "[profile.laptop]", "[report]\nfindings = [\"b {success/x\"]\n[profile.laptop]", "", `43: a finding has braces that hold no name; write a quantity as {FIGURE/QUANTITY}`},
	{"finding without a beginning", "[profile.laptop]", "[report]\nfindings = [\"b} {success/x}\"]\n[profile.laptop]", "", `43: a finding has braces that hold no name; write a quantity as {FIGURE/QUANTITY}`},
	{"finding of a figure alone", "[profile.laptop]", "[report]\nfindings = [\"{success}\"]\n[profile.laptop]", "", `43: a finding has braces that hold no name; write a quantity as {FIGURE/QUANTITY}`},
}

// The errors of goodPaper with one text replaced by another, in full.
func TestErrors(t *testing.T) {
	for _, c := range errorCases {
		t.Run(c.name, func(t *testing.T) {
			text := goodPaper
			if c.old != "" {
				text = replace(t, goodPaper, c.old, c.new)
			}
			got := "no error"
			p, err := Parse("paper.toml", []byte(text))
			if err == nil {
				_, err = p.Graph(c.profile, testKinds)
			}
			if err != nil {
				got = err.Error()
			}
			if want := "paper.toml:" + c.want; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	var many strings.Builder
	many.WriteString("default-profile = \"a\"\nprofile.a = {}\n[grid.g]\nN = [2")
	for i := 3; i <= 4001; i++ {
		fmt.Fprintf(&many, ", %d", i)
	}
	many.WriteString("]\n[grid.h]\nseeds = \"1..4000 by 1\"\n[stage.i]\nkind = \"instance\"\neach = \"g\"\nseeds = \"1..9\"\n" +
		"[stage.d]\nkind = \"instance\"\nN = 3\neach = \"h\"\nfrom = [\"i\"]\n")
	for name, text := range map[string]string{
		"paper.toml:15: the stages have more than 10000000 inputs in all; spread d over axes that i has": many.String(),
		"paper.toml:1: the file has 1048577 bytes, more than 1048576; write axes as ranges or split it":  strings.Repeat("#", 1<<20+1),
	} {
		p, err := Parse("paper.toml", []byte(text))
		if err == nil {
			_, err = p.Graph("", testKinds)
		}
		if err == nil || err.Error() != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
	// Deep nesting must end in an error or a value.
	if _, err := Parse("paper.toml", []byte("a = "+strings.Repeat("[", 1<<19))); err == nil {
		t.Error("unclosed lists are no error")
	}
}

// A kind whose Validate returns an error of its own gets the stage's line.
func TestPlainError(t *testing.T) {
	p, err := Parse("paper.toml", []byte("default-profile = \"a\"\nprofile.a = {}\n\n[stage.x]\nkind = \"odd\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Graph("", []*pipeline.Kind{define[oddParams]("odd")})
	if want := "paper.toml:4: x: odd one; leave it"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

type oddParams struct{}

func (oddParams) Validate() error { return fmt.Errorf("odd one; leave it") }

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"eta", "etha", 1}, {"α", "a", 1}, {"flaw", "lawn", 2}, {"run", "rnu", 1}, {"abcd", "badc", 2}} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// Of many names the nearest few are told, of few all.
func TestHintOfMany(t *testing.T) {
	var many []string
	for k := range 66 {
		many = append(many, fmt.Sprintf("stage-%02d", k))
	}
	many = append(many, "success", "losses")
	for name, want := range map[string]string{
		"succes":     "did you mean success? 68 are known, the nearest are success, losses, stage-00, stage-01, stage-02",
		"zzz":        "68 are known, the nearest are losses, success, stage-00, stage-01, stage-02",
		"no-such-at": "68 are known, the nearest are ",
	} {
		if got := Hint(name, many); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := Hint("succes", many[65:]); got != "did you mean success? known are stage-65, success, losses" {
		t.Error(got)
	}
}
