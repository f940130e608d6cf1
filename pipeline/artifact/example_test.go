package artifact_test

import (
	"fmt"

	"zerotohero/pipeline/artifact"
)

// A reader names the columns that it wants in a row type of its own. Of a file in the view
// of a store, data is what os.ReadFile gives.
func Example() {
	type Descent struct {
		Seed    int64     `arrow:"seed" unit:"1" doc:"number of the instance"`
		Outcome string    `arrow:"outcome" doc:"how it ended"`
		Student []float64 `arrow:"student" unit:"1" doc:"w at the end"`
	}
	table, err := artifact.New([]Descent{{1, "recovered", []float64{1, -1}}, {2, "trapped", []float64{0, 1}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	table.Kind, table.Params = "descent", []byte(`{"eta":0.02}`)
	data, err := table.Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}

	read, err := artifact.Parse(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d rows of kind %s, %s\n", read.NumRows(), read.Kind, read.Params)
	for _, c := range read.Columns() {
		fmt.Printf("%s, %s: %s\n", c.Name, c.Type, c.Doc)
	}
	type outcome struct {
		Seed    int64  `arrow:"seed"`
		Outcome string `arrow:"outcome"`
	}
	rows, err := artifact.Rows[outcome](read)
	fmt.Println(rows, err)
	_, err = artifact.Rows[struct {
		Seed string `arrow:"seed"`
	}](read)
	fmt.Println(err)
	// Output:
	// 2 rows of kind descent, {"eta":0.02}
	// seed, int64: number of the instance
	// outcome, utf8: how it ended
	// student, list of float64: w at the end
	// [{1 recovered} {2 trapped}] <nil>
	// column "seed" is wanted as utf8 and is int64
}
