package main

import (
	"bytes"
	"encoding/json"

	"helm.sh/helm/v4/pkg/cli/output"
)

func marshal(value any) (string, error) {
	out, err := json.Marshal(value)
	return string(out), err
}

// goJSON answers what encoding/json writes after reading a text into untyped values.
func goJSON(question []byte) (any, error) {
	q, err := read[text](question)
	if err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal([]byte(q.Text), &value); err != nil {
		return nil, err
	}
	return marshal(value)
}

// valuesYAML answers what `helm get values` prints of values given as JSON text.
func valuesYAML(question []byte) (any, error) {
	q, err := read[text](question)
	if err != nil {
		return nil, err
	}
	var values map[string]any
	if err := json.Unmarshal([]byte(q.Text), &values); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := output.EncodeYAML(&out, values); err != nil {
		return nil, err
	}
	return out.String(), nil
}
