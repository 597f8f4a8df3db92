//! Secrets whose value was changed and that the target would bring back to an older one.

use serde_json::{Map, Value};

use super::drift::authors;
use crate::Object;
use crate::drift::{DriftChoice, Drifted, as_stored};
use crate::plan::kept::decisions;
use crate::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};

/// Secrets whose value was changed and that the target would bring back to an older one.
#[derive(Debug, Clone, Copy)]
pub(super) struct RotatedSecret;

/// Parts of names under which credentials are kept.
const CREDENTIALS: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "token",
    "secret",
    "credential",
    "apikey",
    "api-key",
    "api_key",
    "accesskey",
    "access-key",
    "access_key",
    "privatekey",
    "private-key",
    "private_key",
    "dsn",
];
/// Types of Secrets that hold nothing else.
const CREDENTIAL_TYPES: [&str; 5] = [
    "kubernetes.io/tls",
    "kubernetes.io/basic-auth",
    "kubernetes.io/ssh-auth",
    "kubernetes.io/dockerconfigjson",
    "kubernetes.io/dockercfg",
];

impl Rule for RotatedSecret {
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let changing = steps.iter().filter(|step| matches!(step.action, Action::Patch | Action::Replace));
        changing.filter_map(|step| look_at(survey, options, step)).collect()
    }
}

fn look_at(survey: &Survey, options: &RollbackOptions, step: &Step) -> Option<Finding> {
    let at = step.location()?;
    if at.resource.gvk.kind != "Secret" || !at.resource.gvk.group.is_empty() {
        return None;
    }
    let live = survey.seen(at).object()?;
    let data = |object: &Object| as_stored(object).get("data").and_then(Value::as_object).cloned().unwrap_or_default();
    let (target, found) = (data(&survey.target().find(at)?.object.unpack()), data(live));
    let is_overwritten = |key: &str| {
        // A text of the target is written as `stringData`, and the server makes `data` of it.
        let paths = ["data", "stringData"].map(|top| crate::drift::FieldPath::of_fields(&[top, key]));
        step.changes.iter().any(|change| paths.iter().any(|path| path.overlaps_text(&change.path)))
    };

    let drifted = decisions(survey, options, at).into_iter().filter_map(|decision| {
        let key = key_of(&decision.field)?;
        is_overwritten(&key).then_some((key, decision))
    });
    let drifted: Vec<_> = drifted.collect();
    if !drifted.is_empty() {
        let stops = drifted.iter().any(|(_, decision)| decision.choice == DriftChoice::Stop);
        let each = drifted.iter().map(|(key, decision)| {
            format!("{key} ({}; live {}, target {})", authors(&decision.field), size(&found, key), size(&target, key))
        });
        let what =
            format!("it was changed since revision {} was applied: {}", survey.current, each.collect::<Vec<_>>().join(", "));
        let severity = if stops { Severity::Block } else { Severity::Caution };
        let finding = finding(survey, severity, what, step)
            .way_out(format!("leave the live value: --drift keep, or --drift-rule 'Secret/{}:data=keep'", at.name));
        let accept = format!("bring the old value back all the same: --accept '{}={}'", FindingId::ROTATED_SECRET, at.id());
        return Some(if stops { finding.way_out(accept) } else { finding });
    }

    // A value that an upgrade rotated: whatever it opens has most likely been given the new one.
    let is_credential = |key: &str| {
        let kind = live.at(&["type"]).and_then(Value::as_str).unwrap_or_default();
        let key = key.to_ascii_lowercase();
        CREDENTIAL_TYPES.contains(&kind) || CREDENTIALS.iter().any(|part| key.contains(part))
    };
    let rotated = target
        .iter()
        .filter(|(key, value)| is_credential(key) && found.get(*key).is_some_and(|live| live != *value) && is_overwritten(key));
    let rotated: Vec<String> =
        rotated.map(|(key, _)| format!("{key} (live {}, target {})", size(&found, key), size(&target, key))).collect();
    if rotated.is_empty() {
        return None;
    }
    let what = format!("later revisions gave it another value: {}", rotated.join(", "));
    Some(finding(survey, Severity::Caution, what, step))
}

fn finding(survey: &Survey, severity: Severity, what: String, step: &Step) -> Finding {
    let target = survey.target();
    let date =
        target.info.last_deployed.timestamp().map_or_else(String::new, |time| format!(" of {}", time.strftime("%Y-%m-%d")));
    let why = format!(
        "the rollback brings back the value of revision {}{date}, and what it opens may know only the later one",
        target.revision()
    );
    let mut finding = Finding::new(FindingId::ROTATED_SECRET, severity, what, why);
    finding.object = step.object();
    finding.way_out(
        "set the value that is good at present in the target's place by an upgrade, or give the old one back to what it opens",
    )
}

/// The key in `data` that drifted.
fn key_of(field: &Drifted) -> Option<String> {
    match field.path.segments() {
        [crate::drift::Segment::Field(data), crate::drift::Segment::Field(key)] if data == "data" && !field.is_addition() => {
            Some(key.clone())
        }
        _ => None,
    }
}

/// How long a value is; never what it is.
fn size(data: &Map<String, Value>, key: &str) -> String {
    use base64::Engine as _;
    let Some(text) = data.get(key).and_then(Value::as_str) else { return "absent".to_owned() };
    let length = base64::engine::general_purpose::STANDARD.decode(text).map_or(text.len(), |bytes| bytes.len());
    format!("{length} bytes")
}

#[cfg(test)]
mod tests;
