package main

import (
	"context"
	"encoding/json"
	"fmt"
	_ "unsafe" // for go:linkname

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/clusterreader"
	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/engine"
	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/statusreaders"
	kstatus "github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/resource"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"

	kube3 "helm.sh/helm/v3/pkg/kube"
	kube4 "helm.sh/helm/v4/pkg/kube"
)

//go:linkname helmJobReader helm.sh/helm/v4/internal/statusreaders.NewCustomJobStatusReader
func helmJobReader(meta.RESTMapper) engine.StatusReader

//go:linkname helmPodReader helm.sh/helm/v4/internal/statusreaders.NewCustomPodStatusReader
func helmPodReader(meta.RESTMapper) engine.StatusReader

//go:linkname helmAlwaysReady helm.sh/helm/v4/pkg/kube.alwaysReady
func helmAlwaysReady(*unstructured.Unstructured) (*kstatus.Result, error)

// clientKinds is what the fake typed client can hold. Helm adds CRDs to the global scheme, so that one would say too much.
var clientKinds = func() *runtime.Scheme {
	kinds := runtime.NewScheme()
	if err := fake.AddToScheme(kinds); err != nil {
		panic(err)
	}
	return kinds
}()

// objectStatus answers how ready an object is, by everyone whom Helm asks. "related" holds the other
// objects of the cluster (ReplicaSets and Pods of a Deployment, ...).
//
//	compute          kstatus on the object alone
//	wait, wait-jobs  Helm 4's watcher without and with --wait-for-jobs
//	hook             Helm 4's watcher on a hook
//	legacy3, legacy4 the older checks of either line, with --wait-for-jobs
//	…-no-jobs        the same without it
func objectStatus(question []byte) (any, error) {
	q, err := read[struct {
		Object  json.RawMessage   `json:"object"`
		Related []json.RawMessage `json:"related"`
	}](question)
	if err != nil {
		return nil, err
	}
	subject, err := object(q.Object)
	if err != nil {
		return nil, err
	}
	all := []*unstructured.Unstructured{subject}
	for _, raw := range q.Related {
		other, err := object(raw)
		if err != nil {
			return nil, err
		}
		all = append(all, other)
	}
	computed, err := kstatus.Compute(subject)
	answer := map[string]any{"compute": result(computed, err)}

	mapper := meta.NewDefaultRESTMapper(scheme.Scheme.PrioritizedVersionsAllGroups())
	for kind := range scheme.Scheme.AllKnownTypes() {
		mapper.Add(kind, meta.RESTScopeNamespace)
	}
	for _, each := range all {
		mapping := mappingOf(each.GroupVersionKind(), each.GetNamespace() != "")
		mapper.Add(mapping.GroupVersionKind, mapping.Scope)
	}
	dynamicObjects := make([]runtime.Object, 0, len(all))
	for _, each := range all {
		dynamicObjects = append(dynamicObjects, each.DeepCopy())
	}
	reader := &clusterreader.DynamicClusterReader{
		DynamicClient: dynamicfake.NewSimpleDynamicClient(scheme.Scheme, dynamicObjects...),
		Mapper:        mapper,
	}
	for name, status := range map[string]engine.StatusReader{
		"wait":      statusreaders.NewStatusReader(mapper),
		"wait-jobs": statusreaders.NewStatusReader(mapper, helmJobReader(mapper)),
		"hook": &statusreaders.DelegatingStatusReader{StatusReaders: []engine.StatusReader{
			helmJobReader(mapper), helmPodReader(mapper), statusreaders.NewGenericStatusReader(mapper, helmAlwaysReady),
		}},
	} {
		read, err := status.ReadStatusForObject(context.Background(), reader, subject)
		switch {
		case err != nil:
			answer[name] = map[string]any{"error": err.Error()}
		case read.Error != nil:
			answer[name] = map[string]any{"status": read.Status, "message": read.Message, "error": read.Error.Error()}
		default:
			answer[name] = map[string]any{"status": read.Status, "message": read.Message}
		}
	}

	typed := []runtime.Object{}
	for _, each := range all {
		if converted := typedOf(each); converted != nil && clientKinds.Recognizes(each.GroupVersionKind()) {
			typed = append(typed, converted)
		}
	}
	for suffix, jobs := range map[string]bool{"": true, "-no-jobs": false} {
		check3 := kube3.NewReadyChecker(fake.NewSimpleClientset(typed...), nil, kube3.PausedAsReady(true), kube3.CheckJobs(jobs))
		answer["legacy3"+suffix] = ready(&check3, subject)
		check4 := kube4.NewReadyChecker(fake.NewSimpleClientset(typed...), kube4.PausedAsReady(true), kube4.CheckJobs(jobs))
		answer["legacy4"+suffix] = ready(&check4, subject)
	}
	return answer, nil
}

func result(computed *kstatus.Result, err error) map[string]any {
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{"status": computed.Status, "message": computed.Message}
}

type checker interface {
	IsReady(context.Context, *resource.Info) (bool, error)
}

// ready answers one check's verdict. A panic is told as one: the older checks trust that a server has
// filled in every default (backoffLimit of a Job, ...), and crash where it has not.
func ready(check checker, subject *unstructured.Unstructured) (verdict map[string]any) {
	defer func() {
		if cause := recover(); cause != nil {
			verdict = map[string]any{"panic": fmt.Sprint(cause)}
		}
	}()
	ok, err := check.IsReady(context.Background(), infoOf(subject.DeepCopy(), subject))
	if err != nil {
		return map[string]any{"ready": ok, "error": err.Error()}
	}
	return map[string]any{"ready": ok}
}
