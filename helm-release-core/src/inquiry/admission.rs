//! Webhooks and policies: which writes they see.

use serde_json::Value;

use crate::Object;
use crate::plan::{Action, Around, Step};
use crate::ports::{Location, Request};
use crate::readiness::Selector;

/// What a write does to an object, as admission tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Makes it.
    Create,
    /// Changes it.
    Update,
    /// Removes it.
    Delete,
}

impl Operation {
    /// What a step does to its object; `None` when it writes none.
    pub(crate) fn of(action: Action) -> Option<Self> {
        match action {
            Action::Create | Action::Recreate => Some(Self::Create),
            Action::Patch | Action::Replace => Some(Self::Update),
            Action::Delete => Some(Self::Delete),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// A webhook or a policy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Watcher {
    /// Its configuration, such as `ValidatingWebhookConfiguration gate`.
    pub(crate) configuration: String,
    /// Its own name; for a policy that of the policy.
    pub(crate) name: String,
    /// Whether a call without an effect is possible. A policy has none.
    pub(crate) takes_dry_runs: bool,
    /// Whether a write is refused when it does not answer.
    pub(crate) is_strict: bool,
    /// The Service that it calls, `(namespace, name)`.
    pub(crate) service: Option<(String, String)>,
    rules: Vec<Value>,
    objects: Selector,
    namespaces: Selector,
}

/// The label with its own name that the server gives every namespace.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

impl Watcher {
    /// Reads what it watches: its rules, and its selectors.
    fn watching(&mut self, rules: Option<&Value>, place: &Value) {
        // A selector that cannot be read leaves nothing out.
        let selector = |member: &str| Selector::from_label_selector(place.get(member)).unwrap_or_default();
        self.rules = rules.and_then(Value::as_array).cloned().unwrap_or_default();
        (self.objects, self.namespaces) = (selector("objectSelector"), selector("namespaceSelector"));
    }

    /// Whether it may see what a step writes. Of a namespace only the name is known, and match conditions are not looked at, so it
    /// may not see it after all.
    pub(crate) fn sees(&self, step: &Step) -> bool {
        let (Some(at), Some(operation)) = (step.location(), Operation::of(step.action)) else { return false };
        self.has_rule_for(operation, at) && self.watches_namespace(at) && self.watches_object(step)
    }

    fn watches_namespace(&self, at: &Location) -> bool {
        let is_namespace = at.resource.gvk.kind == "Namespace" && at.resource.gvk.group.is_empty();
        let name = if is_namespace { Some(&at.name) } else { at.namespace.as_ref() };
        name.is_none_or(|name| self.namespaces.may_match(NAMESPACE_NAME, name))
    }

    /// Whether the object as it is or as it will be has labels that are asked for: either is enough for the server.
    fn watches_object(&self, step: &Step) -> bool {
        let will_match = |request: &Request| match request {
            Request::Create { object, .. } | Request::Replace { object, .. } | Request::Apply { object, .. } => {
                self.objects.matches(object)
            }
            Request::Patch { patch, .. } => match patch.value() {
                Value::Object(patch) => patch.get("metadata").is_some_and(|metadata| metadata.get("labels").is_some()),
                _ => true,
            },
            Request::Delete { .. } => false,
        };
        let is_matched = step.seen.as_ref().is_some_and(|live| self.objects.matches(live));
        let is_known = step.seen.is_some() || !step.requests.is_empty();
        is_matched || !is_known || step.requests.iter().any(will_match)
    }

    fn has_rule_for(&self, operation: Operation, at: &Location) -> bool {
        let gvk = &at.resource.gvk;
        let has = |rule: &Value, member: &str, words: &[&str]| {
            let list = rule.get(member).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).any(|entry| words.contains(&entry))
        };
        self.rules.iter().any(|rule| {
            has(rule, "operations", &["*", operation.as_str()])
                && has(rule, "apiGroups", &["*", gvk.group.as_str()])
                && has(rule, "resources", &["*", "*/*", at.resource.plural.as_str()])
        })
    }
}

/// Every webhook and policy that stands around.
pub(crate) fn watchers(around: &Around) -> Vec<Watcher> {
    let mut watchers = Vec::new();
    for kind in ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"] {
        for configuration in around.of_kind(kind) {
            let webhooks = configuration.at(&["webhooks"]).and_then(Value::as_array);
            watchers.extend(webhooks.into_iter().flatten().map(|webhook| of_webhook(configuration, webhook)));
        }
    }
    for policy in around.of_kind("ValidatingAdmissionPolicy") {
        let is_bound = around
            .of_kind("ValidatingAdmissionPolicyBinding")
            .any(|binding| binding.at(&["spec", "policyName"]).and_then(Value::as_str) == Some(policy.name()));
        if is_bound {
            let mut watcher = Watcher {
                configuration: format!("{} {}", policy.kind(), policy.name()),
                name: policy.name().to_owned(),
                takes_dry_runs: true,
                is_strict: false,
                service: None,
                rules: Vec::new(),
                objects: Selector::default(),
                namespaces: Selector::default(),
            };
            if let Some(constraints) = policy.at(&["spec", "matchConstraints"]) {
                watcher.watching(constraints.get("resourceRules"), constraints);
            }
            watchers.push(watcher);
        }
    }
    watchers
}

fn of_webhook(configuration: &Object, webhook: &Value) -> Watcher {
    let text = |path: &str| webhook.pointer(path).and_then(Value::as_str);
    let service = text("/clientConfig/service/namespace").zip(text("/clientConfig/service/name"));
    let mut watcher = Watcher {
        configuration: format!("{} {}", configuration.kind(), configuration.name()),
        name: text("/name").unwrap_or_default().to_owned(),
        takes_dry_runs: matches!(text("/sideEffects"), Some("None" | "NoneOnDryRun")),
        is_strict: text("/failurePolicy") != Some("Ignore"),
        service: service.map(|(namespace, name)| (namespace.to_owned(), name.to_owned())),
        rules: Vec::new(),
        objects: Selector::default(),
        namespaces: Selector::default(),
    };
    watcher.watching(webhook.get("rules"), webhook);
    watcher
}
