package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// In each document the values say where their keys stand: a number is the line
// of its key or, in a list, of the element.
var lineDocs = map[string]string{
	"plain":         "a = 1\nb = 2\n\n\nc = 5",
	"table":         "\n[t]\na = 3\n[t.u]\nb = 5\n",
	"windows":       "a = 1\r\n\r\n[t] # x\r\nb = 4\r\n",
	"bom":           "\ufeffa = 1\nb = 2",
	"comments":      "# a = 9\na = 2 # b = 9\n#[t]\n[t] # [u]\nb = 5 #'''\nc = 6\n",
	"strings":       "s = \"\"\"x\na = 9\n[t]\\\"\"\"\"\na = 4\nr = '''\nb = 9\\'''\nb = 7\n",
	"quotes inside": "s = \"\"\"\"\"a\n\"\"\"\"\"\na = 3\nr = '''''x\n'''''\nb = 6\n",
	"empty strings": "s = \"\"\na = 2\nr = ''\nb = 4\nm = \"\"\"\"\"\"\nc = 6\nn = ''''''\nd = 8",
	"hash inside":   "s = \"# \\\" #\"\na = 2\nr = '#\\'\nb = 4\n",
	"lists":         "a = [\n 2, 2,\n # 9, 9]\n 4, [4,\n 5]\n]\nb = 7\n",
	"list strings":  "s = [\"]\", ']\"', \"\"\"]\n]\"\"\", '''\n''']\na = 4\n",
	"quoted keys":   "\"a b\" = 1\n'c.d' = 2\n\"e\\\"f\\u0041\".\"\".'' = 3\n[\"x]\".'y#' . z]\n\"=\" = 5\n",
	"dotted keys":   "a.b.c = 1\na . b . d = 2\n[t]\nx.y = 4\nx.z = 5\n",
	"key numbers":   "1 = 1\n-2_ = 2\n3.14 = 3\ntrue = 4\n",
	"array tables":  "[[g]]\na = 2\n[g.h]\nb = 4\n[[g.k]]\nc = 6\n[[g.k]]\nc = 8\n[[g]]\na = 10\n[[g.k]]\nc = 12\n",
	"array dotted":  "[[x.y]]\na = 2\n[[x.y]]\na = 4\nb.c = 5\n[x.y.d]\ne = 7\n",
	"inline":        "a = {x = 1, y.z = 1, w = [1, {v = 1}]}\nb = 2\n",
	"inline lines":  "a = {\n x = 2, # }\n y = {}, z = 3,\n}\nb = 5\n",
	"inline list":   "g = [{a = 1}, {a = 1},\n {a = 2, b = [2,\n3]}]\nc = 4\n",
	"numbers":       "a = +1\nb = 0x2\nc = 0b11\nd = 4.0\ne = 50e-1\n",
	"others":        "t = 1979-05-27 07:32:00\na = 2\nf = [inf, -nan, true]\nb = 4\n",
	"blanks":        "\t a\t=\t1\n   [ t . u ]\n  b =    3   \n [[ v ]] \n c=5",
	"late parent":   "[a.b]\nx = 2\n[a]\ny = 4\n",
	"no newline":    "[a]\n[b]\n[c]\nx=4",
}

func TestLines(t *testing.T) {
	for name, doc := range lineDocs {
		t.Run(name, func(t *testing.T) {
			root := buildDoc(t, doc)
			if n := checkNumbers(t, root, name); n == 0 {
				t.Error("the document has no number to check")
			}
			checkMetaData(t, doc, root)
		})
	}
	for _, c := range []struct {
		path []string
		want int
	}{{[]string{"a"}, 3}, {[]string{"a", "b"}, 1}} {
		n := buildDoc(t, lineDocs["late parent"])
		for _, k := range c.path {
			n = n.get(k)
		}
		if n.line != c.want {
			t.Errorf("%v is on line %d, want %d", c.path, n.line, c.want)
		}
	}
}

