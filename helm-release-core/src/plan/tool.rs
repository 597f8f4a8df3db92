//! Tools beside Helm that take an object for theirs: their marks on it, and who owns most of its fields.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::{Finding, FindingId, Mode, RollbackOptions, Severity, Survey};
use crate::Object;
use crate::drift::{Managers, writes_releases};
use crate::ports::Location;

/// Who else keeps an object. `Display` says so in one sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tool {
    /// A `HelmRelease` of Flux, which makes the release itself: `namespace/name` as far as it is known.
    FluxHelmRelease(String),
    /// A `Kustomization` of Flux.
    FluxKustomization(String),
    /// An application of Argo CD.
    ArgoCd(String),
    /// A composite or claim of Crossplane.
    Crossplane(String),
    /// Terraform, by its field manager.
    Terraform(String),
    /// The controller that `ownerReferences` names.
    Controller(String),
    /// A manager that owns most of the fields by server-side apply.
    Applier(String),
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FluxHelmRelease(name) => write!(f, "Flux keeps it by HelmRelease {name}"),
            Self::FluxKustomization(name) => write!(f, "Flux keeps it by Kustomization {name}"),
            Self::ArgoCd(name) => write!(f, "Argo CD keeps it by application {name}"),
            Self::Crossplane(name) => write!(f, "Crossplane keeps it for {name}"),
            Self::Terraform(manager) => write!(f, "Terraform keeps it (field manager {manager})"),
            Self::Controller(owner) => write!(f, "{owner} controls it"),
            Self::Applier(manager) => write!(f, "{manager} owns most of its fields by server-side apply"),
        }
    }
}

impl Tool {
    /// How to make it stand still, for tools that keep whole releases.
    pub(crate) fn suspending(&self) -> Option<String> {
        let named = |name: &str| match name.split_once('/') {
            Some((namespace, name)) => format!("{name} -n {namespace}"),
            None => name.to_owned(),
        };
        match self {
            Self::FluxHelmRelease(name) => Some(format!("suspend it first: flux suspend helmrelease {}", named(name))),
            Self::FluxKustomization(name) => Some(format!("suspend it first: flux suspend kustomization {}", named(name))),
            Self::ArgoCd(name) => Some(format!("stop its syncing first: argocd app set {name} --sync-policy none")),
            Self::Crossplane(_) | Self::Terraform(_) | Self::Controller(_) | Self::Applier(_) => None,
        }
    }
}

const FLUX_HELM: &str = "helm.toolkit.fluxcd.io";
const FLUX_KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io";
const ARGO_TRACKING: &str = "argocd.argoproj.io/tracking-id";
const ARGO_INSTANCE: &str = "argocd.argoproj.io/instance";
/// Marks of Crossplane: on what a composite is made of, and on what a claim is bound to.
const CROSSPLANE: [&str; 3] = ["crossplane.io/composite", "crossplane.io/claim-name", "crossplane.io/composition-resource-name"];
/// Field managers of Terraform's Kubernetes provider.
const TERRAFORM: [&str; 2] = ["Terraform", "HashiCorp"];
/// The field manager of Flux' helm-controller, which writes releases with Helm's own library.
const FLUX_MANAGER: &str = "helm-controller";

/// The `HelmRelease` that an object, of a manifest or live, says it comes from.
fn flux_release(object: &Object) -> Option<Tool> {
    flux(object, FLUX_HELM).map(Tool::FluxHelmRelease)
}

fn flux(object: &Object, group: &str) -> Option<String> {
    let name = object.label(&format!("{group}/name"))?;
    Some(match object.label(&format!("{group}/namespace")) {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    })
}

/// What the marks on an object say.
fn marked(object: &Object) -> Option<Tool> {
    if let Some(tool) = flux_release(object) {
        return Some(tool);
    }
    if let Some(name) = flux(object, FLUX_KUSTOMIZE) {
        return Some(Tool::FluxKustomization(name));
    }
    if let Some(tracking) = object.annotation(ARGO_TRACKING) {
        return Some(Tool::ArgoCd(tracking.split(':').next().unwrap_or(tracking).to_owned()));
    }
    if let Some(application) = object.label(ARGO_INSTANCE).or_else(|| object.annotation(ARGO_INSTANCE)) {
        return Some(Tool::ArgoCd(application.to_owned()));
    }
    CROSSPLANE
        .iter()
        .find_map(|key| object.label(key).or_else(|| object.annotation(key)).map(|name| Tool::Crossplane(name.to_owned())))
}

