package cli

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/stages/theory"
)

// lossFields are the parameters of losses, which the kind has beside its own.
func lossFields() []pipeline.Field {
	own := []string{"at", "loss", "from", "to"}
	return slices.DeleteFunc(theory.TransitionKind.Fields(), func(f pipeline.Field) bool {
		return slices.Contains(own, f.Name)
	})
}

// addLossParams declares a flag for each parameter of a loss. It comes after all other
// flags: a parameter with the name of one of them gets the prefix loss-.
func (q *question) addLossParams(c *cobra.Command) {
	c.InitDefaultHelpFlag()
	q.params = make(map[string]any)
	for _, field := range lossFields() {
		name := field.Name
		for c.Flags().Lookup(name) != nil {
			name = "loss-" + name
		}
		// A default belongs to a loss, and another may have another.
		value := &paramFlag{field: field, given: q.params}
		flag := c.Flags().VarPF(value, name, "", "parameter of the loss: "+field.Help)
		var values []string
		if field.Type.Kind() == reflect.Bool {
			flag.NoOptDefVal = "true"
			values = []string{"true", "false"}
		}
		complete(c, name, append(values, field.Choices()...))
	}
}

// A paramFlag is the flag of a parameter, and adds the value that it is given to the
// parameters of its command.
type paramFlag struct {
	field pipeline.Field
	text  string
	given map[string]any // as pipeline.Kind.Resolve takes them
}

func (p *paramFlag) String() string { return p.text }

// Type is the word for the value in the help.
func (p *paramFlag) Type() string {
	switch p.field.Type.Kind() {
	case reflect.Float64:
		return "float"
	case reflect.Slice:
		return "list"
	case reflect.Struct:
		return "string"
	}
	return p.field.Type.Kind().String()
}

func (p *paramFlag) Set(text string) error {
	t := p.field.Type
	if p.field.Choices() != nil {
		t = reflect.TypeFor[string]() // the name of what is chosen
	}
	v, err := parse(t, text)
	if err != nil {
		return err
	}
	p.text, p.given[p.field.Name] = text, v
	return nil
}

// parse reads a value of one of the types of [pipeline.Field], with commas between the
// elements of a list.
func parse(t reflect.Type, text string) (any, error) {
	if v, ok := reflect.New(t).Interface().(encoding.TextUnmarshaler); ok {
		err := v.UnmarshalText([]byte(text))
		return reflect.ValueOf(v).Elem().Interface(), err
	}
	switch t.Kind() {
	case reflect.Int:
		return strconv.ParseInt(text, 10, 64)
	case reflect.Float64:
		return strconv.ParseFloat(text, 64)
	case reflect.Bool:
		return strconv.ParseBool(text)
	case reflect.String:
		return text, nil
	case reflect.Slice:
		list := []any{}
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
			v, err := parse(t.Elem(), strings.TrimSpace(part))
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	return nil, fmt.Errorf("a value of type %s cannot be given on the command line", t)
}
