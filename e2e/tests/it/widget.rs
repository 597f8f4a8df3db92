//! A custom resource whose definition is a namespace's own, so that tests do not meet in the one cluster.

use std::thread;
use std::time::{Duration, Instant};

use e2e::{Namespace, World};

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

/// Deletes the definition and waits until the server does not know the kind any more.
pub(crate) fn remove_definition(world: &World, ns: &Namespace<'_>) {
    let group = group(ns);
    let definition = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{group}");
    let _ = world.cluster().request("DELETE", &definition, None).expect("the definition can be deleted");
    let until = Instant::now() + Duration::from_secs(60);
    while world.cluster().get(&format!("/apis/{group}")).is_some() {
        assert!(Instant::now() < until, "the group stays");
        thread::sleep(Duration::from_millis(100));
    }
}
