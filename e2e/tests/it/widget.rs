//! A custom resource whose definition is a namespace's own, so that tests do not meet in the one cluster.

use e2e::Namespace;

fn group(ns: &Namespace<'_>) -> String {
    format!("{}.example.com", ns.name())
}

/// The definition of `Widget`.
pub(crate) fn definition(ns: &Namespace<'_>) -> String {
    let group = group(ns);
    format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: widgets.{group}}}
spec:
  group: {group}
  scope: Namespaced
  names: {{kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema: {{type: object, properties: {{spec: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}}}
"
    )
}

/// The Widget `web` with that `spec`, in YAML's flow form without braces.
pub(crate) fn object(ns: &Namespace<'_>, spec: &str) -> String {
    format!("apiVersion: {}/v1\nkind: Widget\nmetadata: {{name: web}}\nspec: {{{spec}}}\n", group(ns))
}

/// Its name in paths of the API.
pub(crate) fn resource(ns: &Namespace<'_>) -> String {
    format!("{}/v1/widgets", group(ns))
}
