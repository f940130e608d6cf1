package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"zerotohero/pipeline/artifact"
)

// nodeWith is node, which finds an npm package.
func nodeWith(t *testing.T, name string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node in PATH, in which rows would be read; install nodejs to run this test")
	}
	find := fmt.Sprintf("require(%q)", name)
	if out, err := exec.Command(node, "-e", find).CombinedOutput(); err != nil {
		if !strings.Contains(string(out), "MODULE_NOT_FOUND") {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Skipf("node finds no package %s (NODE_PATH is %q); to run this test, "+
			"install it with npm and let NODE_PATH name its node_modules", name, os.Getenv("NODE_PATH"))
	}
	return node
}

// total is what a test wants to be the same of all rows of one stage. Sums are in the order of
// the rows, as the bits of a float64 in hexadecimal.
type total struct {
	Rows, Points           int
	Energy, Student, Trace string
}

// totals are those of the stages of the smoke profile's curve-descent, by name.
func totals(t *testing.T, dir string) map[string]total {
	t.Helper()
	type row struct {
		Energy  float64   `arrow:"energy"`
		Student []float64 `arrow:"student"`
		Trace   []struct {
			T       float64 `arrow:"t"`
			Overlap float64 `arrow:"overlap"`
		} `arrow:"trace"`
	}
	const family = "curve-descent"
	view := filepath.Join(dir, "data/view/smoke")
	files, err := filepath.Glob(filepath.Join(view, family, "*.arrow"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d artifacts, %v", len(files), err)
	}
	out := make(map[string]total)
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tab, err := artifact.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := artifact.Rows[row](tab)
		if err != nil {
			t.Fatal(err)
		}
		var energy, student, trace float64
		points := 0
		for _, r := range rows {
			energy += r.Energy
			for _, w := range r.Student {
				student += w
			}
			for _, p := range r.Trace {
				points++
				trace += float64(p.T * p.Overlap)
			}
		}
		bits := func(x float64) string { return fmt.Sprintf("%016x", math.Float64bits(x)) }
		stage := family + "/" + strings.TrimSuffix(filepath.Base(path), ".arrow")
		out[stage] = total{len(rows), points, bits(energy), bits(student), bits(trace)}
	}
	return out
}

// readRows writes the totals of files by name, of which read gives all rows, {stage, energy,
// student, trace}.
const readRows = `
function bits(x) { const b = Buffer.alloc(8); b.writeDoubleBE(x); return b.toString("hex"); }
function sum(rows) {
	const of = {};
	for (const r of rows) {
		const s = of[r.stage] ??= {rows: 0, points: 0, energy: 0, student: 0, trace: 0};
		s.rows++;
		s.energy += r.energy;
		for (const w of r.student) s.student += w;
		for (const p of r.trace) { s.points++; s.trace += p.t * p.overlap; }
	}
	for (const s of Object.values(of)) for (const k of ["energy", "student", "trace"]) s[k] = bits(s[k]);
	return of;
}
(async () => {
	const out = {};
	for (const f of process.argv.slice(1)) out[f] = sum(await read(f));
	console.log(JSON.stringify(out));
})();
`

const byArrow = `
const arrow = require("apache-arrow"), fs = require("fs");
const read = f => [...arrow.tableFromIPC(fs.readFileSync(f))];
`

const byDuckDB = `
const {DuckDBInstance} = require("@duckdb/node-api");
async function read(f) {
	const db = await (await DuckDBInstance.create(":memory:")).connect();
	const from = f.endsWith(".csv") ? "read_csv('" + f + "')" : "'" + f + "'";
	const rows = (await db.runAndReadAll("SELECT stage, energy, student, trace FROM " + from)).getRowObjectsJS();
	if (f.endsWith(".csv"))
		for (const r of rows) { r.student = JSON.parse(r.student); r.trace = JSON.parse(r.trace); }
	return rows;
}
`

func wantTotals(t *testing.T, node, script string, files ...string) {
	t.Helper()
	c := exec.Command(node, append([]string{"-e", script + readRows, "--"}, files...)...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]map[string]total
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	want := totals(t, referenceRun(t).dir)
	for _, f := range files {
		if len(got[f]) != len(want) {
			t.Errorf("%s has %d stages, want %d", f, len(got[f]), len(want))
		}
		for stage, w := range want {
			if got[f][stage] != w {
				t.Errorf("%s: of %s there is %+v, want %+v", f, stage, got[f][stage], w)
			}
		}
	}
}

// rowsOf writes the rows of a family of the reference run in a format.
func rowsOf(t *testing.T, format string, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows."+format)
	args := append([]string{"show", "curve-descent", "--profile", "smoke", "--format", format, "-o", path}, flags...)
	run(t, command(hero, referenceRun(t).dir, args...))
	return path
}

// The rows of a family are read by another implementation of Arrow, to the last bit.
func TestRowsInJavaScript(t *testing.T) {
	node := nodeWith(t, "apache-arrow")
	wantTotals(t, node, byArrow, rowsOf(t, "arrow"))
}

// The rows of a family are read by DuckDB, from Parquet and from CSV, to the last bit.
func TestRowsInDuckDB(t *testing.T) {
	node := nodeWith(t, "@duckdb/node-api")
	wantTotals(t, node, byDuckDB, rowsOf(t, "parquet"), rowsOf(t, "csv"))
}

// A column of lists that is unnested has the elements that the lists have, to DuckDB too.
func TestUnnestInDuckDB(t *testing.T) {
	node := nodeWith(t, "@duckdb/node-api")
	script := `
const {DuckDBInstance} = require("@duckdb/node-api");
(async () => {
	const db = await (await DuckDBInstance.create(":memory:")).connect();
	const [whole, flat] = process.argv.slice(1);
	const counted = "SELECT *, unnest(range(1, len(trace) + 1)) AS k FROM '" + whole + "'";
	const nested = "SELECT stage, seed, start, k - 1 AS i, trace[k] AS p FROM (" + counted + ")";
	const fields = ["index", "t", "energy", "overlap", "gradient"].map(f => '"trace.' + f + '"').join(", ");
	const missing = "SELECT count(*) FROM (SELECT stage, seed, start, i, p.t, p.energy, p.overlap, p.gradient FROM (" +
		nested + ") EXCEPT ALL SELECT stage, seed, start, " + fields + " FROM '" + flat + "')";
	for (const sql of [missing, "SELECT count(*) FROM '" + flat + "'", "SELECT sum(len(trace)) FROM '" + whole + "'"])
		console.log(String((await db.runAndReadAll(sql)).getRowsJS()[0][0]));
})();`
	c := exec.Command(node, "-e", script, "--", rowsOf(t, "parquet"), rowsOf(t, "parquet", "--unnest", "trace"))
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	var missing, flat, nested int
	_, err = fmt.Sscan(string(out), &missing, &flat, &nested)
	if err != nil || missing != 0 || flat != nested || flat < 100 {
		t.Errorf("%d elements are not among the rows, which are %d of %d (%v)", missing, flat, nested, err)
	}
}
