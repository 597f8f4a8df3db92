//! Quotas that a message names.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::wording::between;
use crate::Object;

/// How much a quota allows and how much is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QuotaEvidence {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it allows, by resource.
    pub hard: BTreeMap<String, String>,
    /// What is used, by resource.
    pub used: BTreeMap<String, String>,
}

impl QuotaEvidence {
    pub(super) fn read(quota: &Object) -> Self {
        let amounts = |field: &str| -> BTreeMap<String, String> {
            let map = quota.at(&["status", field]).and_then(Value::as_object);
            let amount = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            map.into_iter().flatten().map(|(resource, value)| (resource.clone(), amount(value))).collect()
        };
        Self {
            namespace: quota.namespace().unwrap_or_default().to_owned(),
            name: quota.name().to_owned(),
            hard: amounts("hard"),
            used: amounts("used"),
        }
    }
}

/// The quotas that texts name (`pkg/admission/plugin/resourcequota/controller.go` of apiserver).
pub(super) fn named<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let named = texts.filter_map(|text| between(text, "exceeded quota: ", ",").or_else(|| between(text, "failed quota: ", ":")));
    named.map(|name| name.trim().to_owned()).collect()
}
