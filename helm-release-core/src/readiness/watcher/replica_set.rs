//! Replica sets.

use super::{Options, count};
use crate::Object;
use crate::readiness::Readiness;
use crate::readiness::field::{self, WrongType};

pub(super) fn status(set: &Object, _: &Options) -> Result<Readiness, WrongType> {
    if let Some(failure) = field::conditions(set)?.iter().find(|condition| condition.holds("ReplicaFailure")) {
        let reason = super::because("its pods cannot be created", failure.message);
        return Ok(Readiness::waiting("Replica Failure condition. Check Pods", reason));
    }
    let wanted = field::int(set, &["spec", "replicas"]).unwrap_or(1);
    let status = |name: &str| field::int(set, &["status", name]).unwrap_or(0);
    let steps = [
        ("fullyLabeledReplicas", "Labelled", "labelled"),
        ("availableReplicas", "Available", "available"),
        ("readyReplicas", "Ready", "ready"),
    ];
    for (name, word, are) in steps {
        let have = status(name);
        if wanted > have {
            return Ok(Readiness::waiting(format!("{word}: {have}/{wanted}"), count(have, wanted, "replicas", are)));
        }
    }
    let existing = status("replicas");
    if existing > wanted {
        return Ok(super::surplus(existing, wanted));
    }
    let message = format!("ReplicaSet is available. Replicas: {existing}");
    Ok(Readiness::ready(message, count(status("readyReplicas"), wanted, "replicas", "ready")))
}
