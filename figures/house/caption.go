package house

import (
	"fmt"
	"reflect"
	"strings"
	"text/template"

	"zerotohero/figures/label"
)

// captionOf fills the template of a caption; see Drawing.Described.
func captionOf(text string, data any) (string, error) {
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
