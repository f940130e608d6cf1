package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every step of the page "A new loss in five minutes" works as it stands there: what is TOML
// goes to the end of paper.toml, commands are run, and what a block of text has is in what the
// commands before it printed.
func TestNewLossInFiveMinutes(t *testing.T) {
	page := read(t, "stages/loss/formula/five-minutes.md")
	paper := read(t, "paper.toml")
	dir := folder(t, paper)
	output, commands := "", 0
	for i, part := range strings.Split(page, "```") {
		if i%2 == 0 {
			continue
		}
		sort, block, _ := strings.Cut(part, "\n")
		switch sort {
		case "toml":
			paper += "\n" + block
			writePaper(t, dir, paper)
		case "sh":
			output = ""
			for _, line := range strings.Split(strings.TrimSpace(block), "\n") {
				words := shellWords(line)
				if words[0] != "./hero" {
					t.Fatalf("%s is not a command of this program", line)
				}
				output += run(t, command(hero, dir, words[1:]...))
				commands++
			}
		case "text":
			for _, line := range strings.Split(strings.TrimSpace(block), "\n") {
				if !strings.Contains(output, line) {
					t.Errorf("no %q in\n%s", line, output)
				}
			}
		default:
			t.Errorf("a block of %q", sort)
		}
	}
	if commands < 6 {
		t.Errorf("only %d commands", commands)
	}
	caption, err := os.ReadFile(filepath.Join(dir, "figures/out/mine/losses.txt"))
	if err != nil || !strings.Contains(string(caption), "lncosh, a = 1: α_BBP^init =") {
		t.Errorf("%v, caption\n%s", err, caption)
	}
	if _, err := os.Stat(filepath.Join(dir, "data/out/_set-mine/losses.png")); err != nil {
		t.Error(err)
	}
}

// shellWords splits a command as a shell does that knows single quotes alone.
func shellWords(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

// A mistake in a formula is an error with its place, before anything is computed.
func TestMistakenFormulas(t *testing.T) {
	paper := read(t, "paper.toml")
	const formula = `formula = "(a + y^2) * log(1 + r^2/2)"`
	const table = "[loss.cauchy]\n"
	for old, c := range map[string]struct{ with, want string }{
		"log(1 + r^2/2)":      {"lgo(1 + r^2/2)", "loss cauchy: column 13: no function is called lgo; did you mean log?"},
		formula:               {formula + "\nb = 2", "loss cauchy: b: is not in the formula"},
		"(u^2 - y^2)/(a + y":  {"(u^2 - y^2/(a + y", "loss cauchy, r: column 1: this ( is not closed"},
		table:                 {"[loss.ell]\nformula = \"u^2\"\n" + table, "loss ell: loss ell is one of zerotohero/stages/loss/ell already"},
		table + formula:       {table + "formula = \"u^2\"\n" + table + formula, "Key 'loss.cauchy' has already been defined"},
		`(a + y^2) * log(1 +`: {"(c + y^2) * log(1 +", "column 2: c has no value"},
	} {
		if !strings.Contains(paper, old) {
			t.Fatalf("paper.toml has no %q", old)
		}
		dir := folder(t, strings.Replace(paper, old, c.with, 1))
		out, err := command(hero, dir, "plan").CombinedOutput()
		if err == nil || !strings.Contains(string(out), "paper.toml:") || !strings.Contains(string(out), c.want) {
			t.Errorf("%v, %s\nwant %s", err, out, c.want)
		}
	}
}
