//! Quotas (`pkg/admission/plugin/resourcequota/controller.go` of apiserver).

use super::{CauseKind, Words};
use crate::evidence::wording::in_a_sentence;

/// `requests.cpu=1,pods=2` as pairs.
fn amounts(list: &str) -> Vec<(&str, &str)> {
    list.split(',').filter_map(|pair| pair.trim().split_once('=')).collect()
}

/// The amounts of each resource: what was asked for, what is used, and what is allowed.
fn compared(requested: &str, used: &str, limited: &str) -> String {
    let find = |list: &str, resource: &str| {
        amounts(list)
            .into_iter()
            .find(|(name, _)| *name == resource)
            .map_or_else(|| "?".to_owned(), |(_, amount)| amount.to_owned())
    };
    let lines = amounts(requested).into_iter().map(|(resource, asked)| {
        format!("asked for {asked} of {resource}, {} of {} are used", find(used, resource), find(limited, resource))
    });
    lines.collect::<Vec<_>>().join("; ")
}

pub(super) fn of(message: &str) -> Option<Words> {
    let words = |text: String| Some(Words::new(CauseKind::Quota, text));
    if let Some((_, rest)) = message.split_once("exceeded quota: ")
        && let Some((name, rest)) = rest.split_once(", requested: ")
        && let Some((requested, rest)) = rest.split_once(", used: ")
        && let Some((used, limited)) = rest.split_once(", limited: ")
    {
        // A list of amounts holds no spaces, so anything behind one is somebody else's text.
        let limited = limited.split_whitespace().next().unwrap_or_default();
        return words(format!("quota {name:?} is exceeded: {}", compared(requested, used, limited)));
    }
    if let Some((_, rest)) = message.split_once("failed quota: ")
        && let Some((name, why)) = rest.split_once(": ")
    {
        return words(format!("quota {name:?} wants more to be stated: {}", in_a_sentence(why)));
    }
    let (_, what) = message.split_once("insufficient quota to ")?;
    words(format!("no quota allows to {}", in_a_sentence(what)))
}
