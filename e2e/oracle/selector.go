package main

import "k8s.io/apimachinery/pkg/labels"

// selectorMatches answers whether a label selector, read as Helm's list reads it, takes an object with these labels.
func selectorMatches(question []byte) (any, error) {
	q, err := read[struct {
		Text   string            `json:"text"`
		Labels map[string]string `json:"labels"`
	}](question)
	if err != nil {
		return nil, err
	}
	selector, err := labels.Parse(q.Text)
	if err != nil {
		return nil, err
	}
	return selector.Matches(labels.Set(q.Labels)), nil
}
