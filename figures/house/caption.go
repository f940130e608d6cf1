package house

import (
	"fmt"
	"reflect"
	"strings"
	"text/template"

	"zerotohero/figures/label"
)

// Caption fills the template of a caption, in the markup of labels, with what its fields name
// of data. Empty lines of the template part it into paragraphs, each a template of its own; one
// that comes to nothing is left out. A quantity is written with its interval, and besides what
// text/template has there are
//
//	list values            its values as in "a, b and c"
//	each values `{{.N}}`   what a template makes of each value, likewise, without those of which
//	                       it makes nothing
//	span least most        counts from the least to the most, as in "40 to 200"
//	plural n "descent"     a count with what is counted, as in "1 descent" or "2 descents"
//	number v               a number as label.Number writes it
func Caption(text string, data any) (string, error) {
	var out []string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		words, err := fill(paragraph, data)
		if err != nil {
			return "", err
		}
		if words != "" {
			out = append(out, words)
		}
	}
	return strings.Join(out, "\n\n"), nil
}

// fill fills a template, with single spaces for all that parts its words.
func fill(text string, data any) (string, error) {
	t, err := template.New("caption").Funcs(template.FuncMap{
		"list": list, "each": each, "span": label.Range, "plural": label.Plural, "number": label.Number,
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, data)
	return strings.Join(strings.Fields(b.String()), " "), err
}

func list(values any) (string, error) { return each(values, "{{.}}") }

func each(values any, text string) (string, error) {
	v := reflect.ValueOf(values)
	if v.Kind() != reflect.Slice {
		return "", fmt.Errorf("%T is no slice", values)
	}
	var out []string
	for i := range v.Len() {
		words, err := fill(text, v.Index(i).Interface())
		if err != nil {
			return "", err
		}
		if words != "" {
			out = append(out, words)
		}
	}
	return label.List(out...), nil
}
