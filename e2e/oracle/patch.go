package main

import (
	"encoding/json"
	"errors"
	_ "unsafe" // for go:linkname

	jsonpatch "github.com/evanphx/json-patch/v5"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/cli-runtime/pkg/resource"

	_ "helm.sh/helm/v3/pkg/kube"
	kube4 "helm.sh/helm/v4/pkg/kube"
)

//go:linkname createPatch3 helm.sh/helm/v3/pkg/kube.createPatch
func createPatch3(target *resource.Info, original runtime.Object, threeWayForUnstructured bool) ([]byte, types.PatchType, error)

//go:linkname createPatch4 helm.sh/helm/v4/pkg/kube.createPatch
func createPatch4(original runtime.Object, target *resource.Info, threeWayForUnstructured bool) ([]byte, types.PatchType, error)

// threeWay answers the patch by which Helm brings live to target when original is what it applied
// last, and the object that a server then has. A missing original means live, as in Helm's
// update of an object that the earlier manifest does not have. With "unstructured":"three-way"
// a kind without Go type gets the three-way JSON merge, which no rollback of Helm's asks for.
func threeWay(question []byte) (any, error) {
	q, err := read[struct {
		line
		Original     json.RawMessage `json:"original"`
		Target       json.RawMessage `json:"target"`
		Live         json.RawMessage `json:"live"`
		Unstructured string          `json:"unstructured"`
	}](question)
	if err != nil {
		return nil, err
	}
	if err := q.known(); err != nil {
		return nil, err
	}
	target, err := object(q.Target)
	if err != nil {
		return nil, err
	}
	live, err := object(q.Live)
	if err != nil {
		return nil, err
	}
	original := live
	if len(q.Original) > 0 && string(q.Original) != "null" {
		if original, err = object(q.Original); err != nil {
			return nil, err
		}
	}
	info := infoOf(target, live)
	var patch []byte
	var kind types.PatchType
	if q.Helm == 3 {
		patch, kind, err = createPatch3(info, original, q.Unstructured == "three-way")
	} else {
		patch, kind, err = createPatch4(original, info, q.Unstructured == "three-way")
	}
	if err != nil {
		return nil, err
	}
	return patched(live, patch, kind)
}

// twoWay answers the patch from original to modified: strategic where the kind has a Go type.
func twoWay(question []byte) (any, error) {
	q, err := read[struct {
		Original json.RawMessage `json:"original"`
		Modified json.RawMessage `json:"modified"`
	}](question)
	if err != nil {
		return nil, err
	}
	original, err := object(q.Original)
	if err != nil {
		return nil, err
	}
	typed := typedOf(original)
	if typed == nil {
		patch, err := jsonpatch.CreateMergePatch(q.Original, q.Modified)
		if err != nil {
			return nil, err
		}
		return patched(original, patch, types.MergePatchType)
	}
	patch, err := strategicpatch.CreateTwoWayMergePatch(q.Original, q.Modified, typed)
	if err != nil {
		return nil, err
	}
	return patched(original, patch, types.StrategicMergePatchType)
}

// strategicApply answers the object (JSON text) after a strategic merge patch.
func strategicApply(question []byte) (any, error) {
	q, err := read[struct {
		Object json.RawMessage `json:"object"`
		Patch  json.RawMessage `json:"patch"`
	}](question)
	if err != nil {
		return nil, err
	}
	live, err := object(q.Object)
	if err != nil {
		return nil, err
	}
	typed := typedOf(live)
	if typed == nil {
		return nil, errors.New("strategic merge needs a built-in kind")
	}
	result, err := strategicpatch.StrategicMergePatch(q.Object, q.Patch, typed)
	if err != nil {
		return nil, err
	}
	return string(result), nil
}

// patched answers a patch together with what it makes of the live object.
func patched(live *unstructured.Unstructured, patch []byte, kind types.PatchType) (any, error) {
	before, err := json.Marshal(live)
	if err != nil {
		return nil, err
	}
	var after []byte
	if kind == types.StrategicMergePatchType {
		after, err = strategicpatch.StrategicMergePatch(before, patch, typedOf(live))
	} else {
		after, err = jsonpatch.MergePatch(before, patch)
	}
	if err != nil {
		return nil, err
	}
	return map[string]string{"type": string(kind), "patch": string(patch), "result": string(after)}, nil
}

// typedOf answers the built-in Go object of Helm's scheme, nil for every other kind.
func typedOf(object *unstructured.Unstructured) runtime.Object {
	typed := kube4.AsVersioned(infoOf(object, object))
	if _, untyped := typed.(runtime.Unstructured); untyped {
		return nil
	}
	return typed
}