fn controller(object: &Object) -> Option<Tool> {
    let owners = object.at(&["metadata", "ownerReferences"])?.as_array()?;
    let owner = owners.iter().find(|owner| owner.get("controller") == Some(&Value::Bool(true)))?;
    let text = |key: &str| owner.get(key).and_then(Value::as_str).unwrap_or_default();
    Some(Tool::Controller(format!("{} {}", text("kind"), text("name"))))
}

/// How many fields a tree of `fieldsV1` owns.
fn leaves(tree: &Value) -> usize {
    match tree.as_object() {
        Some(tree) if !tree.is_empty() => tree.values().map(leaves).sum(),
        _ => 1,
    }
}

/// Whoever owns more of the object than everybody else together, and is neither Helm nor a controller.
fn owner_of_most(live: &Object) -> Option<Tool> {
    let managers = Managers::of(live);
    let mut counts: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    let entries = live.at(&["metadata", "managedFields"])?.as_array()?;
    for entry in entries.iter().filter(|entry| entry.get("subresource").is_none_or(|subresource| subresource == "")) {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let count = counts.entry(text("manager")).or_default();
        count.0 += entry.get("fieldsV1").map_or(0, leaves);
        count.1 |= text("operation") == "Apply";
    }
    let all: usize = counts.values().map(|(count, _)| count).sum();
    let (manager, (_, applies)) = counts.into_iter().find(|(_, (count, _))| count * 2 > all)?;
    match manager {
        manager if writes_releases(manager) || managers.is_controller(manager) => None,
        manager if TERRAFORM.contains(&manager) => Some(Tool::Terraform(manager.to_owned())),
        manager if applies => Some(Tool::Applier(manager.to_owned())),
        _ => None,
    }
}

/// Who beside this release keeps the live object at a place. Marks that a revision's own manifest carries are the chart's.
pub(crate) fn keeping(survey: &Survey, at: &Location) -> Option<Tool> {
    let live = survey.seen(at).object()?;
    let manifests = || {
        let revisions = survey.baseline().chain(std::iter::once(survey.target()));
        revisions.filter_map(|revision| revision.find(at)).map(|placed| placed.object.unpack())
    };
    let is_foreign = |read: fn(&Object) -> Option<Tool>| {
        read(live).filter(|tool| !manifests().any(|manifest| read(&manifest).as_ref() == Some(tool)))
    };
    is_foreign(marked).or_else(|| is_foreign(controller)).or_else(|| owner_of_most(live))
}

/// The tool that makes or keeps the release as a whole: Flux by a `HelmRelease`, or one that has its mark on every live object
/// of several.
pub(crate) fn keeping_all(survey: &Survey) -> Option<Tool> {
    let revisions = survey.baseline().chain(std::iter::once(survey.target()));
    let placed = revisions.flat_map(|revision| &revision.contents.placed);
    let live = || survey.live.values().filter_map(super::Seen::object);
    // Flux marks the manifest itself, after the chart was rendered.
    let in_manifest = placed.map(|placed| placed.object.unpack()).find_map(|object| flux_release(&object));
    if let Some(tool) = in_manifest.or_else(|| live().find_map(flux_release)) {
        return Some(tool);
    }
    if live().any(|object| Managers::of(object).has(FLUX_MANAGER)) {
        return Some(Tool::FluxHelmRelease(format!("{}/{}", survey.namespace, survey.name)));
    }
    let occupied: Vec<&Location> = survey.live.iter().filter(|(_, seen)| seen.object().is_some()).map(|(at, _)| at).collect();
    let [first, rest @ ..] = occupied.as_slice() else { return None };
    let tool = keeping(survey, first).filter(|tool| !rest.is_empty() && tool.suspending().is_some())?;
    rest.iter().all(|at| keeping(survey, at).as_ref() == Some(&tool)).then_some(tool)
}

/// The tool for whose sake an object is not to be deleted: one that keeps it, unless the user named the object, or it keeps the
/// whole release.
pub(super) fn guarding(survey: &Survey, options: &RollbackOptions, at: &Location) -> Option<Tool> {
    let tool = keeping(survey, at).filter(|_| options.mode == Mode::Safe)?;
    let finding = Finding::new(FindingId::FOREIGN_OWNER, Severity::Block, "", "").about(at.id());
    let mut named = options.accept.iter().filter(|acceptance| acceptance.object.is_some());
    let is_free = named.any(|acceptance| acceptance.covers(&finding)) || is_whole(survey, &tool);
    (!is_free).then_some(tool)
}

/// Whether a tool keeps the release as a whole, which is said once and not of each object.
pub(crate) fn is_whole(survey: &Survey, tool: &Tool) -> bool {
    matches!(tool, Tool::FluxHelmRelease(_)) || keeping_all(survey).as_ref() == Some(tool)
}

#[cfg(test)]
mod tests;
