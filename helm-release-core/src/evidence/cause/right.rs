//! Missing rights (`pkg/endpoints/handlers/responsewriters/errors.go` of apiserver).

use super::{CauseKind, Words};
use crate::evidence::wording::{between, in_a_sentence};

/// `User "u" cannot patch resource "deployments" in API group "apps" in the namespace "n"`
pub(super) fn of(message: &str) -> Option<Words> {
    let words = |text: String| Some(Words::new(CauseKind::Right, text));
    if let Some((_, rest)) = message.split_once("User \"")
        && let Some((user, rest)) = rest.split_once("\" cannot ")
    {
        if let Some((verb, rest)) = rest.split_once(" resource \"")
            && let Some((resource, rest)) = rest.split_once('"')
        {
            let group = between(rest, "in API group \"", "\"").filter(|group| !group.is_empty());
            let resource = group.map_or_else(|| resource.to_owned(), |group| format!("{resource}.{group}"));
            let place = between(rest, "in the namespace \"", "\"");
            let place = place.map_or_else(|| "in the whole cluster".to_owned(), |place| format!("in namespace {place}"));
            return words(format!("user {user:?} has no right to {verb} {resource} {place}"));
        }
        if let Some((verb, rest)) = rest.split_once(" path \"")
            && let Some((path, _)) = rest.split_once('"')
        {
            return words(format!("user {user:?} has no right to {verb} path {path}"));
        }
    }
    if let Some((_, rest)) = message.split_once("is attempting to grant RBAC permissions not currently held: ") {
        return words(format!("only who has these rights may grant them: {}", in_a_sentence(rest)));
    }
    let is_unknown = message.ends_with("Unauthorized") || message.contains("You must be logged in to the server");
    if is_unknown { words("the API server does not accept the credentials, they may have expired".to_owned()) } else { None }
}
