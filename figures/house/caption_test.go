package house

import (
	"strings"
	"testing"
)

func TestCaption(t *testing.T) {
	data := struct {
		N    []int64
		None []int64
		Half Quantity
		Open int64
	}{[]int64{64, 128, 256}, nil, Estimate("x", "x", 3, 2.9, 3.1), 1}
	for _, c := range []struct{ template, want string }{
		{"$N = ${{list .N}}.", "$N = $64, 128 and 256."},
		{"{{each .N `{{if ne . 128}}{{.}} of it{{end}}`}}", "64 of it and 256 of it"},
		{"{{.Half}},\n  {{plural .Open \"descent\"}},\n{{span 1 2}}, {{span 3 3}}",
			"$3.00$ [$2.90$, $3.10$], 1 descent, 1 to 2, 3"},
		{"one\n\n{{if .None}}none\n{{end}}\n\nthree", "one\n\nthree"},
		{"{{number 1e-7}}", "10^{−7}"},
	} {
		if got, err := captionOf(c.template, data); got != c.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", c.template, got, err, c.want)
		}
	}
	for template, want := range map[string]string{"{{.Other}}": "Other", "{{if .N}}": "unexpected EOF",
		"{{list .Open}}": "slice", "{{each .N `{{.X}}`}}": "X"} {
		if _, err := captionOf(template, data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", template, err, want)
		}
	}
}
