package main

import (
	"bytes"
	"sort"

	"k8s.io/cli-runtime/pkg/resource"
	"sigs.k8s.io/yaml"

	sortutil3 "helm.sh/helm/v3/pkg/releaseutil"
	sortutil4 "helm.sh/helm/v4/pkg/release/v1/util"
)

type text struct {
	Text string `json:"text"`
}

// readYAML answers the JSON text that sigs.k8s.io/yaml makes of one YAML document.
func readYAML(question []byte) (any, error) {
	q, err := read[text](question)
	if err != nil {
		return nil, err
	}
	out, err := yaml.YAMLToJSON([]byte(q.Text))
	if err != nil {
		return nil, err
	}
	return string(out), nil
}

// splitHelm3 answers Helm 3's documents of a text, in order.
func splitHelm3(question []byte) (any, error) {
	q, err := read[text](question)
	if err != nil {
		return nil, err
	}
	documents := sortutil3.SplitManifests(q.Text)
	keys := make([]string, 0, len(documents))
	for key := range documents {
		keys = append(keys, key)
	}
	sort.Sort(sortutil3.BySplitManifestsOrder(keys))
	return inOrder(documents, keys), nil
}

// splitHelm4 answers Helm 4's documents of a text, in order.
func splitHelm4(question []byte) (any, error) {
	q, err := read[text](question)
	if err != nil {
		return nil, err
	}
	documents := sortutil4.SplitManifests(q.Text)
	keys := make([]string, 0, len(documents))
	for key := range documents {
		keys = append(keys, key)
	}
	sort.Sort(sortutil4.BySplitManifestsOrder(keys))
	return inOrder(documents, keys), nil
}

func inOrder(documents map[string]string, keys []string) []string {
	list := make([]string, 0, len(keys))
	for _, key := range keys {
		list = append(list, documents[key])
	}
	return list
}

// splitObjects answers the objects that Helm's Build sees in a manifest (JSON texts, lists
// flattened), by the same builder; without a server there is no check of kinds and no default namespace.
func splitObjects(question []byte) (any, error) {
	q, err := read[text](question)
	if err != nil {
		return nil, err
	}
	infos, err := resource.NewLocalBuilder().Unstructured().ContinueOnError().Flatten().
		Stream(bytes.NewBufferString(q.Text), "").Do().Infos()
	if err != nil {
		return nil, err
	}
	objects := make([]string, 0, len(infos))
	for _, info := range infos {
		out, err := marshal(info.Object)
		if err != nil {
			return nil, err
		}
		objects = append(objects, out)
	}
	return objects, nil
}
