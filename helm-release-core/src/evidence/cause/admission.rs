//! Admission: webhooks, policies, Pod security, limit ranges, and whatever else forbids an object.

use super::{CauseKind, Words};
use crate::evidence::wording::{between, in_a_sentence};

fn words(text: String) -> Words {
    Words::new(CauseKind::Admission, text)
}

/// A webhook that said no, or did not answer (`pkg/admission/plugin/webhook` of apiserver).
pub(super) fn of_webhook(message: &str) -> Option<Words> {
    if let Some((_, rest)) = message.split_once("admission webhook \"")
        && let Some((name, said)) = rest.split_once("\" denied the request")
    {
        let text = match said.strip_prefix(": ") {
            Some(why) => format!("the admission webhook {name:?} denied it: {}", in_a_sentence(why)),
            None => format!("the admission webhook {name:?} denied it and does not say why"),
        };
        return Some(words(text));
    }
    if let Some((_, rest)) = message.split_once("failed calling webhook \"")
        && let Some((name, said)) = rest.split_once('"')
    {
        let why = said.trim_start_matches(':').trim();
        let why = why.strip_prefix("failed to call webhook: ").unwrap_or(why);
        return Some(words(format!(
            "the admission webhook {name:?} does not answer, and nothing is let through without it: {}",
            in_a_sentence(why)
        )));
    }
    None
}

/// Everything else that the server calls forbidden and that is no matter of rights.
pub(super) fn of(message: &str) -> Option<Words> {
    if let Some((_, rest)) = message.split_once("ValidatingAdmissionPolicy '")
        && let Some((policy, rest)) = rest.split_once('\'')
        && let Some((_, why)) = rest.split_once("denied request: ")
    {
        return Some(words(format!("the admission policy {policy:?} denied it: {}", in_a_sentence(why))));
    }
    if let Some((_, rest)) = message.split_once("violates PodSecurity \"")
        && let Some((level, why)) = rest.split_once("\": ")
    {
        return Some(words(format!("the namespace allows only pods of Pod security level {level:?}: {}", in_a_sentence(why))));
    }
    if let Some(namespace) = between(message, "unable to create new content in namespace ", " because it is being terminated") {
        return Some(words(format!("namespace {namespace} is being deleted, so nothing can be made in it")));
    }
    let (_, why) = message.split_once(" is forbidden: ")?;
    Some(words(format!("an admission check forbids it: {}", in_a_sentence(why))))
}
