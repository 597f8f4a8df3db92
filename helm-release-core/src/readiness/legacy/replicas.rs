//! Replica sets and replication controllers.

use super::{pod, unobserved};
use crate::Object;
use crate::readiness::{Need, Readiness, Related};

/// Helm asks that every selected pod is ready, whoever owns it, and does not count them.
pub(super) fn ready(set: &Object, related: &Related<'_>, need: Option<Need>) -> Readiness {
    if let Some(waiting) = unobserved(set) {
        return waiting;
    }
    let Some(need) = need else { return Readiness::waiting("", "its selector cannot be read") };
    let (total, ready) = related
        .meeting(&need)
        .fold((0_u64, 0_u64), |(total, ready), candidate| (total + 1, ready + u64::from(pod::is_ready(candidate))));
    let reason = format!("{ready} of {total} pods are ready");
    if ready == total { Readiness::ready("", reason) } else { Readiness::waiting("", reason) }
}
