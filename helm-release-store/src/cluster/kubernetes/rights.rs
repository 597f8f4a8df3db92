//! Asks the API server what the user may do.
//!
//! One review of the rules of a namespace answers most questions of it at once. Its answer is only ever believed where it
//! allows something: what no rule allows, and what belongs to the whole cluster, is asked one by one, because an authoriser
//! beside RBAC need not list its rules (`SubjectRulesReviewStatus.incomplete`).

use std::collections::BTreeMap;

use futures::StreamExt as _;
use helm_release_core::ports::{Permission, Right};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::connection::{Call, Connection, Failure, Retry, nullable};

/// From how many questions on the rules of a namespace are asked for instead.
const FEW: usize = 3;

/// How many reviews go out at once.
const CONCURRENCY: usize = 8;

const API: &str = "/apis/authorization.k8s.io/v1";

/// One answer for each right, in order.
pub(super) async fn ask(connection: &Connection, rights: &[Right]) -> Vec<Permission> {
    let mut questions: BTreeMap<String, usize> = BTreeMap::new();
    for namespace in rights.iter().filter_map(|right| right.namespace.clone()) {
        *questions.entry(namespace).or_default() += 1;
    }
    questions.retain(|_, count| *count > FEW);
    let rules = futures::stream::iter(questions.into_keys()).map(|namespace| async move {
        // Without them everything is asked one by one.
        let rules = rules(connection, &namespace).await.unwrap_or_default();
        (namespace, rules)
    });
    let rules: BTreeMap<String, Vec<Rule>> = rules.buffer_unordered(CONCURRENCY).collect().await;
    let is_covered = |right: &Right| {
        let rules = right.namespace.as_ref().and_then(|namespace| rules.get(namespace));
        rules.is_some_and(|rules| rules.iter().any(|rule| rule.covers(right)))
    };
    let judged: Vec<(Right, bool)> = rights.iter().map(|right| (right.clone(), is_covered(right))).collect();
    let answers = futures::stream::iter(judged).map(|(right, is_covered)| async move {
        if is_covered { Permission::Allowed } else { review(connection, &right).await }
    });
    answers.buffered(CONCURRENCY).collect().await
}

/// What a user may do in a namespace.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Rule {
    #[serde(deserialize_with = "nullable")]
    verbs: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    api_groups: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    resources: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    resource_names: Vec<String>,
}

impl Rule {
    /// Whether it gives a right, as RBAC reads its rules (`k8s.io/kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go`).
    fn covers(&self, right: &Right) -> bool {
        let has = |list: &[String], word: &str| list.iter().any(|entry| entry == "*" || entry == word);
        let is_named = self.resource_names.is_empty()
            || right.name.as_ref().is_some_and(|name| self.resource_names.iter().any(|entry| entry == name));
        let is_resource = match right.subresource {
            None => has(&self.resources, &right.resource),
            Some(subresource) => {
                let (whole, any) = (format!("{}/{subresource}", right.resource), format!("*/{subresource}"));
                self.resources.iter().any(|entry| entry == "*" || *entry == whole || *entry == any)
            }
        };
        has(&self.verbs, right.verb) && has(&self.api_groups, &right.group) && is_resource && is_named
    }
}

async fn rules(connection: &Connection, namespace: &str) -> Result<Vec<Rule>, Failure> {
    #[derive(Deserialize)]
    struct Answer {
        status: Status,
    }
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Status {
        #[serde(deserialize_with = "nullable")]
        resource_rules: Vec<Rule>,
    }
    let answer: Answer = send(connection, "SelfSubjectRulesReview", json!({ "namespace": namespace })).await?;
    Ok(answer.status.resource_rules)
}

/// Asks for one right.
async fn review(connection: &Connection, right: &Right) -> Permission {
    #[derive(Deserialize)]
    struct Answer {
        status: Status,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Status {
        allowed: bool,
        reason: String,
    }
    let attributes = json!({
        "verb": right.verb,
        "group": right.group,
        "resource": right.resource,
        "subresource": right.subresource.unwrap_or_default(),
        "namespace": right.namespace.clone().unwrap_or_default(),
        "name": right.name.clone().unwrap_or_default(),
    });
    match send::<Answer>(connection, "SelfSubjectAccessReview", json!({ "resourceAttributes": attributes })).await {
        Ok(Answer { status }) if status.allowed => Permission::Allowed,
        Ok(Answer { status }) => Permission::Denied(status.reason),
        Err(failure) => Permission::Unknown(failure.message().to_owned()),
    }
}

async fn send<T: for<'de> Deserialize<'de>>(connection: &Connection, kind: &str, spec: Value) -> Result<T, Failure> {
    let body = json!({ "apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec });
    let call = Call::new(Method::POST, format!("{API}/{}s", kind.to_lowercase())).body("application/json", &body)?;
    // A review stores nothing, so it may be asked again like a read.
    super::parse(&connection.send(&call, Retry::Reads).await?)
}

#[cfg(test)]
mod tests;
