package main

import (
	"encoding/json"
	"time"
	_ "time/tzdata" // zones by name on a machine without them

	helmtime "helm.sh/helm/v3/pkg/time"
)

// formatTime answers how Helm's tables show a time of a record: text is the record's JSON value
// without its quotes, zone names the machine's time zone (UTC when empty).
func formatTime(question []byte) (any, error) {
	q, err := read[struct {
		Text string `json:"text"`
		Zone string `json:"zone"`
	}](question)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(q.Zone)
	if err != nil {
		return nil, err
	}
	time.Local = zone
	quoted, err := json.Marshal(q.Text)
	if err != nil {
		return nil, err
	}
	var value helmtime.Time
	if err := json.Unmarshal(quoted, &value); err != nil {
		return nil, err
	}
	written, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"string": value.String(),
		"ansic":  value.Format(time.ANSIC),
		"json":   string(written),
		"unix":   value.Unix(),
		"zero":   value.IsZero(),
	}, nil
}
