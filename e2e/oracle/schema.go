package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	_ "unsafe" // for go:linkname

	"k8s.io/apimachinery/pkg/runtime"
)

//go:linkname helmScheme helm.sh/helm/v4/pkg/kube.kubernetesNativeScheme
func helmScheme() *runtime.Scheme

// schemas answers, as the text of an OpenAPI v3 document, what the types that are compiled into Helm say
// of the fields of each kind that Helm patches by strategic merge: the kinds of Helm's scheme
// that can be stored, without the v1beta1 definitions of custom resources.
func schemas([]byte) (any, error) {
	book := schemaBook{"types": {}, "paths": {}}
	for kind, typ := range helmScheme().AllKnownTypes() {
		if _, stored := typ.FieldByName("ObjectMeta"); !stored || kind.Version == runtime.APIVersionInternal {
			continue
		}
		if kind.Group == "apiextensions.k8s.io" && kind.Version == "v1beta1" {
			continue
		}
		gvk := map[string]any{"group": kind.Group, "version": kind.Version, "kind": kind.Kind}
		name := book.add(typ)
		known, _ := book["types"][name].(map[string]any)["x-kubernetes-group-version-kind"].([]any)
		book["types"][name].(map[string]any)["x-kubernetes-group-version-kind"] = append(known, gvk)
		book["paths"][kind.String()] = map[string]any{"patch": map[string]any{
			"x-kubernetes-group-version-kind": gvk,
			"requestBody": map[string]any{"content": map[string]any{
				"application/strategic-merge-patch+json": map[string]any{},
			}},
		}}
	}
	text, err := json.Marshal(map[string]any{
		"openapi":    "3.0.0",
		"paths":      book["paths"],
		"components": map[string]any{"schemas": book["types"]},
	})
	return string(text), err
}

type schemaBook map[string]map[string]any

// add writes a struct into the book and answers the name that Kubernetes' OpenAPI gives it.
func (b schemaBook) add(typ reflect.Type) string {
	host, rest, _ := strings.Cut(typ.PkgPath(), "/")
	labels := strings.Split(host, ".")
	slices.Reverse(labels)
	name := strings.Join(labels, ".") + "." + strings.ReplaceAll(rest, "/", ".") + "." + typ.Name()
	if b["types"][name] == nil {
		fields := map[string]any{}
		b["types"][name] = map[string]any{"type": "object", "properties": fields}
		b.addFields(fields, typ)
	}
	return name
}

func (b schemaBook) addFields(into map[string]any, typ reflect.Type) {
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported():
		case name == "" && field.Anonymous:
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			b.addFields(into, inner)
		default:
			schema := b.schemaOf(field.Type)
			for tag, key := range map[string]string{
				"patchStrategy": "x-kubernetes-patch-strategy",
				"patchMergeKey": "x-kubernetes-patch-merge-key",
			} {
				if value := field.Tag.Get(tag); value != "" {
					schema[key] = value
				}
			}
			into[name] = schema
		}
	}
}

func (b schemaBook) schemaOf(typ reflect.Type) map[string]any {
	if describes, ok := reflect.New(typ).Interface().(interface{ OpenAPISchemaType() []string }); ok {
		// Types with a JSON form of their own: quantities and times are text, raw extensions anything.
		if slices.Equal(describes.OpenAPISchemaType(), []string{"string"}) {
			return map[string]any{"type": "string"}
		}
		return map[string]any{"type": "object"}
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return b.schemaOf(typ.Elem())
	case reflect.Struct:
		return map[string]any{"allOf": []any{map[string]any{"$ref": "#/components/schemas/" + b.add(typ)}}}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": b.schemaOf(typ.Elem())}
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Uint8 {
			return map[string]any{"type": "string"}
		}
		return map[string]any{"type": "array", "items": b.schemaOf(typ.Elem())}
	default:
		return map[string]any{"type": "string"}
	}
}
