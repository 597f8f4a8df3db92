//! Fields that belong to somebody else (`pkg/util/managedfields/internal/conflict.go` of apimachinery).

use super::{CauseKind, Words};
use crate::evidence::wording::in_a_sentence;

/// How many fields are named.
const NAMED: usize = 3;

/// The managers of a conflict and their fields: one in the form `conflict with "m" using apps/v1: .spec.replicas`, several in the
/// form `conflicts with "m" using apps/v1: - .spec.replicas - .spec.template conflicts with "n": - .data.a`.
fn managers(conflicts: &str) -> Vec<(&str, Vec<&str>)> {
    let mut managers = Vec::new();
    for part in conflicts.split("with \"").skip(1) {
        let Some((manager, rest)) = part.split_once('"') else { continue };
        let fields = rest.split_whitespace().filter(|word| word.starts_with('.'));
        managers.push((manager, fields.map(|field| field.trim_end_matches(',')).collect()));
    }
    managers
}

pub(super) fn of(message: &str) -> Option<Words> {
    let words = |text: String| Some(Words::new(CauseKind::FieldConflict, text));
    if let Some((_, rest)) = message.split_once("Apply failed with ")
        && let Some((_, conflicts)) = rest.split_once(" conflict")
    {
        let owned = managers(conflicts).into_iter().map(|(manager, fields)| {
            let more = fields.len().saturating_sub(NAMED);
            let named = fields.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let belong = if fields.len() == 1 { "belongs" } else { "belong" };
            format!("{named}{more} {belong} to field manager {manager:?}")
        });
        return words(owned.collect::<Vec<_>>().join("; "));
    }
    let (_, why) = message.split_once("Operation cannot be fulfilled on ")?;
    if why.contains("the object has been modified") {
        return words("somebody else writes the object all the time, so no write gets through".to_owned());
    }
    words(format!("the object is not what it was: {}", in_a_sentence(why)))
}
