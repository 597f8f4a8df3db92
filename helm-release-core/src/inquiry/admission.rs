//! Webhooks and policies: which writes they see.

use serde_json::Value;

use crate::Object;
use crate::plan::{Action, Around};
use crate::ports::Location;

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
}

impl Watcher {
    /// Whether it may see a write there. Selectors and match conditions are not looked at, so it may not see it after all.
    pub(crate) fn sees(&self, operation: Operation, at: &Location) -> bool {
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
        let rules = policy.at(&["spec", "matchConstraints", "resourceRules"]).and_then(Value::as_array);
        if is_bound {
            watchers.push(Watcher {
                configuration: format!("{} {}", policy.kind(), policy.name()),
                name: policy.name().to_owned(),
                takes_dry_runs: true,
                is_strict: false,
                service: None,
                rules: rules.cloned().unwrap_or_default(),
            });
        }
    }
    watchers
}

fn of_webhook(configuration: &Object, webhook: &Value) -> Watcher {
    let text = |path: &str| webhook.pointer(path).and_then(Value::as_str);
    let service = text("/clientConfig/service/namespace").zip(text("/clientConfig/service/name"));
    Watcher {
        configuration: format!("{} {}", configuration.kind(), configuration.name()),
        name: text("/name").unwrap_or_default().to_owned(),
        takes_dry_runs: matches!(text("/sideEffects"), Some("None" | "NoneOnDryRun")),
        is_strict: text("/failurePolicy") != Some("Ignore"),
        service: service.map(|(namespace, name)| (namespace.to_owned(), name.to_owned())),
        rules: webhook.get("rules").and_then(Value::as_array).cloned().unwrap_or_default(),
    }
}
