package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/rest/fake"
)

func object(text json.RawMessage) (*unstructured.Unstructured, error) {
	out := &unstructured.Unstructured{}
	return out, out.UnmarshalJSON(text)
}

// infoOf wraps an object as Helm's builder does, with a server behind it that has just the live one.
func infoOf(target, live *unstructured.Unstructured) *resource.Info {
	client := &fake.RESTClient{
		NegotiatedSerializer: resource.UnstructuredPlusDefaultContentConfig().NegotiatedSerializer,
		GroupVersion:         target.GroupVersionKind().GroupVersion(),
		Client: fake.CreateHTTPClient(func(*http.Request) (*http.Response, error) {
			body, err := live.MarshalJSON()
			if err != nil {
				return nil, err
			}
			return &http.Response{
				StatusCode: http.StatusOK,
				Header:     http.Header{"Content-Type": {"application/json"}},
				Body:       io.NopCloser(bytes.NewReader(body)),
			}, nil
		}),
	}
	return &resource.Info{
		Client:    client,
		Mapping:   mappingOf(target.GroupVersionKind(), target.GetNamespace() != ""),
		Namespace: target.GetNamespace(),
		Name:      target.GetName(),
		Object:    target,
	}
}

func mappingOf(kind schema.GroupVersionKind, namespaced bool) *meta.RESTMapping {
	scope := meta.RESTScopeRoot
	if namespaced {
		scope = meta.RESTScopeNamespace
	}
	plural, _ := meta.UnsafeGuessKindToResource(kind)
	plural.Resource = strings.ToLower(plural.Resource)
	return &meta.RESTMapping{Resource: plural, GroupVersionKind: kind, Scope: scope}
}
