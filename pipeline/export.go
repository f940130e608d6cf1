package pipeline

import "html"

// An Export is the row of an artifact that is exported: a figure's files, and what there is
// to say of it as data, of which pipeline/report makes its page and files of numbers. A kind
// whose row it is exports, and gives one row a stage.
type Export struct {
	Files      []File     `arrow:"files" doc:"a figure in several formats, to be written beside the store as well"`
	Caption    []Text     `arrow:"caption" doc:"what the figure shows, a paragraph each"`
	Quantities []Quantity `arrow:"quantities" doc:"the numbers that the figure is about"`
}

// A File is a figure in one format.
type File struct {
	Name    string `arrow:"name" doc:"file name under the folder of exported files"`
	Content []byte `arrow:"content" doc:"the file's bytes"`
}

// A Text is words in two forms.
type Text struct {
	Plain string `arrow:"plain" doc:"the words as Unicode text"`
	HTML  string `arrow:"html" doc:"the same words as HTML without blocks"`
}

// Plain is a text that is set alike everywhere.
func Plain(words string) Text { return Text{Plain: words, HTML: html.EscapeString(words)} }

// A Quantity is a number that a figure is about, or the reason why there is no such number.
// Package quantity makes one, with the rule for its digits, and
// says in Check what is right.
type Quantity struct {
	Name      string  `arrow:"name" doc:"stays as it is when the number changes"`
	Text      Text    `arrow:"text" doc:"what the number is"`
	Unit      string  `arrow:"unit" doc:"unit of the number, empty for a pure number"`
	Value     float64 `arrow:"value" doc:"the number, NaN if there is none"`
	Lo        float64 `arrow:"lo" doc:"lower end of its interval, NaN if the number is exact"`
	Hi        float64 `arrow:"hi" doc:"upper end of its interval, NaN if the number is exact"`
	Rounded   string  `arrow:"rounded" doc:"the number to the digits that its interval supports"`
	RoundedLo string  `arrow:"rounded_lo" doc:"the lower end likewise, empty if the number is exact"`
	RoundedHi string  `arrow:"rounded_hi" doc:"the upper end likewise, empty if the number is exact"`
	None      Text    `arrow:"none" doc:"why there is no number, empty if there is one"`
}
