//! Quotas that a message names.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::wording::between;
use crate::Object;

/// How much a quota allows and how much is used.
///
/// ```
/// use helm_release_core::evidence::{Scene, collect};
/// use helm_release_store::clock::SystemClock;
/// # use helm_release_core::ports::Cluster as _;
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let quota = serde_json::json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"}, "spec": {}});
/// # shop.cluster.insert(&helm_release_core::Object::new(quota)?, "default", "kubectl")?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let at = kinds.find(&helm_release_core::Gvk::new("v1", "ResourceQuota")).unwrap().at("default", "small");
/// # let status = serde_json::json!({"hard": {"pods": "4"}, "used": {"pods": "4"}});
/// # shop.cluster.set_status(&at, status, "kube-controller-manager")?;
/// let said = "pods \"shop-x\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=4, limited: pods=4";
/// let scene = Scene::told(&plan, said, jiff::Timestamp::now());
/// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
/// let quota = &evidence.quotas[0];
/// assert_eq!(quota.name, "small");
/// assert_eq!((quota.used["pods"].as_str(), quota.hard["pods"].as_str()), ("4", "4"));
/// # Ok(()) });
/// ```
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