func TestLinesGoodPaper(t *testing.T) {
	checkMetaData(t, goodPaper, buildDoc(t, goodPaper))
	for i, line := range strings.Split(goodPaper, "\n") {
		header, ok := strings.CutPrefix(line, "[")
		if !ok {
			continue
		}
		n := buildDoc(t, goodPaper)
		for _, k := range strings.Split(strings.TrimSuffix(header, "]"), ".") {
			n = n.get(k)
		}
		if n.line != i+1 {
			t.Errorf("%s is on line %d, want %d", line, n.line, i+1)
		}
	}
}

func buildDoc(t testing.TB, doc string) *node {
	t.Helper()
	var tree map[string]any
	if _, err := toml.Decode(doc, &tree); err != nil {
		t.Fatalf("%q: %v", doc, err)
	}
	return build("", tree, scan(doc), -1)
}

// checkNumbers compares each number with its line and counts them.
func checkNumbers(t *testing.T, n *node, path string) int {
	t.Helper()
	want := -1
	switch v := n.value.(type) {
	case int64:
		want = int(v)
	case float64:
		if v > 0 && v < 1e6 {
			want = int(v)
		}
	}
	count := 0
	if want >= 0 {
		count = 1
		if n.line != want {
			t.Errorf("%s is on line %d, want %d", path, n.line, want)
		}
	}
	for i, k := range n.nodes {
		count += checkNumbers(t, k, fmt.Sprintf("%s.%q#%d", path, k.name, i))
	}
	return count
}

// checkMetaData wants the scanner to have found every key that the toml package
// reports, and none besides these and the tables that they imply.
func checkMetaData(t testing.TB, doc string, root *node) {
	t.Helper()
	var tree map[string]any
	md, err := toml.Decode(doc, &tree)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	paths(scan(doc), nil, found)
	implied := make(map[string]bool)
	for _, k := range md.Keys() {
		for i := range k {
			implied[k[:i+1].String()] = true
		}
		if !found[k.String()] {
			t.Errorf("%q: no line for key %v", doc, k)
		}
	}
	for path := range found {
		if !implied[path] {
			t.Errorf("%q: a line for %s, which is no key", doc, path)
		}
	}
	if want := strings.Count(strings.ReplaceAll(doc, "\r\n", "\n"), "\n") + 1; maxLine(root) > want {
		t.Errorf("%q: a line beyond the last, %d", doc, want)
	}
}

// paths lists the keys below a position as the toml package does, without indices of lists.
func paths(p *position, above toml.Key, found map[string]bool) {
	for _, name := range p.names {
		path := append(above[:len(above):len(above)], name)
		found[path.String()] = true
		paths(p.keys[name], path, found)
	}
	for _, e := range p.list {
		paths(e, above, found)
	}
}

func maxLine(n *node) int {
	m := n.line
	for _, k := range n.nodes {
		m = max(m, maxLine(k))
	}
	return m
}

// Anything may be scanned, though only valid documents need be; every valid one
// has a line for each key; no paper panics, and every error has file and line.
func FuzzParse(f *testing.F) {
	for _, doc := range lineDocs {
		f.Add(doc)
	}
	f.Add(goodPaper)
	f.Add("default-profile=\"a\"\nprofile.a.stage.b={over=[]}\ngrid=3\n[stage.b]\neach=\"g\"")
	for _, s := range []string{"[[[", "a=[{", "\"", "'''", "a=\"\"\"\\", "[a.", "a=[,,", "a={,", "=", ".", "[[a]]\n[a.b]\n[[a]]", "]", "}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		scan(doc)
		var tree map[string]any
		if _, err := toml.Decode(doc, &tree); err == nil {
			checkMetaData(t, doc, build("", tree, scan(doc), 1))
		}
		p, err := Parse("paper.toml", []byte(doc))
		if err != nil {
			checkForm(t, err)
			return
		}
		for _, profile := range append(p.Profiles(), "", "none") {
			if _, err := p.Graph(profile, testKinds); err != nil {
				checkForm(t, err)
			}
			if _, err := p.Families(profile, testKinds); err != nil {
				checkForm(t, err)
			}
		}
	})
}

func checkForm(t *testing.T, err error) {
	t.Helper()
	var line int
	if n, _ := fmt.Sscanf(err.Error(), "paper.toml:%d: ", &line); n != 1 || line < 1 || !strings.Contains(err.Error(), "; ") {
		t.Errorf("an error of another form: %v", err)
	}
}
