package spec

import (
	"fmt"
	"regexp"
	"strings"
)

// A Report is what the paper says of itself, for the page that shows its figures.
type Report struct {
	Title    string
	Abstract string
	Titles   map[string]string // of figures, by name
	Findings []Finding
	License  string // of the data, an SPDX identifier; empty for that of the program
}

// A Finding is a result of the paper in words and quantities.
type Finding struct {
	At    string // its file and line
	Parts []Part
}

// A Part of a finding is words, or a quantity of a figure.
type Part struct {
	Words            string
	Figure, Quantity string // empty for words
}

var spdx = regexp.MustCompile(`^[A-Za-z0-9.+-]+$`)

// Report is the paper's, empty if it has none.
func (p *Paper) Report() Report { return p.report }

func (p *Paper) readReport(n *node) (err error) {
	if err := p.checkTable(n, "[report]"); err != nil {
		return err
	}
	for _, k := range n.children() {
		switch k.name {
		case "title":
			p.report.Title, err = p.text(k, "TITLE")
		case "abstract":
			p.report.Abstract, err = p.text(k, "TEXT")
		case "license":
			if p.report.License, err = p.text(k, "SPDX-IDENTIFIER"); err == nil && !spdx.MatchString(p.report.License) {
				err = p.errorAt(k, "license is %q and must be an identifier of https://spdx.org/licenses, like CC-BY-4.0",
					p.report.License)
			}
		case "titles":
			err = p.readTitles(k)
		case "findings":
			err = p.readFindings(k)
		default:
			err = p.errorAt(k, "unknown key %s in report; %s",
				k.name, Hint(k.name, []string{"title", "abstract", "findings", "license", "titles"}))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Paper) readTitles(n *node) error {
	if err := p.checkTable(n, "[report.titles] with a line FIGURE = \"TITLE\" for each figure"); err != nil {
		return err
	}
	p.report.Titles = make(map[string]string)
	for _, k := range n.nodes {
		p.named = append(p.named, mention{k, k.name})
		title, err := p.text(k, "TITLE")
		if err != nil {
			return err
		}
		p.report.Titles[k.name] = title
	}
	return nil
}

func (p *Paper) readFindings(n *node) error {
	list, err := p.texts(n, "half of them at {FIGURE/QUANTITY}")
	if err != nil {
		return err
	}
	for _, k := range list {
		f := Finding{At: fmt.Sprintf("%s:%d", p.file, k.line)}
		rest := k.value.(string)
		for rest != "" {
			words, after, opened := strings.Cut(rest, "{")
			name, after, closed := strings.Cut(after, "}")
			figure, quantity, ok := strings.Cut(name, "/")
			if strings.Contains(words, "}") || opened && !(closed && ok && quantity != "") {
				return p.errorAt(k, "a finding has braces that hold no name; write a quantity as {FIGURE/QUANTITY}")
			}
			if words != "" {
				f.Parts = append(f.Parts, Part{Words: words})
			}
			if opened {
				p.named = append(p.named, mention{k, figure})
				f.Parts = append(f.Parts, Part{Figure: figure, Quantity: quantity})
			}
			rest = after
		}
		p.report.Findings = append(p.report.Findings, f)
	}
	return nil
}

// A mention is a figure's name and where the report has it.
type mention struct {
	at     *node
	figure string
}

// checkMentions wants the report to be about figures that there are. It comes after the
// check of their names, as one that is misspelt there is better told there.
func (p *Paper) checkMentions() error {
	figures := p.root.get("figure")
	for _, m := range p.named {
		if figures.get(m.figure) == nil {
			return p.errorAt(m.at, "no figure is called %s; %s", m.figure, Hint(m.figure, figures.names()))
		}
	}
	return nil
}
