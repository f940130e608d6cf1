package report

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// A number is a table of NAME.toml. One that does not exist, such as a statistic of an
// empty set, has the reason in place of a value.
type number struct {
	Text     string   `toml:"text"`
	Value    *float64 `toml:"value,omitempty"`
	Lo       *float64 `toml:"lo,omitempty"`
	Hi       *float64 `toml:"hi,omitempty"`
	Rounded  string   `toml:"rounded,omitempty"`
	Interval []string `toml:"interval,omitempty"`
	None     string   `toml:"none,omitempty"`
}

func parseNumbers(text []byte) (map[string]number, error) {
	var out map[string]number
	if err := toml.Unmarshal(text, &out); err != nil {
		return nil, err
	}
	for name, n := range out {
		if n.Interval != nil && len(n.Interval) != 2 {
			return nil, fmt.Errorf("the interval of %s has %d ends", name, len(n.Interval))
		}
		if strings.ContainsAny(name, "\\{}%#$&~^_\n") {
			return nil, fmt.Errorf("the name %q has characters that TeX gives another meaning", name)
		}
		if (n.None != "") == (n.Value != nil) {
			return nil, fmt.Errorf("%s needs a value, or none with the reason why there is no value, and not both", name)
		}
	}
	return out, nil
}

// staleMark is the comment on a figure whose numbers are not up to date.
const staleMark = "%s: not up to date, run it again"

// A standing report is what the file of numbers has of each figure already.
type standing struct {
	numbers map[string]map[string]number
	stale   map[string]bool
}

// before reads the file of numbers as it stands. One that is no such file stands for
// nothing: it is written anew from the files of the figures.
func (src Source) before() (standing, error) {
	out := standing{stale: make(map[string]bool)}
	text, err := os.ReadFile(filepath.Join(src.Folder, TOMLFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return out, err
	}
	if toml.Unmarshal(text, &out.numbers) != nil {
		return standing{}, nil
	}
	for _, i := range src.Plan.Items {
		name := nameOf(i.Stage)
		out.stale[name] = bytes.Contains(text, fmt.Appendf(nil, "\n# "+staleMark+"\n", name))
	}
	return out, nil
}

// tomlNumbers are the numbers of all figures, in the order of the paper.
func tomlNumbers(figures []*figure) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# The numbers of all figures: [figure.number]\n")
	for _, f := range figures {
		if len(f.numbers) == 0 {
			continue
		}
		b.WriteByte('\n')
		if f.stale {
			fmt.Fprintf(&b, "# "+staleMark+"\n", f.name)
		}
		e := toml.NewEncoder(&b)
		e.Indent = ""
		if err := e.Encode(map[string]map[string]number{f.name: f.numbers}); err != nil {
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
		if f.stale && len(f.numbers) > 0 {
			fmt.Fprintf(&b, "%% "+staleMark+"\n", f.name)
		}
		for _, name := range slices.Sorted(maps.Keys(f.numbers)) {
			n := f.numbers[name]
			if n.None != "" {
				for _, macro := range []string{"@", "@interval@"} {
					fmt.Fprintf(&b, "\\@namedef{%s%s%s/%s}{\\textrm{none}}\n", program, macro, f.name, name)
				}
				continue
			}
			fmt.Fprintf(&b, "\\@namedef{%s@%s/%s}{\\ensuremath{%s}}\n", program, f.name, name, texNumber(n.Rounded))
			if n.Interval != nil {
				fmt.Fprintf(&b, "\\@namedef{%s@interval@%s/%s}{\\ensuremath{[%s,\\,%s]}}\n",
					program, f.name, name, texNumber(n.Interval[0]), texNumber(n.Interval[1]))
			}
		}
	}
	b.WriteString("\\makeatother\n")
	return b.Bytes()
}

// texNumber writes a number such as -1.2e-07 or inf for mathematics.
func texNumber(s string) string {
	s = strings.Replace(s, "inf", `\infty `, 1)
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok {
		return s
	}
	sign := ""
	if strings.HasPrefix(exponent, "-") {
		sign = "-"
	}
	exponent = strings.TrimLeft(exponent, "+-0")
	if exponent == "" {
		exponent = "0"
	}
	return mantissa + `\times10^{` + sign + exponent + "}"
}
