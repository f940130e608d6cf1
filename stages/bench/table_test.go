package bench

import (
	"strings"
	"testing"
)

var sample = []line{
	{row{name: "fast-1", what: "this against that", target: target{unit: factor, value: 3}},
		finding{ours: "1 ms", other: "4 ms that", result: summary{4, 3.5, 4.5, 9}, note: "A note."}},
	{row{name: "slow", what: "ℓ_1 | x", target: target{unit: seconds, most: true, value: 10}},
		finding{ours: "12 s", result: summary{12, 12, 12, 1}}},
	{row{name: "wrong", what: "rates", target: target{unit: factor, value: 3}},
		finding{ours: "1", other: "4", result: summary{4, 4, 4, 1}, fault: "They differ."}},
	{row{name: "none", what: "python", target: target{unit: percent, value: 0.8}},
		finding{skipped: "There is none. Install it."}},
}

var sampleFacts = []fact{{"processor", "A*B"}, {"kernel", "go"}}

func TestText(t *testing.T) {
	var b strings.Builder
	if err := writeText(&b, sample, sampleFacts); err != nil {
		t.Fatal(err)
	}
	const want = `row     ours  against    result (quartiles)  target
fast-1  1 ms  4 ms that  4× (3.5× – 4.5×)    ≥ 3×    met
slow    12 s  –          12 s                ≤ 10 s  missed
wrong   1     4          4×                  ≥ 3×    missed
none    –     –          –                   ≥ 80 %  skipped

fast-1: this against that. A note.
slow: ℓ_1 | x.
wrong: rates. They differ.
none: python. There is none. Install it.

processor: A*B
kernel: go
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestMarkdown(t *testing.T) {
	var b strings.Builder
	if err := writeMarkdown(&b, sample, sampleFacts); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(b.String(), "quartiles.\n\n")
	const want = `- processor: A\*B
- kernel: go

| row | ours | against | result (quartiles) | target |  |
| --- | --- | --- | --- | --- | --- |
| fast-1 | 1 ms | 4 ms that | 4× (3.5× – 4.5×) | ≥ 3× | met |
| slow | 12 s | – | 12 s | ≤ 10 s | missed |
| wrong | 1 | 4 | 4× | ≥ 3× | missed |
| none | – | – | – | ≥ 80 % | skipped |

- **fast-1**: this against that. A note.
- **slow**: ℓ\_1 \| x.
- **wrong**: rates. They differ.
- **none**: python. There is none. Install it.
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
