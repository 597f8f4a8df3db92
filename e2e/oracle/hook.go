package main

import (
	"encoding/json"
	"sort"
	_ "unsafe" // for go:linkname

	_ "helm.sh/helm/v3/pkg/action"
	release3 "helm.sh/helm/v3/pkg/release"
	sortutil3 "helm.sh/helm/v3/pkg/releaseutil"
	_ "helm.sh/helm/v4/pkg/action"
	release4 "helm.sh/helm/v4/pkg/release/v1"
	sortutil4 "helm.sh/helm/v4/pkg/release/v1/util"
)

//go:linkname less3 helm.sh/helm/v3/pkg/action.hookByWeight.Less
func less3(hooks []*release3.Hook, i, j int) bool

//go:linkname less4 helm.sh/helm/v4/pkg/action.hookByWeight.Less
func less4(hooks []*release4.Hook, i, j int) bool

type byWeight3 []*release3.Hook

func (x byWeight3) Len() int           { return len(x) }
func (x byWeight3) Swap(i, j int)      { x[i], x[j] = x[j], x[i] }
func (x byWeight3) Less(i, j int) bool { return less3(x, i, j) }

type byWeight4 []*release4.Hook

func (x byWeight4) Len() int           { return len(x) }
func (x byWeight4) Swap(i, j int)      { x[i], x[j] = x[j], x[i] }
func (x byWeight4) Less(i, j int) bool { return less4(x, i, j) }

// sortHooks answers the hooks of one event in the order in which Helm runs them. Choosing by event and
// the stable sort are as in execHook of Helm's action/hooks.go, which cannot run without a cluster;
// the comparison is Helm's own. Hooks come and go as a record has them (JSON values).
func sortHooks(question []byte) (any, error) {
	q, err := read[struct {
		line
		Event string          `json:"event"`
		Hooks json.RawMessage `json:"hooks"`
	}](question)
	if err != nil {
		return nil, err
	}
	if err := q.known(); err != nil {
		return nil, err
	}
	if q.Helm == 3 {
		var hooks []*release3.Hook
		if err := json.Unmarshal(q.Hooks, &hooks); err != nil {
			return nil, err
		}
		chosen := []*release3.Hook{}
		for _, hook := range hooks {
			for _, event := range hook.Events {
				if event == release3.HookEvent(q.Event) {
					chosen = append(chosen, hook)
				}
			}
		}
		sort.Stable(byWeight3(chosen))
		return chosen, nil
	}
	var hooks []*release4.Hook
	if err := json.Unmarshal(q.Hooks, &hooks); err != nil {
		return nil, err
	}
	chosen := []*release4.Hook{}
	for _, hook := range hooks {
		for _, event := range hook.Events {
			if event == release4.HookEvent(q.Event) {
				chosen = append(chosen, hook)
			}
		}
	}
	sort.Stable(byWeight4(chosen))
	return chosen, nil
}

type sortedManifest struct {
	Name       string `json:"name"`
	Content    string `json:"content"`
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
}

// sortManifests answers what Helm makes of rendered files: the hooks and the other manifests, in
// install order or, with "order":"uninstall", in uninstall order.
func sortManifests(question []byte) (any, error) {
	q, err := read[struct {
		line
		Files map[string]string `json:"files"`
		Order string            `json:"order"`
	}](question)
	if err != nil {
		return nil, err
	}
	if err := q.known(); err != nil {
		return nil, err
	}
	manifests := []sortedManifest{}
	if q.Helm == 3 {
		order := sortutil3.InstallOrder
		if q.Order == "uninstall" {
			order = sortutil3.UninstallOrder
		}
		hooks, others, err := sortutil3.SortManifests(q.Files, nil, order)
		if err != nil {
			return nil, err
		}
		for _, m := range others {
			manifests = append(manifests, sortedManifest{m.Name, m.Content, m.Head.Version, m.Head.Kind})
		}
		if hooks == nil {
			hooks = []*release3.Hook{}
		}
		return map[string]any{"hooks": hooks, "manifests": manifests}, nil
	}
	order := sortutil4.InstallOrder
	if q.Order == "uninstall" {
		order = sortutil4.UninstallOrder
	}
	hooks, others, err := sortutil4.SortManifests(q.Files, nil, order)
	if err != nil {
		return nil, err
	}
	for _, m := range others {
		manifests = append(manifests, sortedManifest{m.Name, m.Content, m.Head.Version, m.Head.Kind})
	}
	if hooks == nil {
		hooks = []*release4.Hook{}
	}
	return map[string]any{"hooks": hooks, "manifests": manifests}, nil
}
