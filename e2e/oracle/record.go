package main

import (
	"encoding/json"
	"time"
	_ "unsafe" // for go:linkname

	release3 "helm.sh/helm/v3/pkg/release"
	_ "helm.sh/helm/v3/pkg/storage/driver"
	release4 "helm.sh/helm/v4/pkg/release/v1"
	_ "helm.sh/helm/v4/pkg/storage/driver"
)

//go:linkname encode3 helm.sh/helm/v3/pkg/storage/driver.encodeRelease
func encode3(*release3.Release) (string, error)

//go:linkname decode3 helm.sh/helm/v3/pkg/storage/driver.decodeRelease
func decode3(string) (*release3.Release, error)

//go:linkname encode4 helm.sh/helm/v4/pkg/storage/driver.encodeRelease
func encode4(*release4.Release) (string, error)

//go:linkname decode4 helm.sh/helm/v4/pkg/storage/driver.decodeRelease
func decode4(string) (*release4.Release, error)

// encodeRecord answers the stored string of a record given as JSON text.
func encodeRecord(question []byte) (any, error) {
	q, err := read[struct {
		line
		Text string `json:"text"`
	}](question)
	if err != nil {
		return nil, err
	}
	if err := q.known(); err != nil {
		return nil, err
	}
	if q.Helm == 3 {
		var record release3.Release
		if err := json.Unmarshal([]byte(q.Text), &record); err != nil {
			return nil, err
		}
		return encode3(&record)
	}
	var record release4.Release
	if err := json.Unmarshal([]byte(q.Text), &record); err != nil {
		return nil, err
	}
	return encode4(&record)
}

// decodeRecord answers the JSON text that Helm would write again after reading a stored string.
func decodeRecord(question []byte) (any, error) {
	q, err := read[struct {
		line
		Data string `json:"data"`
	}](question)
	if err != nil {
		return nil, err
	}
	if err := q.known(); err != nil {
		return nil, err
	}
	if q.Helm == 3 {
		record, err := decode3(q.Data)
		if err != nil {
			return nil, err
		}
		return marshal(record)
	}
	record, err := decode4(q.Data)
	if err != nil {
		return nil, err
	}
	return marshal(record)
}

// timeDecode answers how many nanoseconds each of some decodes of the same stored string took.
func timeDecode(question []byte) (any, error) {
	q, err := read[struct {
		line
		Data string `json:"data"`
		Runs int    `json:"runs"`
	}](question)
	if err != nil {
		return nil, err
	}
	if err := q.known(); err != nil {
		return nil, err
	}
	took := make([]int64, 0, q.Runs)
	for range q.Runs {
		began := time.Now()
		if q.Helm == 3 {
			_, err = decode3(q.Data)
		} else {
			_, err = decode4(q.Data)
		}
		if err != nil {
			return nil, err
		}
		took = append(took, time.Since(began).Nanoseconds())
	}
	return took, nil
}
