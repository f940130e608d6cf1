package report

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"zerotohero/pipeline"
	"zerotohero/pipeline/quantity"
)

// staleMark is the comment on a figure whose numbers are not up to date.
const staleMark = "%s: not up to date, run it again"

// A standing report is what the file of numbers has of each figure already.
type standing struct {
	numbers map[string][]pipeline.Quantity
	stale   map[string]bool
}

// before reads the file of numbers as it stands. One that is no such file stands for
// nothing: it is written anew.
func (src Source) before() (standing, error) {
	out := standing{numbers: make(map[string][]pipeline.Quantity), stale: make(map[string]bool)}
	text, err := os.ReadFile(filepath.Join(src.Folder, TOMLFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return out, err
	}
	numbers, err := ParseTOML(text)
	if err != nil {
		return standing{}, nil
	}
	out.numbers = numbers
	for _, i := range src.Plan.Items {
		name := nameOf(i.Stage)
		out.stale[name] = bytes.Contains(text, fmt.Appendf(nil, "\n# "+staleMark+"\n", name))
	}
	return out, nil
}

// ParseTOML reads a file of numbers: the quantities of each figure, sorted by name.
func ParseTOML(text []byte) (map[string][]pipeline.Quantity, error) {
	var tables map[string]map[string]quantity.Table
	if err := toml.Unmarshal(text, &tables); err != nil {
		return nil, err
	}
	out := make(map[string][]pipeline.Quantity, len(tables))
	for figure, of := range tables {
		for _, name := range slices.Sorted(maps.Keys(of)) {
			out[figure] = append(out[figure], of[name].Quantity(name))
		}
	}
	return out, nil
}

// tomlNumbers are the numbers of all figures, in the order of the paper.
func tomlNumbers(figures []*figure) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# The numbers of all figures: [figure.number]\n")
	for _, f := range figures {
		tables := make(map[string]quantity.Table)
		for _, q := range f.Quantities {
			tables[q.Name] = quantity.TableOf(q)
		}
		if len(tables) == 0 {
			continue
		}
		b.WriteByte('\n')
		if f.stale {
			fmt.Fprintf(&b, "# "+staleMark+"\n", f.name)
		}
		e := toml.NewEncoder(&b)
		e.Indent = ""
		if err := e.Encode(map[string]map[string]quantity.Table{f.name: tables}); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

const texHead = `%% The numbers of all figures, rounded as their intervals allow. After \input{numbers}
%%   \%[1]s{figure/number}           is the value,
%%   \%[1]sinterval{figure/number}   its interval, as in [2.70, 2.88],
%% in text, captions and mathematics; both are the word none for a number that does not
%% exist. A name that is not below is an error.
\makeatletter
\DeclareRobustCommand\%[1]s[1]{\%[1]s@get{%[1]s@#1}{#1}}
\DeclareRobustCommand\%[1]sinterval[1]{\%[1]s@get{%[1]s@interval@#1}{#1}}
\newcommand\%[1]s@get[2]{\@ifundefined{#1}{\PackageError{%[1]s}{No number or interval is called #2}{}}{\@nameuse{#1}}}
`

// texNumbers are the numbers of all figures as LaTeX macros.
func texNumbers(program string, figures []*figure) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, texHead, program)
	for _, f := range figures {
		if f.stale && len(f.Quantities) > 0 {
			fmt.Fprintf(&b, "%% "+staleMark+"\n", f.name)
		}
		define := func(macro, name, value string) {
			fmt.Fprintf(&b, "\\@namedef{%s%s%s/%s}{%s}\n", program, macro, f.name, name, value)
		}
		byName := func(a, b pipeline.Quantity) int { return cmp.Compare(a.Name, b.Name) }
		for _, q := range slices.SortedFunc(slices.Values(f.Quantities), byName) {
			if q.None.Plain != "" {
				define("@", q.Name, `\textrm{none}`)
				define("@interval@", q.Name, `\textrm{none}`)
				continue
			}
			define("@", q.Name, `\ensuremath{`+texNumber(q.Rounded)+"}")
			if q.RoundedLo != "" {
				define("@interval@", q.Name, `\ensuremath{[`+texNumber(q.RoundedLo)+`,\,`+texNumber(q.RoundedHi)+"]}")
			}
		}
	}
	b.WriteString("\\makeatother\n")
	return b.Bytes()
}

// texNumber writes a rounded number such as -1.2e-07 or inf for mathematics.
func texNumber(rounded string) string {
	mantissa, power := quantity.Split(strings.Replace(rounded, "inf", `\infty `, 1))
	if power == "" {
		return mantissa
	}
	return mantissa + `\times10^{` + power + "}"
}

// htmlNumber writes it for a web page.
func htmlNumber(rounded string) template.HTML {
	mantissa, power := quantity.Split(strings.Replace(rounded, "inf", "∞", 1))
	if power != "" {
		mantissa += " × 10<sup>" + power + "</sup>"
	}
	return template.HTML(strings.ReplaceAll(mantissa, "-", "−"))
}
