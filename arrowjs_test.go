package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"zerotohero/pipeline/artifact"
)

// Each file is read twice, as a file and, after the magic, as a stream; every value is.
const readArrow = `
const arrow = require("apache-arrow"), fs = require("fs");
function read(bytes) {
	try {
		const table = arrow.tableFromIPC(bytes);
		for (const row of table) JSON.stringify(row.toJSON(), (_, v) => typeof v == "bigint" ? String(v) : v);
		return {rows: table.numRows, columns: table.schema.fields.map(f => f.name)};
	} catch (e) {
		return {error: String(e)};
	}
}
console.log(JSON.stringify(process.argv.slice(1).map(f => {
	const bytes = fs.readFileSync(f);
	return {file: read(bytes), stream: read(bytes.subarray(8))};
})));
`

// Artifacts are read by another implementation of Arrow, in JavaScript.
func TestArrowInJavaScript(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node in PATH, in which artifacts would be read; install nodejs to run this test")
	}
	if out, err := exec.Command(node, "-e", `require("apache-arrow")`).CombinedOutput(); err != nil {
		if !strings.Contains(string(out), "MODULE_NOT_FOUND") {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Skipf("node finds no package apache-arrow (NODE_PATH is %q); to run this test, install it with npm and let NODE_PATH name its node_modules", os.Getenv("NODE_PATH"))
	}
	var files []string
	err = filepath.WalkDir(filepath.Join(wholeRun(t).dir, "data/objects"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 100 {
		t.Fatalf("%d artifacts, %v", len(files), err)
	}
	c := exec.Command(node, append([]string{"-e", readArrow, "--"}, files...)...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	type content struct {
		Rows    int
		Columns []string
		Error   string
	}
	var read []struct{ File, Stream content }
	if err := json.Unmarshal(out, &read); err != nil || len(read) != len(files) {
		t.Fatalf("%d of %d artifacts were read, %v", len(read), len(files), err)
	}
	for k, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tab, err := artifact.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, col := range tab.Columns() {
			if !strings.Contains(col.Name, ".") {
				names = append(names, col.Name)
			}
		}
		for how, got := range map[string]content{"file": read[k].File, "stream": read[k].Stream} {
			if got.Error != "" || got.Rows != tab.NumRows() || strings.Join(got.Columns, " ") != strings.Join(names, " ") {
				t.Errorf("%s (%s) as a %s: %+v; it has %d rows and the columns %v", path, tab.Kind, how, got, tab.NumRows(), names)
			}
		}
	}
}
